"""Transactional batches: what the coordinator is asked before them, and what becomes of its answers (KIP-890)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import decode_response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.produce import ProduceResponse
from kafka_compat.testing import Cluster
from tests.api.transactions import FakeCoordinator, batch, marker, produce, produce_request, write_markers
from tests.api.worlds import World
from tests.support.wire_client import ConnectionClosed, WireClient

# A busy machine takes its time.
PATIENT = {"add.partitions.to.txn.retry.backoff.max.ms": 60_000}
UNVERIFIED = "Unable to verify the partition has been added to the transaction. Underlying error: "


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(topics={"t": 2}) as cluster:
        yield cluster


@pytest.fixture
def client(cluster: Cluster) -> Iterator[WireClient]:
    with WireClient(cluster.bootstrap) as client:
        yield client


@pytest.mark.parametrize("version", [3, 9, 12])
def test_without_a_coordinator_a_batch_is_refused_and_blocks_nobody(client: WireClient, version: int) -> None:
    (refused,) = produce(client, ("t", 0, batch(7)), version=version)
    assert (refused.error_code, refused.base_offset) == (ErrorCode.NOT_ENOUGH_REPLICAS, -1)
    if version >= 8:
        assert refused.error_message == UNVERIFIED + "COORDINATOR_NOT_AVAILABLE"
    (plain,) = produce(client, ("t", 0, batch(-1, transactional=False)), version=version)
    assert (plain.error_code, plain.base_offset) == (ErrorCode.NONE, 0)


@pytest.mark.parametrize(("version", "adds"), [(11, False), (12, True)])
def test_only_the_first_batch_in_a_partition_is_asked_about(
    cluster: Cluster, client: WireClient, version: int, adds: bool
) -> None:
    coordinator = FakeCoordinator().install(cluster)
    first = produce(client, ("t", 0, batch(7)), ("t", 1, batch(7)), version=version)
    assert [answer.error_code for answer in first] == [0, 0]
    (second,) = produce(client, ("t", 0, batch(7, sequence=1)), version=version)
    assert (second.error_code, second.base_offset) == (ErrorCode.NONE, 1)
    assert coordinator.asked == [(7, 0, [("t", 0), ("t", 1)], adds)]


@pytest.mark.parametrize(
    ("version", "code", "answered", "message"),
    [
        (10, ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.INVALID_TXN_STATE, "Partition was not added to the transaction"),
        (11, ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.TRANSACTION_ABORTABLE, None),
        (12, ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.TRANSACTION_ABORTABLE, None),
        (12, ErrorCode.INVALID_TXN_STATE, ErrorCode.INVALID_TXN_STATE, "Partition was not added to the transaction"),
        (12, ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_PRODUCER_EPOCH, None),
        (12, ErrorCode.INVALID_PRODUCER_EPOCH, ErrorCode.INVALID_PRODUCER_EPOCH, None),
        (11, ErrorCode.INVALID_PRODUCER_ID_MAPPING, ErrorCode.INVALID_PRODUCER_ID_MAPPING, None),
        (12, ErrorCode.NOT_COORDINATOR, ErrorCode.NOT_ENOUGH_REPLICAS, UNVERIFIED + "NOT_COORDINATOR"),
        (11, ErrorCode.NETWORK_EXCEPTION, ErrorCode.NOT_ENOUGH_REPLICAS, UNVERIFIED + "NETWORK_EXCEPTION"),
        (11, ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.NOT_ENOUGH_REPLICAS, UNVERIFIED + "CONCURRENT_TRANSACTIONS"),
    ],
)  # fmt: skip
def test_each_answer_becomes_what_clients_of_that_version_know(
    cluster: Cluster, client: WireClient, version: int, code: ErrorCode, answered: ErrorCode, message: str | None
) -> None:
    FakeCoordinator(code).install(cluster)
    (refused,) = produce(client, ("t", 0, batch(7)), version=version)
    assert (refused.error_code, refused.error_message, refused.log_start_offset) == (answered, message, -1)
    (accepted,) = produce(client, ("t", 0, batch(7)), version=version)
    assert (accepted.error_code, accepted.base_offset) == (ErrorCode.NONE, 0)


@pytest.mark.kafka(topics={"t": 1}, configs=PATIENT)
def test_of_version_2_a_transaction_that_still_ends_is_asked_again(world: World) -> None:
    client = world.client()
    coordinator = FakeCoordinator(ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.CONCURRENT_TRANSACTIONS).install(world.cluster)
    (accepted,) = produce(client, ("t", 0, batch(7)))
    assert (accepted.error_code, accepted.base_offset) == (ErrorCode.NONE, 0)
    assert len(coordinator.asked) == 3


def test_a_transaction_that_goes_on_ending_is_answered_after_a_while(cluster: Cluster, client: WireClient) -> None:
    FakeCoordinator(*[ErrorCode.CONCURRENT_TRANSACTIONS] * 1000).install(cluster)
    (refused,) = produce(client, ("t", 0, batch(7)))
    assert (refused.error_code, refused.error_message) == (ErrorCode.CONCURRENT_TRANSACTIONS, None)


def test_batches_wait_for_the_answer_in_order_and_keep_their_bytes(cluster: Cluster, client: WireClient) -> None:
    """The frame of the first is gone when the second arrives."""
    coordinator = FakeCoordinator().install(cluster)
    coordinator.is_held = True
    requests = [produce_request(("t", 0, batch(7, sequence=number, value=b"%d" % number))) for number in range(3)]
    client.send(requests[0], 12)
    for request in requests[1:]:
        client.send(request, 12)
    while not coordinator.asked:
        cluster.run(coordinator.release())
    cluster.run(coordinator.release())
    offsets = []
    for _ in requests:
        response = _receive_any(client)
        offsets.append(response.responses[0].partition_responses[0].base_offset)
    assert offsets == [0, 1, 2]
    log = cluster.brokers[0].services.logs.get("t", 0)  # type: ignore[union-attr]
    assert log is not None
    assert log.last_stable_offset == 0


def _receive_any(client: WireClient) -> ProduceResponse:
    _, response = decode_response(ApiKey.PRODUCE, 12, client.receive_frame())
    assert isinstance(response, ProduceResponse)
    return response


def test_an_abort_while_the_coordinator_is_asked_refuses_the_append(cluster: Cluster, client: WireClient) -> None:
    coordinator = FakeCoordinator().install(cluster)
    coordinator.is_held = True
    client.send(produce_request(("t", 0, batch(7))), 11)
    with WireClient(cluster.bootstrap) as other:
        while not coordinator.asked:
            assert write_markers(other, marker(8, ("t", 1)))
        assert write_markers(other, marker(7, ("t", 0))) == {7: {("t", 0): ErrorCode.NONE}}
    cluster.run(coordinator.release())
    answer = client.receive(produce_request(), 11, ProduceResponse).responses[0].partition_responses[0]
    assert (answer.error_code, answer.log_start_offset) == (ErrorCode.INVALID_TXN_STATE, 0)


@pytest.mark.parametrize(("version", "asks"), [(11, 0), (12, 1)])
def test_verification_may_be_off_for_clients_that_add_partitions_themselves(version: int, asks: int) -> None:
    configs = {"transaction.partition.verification.enable": "false"}
    with Cluster(topics={"t": 1}, configs=configs) as cluster, WireClient(cluster.bootstrap) as client:
        coordinator = FakeCoordinator().install(cluster)
        (accepted,) = produce(client, ("t", 0, batch(7)), version=version)
        assert accepted.error_code == ErrorCode.NONE
        assert len(coordinator.asked) == asks


def test_two_producers_in_one_request_fail_all_of_it(cluster: Cluster, client: WireClient) -> None:
    FakeCoordinator().install(cluster)
    answers = produce(client, ("t", 0, batch(7)), ("t", 1, batch(8)))
    assert [answer.error_code for answer in answers] == [ErrorCode.INVALID_PRODUCER_ID_MAPPING] * 2


def test_a_refused_partition_leaves_the_others_alone(cluster: Cluster, client: WireClient) -> None:
    FakeCoordinator(ErrorCode.INVALID_TXN_STATE).install(cluster)
    refused, plain = produce(client, ("t", 0, batch(7)), ("t", 1, batch(9, transactional=False)))
    assert (refused.error_code, plain.error_code) == (ErrorCode.INVALID_TXN_STATE, ErrorCode.NONE)


def test_with_acks_0_a_refusal_closes_the_connection_and_success_says_nothing(cluster: Cluster, client: WireClient) -> None:
    FakeCoordinator().install(cluster)
    client.send(produce_request(("t", 0, batch(7)), acks=0), 12)
    (second,) = produce(client, ("t", 0, batch(7, sequence=1)))
    assert second.base_offset == 1
    FakeCoordinator(ErrorCode.INVALID_TXN_STATE).install(cluster)
    client.send(produce_request(("t", 1, batch(7)), acks=0), 12)
    with pytest.raises(ConnectionClosed):
        client.receive_frame()


@pytest.mark.kafka(topics={"wide": 300}, configs=PATIENT)
def test_a_wide_request_is_asked_about_at_once_and_looked_at_in_turns(world: World, turns: object) -> None:
    client = world.client()
    coordinator = FakeCoordinator(ErrorCode.CONCURRENT_TRANSACTIONS).install(world.cluster)
    answers = produce(client, *(("wide", index, batch(7)) for index in range(300)))
    assert {answer.error_code for answer in answers} == {ErrorCode.NONE}
    assert [len(partitions) for _, _, partitions, _ in coordinator.asked] == [300, 300]
