from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.filesystem.memory import Fault, Operation
from kafka_compat.ids import TopicId
from kafka_compat.log.errors import AppendError
from kafka_compat.log.manager import FLUSH_BYTES, FLUSH_MS, REOPEN_MS, LogManager
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import LogId
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.testing.manual_clock import ManualClock
from tests.log.fakes import one_batch

TOPIC_ID = TopicId(b"0123456789abcdef")
LOG = LogId("t", 0, TOPIC_ID)
LONG_MS = 60_000


class World:
    """A log manager over a file system in memory, with a clock that stands still."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.filesystem = MemoryFileSystem()
        self.filesystem.make_directories("/logs")
        self.filesystem.sync_directory("/")
        self.broker = BrokerConfig()
        self._start()

    def _start(self) -> None:
        self.purgatory = Purgatory()
        self.store = LocalLogStore(self.filesystem, "/logs")
        self.manager = LogManager(self.store, self.clock, self.purgatory, self.broker)

    def topic_config(self, **overrides: str) -> TopicConfig:
        return TopicConfig(self.broker, {key.replace("_", "."): value for key, value in overrides.items()})

    async def create(self, epoch: int = 0, **overrides: str) -> PartitionLog:
        return await self.manager.create(LOG, epoch, self.topic_config(**overrides))

    def produce(self, log: PartitionLog, count: int = 1, *, size: int = 1, sequence: int = -1, age_ms: int = 0) -> int:
        producer = (7, 0) if sequence >= 0 else (-1, -1)
        now_ms = self.clock.wall_ms()
        batch = one_batch(
            count,
            value=bytes(size),
            timestamp_ms=now_ms - age_ms,
            producer_id=producer[0],
            epoch=producer[1],
            sequence=sequence,
        )
        return log.append_as_leader(batch, now_ms).base_offset

    async def advance(self, by_ms: int) -> None:
        """Let time pass, and what falls due be done."""
        await self.clock.advance(by_ms)
        await self.manager.settle()

    async def restart(self, epoch: int = 1) -> PartitionLog:
        """Stop cleanly and start again."""
        await self.manager.close()
        self._start()
        return await self.create(epoch)

    async def crash(self, epoch: int = 1, *, power_loss: bool = False) -> PartitionLog:
        self.filesystem = self.filesystem.crash(power_loss=power_loss)
        self.clock = ManualClock(self.clock.wall_ms())  # the dead process does nothing any more
        self._start()
        return await self.create(epoch)


def is_offline(log: PartitionLog) -> bool:
    """A call, so that a type checker does not think the answer stays what it was."""
    return log.is_offline


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.manager.close()


async def test_logs_are_found_by_name_and_by_topic_id(world: World) -> None:
    log = await world.create()
    assert world.manager.get("t", 0) is log
    assert world.manager.get_by_id(TOPIC_ID, 0) is log
    assert world.manager.get("t", 1) is None
    assert list(world.manager.logs) == [log]


async def test_a_deleted_log_is_gone_and_its_waits_end(world: World) -> None:
    log = await world.create()
    wait = world.purgatory.wait([log.committed_key], timeout_ms=LONG_MS, min_bytes=100)
    await world.manager.delete(LOG)
    assert await wait is True
    assert world.manager.get("t", 0) is None
    assert await world.store.list() == []
    again = await world.manager.create(LogId("t", 0, TopicId(b"another topic id")), 0, world.topic_config())
    assert again.log_end_offset == 0
    assert world.manager.get_by_id(TOPIC_ID, 0) is None


async def test_everything_is_there_after_a_clean_stop(world: World) -> None:
    log = await world.create()
    for sequence in range(7):
        world.produce(log, sequence=sequence)
    again = await world.restart()
    assert world.store.was_clean_shutdown
    assert (again.high_watermark, again.leader_epoch) == (7, 1)
    assert again.view.end_offset_for_epoch(0) == (0, 7)
    assert [row.last_sequence for row in again.active_producers(0)] == [6]
    world.produce(again, sequence=7)
    assert again.view.end_offset_for_epoch(1) == (1, 8)


async def test_the_death_of_the_process_loses_nothing(world: World) -> None:
    log = await world.create()
    for sequence in range(7):
        world.produce(log, sequence=sequence)
    again = await world.crash()
    assert again.high_watermark == 7
    assert [row.last_sequence for row in again.active_producers(0)] == [6]


async def test_power_loss_loses_only_what_was_not_flushed(world: World) -> None:
    log = await world.create()
    for sequence in range(3):
        world.produce(log, sequence=sequence)
    await world.clock.advance(FLUSH_MS)
    world.produce(log, sequence=3)
    again = await world.crash(power_loss=True)
    assert again.high_watermark == 3
    assert [row.last_sequence for row in again.active_producers(0)] == [2]


@pytest.mark.parametrize("power_loss", [False, True])
async def test_a_producer_is_known_whose_records_were_all_deleted(world: World, *, power_loss: bool) -> None:
    """Replay begins at the log start offset: what was below must be in a snapshot before it is out of sight."""
    log = await world.create()
    world.produce(log, sequence=0)
    await world.clock.advance(FLUSH_MS)
    world.produce(log, sequence=1)
    await log.advance_start(2)
    again = await world.crash(power_loss=power_loss)
    assert (again.log_start_offset, again.log_end_offset) == (2, 2)
    assert world.produce(again, sequence=1) == 1
    assert world.produce(again, sequence=2) == 2


async def test_a_dirty_log_is_flushed_after_five_seconds(world: World) -> None:
    log = await world.create()
    world.produce(log)
    assert log.storage.synced_offset == 0
    await world.clock.advance(FLUSH_MS - 1)
    assert log.storage.synced_offset == 0
    await world.clock.advance(1)
    assert log.storage.synced_offset == 1
    world.produce(log)
    await world.clock.advance(FLUSH_MS)
    assert log.storage.synced_offset == 2


async def test_a_dirty_log_is_flushed_after_sixteen_mebibytes(world: World) -> None:
    log = await world.create()
    size = len(one_batch(value=bytes(1 << 19)))
    for _ in range(FLUSH_BYTES // size + 1):
        world.produce(log, size=1 << 19)
    await world.clock.advance(0)
    assert log.storage.synced_offset > 0


async def test_a_full_disk_answers_storage_errors_until_there_is_room(world: World) -> None:
    log = await world.create()
    world.produce(log, sequence=0)
    world.filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.WRITE}), halt=True))
    for _ in range(2):
        with pytest.raises(AppendError) as caught:
            world.produce(log, sequence=1)
        assert caught.value.error_code == ErrorCode.KAFKA_STORAGE_ERROR
    assert is_offline(log)
    await world.clock.advance(REOPEN_MS)
    world.filesystem.inject(None)
    await world.clock.advance(2 * REOPEN_MS)
    assert not is_offline(log)
    assert world.manager.get("t", 0) is log
    assert world.produce(log, sequence=1) == 1


@pytest.mark.expects_errors("cannot be flushed")
async def test_a_flush_that_fails_takes_the_log_offline_and_it_comes_back(world: World) -> None:
    log = await world.create()
    world.produce(log, sequence=0)
    world.filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.SYNC})))
    await world.clock.advance(FLUSH_MS)
    assert is_offline(log)
    await world.clock.advance(REOPEN_MS)
    assert not is_offline(log)
    assert world.produce(log, sequence=1) == 1


@pytest.mark.parametrize("operation", [Operation.WRITE, Operation.SYNC])
async def test_records_that_cannot_be_deleted_take_the_log_offline_and_it_comes_back(
    world: World, operation: Operation
) -> None:
    """An idle log must not stay refused until somebody writes to it."""
    log = await world.create()
    world.produce(log, 3)
    await world.clock.advance(FLUSH_MS)
    world.filesystem.inject(Fault(at_call=1, operations=frozenset({operation})))
    with pytest.raises(KafkaError) as caught:
        await log.delete_records_before(2)
    assert caught.value.error_code == ErrorCode.KAFKA_STORAGE_ERROR
    assert is_offline(log)
    await world.clock.advance(REOPEN_MS)
    assert not is_offline(log)
    assert await log.delete_records_before(2) == 2


async def test_retention_that_fails_takes_the_log_offline_and_it_comes_back(world: World) -> None:
    log = await world.create(retention_ms="1000")
    world.produce(log, age_ms=5000)
    await world.clock.advance(FLUSH_MS)
    world.filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.RENAME})))
    await world.manager.apply_retention()
    assert is_offline(log)
    await world.clock.advance(REOPEN_MS)
    await world.manager.apply_retention()
    assert (log.log_start_offset, log.size_in_bytes) == (1, 0)


async def test_a_log_that_cannot_be_opened_at_the_start_comes_by_itself_when_it_can(world: World) -> None:
    world.produce(await world.create())
    world.filesystem = world.filesystem.crash(power_loss=False)
    world._start()
    world.filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.WRITE})))
    ((failed, _),) = await world.manager.create_all([(LOG, 1, world.topic_config())])
    assert failed == LOG
    await world.clock.advance(REOPEN_MS - 1)
    assert world.manager.get("t", 0) is None
    world.manager.create_later(LOG, 3, world.topic_config())
    await world.manager.set_config("t", world.topic_config(max_message_bytes="100"))
    await world.clock.advance(1)
    log = world.manager.get("t", 0)
    assert log is not None
    assert (log.log_end_offset, log.leader_epoch) == (1, 3)
    with pytest.raises(AppendError):
        world.produce(log, size=1000)


async def test_a_log_that_cannot_be_opened_can_be_deleted(world: World) -> None:
    world.produce(await world.create())
    world.filesystem = world.filesystem.crash(power_loss=False)
    world._start()
    world.filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.WRITE})))
    assert len(await world.manager.create_all([(LOG, 1, world.topic_config())])) == 1
    assert world.manager.of_topic(TOPIC_ID) == [LOG]
    await world.manager.delete(LOG)
    assert await world.store.list() == []
    await world.clock.advance(3 * REOPEN_MS)
    assert world.manager.get("t", 0) is None


async def test_opening_with_a_higher_epoch_keeps_the_object_and_fences_the_old_handle(world: World) -> None:
    log = await world.create()
    world.produce(log, 2)
    assert await world.manager.open(LOG, 5, world.topic_config()) is log
    assert (log.leader_epoch, log.high_watermark) == (5, 2)
    assert log.view.end_offset_for_epoch(5) == (5, 2)


async def test_retention_by_time_keeps_what_is_young(world: World) -> None:
    log = await world.create(retention_ms="1000", internal_segment_bytes="300")
    for age_ms in (5000, 4000, 3000):
        world.produce(log, size=200, age_ms=age_ms)
    world.produce(log, size=200)
    await world.manager.apply_retention()
    assert (log.log_start_offset, log.log_end_offset) == (3, 4)


async def test_retention_by_time_may_empty_the_log(world: World) -> None:
    log = await world.create(retention_ms="1000")
    world.produce(log, 3, age_ms=5000)
    await world.manager.apply_retention()
    assert (log.log_start_offset, log.log_end_offset) == (3, 3)
    assert world.produce(log) == 3


async def test_retention_by_size_keeps_at_least_that_much(world: World) -> None:
    log = await world.create(retention_ms="-1", retention_bytes="600", internal_segment_bytes="300")
    for _ in range(5):
        world.produce(log, size=200)
    size = log.size_in_bytes // 5
    await world.manager.apply_retention()
    assert log.log_end_offset - log.log_start_offset == -(-600 // size)


async def test_passes_of_retention_do_not_overlap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one begins when the one before is done, however slow the store is."""
    begun = 0
    may_end = asyncio.Event()

    async def slow() -> None:
        nonlocal begun
        begun += 1
        await may_end.wait()

    monkeypatch.setattr(world.manager, "apply_retention", slow)
    world.manager.start_background()
    for _ in range(3):
        await world.clock.advance(world.broker.log_retention_check_interval_ms)
    assert begun == 1
    may_end.set()
    await world.manager.settle()
    await world.advance(world.broker.log_retention_check_interval_ms)
    assert begun == 2


async def test_what_goes_by_time_does_not_count_for_retention_by_size(world: World) -> None:
    """UnifiedLog.deleteOldSegments: by size first, of the whole log; an expired segment's size must not count twice."""
    log = await world.create(retention_ms="1000", retention_bytes="750", internal_segment_bytes="300")
    for size, age_ms in ((200, 5000), (20, 0), (200, 5000), (200, 0)):
        world.produce(log, size=size, age_ms=age_ms)
    first, second, *_ = (segment.size_in_bytes for segment in log.segments())
    assert second < log.size_in_bytes - 750 < first
    await world.manager.apply_retention()
    assert log.log_start_offset == 1
    await world.manager.apply_retention()
    assert log.log_start_offset == 1


async def test_a_segment_without_timestamps_is_as_old_as_its_last_append(world: World) -> None:
    """LogSegment.largestTimestamp: the file's modification time, not when the segment began."""
    log = await world.create(retention_ms="10000")
    for _ in range(5):
        world.produce(log, age_ms=world.clock.wall_ms() + 1)
        await world.clock.advance(9_000)
    assert log.segments()[0].max_timestamp_ms == -1
    await world.manager.apply_retention()
    assert log.log_start_offset == 0
    await world.clock.advance(1_001)
    await world.manager.apply_retention()
    assert log.log_start_offset == 5


@pytest.mark.parametrize("policy", ["delete", "compact,delete", ""])
async def test_segments_below_the_log_start_offset_go_with_the_next_look(world: World, policy: str) -> None:
    """UnifiedLog.deleteLogStartOffsetBreachedSegments; the active segment stays. In compacted logs the cleaner looks."""
    world.manager.start_background()
    log = await world.create(
        retention_ms="-1", internal_segment_bytes="300", cleanup_policy=policy, min_cleanable_dirty_ratio="1"
    )
    for _ in range(4):
        world.produce(log, size=200)
    await log.advance_start(2)
    assert [segment.base_offset for segment in log.segments()] == [0, 1, 2, 3]
    await world.advance(world.broker.log_retention_check_interval_ms)
    assert [segment.base_offset for segment in log.segments()] == [2, 3]
    await log.advance_start(4)
    await world.advance(world.broker.log_retention_check_interval_ms)
    assert [segment.base_offset for segment in log.segments()] == [3]
    assert world.produce(log) == 4


@pytest.mark.parametrize("days", [1, 8])
async def test_days_pass_in_milliseconds_and_retention_keeps_its_window(world: World, days: int) -> None:
    """A record an hour, a segment a day: what is left are the segments with a record younger than retention.ms."""
    hour_ms = 3_600_000
    kept = await world.create(retention_ms=str(days * 24 * hour_ms), segment_ms=str(24 * hour_ms))
    world.manager.start_background()
    hours = 3 * days * 24
    for _ in range(hours):
        world.produce(kept)
        await world.clock.advance(hour_ms)
    # The segments begin every 25 hours: one more than 24 h apart. A segment goes when its newest record has expired.
    newest = [min(first + 24, hours - 1) for first in range(0, hours, 25)]
    expired = [last for last in newest if (hours - last) * hour_ms > days * 24 * hour_ms]
    assert kept.log_start_offset == expired[-1] + 1
    assert kept.log_end_offset == hours
    assert [segment.base_offset for segment in kept.segments()] == list(range(0, hours, 25))[len(expired) :]
    await world.clock.advance(days * 24 * hour_ms + world.broker.log_retention_check_interval_ms)
    assert (kept.log_start_offset, kept.log_end_offset) == (hours, hours)


async def test_compacted_topics_have_no_retention(world: World) -> None:
    log = await world.create(cleanup_policy="compact", retention_ms="1")
    world.produce(log, age_ms=5000)
    await world.manager.apply_retention()
    assert log.log_start_offset == 0


async def test_background_work_follows_the_clock(world: World) -> None:
    log = await world.create(retention_ms="1000")
    world.produce(log, sequence=0)
    world.manager.start_background()
    await world.clock.advance(world.broker.log_retention_check_interval_ms)
    assert log.log_start_offset == 1
    assert len(list(log.active_producers(0))) == 1
    await world.clock.advance(world.broker.producer_id_expiration_ms)
    assert list(log.active_producers(0)) == []


async def test_configuration_changes_reach_open_logs(world: World) -> None:
    log = await world.create()
    await world.manager.set_config("t", world.topic_config(max_message_bytes="100"))
    with pytest.raises(AppendError) as caught:
        world.produce(log, size=1000)
    assert caught.value.error_code == ErrorCode.MESSAGE_TOO_LARGE


async def test_many_logs_open_together(world: World) -> None:
    config = world.topic_config()
    wanted = [(LogId("t", partition, TOPIC_ID), 0, config) for partition in range(200)]
    assert await world.manager.create_all(wanted) == []
    assert len(list(world.manager.logs)) == 200


async def test_a_stop_writes_no_snapshot_of_a_small_log_and_a_start_knows_all_the_same(world: World) -> None:
    log = await world.create()
    for sequence in range(3):
        world.produce(log, sequence=sequence)
    for epoch in (1, 2):
        log = await world.restart(epoch)
        assert world.filesystem.list_directory("/logs/t-0") == ["partition.json", f"{0:020d}.log"]
        assert [row.last_sequence for row in log.active_producers(0)] == [2]
        assert log.view.end_offset_for_epoch(0) == (0, 3)


async def test_a_stop_writes_a_snapshot_of_a_large_log(world: World) -> None:
    log = await world.create()
    world.produce(log, size=70_000, sequence=0)
    await world.restart()
    assert f"{1:020d}.producers.aux" in world.filesystem.list_directory("/logs/t-0")


async def test_a_stop_writes_a_snapshot_of_producers_that_no_replay_would_find(world: World) -> None:
    """What they wrote is below the log start offset."""
    log = await world.create()
    world.produce(log, sequence=0)
    await log.delete_records_before(1)
    world.produce(log)
    world.filesystem.remove(f"/logs/t-0/{1:020d}.producers.aux")
    log.state.snapshot_failed()
    log.state._written_offset = 0
    log = await world.restart()
    assert [row.last_sequence for row in log.active_producers(0)] == [0]


async def test_the_store_takes_its_own_settings_from_a_topic(world: World) -> None:
    """How large an index may be is nothing that every store would know."""
    log = await world.create(segment_index_bytes="24", index_interval_bytes="0")
    for _ in range(20):
        world.produce(log)
    assert len(log.segments()) > 3
    again = await world.restart()
    before = len(again.segments())
    for _ in range(20):
        world.produce(again)
    assert len(again.segments()) == before
