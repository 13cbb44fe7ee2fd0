"""WriteTxnMarkers: the ends of transactions, and who may not end them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.filesystem.memory import MemoryFileSystem
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    TopicRequest,
)
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.testing import Cluster
from tests.api.transactions import FakeCoordinator, batch, marker, produce, write_markers
from tests.api.worlds import World
from tests.support.wire_client import WireClient

NONE = ErrorCode.NONE


class Markers:
    """A cluster whose coordinator agrees to everything."""

    def __init__(self, cluster: Cluster, client: WireClient) -> None:
        self.cluster = cluster
        self.client = client
        FakeCoordinator().install(cluster)

    def begin(self, producer_id: int, *, epoch: int = 0) -> None:
        (answer,) = produce(self.client, ("t", 0, batch(producer_id, epoch=epoch)))
        assert answer.error_code == NONE

    @property
    def offsets(self) -> tuple[int, int]:
        """Last stable offset and high watermark of t-0."""
        services = self.cluster.brokers[0].services
        assert services is not None
        log = services.logs.get("t", 0)
        assert log is not None
        return log.last_stable_offset, log.high_watermark

    def end(self, producer_id: int, *, version: int = 2, **of_marker: int) -> ErrorCode:
        sent = marker(producer_id, ("t", 0), **of_marker)  # type: ignore[arg-type]
        return write_markers(self.client, sent, version=version)[producer_id]["t", 0]


@pytest.fixture
def markers() -> Iterator[Markers]:
    with Cluster(topics={"t": 2}) as cluster, WireClient(cluster.bootstrap) as client:
        yield Markers(cluster, client)


@pytest.mark.parametrize("version", [1, 2])
def test_a_marker_ends_the_transaction(markers: Markers, version: int) -> None:
    markers.begin(7)
    assert markers.offsets == (0, 1)
    assert markers.end(7, version=version) == NONE
    assert markers.offsets == (2, 2)


def test_the_oldest_open_transaction_holds_the_last_stable_offset(markers: Markers) -> None:
    markers.begin(7)
    markers.begin(8)
    markers.end(8)
    assert markers.offsets == (0, 3)
    markers.end(7)
    assert markers.offsets == (4, 4)


@pytest.mark.parametrize(
    ("version", "epoch", "code"),
    [
        (0, 4, ErrorCode.INVALID_PRODUCER_EPOCH),
        (0, 5, NONE),
        (1, 6, NONE),
        (2, 4, ErrorCode.INVALID_PRODUCER_EPOCH),
        (2, 5, ErrorCode.INVALID_PRODUCER_EPOCH),
        (2, 6, NONE),
        (-1, 6, ErrorCode.UNKNOWN_SERVER_ERROR),
    ],
)
def test_epochs_are_checked_by_the_transactions_version(markers: Markers, version: int, epoch: int, code: ErrorCode) -> None:
    markers.begin(7, epoch=5)
    assert markers.end(7, epoch=epoch, transaction_version=version) == code


def test_a_repeated_marker_of_version_2_is_written_again(markers: Markers) -> None:
    markers.begin(7)
    assert markers.end(7, epoch=1, transaction_version=2) == NONE
    assert markers.end(7, epoch=1, transaction_version=2) == NONE
    assert markers.offsets == (3, 3)


def test_an_older_coordinator_is_fenced(markers: Markers) -> None:
    markers.begin(7)
    assert markers.end(7, coordinator_epoch=3) == NONE
    assert markers.end(7, coordinator_epoch=2) == ErrorCode.TRANSACTION_COORDINATOR_FENCED


def test_each_partition_has_its_own_code_and_a_producer_one_result(markers: Markers) -> None:
    found = write_markers(
        markers.client,
        marker(7, ("t", 0), ("t", 2), ("nowhere", 0), ("t", 0)),
        marker(8),
        marker(7, ("t", 1)),
        marker(-1, ("t", 1)),
    )
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert found == {
        7: {("t", 0): NONE, ("t", 1): NONE, ("t", 2): unknown, ("nowhere", 0): unknown},
        -1: {("t", 1): ErrorCode.UNKNOWN_SERVER_ERROR},
    }
    assert markers.offsets == (1, 1)


def test_no_markers_no_results(markers: Markers) -> None:
    assert write_markers(markers.client) == {}


@pytest.mark.kafka(topics={"wide": 100})
def test_many_partitions_are_written_in_turns(world: World, turns: object) -> None:
    client = world.client()
    partitions = [("wide", index) for index in range(100)]
    assert write_markers(client, marker(7, *partitions)) == {7: dict.fromkeys(partitions, NONE)}


@pytest.mark.kafka(brokers=2, topics={"t": 2}, configs={"default.replication.factor": 1})
def test_of_a_broker_that_does_not_lead_nothing_is_known(world: World) -> None:
    codes = set()
    for broker in world.cluster.brokers:
        host, port = broker.addresses[0]
        with WireClient(f"{host}:{port}") as client:
            found = write_markers(client, marker(7, ("t", 0), ("t", 1)))[7]
            codes.add(tuple(found[partition] for partition in sorted(found)))
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert codes == {(NONE, unknown), (unknown, NONE)}


def fetch_committed(offset: int, *, max_wait_ms: int = 0, min_bytes: int = 0) -> FetchRequest:
    wanted = FetchPartition(partition=0, fetch_offset=offset, partition_max_bytes=1 << 20)
    return FetchRequest(
        max_wait_ms=max_wait_ms,
        min_bytes=min_bytes,
        isolation_level=1,
        topics=[FetchTopic(topic="t", partitions=[wanted])],
    )


def test_a_marker_wakes_who_reads_what_is_committed(markers: Markers) -> None:
    """And tells what of it to skip."""
    markers.begin(7)
    markers.begin(8)
    with WireClient(markers.cluster.bootstrap) as reader:
        request = fetch_committed(0, max_wait_ms=60_000, min_bytes=1)
        reader.send(request, 12)
        assert markers.end(8) == NONE
        assert markers.end(7) == NONE
        answer = reader.receive(request, 12, FetchResponse).responses[0].partitions[0]
    assert (answer.last_stable_offset, answer.high_watermark) == (4, 4)
    assert answer.aborted_transactions is not None
    assert {(aborted.producer_id, aborted.first_offset) for aborted in answer.aborted_transactions} == {(7, 0), (8, 1)}
    assert answer.records


def test_a_restart_knows_what_is_open_and_what_was_aborted() -> None:
    file_system = MemoryFileSystem()
    with Cluster(topics={"t": 1}, file_system=file_system) as cluster, WireClient(cluster.bootstrap) as client:
        markers = Markers(cluster, client)
        markers.begin(7)
        markers.end(7)
        markers.begin(8)
        assert markers.offsets == (2, 3)
    with Cluster(file_system=file_system) as cluster, WireClient(cluster.bootstrap) as client:
        markers = Markers(cluster, client)
        assert markers.offsets == (2, 3)
        answer = client.call(fetch_committed(0), 12, FetchResponse).responses[0].partitions[0]
        assert [(aborted.producer_id, aborted.first_offset) for aborted in answer.aborted_transactions or ()] == [(7, 0)]
        described = client.call(
            DescribeProducersRequest(topics=[TopicRequest(name="t", partition_indexes=[0])]), 0, DescribeProducersResponse
        )
        rows = described.topics[0].partitions[0].active_producers
        assert {(row.producer_id, row.coordinator_epoch, row.current_txn_start_offset) for row in rows} == {
            (7, 0, -1),
            (8, -1, 2),
        }
        assert markers.end(8) == NONE
        assert markers.offsets == (4, 4)
