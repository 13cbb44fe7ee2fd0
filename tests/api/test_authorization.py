"""What clients without a right get to see, and when they are asked for it: see `api/authorization.py`.

Which right each API needs is compared with the reference (`tests/conformance/test_rights.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from kafka_compat.api.authorization import is_authorized
from kafka_compat.api.context import RequestContext
from kafka_compat.api.session import Session
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import (
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    PartitionData,
    ReplicaState,
)
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchResponse,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.security.acl import CLUSTER_NAME, AclOperation, AclResource
from kafka_compat.security.authorizer import NEVER_KEPT
from kafka_compat.security.principal import user
from kafka_compat.wire.types import join_parts
from tests.api.worlds import World, commit_of
from tests.support.rights import Forbidding
from tests.support.waiting import until
from tests.support.wire_client import WireClient

TOPIC, GROUP, CLUSTER, TXN = AclResource.TOPIC, AclResource.GROUP, AclResource.CLUSTER, AclResource.TRANSACTIONAL_ID
READ, WRITE, DESCRIBE = AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE
DENIED = ErrorCode.TOPIC_AUTHORIZATION_FAILED
PLAIN = build_batch([(1_000, None, b"value", ())])
TRANSACTIONAL = build_batch(
    [(1_000, None, b"value", ())], producer_id=7_777, producer_epoch=0, base_sequence=0, transactional=True
)
WAIT_MS = 20_000


@pytest.fixture
def rights(world: World) -> Iterator[Forbidding]:
    """The authorizer of the world's broker."""
    rights = Forbidding()
    services = world.cluster.brokers[0].services
    assert services is not None
    before, services.authorizer = services.authorizer, rights
    yield rights
    services.authorizer = before


def produce(
    world: World, *topics: str, batch: bytes | bytearray = PLAIN, transactional_id: str | None = None, acks: int = -1
) -> list[int]:
    """The error code of each topic."""
    request = ProduceRequest(
        acks=acks,
        timeout_ms=10_000,
        transactional_id=transactional_id,
        topic_data=[
            TopicProduceData(name=name, partition_data=[PartitionProduceData(index=0, records=memoryview(bytes(batch)))])
            for name in topics
        ],
    )
    answer = world.call(request, 11, ProduceResponse)
    return [topic.partition_responses[0].error_code for topic in answer.responses]


def fetch_of(world: World, *topics: str, version: int = 17, replica_id: int = -1, **fields: int) -> FetchRequest:
    """From the beginning."""
    request = FetchRequest(
        min_bytes=1,
        max_bytes=1 << 20,
        topics=[
            FetchTopic(
                topic=name,
                topic_id=world.topic_id(name),
                partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)],
            )
            for name in topics
        ],
        **fields,  # type: ignore[arg-type]
    )
    if version < 15:
        request.replica_id = replica_id
    else:
        request.replica_state = ReplicaState(replica_id=replica_id)
    return request


def partitions_of(answer: FetchResponse) -> list[PartitionData]:
    return [partition for topic in answer.responses for partition in topic.partitions]


def shows_nothing(partition: PartitionData) -> bool:
    """No record, and no offset from which one could tell how many there are."""
    records = partition.records
    raw = join_parts(records) if isinstance(records, list) else records
    return not raw and partition.high_watermark == partition.last_stable_offset == partition.log_start_offset == -1


def test_one_topic_that_may_not_be_written_leaves_the_others_alone(world: World, rights: Forbidding) -> None:
    mine, yours = world.topic(), world.topic()
    rights.forbid(WRITE, TOPIC, yours)
    assert produce(world, mine, yours) == [ErrorCode.NONE, DENIED]
    assert produce(world, yours, "nothing") == [DENIED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    rights.forbid(WRITE, TOPIC, "nothing")
    assert produce(world, "nothing") == [DENIED]


@pytest.mark.parametrize("transactional_id", [None, "forbidden"])
def test_what_the_batch_says_counts(world: World, rights: Forbidding, transactional_id: str | None) -> None:
    """GHSA-47w3-66wq-cpxg: a batch is transactional whether or not its request names a transactional id."""
    topic, plain = world.topic(), world.topic()
    rights.forbid(WRITE, TXN, "forbidden")
    refused = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    assert produce(world, topic, batch=TRANSACTIONAL, transactional_id=transactional_id) == [refused]
    both = ProduceRequest(
        acks=-1,
        timeout_ms=10_000,
        transactional_id=transactional_id,
        topic_data=[
            TopicProduceData(name=name, partition_data=[PartitionProduceData(index=0, records=memoryview(bytes(batch)))])
            for name, batch in ((plain, PLAIN), (topic, TRANSACTIONAL))
        ],
    )
    answer = world.call(both, 11, ProduceResponse)
    assert [each.partition_responses[0].error_code for each in answer.responses] == [refused, refused]
    # A plain batch needs no right on an id that its request names.
    assert produce(world, plain, transactional_id=transactional_id) == [ErrorCode.NONE]


def test_a_refused_produce_without_an_answer_closes_the_connection(world: World, rights: Forbidding) -> None:
    topic = world.topic()
    rights.forbid(WRITE, TOPIC, topic)
    with WireClient(world.cluster.bootstrap) as client:
        request = ProduceRequest(
            acks=0,
            topic_data=[
                TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=0, records=memoryview(bytes(PLAIN)))])
            ],
        )
        client.send(request, 11)
        assert client.is_closed_by_peer()
    answer = world.call(fetch_of(world, topic), 17, FetchResponse)
    assert partitions_of(answer)[0].high_watermark == 0


def test_a_session_shows_nothing_from_when_the_right_has_gone(world: World, rights: Forbidding) -> None:
    mine, yours = world.topic(), world.topic()
    for topic in (mine, yours):
        world.produce(topic)
    first = world.call(fetch_of(world, mine, yours, session_epoch=0), 17, FetchResponse)
    assert [partition.high_watermark for partition in partitions_of(first)] == [1, 1]
    rights.forbid(READ, TOPIC, yours)
    for epoch in (1, 2):  # an error is told each time
        again = FetchRequest(min_bytes=1, max_bytes=1 << 20, session_id=first.session_id, session_epoch=epoch)
        second = world.call(again, 17, FetchResponse)
        (denied,) = [partition for partition in partitions_of(second) if partition.error_code]
        assert denied.error_code == DENIED
        assert shows_nothing(denied)
    rights.allow(READ, TOPIC, yours)
    again = FetchRequest(min_bytes=1, max_bytes=1 << 20, session_id=first.session_id, session_epoch=3)
    assert {partition.error_code for partition in partitions_of(world.call(again, 17, FetchResponse))} == {0}


@pytest.mark.parametrize("version", [0, NEVER_KEPT])
def test_a_fetch_that_waits_shows_nothing_when_the_right_has_gone(world: World, rights: Forbidding, version: int) -> None:
    """Kafka would show what comes, as it has looked at the rights before."""
    rights.version = version
    mine, yours = world.topic(), world.topic()
    request = fetch_of(world, mine, yours, max_wait_ms=WAIT_MS)
    purgatory = world.cluster.state.purgatory
    waiting = len(purgatory)
    with WireClient(world.cluster.bootstrap) as client:
        client.send(request, 17)
        until(lambda: len(purgatory) > waiting)
        rights.forbid(READ, TOPIC, yours)
        world.produce(yours)
        answer = client.receive(request, 17, FetchResponse)
    open_to_all, denied = partitions_of(answer)
    assert (open_to_all.error_code, denied.error_code) == (ErrorCode.NONE, DENIED)
    assert shows_nothing(denied)


@pytest.mark.parametrize("version", [4, 12, 14, 15, 18])
def test_who_says_that_it_is_a_replica_has_to_be_one(world: World, rights: Forbidding, version: int) -> None:
    """CVE-2018-1288: whatever the rights on the topic, and wherever the version has the replica id."""
    topic = world.topic()
    world.produce(topic)
    rights.forbid(AclOperation.CLUSTER_ACTION, CLUSTER, CLUSTER_NAME)
    for replica_id in (0, 1, 2, 1 << 30):
        request = fetch_of(world, topic, version=version, replica_id=replica_id)
        (denied,) = partitions_of(world.call(request, version, FetchResponse))
        assert denied.error_code == DENIED
        assert shows_nothing(denied)
    (shown,) = partitions_of(world.call(fetch_of(world, topic, version=version), version, FetchResponse))
    assert shown.high_watermark == 1


def test_a_wide_fetch_is_looked_at_whole(world: World, rights: Forbidding) -> None:
    topic = world.topic(partitions=600)
    rights.forbid(READ, TOPIC, topic)
    wanted = [FetchPartition(partition=index, fetch_offset=0, partition_max_bytes=1 << 20) for index in range(600)]
    request = FetchRequest(min_bytes=1, topics=[FetchTopic(topic_id=world.topic_id(topic), partitions=wanted)])
    found = partitions_of(world.call(request, 17, FetchResponse))
    assert len(found) == 600
    assert all(partition.error_code == DENIED and shows_nothing(partition) for partition in found)


def test_offsets_of_topics_that_may_not_be_described_are_left_out(world: World, rights: Forbidding) -> None:
    group, mine, yours = world.group(), world.topic(), world.topic()
    world.call(commit_of(group, (mine, [(0, 11)]), (yours, [(0, 22)])), 8, OffsetCommitResponse)
    rights.forbid(DESCRIBE, TOPIC, yours)
    everything = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=None)])
    (found,) = world.call(everything, 8, OffsetFetchResponse).groups
    assert [topic.name for topic in found.topics] == [mine]
    rights.forbid(DESCRIBE, GROUP, group)
    (found,) = world.call(everything, 8, OffsetFetchResponse).groups
    assert (found.error_code, found.topics) == (ErrorCode.GROUP_AUTHORIZATION_FAILED, [])
    rights.forbid(DESCRIBE, CLUSTER, CLUSTER_NAME)
    assert group not in [listed.group_id for listed in world.call(ListGroupsRequest(), 4, ListGroupsResponse).groups]


def test_an_answer_is_kept_until_rights_change(world: World, rights: Forbidding) -> None:
    topic = world.topic()
    for _ in range(5):
        assert produce(world, topic) == [ErrorCode.NONE]
    question = WRITE, TOPIC, topic
    assert rights.asked.count(question) == 1
    rights.forbid(WRITE, TOPIC, "another")
    produce(world, topic)
    assert rights.asked.count(question) == 2
    rights.version = NEVER_KEPT
    produce(world, topic)
    produce(world, topic)
    assert rights.asked.count(question) == 4


def test_answers_that_are_kept_are_few() -> None:
    """A client that names another group each time does not fill the broker's memory, and another principal asks anew."""
    rights = Forbidding()
    session = Session("127.0.0.1", 1, "PLAINTEXT", 1)
    context = cast(RequestContext, SimpleNamespace(services=SimpleNamespace(authorizer=rights), session=session))
    for number in range(5_000):
        assert is_authorized(context, READ, GROUP, f"group-{number}")
        assert session.rights is not None
        assert len(session.rights.answers) <= 1_000
    assert is_authorized(context, READ, GROUP, "g" * 30_000)
    assert session.rights is not None
    assert max(len(name) for _, _, name in session.rights.answers) < 300
    asked = len(rights.asked)
    session.principal = user("somebody else")
    is_authorized(context, READ, GROUP, "group-4999")
    assert len(rights.asked) == asked + 1
