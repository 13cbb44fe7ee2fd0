"""Compaction of whole logs: which are cleaned and when, what is left, and what a failure or a stop in the middle leaves."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_compat.filesystem.faults import Fault, Operation
from kafka_compat.filesystem.interface import ReadBuffer
from kafka_compat.filesystem.memory import MemoryFile
from kafka_compat.ids import TopicId
from kafka_compat.log.cleanable import CleanablePart
from kafka_compat.log.cleaner import CHECKPOINT_KIND, LogCleaner
from kafka_compat.log.flushing import FLUSH_MS
from kafka_compat.log.partition import PartitionLog
from kafka_compat.records.batch import parse_header
from kafka_compat.records.builder import PlainRecord, build_batch
from kafka_compat.records.compact import ENTRY_BYTES
from kafka_compat.records.compression import Codec
from kafka_compat.records.control import build_end_transaction_marker
from kafka_compat.records.reader import iter_records
from kafka_compat.records.record import Record
from kafka_compat.storage.interface import LogId
from tests.support.log_worlds import World

BACKOFF_MS = 15_000
HOUR_MS = 3600 * 1000
DAY_MS = 24 * HOUR_MS
EAGER = {"cleanup_policy": "compact", "min_cleanable_dirty_ratio": "0", "segment_bytes": "1048576"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    world.manager.start_background()
    yield world
    await world.manager.close()


def append(world: World, log: PartitionLog, *records: tuple[str, str | None], producer: int = -1, codec: int = 0) -> int:
    """The base offset of a batch of (key, value)."""
    now_ms = world.clock.wall_ms()
    sequence = epoch = -1
    if producer >= 0:
        epoch = 0
        known = [row.last_sequence for row in log.active_producers(0) if row.producer_id == producer]
        sequence = known[0] + 1 if known else 0
    plain: list[PlainRecord] = [(now_ms, key.encode(), None if v is None else v.encode(), ()) for key, v in records]
    batch = build_batch(plain, codec=codec, producer_id=producer, producer_epoch=epoch, base_sequence=sequence)
    return log.append_as_leader(batch, now_ms).base_offset


async def roll(world: World, log: PartitionLog) -> None:
    await log.storage.roll(world.clock.wall_ms())


async def records_in(log: PartitionLog) -> list[Record]:
    found: list[Record] = []
    position = log.log_start_offset
    while position < log.log_end_offset:
        chunk = await log.read(position, 1 << 20, min_one=True, isolation_read_committed=False)
        raw = b"".join(bytes(buffer) for buffer in chunk.buffers)
        chunk.close()
        if not raw:
            break
        found += [record for record in iter_records(raw) if record.offset >= position]
        at = 0
        while at < len(raw):
            header = parse_header(raw, at)
            position = header.next_offset
            at += header.size_in_bytes
    return found


def as_pairs(records: list[Record]) -> list[tuple[int, str, str | None]]:
    return [(r.offset, (r.key or b"").decode(), None if r.value is None else r.value.decode()) for r in records]


async def checkpoint_of(log: PartitionLog) -> int:
    found = await log.storage.read_aux([CHECKPOINT_KIND], log.log_end_offset)
    return found[CHECKPOINT_KIND][0] if found else -1


async def test_sealed_segments_are_compacted_and_the_active_one_is_not(world: World) -> None:
    log = await world.create(**EAGER)
    for value in "123":
        append(world, log, ("a", value), ("b", value))
    await roll(world, log)
    append(world, log, ("a", "4"))
    append(world, log, ("a", "5"))
    await world.advance(BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(4, "a", "3"), (5, "b", "3"), (6, "a", "4"), (7, "a", "5")]
    assert (log.log_start_offset, log.high_watermark, await checkpoint_of(log)) == (0, 8, 6)
    for again in (await world.restart(), await world.crash()):
        assert [record.offset for record in await records_in(again)] == [4, 5, 6, 7]


async def test_small_segments_become_one(world: World) -> None:
    log = await world.create(**EAGER)
    for value in "1234":
        append(world, log, ("a", value), (value, value))
        await roll(world, log)
    append(world, log, ("a", "5"))
    assert len(log.segments()) == 5
    await world.advance(BACKOFF_MS)
    assert [(s.base_offset, s.next_offset) for s in log.segments()] == [(0, 8), (8, 9)]
    assert [record.offset for record in await records_in(log)] == [1, 3, 5, 6, 7, 8]


async def test_other_policies_and_a_cleaner_switched_off_keep_everything(world: World) -> None:
    log = await world.create(cleanup_policy="delete")
    for value in "12":
        append(world, log, ("a", value))
        await roll(world, log)
    await world.advance(10 * BACKOFF_MS)
    assert len(await records_in(log)) == 2
    world.broker.set_dynamic({}, {"log.cleaner.enable": "false"})
    await world.manager.set_config("t", world.topic_config(**EAGER))
    await world.advance(10 * BACKOFF_MS)
    assert len(await records_in(log)) == 2


async def test_a_changed_policy_begins_compaction_without_an_append(world: World) -> None:
    log = await world.create(cleanup_policy="delete")
    for value in "12":
        append(world, log, ("a", value))
        await roll(world, log)
    await world.advance(DAY_MS)
    await world.manager.set_config("t", world.topic_config(**EAGER))
    await world.advance(BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(1, "a", "2")]


async def test_a_checkpoint_that_cannot_be_read_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = await world.create(**EAGER)
    append(world, log, ("a", "1"), ("a", "2"))
    await roll(world, log)
    append(world, log, ("b", "1"))
    await world.advance(BACKOFF_MS)
    append(world, log, ("b", "2"))
    await world.restart()
    log = await world.create(2, **EAGER)
    await roll(world, log)
    read = MemoryFile.read

    def broken(file: MemoryFile, offset: int, size: int) -> ReadBuffer:
        if file.path.endswith(".cleaner.aux"):
            raise OSError(errno.EIO, "unreadable")
        return read(file, offset, size)

    monkeypatch.setattr(MemoryFile, "read", broken)
    world.manager.start_background()
    await world.manager.set_config("t", world.topic_config(**EAGER))
    append(world, log, ("c", "1"))
    await world.advance(BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(1, "a", "2"), (3, "b", "2"), (4, "c", "1")]
    assert "checkpoint" in caplog.text


async def test_what_was_appended_after_a_look_is_seen_by_the_next(world: World) -> None:
    await world.advance(BACKOFF_MS)
    world.broker.set_dynamic({"log.cleaner.backoff.ms": "100"}, {})
    log = await world.create(**EAGER)
    append(world, log, ("a", "1"))
    await world.advance(1_000)
    append(world, log, ("a", "2"))
    await roll(world, log)
    append(world, log, ("a", "3"))
    await world.advance(100)
    assert as_pairs(await records_in(log)) == [(1, "a", "2"), (2, "a", "3")]


async def test_a_log_is_cleaned_only_when_it_is_dirty_enough(world: World) -> None:
    log = await world.create(cleanup_policy="compact", min_cleanable_dirty_ratio="0.5")
    for value in range(10):
        append(world, log, (f"key {value}", "1"))
    await roll(world, log)
    append(world, log, ("key 0", "2"))
    await world.advance(BACKOFF_MS)
    assert await checkpoint_of(log) == 10, "the first time everything is dirty"
    await roll(world, log)
    append(world, log, ("key 1", "2"))
    await world.advance(10 * BACKOFF_MS)
    assert await checkpoint_of(log) == 10, "a tenth of the log is not enough"
    await world.manager.set_config("t", world.topic_config(cleanup_policy="compact", min_cleanable_dirty_ratio="0.05"))
    await world.advance(BACKOFF_MS)
    assert await checkpoint_of(log) == 11
    assert [record.offset for record in await records_in(log)] == [*range(1, 12)]


async def test_young_segments_wait_for_the_minimal_lag(world: World) -> None:
    log = await world.create(**EAGER, min_compaction_lag_ms=str(DAY_MS))
    append(world, log, ("a", "1"), ("a", "2"))
    await roll(world, log)
    append(world, log, ("b", "1"))
    await world.advance(DAY_MS - 1)
    assert len(await records_in(log)) == 3
    await world.advance(BACKOFF_MS + 1)
    assert as_pairs(await records_in(log)) == [(1, "a", "2"), (2, "b", "1")]


async def test_the_maximal_lag_overrules_the_ratio_and_rolls(world: World) -> None:
    config = {"cleanup_policy": "compact", "min_cleanable_dirty_ratio": "1", "max_compaction_lag_ms": str(DAY_MS)}
    log = await world.create(**config)
    append(world, log, ("a", "1"), ("a", "2"))
    await world.advance(DAY_MS + 1)
    append(world, log, ("b", "1"))
    assert [s.base_offset for s in log.segments()] == [0, 2], "segment.ms is at most the lag"
    await world.advance(BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(1, "a", "2"), (2, "b", "1")]


async def test_a_tombstone_goes_in_the_first_round_behind_delete_retention(world: World) -> None:
    log = await world.create(**EAGER, delete_retention_ms=str(DAY_MS))
    append(world, log, ("a", "1"))
    append(world, log, ("a", None))
    await roll(world, log)
    append(world, log, ("b", "1"))
    await world.advance(BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(1, "a", None), (2, "b", "1")]
    await world.advance(DAY_MS)
    assert len(await records_in(log)) == 2, "nothing is dirty"
    await roll(world, log)
    append(world, log, ("b", "2"))
    await world.advance(BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(2, "b", "1"), (3, "b", "2")]


async def test_compacted_and_deleted_logs_lose_old_segments_too(world: World) -> None:
    log = await world.create(cleanup_policy="compact,delete", retention_ms=str(DAY_MS), min_cleanable_dirty_ratio="0")
    append(world, log, ("a", "1"), ("a", "2"))
    await roll(world, log)
    append(world, log, ("b", "1"))
    await world.advance(BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(1, "a", "2"), (2, "b", "1")]
    await world.advance(DAY_MS - 1_000)
    append(world, log, ("c", "1"))
    await world.advance(BACKOFF_MS)
    assert (log.log_start_offset, as_pairs(await records_in(log))) == (2, [(2, "b", "1"), (3, "c", "1")])
    await world.advance(DAY_MS + BACKOFF_MS)
    assert (log.log_start_offset, log.log_end_offset) == (4, 4)


async def test_nothing_from_an_open_transaction_on_is_touched(world: World) -> None:
    log = await world.create(**EAGER)
    append(world, log, ("a", "1"), ("a", "2"))
    await roll(world, log)
    now_ms = world.clock.wall_ms()
    transactional = build_batch(
        [(now_ms, b"a", b"3", ())], producer_id=7, producer_epoch=0, base_sequence=0, transactional=True
    )
    log.append_as_leader(transactional, now_ms)
    append(world, log, ("a", "4"))
    await roll(world, log)
    append(world, log, ("b", "1"))
    await world.advance(BACKOFF_MS)
    assert [record.offset for record in await records_in(log)] == [1, 2, 3, 4]
    end = build_end_transaction_marker(
        is_commit=False, coordinator_epoch=0, producer_id=7, producer_epoch=0, timestamp_ms=now_ms
    )
    log.append_records(end, now_ms)
    await roll(world, log)
    append(world, log, ("b", "2"))
    await world.advance(BACKOFF_MS)
    assert [record.offset for record in await records_in(log)] == [3, 4, 5, 6]
    # The last batch of the producer stays, empty, and with it what must be said about it.
    assert log.view.aborted_transactions(0, 7) == [(7, 2)]


async def test_an_aborted_transaction_that_was_cleaned_away_does_not_come_back_with_a_crash(world: World) -> None:
    """A later round drops its marker, and readers would skip what its producer wrote afterwards."""
    log = await world.create(**EAGER)
    now_ms = world.clock.wall_ms()
    for sequence, commits in enumerate([False, True]):
        batch = build_batch(
            [(now_ms, b"a", b"%d" % sequence, ())], producer_id=7, producer_epoch=0, base_sequence=sequence, transactional=True
        )
        log.append_as_leader(batch, now_ms)
        end = build_end_transaction_marker(
            is_commit=commits, coordinator_epoch=0, producer_id=7, producer_epoch=0, timestamp_ms=now_ms
        )
        log.append_records(end, now_ms)
    # The first round drops its records, the second finds none of them.
    for left in ([(7, 0)], []):
        await roll(world, log)
        append(world, log, ("b", "1"))
        await log.write_snapshot()
        await world.advance(BACKOFF_MS)
        assert [record.offset for record in await records_in(log)][:3] == [1, 2, 3]
        assert log.view.aborted_transactions(0, 5) == left
    again = await world.crash()
    assert again.view.aborted_transactions(0, 5) == []


async def test_a_cleaned_log_knows_its_producers_without_a_snapshot(world: World) -> None:
    log = await world.create(**EAGER)
    for value in "123":
        append(world, log, ("a", value), producer=5)
    append(world, log, ("a", "4"))
    await roll(world, log)
    append(world, log, ("b", "1"))
    await world.advance(BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(3, "a", "4"), (4, "b", "1")]
    before = [(row.producer_id, row.last_sequence) for row in log.active_producers(0)]
    for name in world.filesystem.list_directory("/logs/t-0"):
        if name.endswith(".producers.aux"):
            world.filesystem.remove(f"/logs/t-0/{name}")
    again = await world.crash()
    assert [(row.producer_id, row.last_sequence) for row in again.active_producers(0)] == before == [(5, 2)]
    assert append(world, again, ("c", "1"), producer=5) == 5


async def test_more_keys_than_fit_take_several_rounds(world: World) -> None:
    world.broker.set_dynamic({"log.cleaner.dedupe.buffer.size": str(100 * ENTRY_BYTES)}, {})
    log = await world.create(**EAGER)
    for round_ in range(3):
        for number in range(0, 200, 10):
            append(world, log, *[(f"key {key}", str(round_)) for key in range(number, number + 10)])
        await roll(world, log)
    append(world, log, ("key 0", "last"))
    await world.advance(BACKOFF_MS)
    found = as_pairs(await records_in(log))
    assert [(offset, key) for offset, key, _ in found] == [*[(400 + n, f"key {n}") for n in range(200)], (600, "key 0")]


@pytest.mark.expects_errors("cannot be compacted and is left as it is until a restart")
async def test_a_damaged_batch_makes_the_log_uncleanable_and_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    log = await world.create(**EAGER)
    append(world, log, ("a", "1" * 100))
    append(world, log, ("a", "2"))
    await roll(world, log)
    append(world, log, ("a", "3"))
    await log.storage.sync(3)
    file = world.filesystem.open("/logs/t-0/00000000000000000000.log")
    file.write(62, b"\xff" * 20)
    file.close()
    await world.advance(10 * BACKOFF_MS)
    assert caplog.text.count("cannot be compacted") == 1
    assert not log.is_offline
    assert append(world, log, ("a", "4")) == 3


@pytest.mark.expects_errors("cannot be flushed", maybe=True)
@pytest.mark.parametrize("operation", [Operation.WRITE, Operation.SYNC, Operation.RENAME])
async def test_a_failure_at_any_call_of_a_round_loses_nothing(operation: Operation) -> None:
    number = 0
    fired = True
    while fired:
        world = World()
        world.manager.start_background()
        log = await world.create(**EAGER)
        for value in "123":
            append(world, log, ("a", value), ("b", value), producer=5)
            await roll(world, log)
        append(world, log, ("c", "1"))
        number += 1
        world.filesystem.inject(Fault(at_call=number, operations=frozenset({operation})))
        await world.advance(BACKOFF_MS)
        fired = world.filesystem.faults.fired
        after_crash = await world.crash(power_loss=number % 2 == 0)
        latest = {pair[1]: pair for pair in as_pairs(await records_in(after_crash))}
        if number % 2 == 1 or len(latest) == 3:
            assert latest == {"a": (4, "a", "3"), "b": (5, "b", "3"), "c": (6, "c", "1")}
        assert [row.last_sequence for row in after_crash.active_producers(0)] == [5]
        await world.manager.close()
    assert number > 3


async def test_a_full_disk_while_cleaning_leaves_the_log_serving(world: World, caplog: pytest.LogCaptureFixture) -> None:
    log = await world.create(**EAGER)
    append(world, log, ("a", "1"), ("a", "2"))
    await roll(world, log)
    append(world, log, ("b", "1"))
    await log.storage.sync(3)
    await world.advance(FLUSH_MS)
    world.filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.WRITE}), error=errno.ENOSPC))
    await world.advance(BACKOFF_MS)
    assert "was not compacted" in caplog.text
    assert not log.is_offline
    assert append(world, log, ("b", "2")) == 3
    await world.advance(BACKOFF_MS)
    assert 0 not in [record.offset for record in await records_in(log)]


async def test_a_stop_ends_a_round_in_the_middle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = await world.create(**EAGER)
    for value in range(100):
        append(world, log, ("a", str(value)))
    await roll(world, log)
    append(world, log, ("b", "1"))
    monkeypatch.setattr("kafka_compat.log.cleaner._SLICE_S", 0.0)  # a pause after every batch
    await world.clock.advance(BACKOFF_MS)
    assert await checkpoint_of(log) == -1, "the round is still under way"
    again = await asyncio.wait_for(world.restart(), 5)
    assert len(await records_in(again)) == 101


async def test_records_deleted_in_the_middle_of_a_round(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = await world.create(cleanup_policy="compact,delete", min_cleanable_dirty_ratio="0")
    for value in range(100):
        append(world, log, ("a", str(value)))
        if value == 50:
            await roll(world, log)
    await roll(world, log)
    append(world, log, ("b", "1"))
    with monkeypatch.context() as slow:
        slow.setattr("kafka_compat.log.cleaner._SLICE_S", 0.0)
        await world.clock.advance(BACKOFF_MS)
        await log.delete_records_before(60)
    await world.advance(2 * BACKOFF_MS)
    assert as_pairs(await records_in(log)) == [(99, "a", "99"), (100, "b", "1")]
    assert not log.is_offline


# Against a dict


@dataclass
class Written:
    """One record as it was produced."""

    offset: int
    timestamp_ms: int
    key: bytes
    value: bytes | None


OPERATIONS = st.one_of(
    st.tuples(
        st.just("append"),
        st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([None, "x", "y" * 50])), min_size=1, max_size=4),
        st.sampled_from(list(Codec)),
        st.sampled_from([-1, -1, 5, 6]),
    ),
    st.just(("roll",)),
    st.just(("clean",)),
    st.tuples(st.just("wait"), st.sampled_from([1_000, HOUR_MS])),
    st.just(("restart",)),
    st.just(("crash",)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(OPERATIONS, max_size=40), st.sampled_from([1, 3, 1000]))
async def test_what_is_left_says_the_same_as_everything_that_was_written(
    operations: list[tuple[Any, ...]], capacity: int
) -> None:
    world = World()
    buffer_bytes = capacity * ENTRY_BYTES * 2
    world.broker.set_dynamic(
        {"log.cleaner.dedupe.buffer.size": str(buffer_bytes), "producer.id.expiration.ms": str(1000 * DAY_MS)}, {}
    )
    world.manager.start_background()
    config = {**EAGER, "delete_retention_ms": str(HOUR_MS)}
    log = await world.create(**config)
    written: list[Written] = []
    sequences: dict[int, int] = {}
    for operation in operations:
        match operation:
            case ("append", records, codec, producer):
                base = append(world, log, *records, producer=producer, codec=codec)
                now_ms = world.clock.wall_ms()
                for index, (key, value) in enumerate(records):
                    written.append(Written(base + index, now_ms, key.encode(), None if value is None else value.encode()))
                if producer >= 0:
                    sequences[producer] = sequences.get(producer, -1) + len(records)
            case ("roll",):
                await roll(world, log)
            case ("clean",):
                await world.manager.set_config("t", world.topic_config(**config))
                await world.advance(BACKOFF_MS)
            case ("wait", span_ms):
                await world.advance(span_ms)
            case _:
                log = await world.restart() if operation == ("restart",) else await world.crash()
                world.manager.start_background()
                await world.manager.set_config("t", world.topic_config(**config))
        assert log.log_end_offset == len(written)
        check(await records_in(log), written, max(await checkpoint_of(log), 0))
        assert {row.producer_id: row.last_sequence for row in log.active_producers(0)} == sequences
    await world.manager.close()


def check(found: list[Record], written: list[Written], cleaned_up_to: int) -> None:
    """Nothing is invented or moved, the newest of each key is there unless it is a tombstone, what is older is gone."""
    assert [r.offset for r in found] == sorted({r.offset for r in found})
    for record in found:
        original = written[record.offset]
        assert (record.timestamp_ms, record.key, record.value) == (original.timestamp_ms, original.key, original.value)
    present = {record.offset for record in found}
    assert present >= set(range(cleaned_up_to, len(written)))
    newest = {record.key: record for record in written}
    newest_cleaned = {record.key: record for record in written[:cleaned_up_to]}
    for key, last in newest.items():
        assert last.offset in present or (last.value is None and key not in {r.key for r in found})
    for offset in present:
        if offset < cleaned_up_to:
            assert newest_cleaned[written[offset].key].offset == offset


async def test_tombstones_that_are_kept_for_ever_stop_nothing(world: World) -> None:
    """Review C1: now + delete.retention.ms does not fit 64 bits."""
    for_ever = await world.create(**EAGER, delete_retention_ms=str((1 << 63) - 1))
    append(world, for_ever, ("a", "1"), ("b", "1"))
    append(world, for_ever, ("a", None))
    await roll(world, for_ever)
    append(world, for_ever, ("c", "1"))
    await world.advance(BACKOFF_MS)
    for _ in range(2):
        assert [pair for pair in as_pairs(await records_in(for_ever)) if pair[1] != "c"] == [(1, "b", "1"), (2, "a", None)]
        append(world, for_ever, ("c", "2"))
        await roll(world, for_ever)
        append(world, for_ever, ("c", "3"))
        await world.advance(2 * DAY_MS)
    assert await checkpoint_of(for_ever) == 7


@pytest.mark.expects_errors("compacting t-0, which is left as it is until a restart failed")
async def test_a_bug_in_a_round_costs_one_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = await world.create(**EAGER)
    other = await world.manager.create(LogId("other", 0, TopicId(bytes(16))), 0, world.topic_config(**EAGER))
    for log in (broken, other):
        append(world, log, ("a", "1"))
        append(world, log, ("a", "2"))
        await roll(world, log)
        append(world, log, ("b", "1"))
    clean = LogCleaner._clean

    async def raises_for_one(self: LogCleaner, log: PartitionLog, part: CleanablePart, now_ms: int) -> int:
        if log is broken:
            raise ZeroDivisionError("a bug")
        return await clean(self, log, part, now_ms)

    monkeypatch.setattr(LogCleaner, "_clean", raises_for_one)
    await world.advance(BACKOFF_MS)
    await world.advance(BACKOFF_MS)
    assert [pair[0] for pair in as_pairs(await records_in(other))] == [1, 2]
    assert [pair[0] for pair in as_pairs(await records_in(broken))] == [0, 1, 2]
