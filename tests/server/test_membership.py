"""Brokers come and go above one state, also when the metadata cannot be written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.filesystem import Fault, MemoryFileSystem
from kafka_compat.ids import BrokerId, TopicId, TopicName
from kafka_compat.log.partition import NO_LIMIT, PartitionLog
from kafka_compat.metadata.changes import Change, PartitionChanged, TopicCreated
from kafka_compat.metadata.image import NO_LEADER, Partition, RegisteredBroker
from kafka_compat.records.builder import build_batch
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.store import open_store
from kafka_compat.testing.manual_clock import ManualClock

ONE, TWO = BrokerId(1), BrokerId(2)
T, ID = TopicName("t"), TopicId(b"0123456789abcdef")


class Shared:
    """A state with two brokers that both have a topic's one partition; brokers here are their registration alone."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.file_system = MemoryFileSystem()
        self.state: ClusterState

    async def open(self) -> None:
        store = open_store(1, self.clock, None, self.file_system)
        self.state = await ClusterState.open(store, BrokerConfig({"node.id": "1"}), self.clock)

    async def up(self, broker: BrokerId) -> None:
        await self.state.membership.up(RegisteredBroker(broker, {"PLAINTEXT": ("here", 9092)}))

    def partition(self) -> Partition:
        return self.state.controller.image.topics[T].partitions[0]

    def log(self) -> PartitionLog:
        log = self.state.logs.get(T, 0)
        assert log is not None
        return log

    def append(self) -> int:
        return self.log().append_records(build_batch([(1, None, b"value", ())]), 1).base_offset

    def now_ms(self) -> int:
        return self.clock.monotonic_ms()

    async def settle(self) -> None:
        await self.state.logs.settle()

    async def lag(self) -> None:
        """Have the second broker's followers stand still until they are out of the ISR."""
        self.state.replication.pause(TWO, self.now_ms())
        self.append()
        await self.clock.advance(31_000)
        await self.settle()
        assert self.partition().isr == [ONE]

    async def lead(self, broker: BrokerId, replicas: list[BrokerId]) -> None:
        before = self.partition()
        change = PartitionChanged(T, before.id, replicas, replicas, broker, before.leader_epoch + 1, before.partition_epoch + 1)
        await self.state.controller.change(lambda _: [change])


@pytest.fixture
async def shared() -> AsyncIterator[Shared]:
    shared = Shared()
    await shared.open()
    await shared.up(ONE)
    await shared.up(TWO)
    await shared.state.controller.change(lambda _: [TopicCreated(T, ID, [[ONE, TWO]], [0], [0])])
    yield shared
    await shared.state.close()


async def test_registered_brokers_survive_a_restart_of_all_and_are_fenced_when_they_stay_away(shared: Shared) -> None:
    await shared.state.membership.down(TWO)
    before = shared.partition().leader_epoch
    await shared.state.close()
    await shared.open()
    image = shared.state.controller.image
    assert (list(image.registered), list(image.brokers)) == ([ONE, TWO], [])
    assert image.registered[TWO].endpoints == {"PLAINTEXT": ("here", 9092)}
    # The process was away, and so was each broker: what the reference does to each is two steps.
    assert (shared.partition().leader, shared.partition().isr, shared.partition().leader_epoch) == (ONE, [ONE], before + 2)
    await shared.up(TWO)
    await shared.state.membership.fence_absent()
    assert (list(image.brokers), shared.partition().leader) == ([TWO], NO_LEADER)
    await shared.up(ONE)
    assert (shared.partition().leader, shared.partition().isr) == (ONE, [ONE, TWO])


@pytest.mark.expects_errors("the metadata log cannot be written")
async def test_a_broker_is_fenced_when_the_metadata_can_be_written_again(shared: Shared) -> None:
    shared.file_system.inject(Fault(at_call=1))
    await shared.state.membership.leave(ONE)
    shared.file_system.inject(Fault(at_call=1))
    await shared.state.membership.down(ONE, died=True)
    assert ONE in shared.state.controller.image.brokers
    await shared.clock.advance(1_000)
    await shared.state.logs.settle()
    assert (list(shared.state.controller.image.brokers), shared.partition().leader) == ([TWO], TWO)
    await shared.up(ONE)
    assert shared.partition().isr == [ONE, TWO]


@pytest.mark.parametrize("replicas", [[ONE, TWO], [TWO]])
async def test_what_is_appended_while_the_log_gets_its_next_leader_stays(
    shared: Shared, replicas: list[BrokerId], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log may be busy, being opened again for example; who led it goes on, and acknowledges records."""
    if len(replicas) == 1:
        await shared.lead(TWO, replicas)
    lead = shared.state.logs.lead

    async def busy(log: PartitionLog, epoch: int, end_offset: int = NO_LIMIT) -> bool:
        shared.append()
        assert log.high_watermark == 2
        return await lead(log, epoch, end_offset)

    shared.append()
    monkeypatch.setattr(shared.state.logs, "lead", busy)
    await shared.lead(TWO, replicas)
    assert (shared.log().log_end_offset, shared.log().high_watermark) == (2, 2)


async def test_who_lacks_what_is_committed_by_now_does_not_come_into_the_isr(shared: Shared) -> None:
    """A slow follower fetches what there is, and others append before the controller has heard of it."""
    await shared.lag()
    shared.state.replication.fetch_once(TWO, shared.now_ms())
    shared.append()
    await shared.settle()
    assert (shared.partition().isr, shared.log().high_watermark) == ([ONE], 2)
    shared.state.replication.fetch_once(TWO, shared.now_ms())
    await shared.settle()
    assert shared.partition().isr == [ONE, TWO]


async def test_the_high_watermark_waits_for_who_is_on_its_way_into_the_isr(shared: Shared) -> None:
    await shared.lag()
    prepare = shared.state.controller.before_apply
    assert prepare is not None

    async def append_first(changes: Sequence[Change]) -> None:
        shared.append()
        assert (shared.partition().isr, shared.log().high_watermark) == ([ONE], 1)
        await prepare(changes)

    shared.state.controller.before_apply = append_first
    shared.state.replication.fetch_once(TWO, shared.now_ms())
    await shared.settle()
    assert (shared.partition().isr, shared.log().high_watermark, shared.log().log_end_offset) == ([ONE, TWO], 1, 2)
    shared.state.controller.before_apply = prepare
    await shared.state.membership.down(ONE, died=True)
    assert (shared.partition().leader, shared.log().log_end_offset) == (TWO, 1)


@pytest.mark.expects_errors("the metadata log cannot be written")
async def test_isrs_follow_when_the_metadata_can_be_written_again(shared: Shared) -> None:
    shared.state.replication.pause(TWO, shared.now_ms())
    shared.append()
    await shared.clock.advance(29_000)  # the log has been flushed by then
    shared.file_system.inject(Fault(at_call=1))
    await shared.clock.advance(1_500)
    await shared.settle()
    assert (shared.partition().isr, shared.log().high_watermark) == ([ONE, TWO], 0)
    await shared.clock.advance(1_000)
    await shared.settle()
    assert (shared.partition().isr, shared.log().high_watermark) == ([ONE], 1)
    shared.file_system.inject(Fault(at_call=1))
    shared.state.replication.resume(TWO, shared.now_ms())
    await shared.settle()
    assert shared.partition().isr == [ONE]
    await shared.clock.advance(1_000)
    await shared.settle()
    assert shared.partition().isr == [ONE, TWO]
