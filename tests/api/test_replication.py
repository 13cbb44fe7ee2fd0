"""Produce, Fetch and what else looks at a partition while its replicas are not alike."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from kafka_compat.ids import BrokerId, PartitionId, TopicName
from kafka_compat.log.partition import PartitionLog
from kafka_compat.metadata.changes import PartitionChanged
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_log_dirs import DescribeLogDirsRequest, DescribeLogDirsResponse
from kafka_compat.protocol.messages.fetch import (
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    PartitionData,
)
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchResponse
from kafka_compat.protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.protocol.messages.write_txn_markers import WriteTxnMarkersRequest, WriteTxnMarkersResponse
from kafka_compat.protocol.topic_names import CONSUMER_OFFSETS
from kafka_compat.records.builder import build_batch
from kafka_compat.testing.cluster import Cluster
from tests.api.transactions import FakeCoordinator, batch, marker, produce_request
from tests.api.worlds import World, commit_of

RACK_AWARE = "org.apache.kafka.common.replica.RackAwareReplicaSelector"
NONE = ErrorCode.NONE


class Replicated(World):
    """Three brokers, and what happens to their replicas."""

    def pause(self, *brokers: int) -> None:
        async def pause() -> None:
            for broker in brokers:
                self.cluster.state.replication.pause(BrokerId(broker), self.cluster.clock.monotonic_ms())

        self.cluster.run(pause())

    def resume(self, *brokers: int) -> None:
        async def resume() -> None:
            for broker in brokers:
                self.cluster.state.replication.resume(BrokerId(broker), self.cluster.clock.monotonic_ms())

        self.cluster.run(resume())

    def decide(self, topic: str, *, isr: list[int] | None = None, leader: int | None = None) -> None:
        """Have the controller change partition 0 of a topic."""

        async def decide() -> None:
            partition = self.cluster.state.controller.image.topics[TopicName(topic)].partitions[0]
            change = PartitionChanged(
                TopicName(topic),
                PartitionId(0),
                partition.replicas,
                partition.isr if isr is None else [BrokerId(b) for b in isr],
                partition.leader if leader is None else BrokerId(leader),
                partition.leader_epoch + (leader is not None),
                partition.partition_epoch + 1,
            )
            await self.cluster.state.controller.change(lambda _: [change])

        self.cluster.run(decide())

    def set_racks(self, **racks: str) -> None:
        async def change() -> None:
            brokers = self.cluster.state.controller.image.brokers
            for number, rack in racks.items():
                broker_id = BrokerId(int(number.removeprefix("b")))
                brokers[broker_id] = brokers[broker_id]._replace(rack=rack)

        self.cluster.run(change())

    def log(self, topic: str) -> PartitionLog:
        log = self.cluster.state.logs.get(topic, 0)
        assert log is not None
        return log

    def send(self, topic: str, acks: int, *, to: int = 1, timeout_ms: int = 20_000) -> None:
        """Send a record without waiting for its `answer`."""
        records = memoryview(build_batch([(1, None, b"value", ())]))
        request = ProduceRequest(
            acks=acks,
            timeout_ms=timeout_ms,
            topic_data=[TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=0, records=records)])],
        )
        self.client(to - 1).send(request, 10)

    def answer(self, to: int = 1) -> PartitionProduceResponse:
        response = self.client(to - 1).receive(ProduceRequest(), 10, ProduceResponse)
        return response.responses[0].partition_responses[0]

    def append(self, topic: str, acks: int, *, to: int = 1, timeout_ms: int = 20_000) -> tuple[ErrorCode, int]:
        self.send(topic, acks, to=to, timeout_ms=timeout_ms)
        answer = self.answer(to)
        return ErrorCode(answer.error_code), answer.base_offset

    def fetch_request(
        self, topic: str, offset: int, *, rack: str = "", max_wait_ms: int = 0, last_fetched_epoch: int = -1
    ) -> FetchRequest:
        partition = FetchPartition(
            partition=0, fetch_offset=offset, partition_max_bytes=1 << 20, last_fetched_epoch=last_fetched_epoch
        )
        return FetchRequest(
            max_wait_ms=max_wait_ms,
            min_bytes=1,
            rack_id=rack,
            session_epoch=-1,
            topics=[FetchTopic(topic=topic, partitions=[partition])],
        )

    def fetch(self, topic: str, offset: int, *, to: int = 1, version: int = 12, **more: object) -> PartitionData:
        request = self.fetch_request(topic, offset, **more)  # type: ignore[arg-type]
        return self.call(request, version, FetchResponse, broker=to - 1).responses[0].partitions[0]

    def offset_for(
        self, topic: str, timestamp: int, *, to: int = 1, replica_id: int = -1, version: int = 7
    ) -> tuple[ErrorCode, int]:
        partition = ListOffsetsPartition(partition_index=0, timestamp=timestamp)
        request = ListOffsetsRequest(replica_id=replica_id, topics=[ListOffsetsTopic(name=topic, partitions=[partition])])
        found = self.call(request, version, ListOffsetsResponse, broker=to - 1).topics[0].partitions[0]
        return ErrorCode(found.error_code), found.offset


@pytest.fixture(scope="module")
def _brokers() -> Iterator[Cluster]:
    configs: dict[str, str | int | float] = {
        "replica.selector.class": RACK_AWARE,
        "offsets.commit.timeout.ms": 200,
        "offsets.topic.replication.factor": 3,
        "offsets.topic.num.partitions": 1,
    }
    with Cluster(brokers=3, configs=configs) as cluster:
        yield cluster


@pytest.fixture
def world(_brokers: Cluster) -> Iterator[Replicated]:
    with Replicated(_brokers) as world:
        yield world
        world.resume(1, 2, 3)


def _topic(world: Replicated, min_isr: int = 1, replicas: tuple[int, ...] = (1, 2, 3)) -> str:
    return world.topic(assignments=[replicas], configs={"min.insync.replicas": str(min_isr)})


def _has_answer(world: Replicated, to: int = 1) -> bool:
    world.client(to - 1).socket.settimeout(0.05)
    try:
        return bool(world.client(to - 1).socket.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False
    finally:
        world.client(to - 1).socket.settimeout(20)


def test_acks_all_waits_for_the_followers_and_acks_1_for_nobody(world: Replicated) -> None:
    topic = _topic(world)
    assert world.append(topic, -1) == (NONE, 0)
    world.pause(2)
    assert world.append(topic, 1) == (NONE, 1)
    assert (world.log(topic).high_watermark, world.log(topic).log_end_offset) == (1, 2)
    assert world.append(topic, -1, timeout_ms=30) == (ErrorCode.REQUEST_TIMED_OUT, 2)
    assert world.append(topic, -1, timeout_ms=0) == (ErrorCode.REQUEST_TIMED_OUT, 3)
    world.send(topic, -1)
    assert not _has_answer(world)
    world.resume(2)
    answer = world.answer()
    assert (answer.error_code, answer.base_offset) == (NONE, 4)
    assert world.log(topic).high_watermark == 5


def test_a_smaller_isr_lets_the_high_watermark_go_on(world: Replicated) -> None:
    topic = _topic(world, min_isr=2)
    world.pause(3)
    world.send(topic, -1)
    assert not _has_answer(world)
    world.decide(topic, isr=[1, 2])
    assert world.answer().error_code == NONE
    assert world.log(topic).high_watermark == 1


def test_the_high_watermark_stands_while_too_few_are_in_sync(world: Replicated) -> None:
    """Kafka's maybeIncrementLeaderHW since KIP-966: not even what acks=1 wrote becomes visible."""
    topic = _topic(world, min_isr=2)
    world.pause(2, 3)
    world.send(topic, -1, timeout_ms=200)
    world.decide(topic, isr=[1])
    answer = world.answer()
    assert (answer.error_code, answer.base_offset) == (ErrorCode.REQUEST_TIMED_OUT, 0)
    assert world.append(topic, -1) == (ErrorCode.NOT_ENOUGH_REPLICAS, -1)
    assert world.append(topic, 1) == (NONE, 1)
    assert world.fetch(topic, 0).high_watermark == 0
    assert not world.fetch(topic, 0).records
    world.resume(2, 3)
    world.decide(topic, isr=[1, 2])
    assert world.fetch(topic, 0).high_watermark == 2


def test_who_waits_for_replicas_is_told_of_another_leader(world: Replicated) -> None:
    topic = _topic(world)
    world.pause(2)
    world.send(topic, -1)
    assert not _has_answer(world)
    world.decide(topic, leader=3)
    answer = world.answer()
    assert answer.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert answer.current_leader.leader_id == 3
    assert world.append(topic, 1) == (ErrorCode.NOT_LEADER_OR_FOLLOWER, -1)


def test_what_the_new_leader_has_not_is_lost(world: Replicated) -> None:
    """A clean election: what was acknowledged with acks=1 alone goes, and readers can tell (KIP-320)."""
    topic = _topic(world)
    assert world.append(topic, -1) == (NONE, 0)
    world.pause(2)
    assert [world.append(topic, 1) for _ in range(3)] == [(NONE, 1), (NONE, 2), (NONE, 3)]
    world.decide(topic, leader=2)
    log = world.log(topic)
    assert (log.high_watermark, log.log_end_offset, log.leader_epoch) == (1, 1, 1)
    assert world.append(topic, -1, to=2) == (NONE, 1)
    partition = OffsetForLeaderPartition(partition=0, leader_epoch=0, current_leader_epoch=1)
    request = OffsetForLeaderEpochRequest(topics=[OffsetForLeaderTopic(topic=topic, partitions=[partition])])
    found = world.call(request, 4, OffsetForLeaderEpochResponse, broker=1).topics[0].partitions[0]
    assert (found.error_code, found.leader_epoch, found.end_offset) == (NONE, 0, 1)
    refused = world.call(request, 4, OffsetForLeaderEpochResponse, broker=0).topics[0].partitions[0]
    assert refused.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    diverging = world.fetch(topic, 4, to=2, last_fetched_epoch=0).diverging_epoch
    assert (diverging.epoch, diverging.end_offset) == (0, 1)
    assert world.fetch(topic, 4, to=2).error_code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_a_follower_serves_its_part(world: Replicated) -> None:
    topic = _topic(world)
    for _ in range(2):
        world.append(topic, -1)
    world.pause(2)
    world.append(topic, 1)
    behind = world.fetch(topic, 0, to=2)
    assert (behind.error_code, behind.high_watermark, behind.last_stable_offset) == (NONE, 2, 2)
    assert behind.records
    world.decide(topic, isr=[1, 3])
    assert world.fetch(topic, 2, to=3).high_watermark == 3
    still_behind = world.fetch(topic, 2, to=2)
    assert (still_behind.error_code, still_behind.high_watermark, bool(still_behind.records)) == (NONE, 2, False)
    assert world.fetch(topic, 3, to=2).error_code == ErrorCode.OFFSET_OUT_OF_RANGE
    assert world.fetch(topic, 0, to=2, version=10).error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    elsewhere = _topic(world, replicas=(1, 3))
    assert world.fetch(elsewhere, 0, to=2).error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER


def test_a_long_poll_on_a_follower_ends_when_it_has_more(world: Replicated) -> None:
    topic = _topic(world)
    world.pause(2)
    request = world.fetch_request(topic, 0, max_wait_ms=20_000)
    world.client(1).send(request, 12)
    world.append(topic, 1)
    world.decide(topic, isr=[1, 3])
    world.append(topic, 1)
    assert not _has_answer(world, to=2)
    world.resume(2)
    answer = world.client(1).receive(request, 12, FetchResponse).responses[0].partitions[0]
    assert answer.high_watermark == 2
    world.client(1).send(world.fetch_request(topic, 2, max_wait_ms=20_000), 12)
    assert not _has_answer(world, to=2)
    world.append(topic, 1)
    assert world.client(1).receive(request, 12, FetchResponse).responses[0].partitions[0].high_watermark == 3


def test_the_leader_sends_consumers_to_a_replica_in_their_rack(world: Replicated) -> None:
    topic = _topic(world)
    world.set_racks(b1="a", b2="b", b3="b")
    world.append(topic, -1)
    sent = world.fetch(topic, 0, rack="b")
    assert (sent.error_code, sent.preferred_read_replica in (2, 3), bool(sent.records)) == (NONE, True, False)
    assert (sent.high_watermark, sent.log_start_offset) == (1, 0)
    for rack in ("", "a", "elsewhere"):
        own = world.fetch(topic, 0, rack=rack)
        assert own.preferred_read_replica == -1
        assert own.records
    world.pause(2)
    world.append(topic, 1)
    assert world.fetch(topic, 0, rack="b").preferred_read_replica == 3, "the one that has most"
    assert world.fetch(topic, 2, rack="b").preferred_read_replica == 3
    world.pause(3)
    world.append(topic, 1)
    assert world.fetch(topic, 3, rack="b").preferred_read_replica == -1, "nobody there has it"
    world.decide(topic, isr=[1])
    assert world.fetch(topic, 0, rack="b").preferred_read_replica == -1
    assert world.fetch(topic, 0, to=2, rack="a").preferred_read_replica == -1


def test_offsets_of_replicas_that_are_behind(world: Replicated) -> None:
    topic = _topic(world)
    world.append(topic, -1)
    world.pause(2)
    world.append(topic, 1)
    assert world.offset_for(topic, -1) == (NONE, 1)
    assert world.offset_for(topic, -1, replica_id=2) == (NONE, 2)
    assert world.offset_for(topic, -1, to=2) == (ErrorCode.NOT_LEADER_OR_FOLLOWER, -1)
    assert world.offset_for(topic, -1, to=2, replica_id=-2) == (NONE, 1)
    assert world.offset_for(topic, -1, to=3, replica_id=-2) == (NONE, 2)


def test_the_end_is_not_available_while_the_high_watermark_is_below_the_leaders_term(world: Replicated) -> None:
    topic = _topic(world)
    world.append(topic, -1)
    world.pause(2)
    world.append(topic, 1)
    world.decide(topic, leader=3)
    assert world.offset_for(topic, -1, to=3) == (ErrorCode.OFFSET_NOT_AVAILABLE, -1)
    assert world.offset_for(topic, -1, to=3, version=4) == (ErrorCode.LEADER_NOT_AVAILABLE, -1)
    assert world.offset_for(topic, 2, to=3) == (ErrorCode.OFFSET_NOT_AVAILABLE, -1)
    assert world.offset_for(topic, 0, to=3) == (NONE, 0)
    assert world.offset_for(topic, -2, to=3) == (NONE, 0)
    world.resume(2)
    assert world.offset_for(topic, -1, to=3) == (NONE, 2)


def test_log_dirs_are_of_ones_own_replicas(world: Replicated) -> None:
    topic = _topic(world, replicas=(1, 2))
    world.append(topic, -1)
    world.pause(2)
    world.append(topic, 1)
    world.decide(topic, isr=[1])
    lags = []
    for broker in range(3):
        results = world.call(DescribeLogDirsRequest(topics=None), 4, DescribeLogDirsResponse, broker=broker).results
        lags.append([p.offset_lag for t in results[0].topics if t.name == topic for p in t.partitions])
    assert lags == [[0], [1], []]


def test_a_commit_is_acknowledged_when_the_followers_have_it(world: Replicated) -> None:
    """The coordinator waits for the high watermark, offsets.commit.timeout.ms at most; what it gave up on may count later."""
    group = world.group()
    request = FindCoordinatorRequest(coordinator_keys=[group])
    leader = world.call(request, 4, FindCoordinatorResponse).coordinators[0].node_id
    topic = world.topic()
    assert _commit(world, group, topic, 1, to=leader) == NONE
    others = [broker for broker in (1, 2, 3) if broker != leader]
    world.pause(others[0])
    assert _commit(world, group, topic, 2, to=leader) == ErrorCode.COORDINATOR_NOT_AVAILABLE
    world.resume(others[0])
    assert _commit(world, group, topic, 3, to=leader) == NONE
    world.pause(others[0])
    world.decide(CONSUMER_OFFSETS, isr=[leader, others[1]])
    assert _commit(world, group, topic, 4, to=leader) == NONE
    world.decide(CONSUMER_OFFSETS, leader=others[1])
    assert _commit(world, group, topic, 5, to=leader) == ErrorCode.NOT_COORDINATOR
    fetched = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=None)])
    answer = world.call(fetched, 8, OffsetFetchResponse, broker=others[1] - 1).groups[0]
    assert [p.committed_offset for t in answer.topics for p in t.partitions] == [4]
    world.resume(*others)
    world.decide(CONSUMER_OFFSETS, isr=[1, 2, 3])


def _commit(world: Replicated, group: str, topic: str, offset: int, *, to: int) -> ErrorCode:
    request = commit_of(group, (topic, [(0, offset)]))
    return ErrorCode(world.call(request, 8, OffsetCommitResponse, broker=to - 1).topics[0].partitions[0].error_code)


def test_transactions_end_when_the_followers_have_the_marker(world: Replicated) -> None:
    """The last stable offset never passes the high watermark, and a marker counts for readers when it is below that."""
    topic = _topic(world)
    client = world.client()
    FakeCoordinator().install(world.cluster)
    answered = client.call(produce_request((topic, 0, batch(7))), 11, ProduceResponse)
    assert answered.responses[0].partition_responses[0].error_code == NONE
    world.pause(2)
    world.append(topic, 1)
    client.send(WriteTxnMarkersRequest(markers=[marker(7, (topic, 0), commit=True)]), 1)
    assert not _has_answer(world)
    log = world.log(topic)
    assert (log.high_watermark, log.last_stable_offset, log.log_end_offset) == (1, 0, 3)
    world.resume(2)
    written = client.receive(WriteTxnMarkersRequest(markers=[]), 1, WriteTxnMarkersResponse)
    assert written.markers[0].topics[0].partitions[0].error_code == NONE
    assert (log.high_watermark, log.last_stable_offset) == (3, 3)


def test_a_truncated_transaction_is_open_no_more(world: Replicated) -> None:
    """Producers and transactions are what is left of the log: a sequence that went is taken again."""
    topic = _topic(world)
    FakeCoordinator().install(world.cluster)

    def send(sequence: int, *, to: int, acks: int = 1) -> PartitionProduceResponse:
        request = produce_request((topic, 0, batch(8, sequence=sequence)), acks=acks)
        return world.call(request, 11, ProduceResponse, broker=to - 1).responses[0].partition_responses[0]

    world.append(topic, -1)
    world.pause(2)
    assert [send(sequence, to=1).base_offset for sequence in (0, 1)] == [1, 2]
    world.decide(topic, leader=2)
    assert world.log(topic).last_stable_offset == 1
    assert [send(sequence, to=2, acks=-1).base_offset for sequence in (0, 1)] == [1, 2]
    assert send(1, to=2, acks=-1).base_offset == 2, "a duplicate"
    assert world.log(topic).last_stable_offset == 1


def test_an_incremental_session_hears_of_its_preferred_replica(world: Replicated) -> None:
    topic = _topic(world)
    world.set_racks(b1="a", b2="b", b3="c")
    world.append(topic, -1)
    request = world.fetch_request(topic, 0, rack="b")
    request.session_epoch = 0
    first = world.call(request, 12, FetchResponse)
    assert first.responses[0].partitions[0].preferred_read_replica == 2
    again = FetchRequest(session_id=first.session_id, session_epoch=1, rack_id="b", max_wait_ms=0, min_bytes=1)
    assert world.call(again, 12, FetchResponse).responses[0].partitions[0].preferred_read_replica == 2
    on_follower = world.fetch_request(topic, 0, rack="b")
    on_follower.session_epoch = 0
    follower = world.call(on_follower, 12, FetchResponse, broker=1)
    assert follower.responses[0].partitions[0].records
    again = FetchRequest(session_id=follower.session_id, session_epoch=1, rack_id="b", max_wait_ms=0, min_bytes=1)
    assert world.call(again, 12, FetchResponse, broker=1).responses[0].partitions[0].preferred_read_replica == -1


def test_epochs_are_checked_on_leaders_and_followers(world: Replicated) -> None:
    topic = _topic(world)
    world.append(topic, -1)
    world.decide(topic, leader=3)
    for epoch, expected in ((0, ErrorCode.FENCED_LEADER_EPOCH), (1, NONE), (2, ErrorCode.UNKNOWN_LEADER_EPOCH)):
        for broker in (1, 3):
            request = world.fetch_request(topic, 0)
            request.topics[0].partitions[0].current_leader_epoch = epoch
            assert world.call(request, 12, FetchResponse, broker=broker - 1).responses[0].partitions[0].error_code == expected


def test_a_producer_that_waits_for_replicas_does_not_hold_up_a_stop() -> None:
    """The only replica that is left in the ISR besides the leader is paused: nobody else can lead."""
    with Cluster(brokers=2) as cluster, Replicated(cluster) as world:
        topic = world.topic(assignments=[(1, 2)])
        world.pause(2)
        world.send(topic, -1, timeout_ms=60_000)
        assert not _has_answer(world)
        began_s = time.monotonic()
        cluster.stop()
        assert time.monotonic() - began_s < 1.5
        assert world.answer().error_code in (ErrorCode.REQUEST_TIMED_OUT, ErrorCode.NOT_LEADER_OR_FOLLOWER)
