"""What every log store does, whatever it lies on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable

import pytest

from kafka_compat.ids import TopicId
from kafka_compat.storage.interface import Fenced, LogId, LogPolicy, OutOfRange, Refused, Unavailable
from tests.support.storage_worlds import (
    FOREVER,
    LOG,
    SMALL_INDEX_STEPS,
    SMALL_SEGMENTS,
    World,
    append,
    append_many,
    make_batch,
    offsets,
    read_all,
    read_aux,
    read_bytes,
    split,
    stream,
)


async def test_new_log_is_empty(world: World) -> None:
    log = await world.open()
    assert (log.start_offset, log.end_offset, log.synced_offset, log.size_in_bytes) == (0, 0, 0, 0)
    assert read_bytes(log, 0) == b""
    assert [info.sealed for info in log.segments()] == [False]
    assert await log.find_batch(0, 0, FOREVER) is None


async def test_appended_batches_are_read_back_whole(world: World) -> None:
    log = await world.open()
    batches = append_many(log, 50)
    assert log.end_offset == 50
    assert log.size_in_bytes == 5000
    assert read_all(log) == batches
    assert read_bytes(log, 0) == b"".join(batches)


async def test_read_begins_with_the_batch_that_contains_the_offset(world: World) -> None:
    log = await world.open()
    first, second = append(log, 0, records=10), append(log, 10, records=10)
    assert read_bytes(log, 9) == first + second
    assert read_bytes(log, 10) == second
    assert read_bytes(log, 19) == second
    assert read_bytes(log, 20) == b""


async def test_read_at_every_offset_with_every_limit(world: World) -> None:
    """Whole batches only, at most max_bytes, none at or above max_offset; with `min_one` never nothing."""
    log = await world.open(policy=SMALL_INDEX_STEPS)
    batches = append_many(log, 40, size=90)
    for offset in range(40):
        for max_bytes in (0, 1, 89, 90, 91, 400, 5000):
            for max_offset in (offset + 1, offset + 3, 100):
                for min_one in (False, True):
                    found = split(read_bytes(log, offset, max_offset=max_offset, max_bytes=max_bytes, min_one=min_one))
                    count = min(max_bytes // 90, max_offset - offset, 40 - offset)
                    assert found == batches[offset : offset + max(count, 1 if min_one else 0)]


async def test_batch_larger_than_the_read_window_comes_whole(world: World) -> None:
    log = await world.open()
    batches = [append(log, 0, size=100), append(log, 1, size=3_000_000), append(log, 2, size=100)]
    assert read_all(log) == batches
    assert read_bytes(log, 1, max_bytes=1) == batches[1]
    assert read_bytes(log, 1, max_bytes=1, min_one=False) == b""


async def test_awaited_read_equals_read_now(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 30)
    for offset in range(31):
        chunk = await log.read(offset, FOREVER, 250, True)
        assert b"".join(chunk.buffers) == read_bytes(log, offset, max_bytes=250)


async def test_buffers_stay_as_they_were_after_a_truncation(world: World) -> None:
    log = await world.open()
    batches = append_many(log, 10)
    chunk = log.read_now(0, FOREVER, FOREVER, True)
    assert chunk is not None
    await log.truncate(2)
    append(log, 2, size=300)
    assert b"".join(chunk.buffers) == b"".join(batches)


@pytest.mark.parametrize("offset", [-1, 3, 100])
async def test_read_outside_the_log_is_out_of_range(world: World, offset: int) -> None:
    log = await world.open()
    append_many(log, 2)
    with pytest.raises(OutOfRange):
        log.read_now(offset, FOREVER, 100, True)
    with pytest.raises(OutOfRange):
        await log.read(offset, FOREVER, 100, True)


async def test_append_below_the_end_is_out_of_range(world: World) -> None:
    log = await world.open()
    batches = append_many(log, 2)
    with pytest.raises(OutOfRange):
        append(log, 1)
    assert log.end_offset == 2
    batches.append(append(log, 2))
    assert read_all(log) == batches


async def test_append_may_leave_a_gap(world: World) -> None:
    log = await world.open()
    batches = [append(log, 5), append(log, 20)]
    assert log.end_offset == 21
    assert read_bytes(log, 0) == b"".join(batches)
    assert read_bytes(log, 6) == batches[1]
    await world.kill()
    log = await world.open()
    assert read_all(log) == batches


async def test_segments_roll_by_size(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 12)
    infos = log.segments()
    assert [(i.base_offset, i.next_offset, i.size_in_bytes, i.sealed) for i in infos] == [
        (0, 5, 500, True),
        (5, 10, 500, True),
        (10, 12, 200, False),
    ]
    assert [(i.max_timestamp_ms, i.offset_of_max_timestamp) for i in infos] == [(4, 4), (9, 9), (11, 11)]
    assert read_all(log) == batches


async def test_segments_roll_by_the_age_their_timestamps_tell(world: World) -> None:
    """LogSegment.timeWaitedForRoll: the batch's timestamp against that of the segment's first batch, not the clock."""
    log = await world.open(policy=LogPolicy(segment_ms=1000))
    append(log, 0, timestamp_ms=5000, now_ms=1)
    append(log, 1, timestamp_ms=6000, now_ms=1_000_000)
    assert len(log.segments()) == 1
    append(log, 2, timestamp_ms=6001, now_ms=1)
    assert [i.base_offset for i in log.segments()] == [0, 2]


async def test_segments_without_timestamps_roll_by_the_clock(world: World) -> None:
    log = await world.open(policy=LogPolicy(segment_ms=1000))
    append(log, 0, timestamp_ms=-1, now_ms=5000)
    append(log, 1, timestamp_ms=-1, now_ms=6000)
    append(log, 2, timestamp_ms=-1, now_ms=6001)
    assert [(i.base_offset, i.max_timestamp_ms, i.created_ms) for i in log.segments()] == [(0, -1, 5000), (2, -1, 6001)]


async def test_each_segment_rolls_at_an_age_of_its_own_within_the_jitter(world: World) -> None:
    """LogConfig.randomSegmentJitter: up to segment.jitter.ms is taken off segment.ms, drawn for each segment."""
    log = await world.open(policy=LogPolicy(segment_ms=1000, segment_jitter_ms=600))
    for offset in range(3000):
        append(log, offset, timestamp_ms=offset * 10)
    ages_ms = [(info.next_offset - info.base_offset) * 10 for info in log.segments()[:-1]]
    assert all(400 < age_ms <= 1010 for age_ms in ages_ms), ages_ms
    assert len(set(ages_ms)) > 5, ages_ms


async def test_segments_roll_when_offsets_are_too_far_apart(world: World) -> None:
    """A relative offset has 31 bits; otherwise a segment begins where the one before ends."""
    log = await world.open()
    batches = [append(log, 0), append(log, 1 << 31), append(log, 1 << 33)]
    assert [i.base_offset for i in log.segments()] == [0, 1, 1 << 33]
    assert read_all(log) == batches
    await world.kill()
    log = await world.open()
    assert read_all(log) == batches


async def test_roll_of_an_empty_segment_does_nothing(world: World) -> None:
    log = await world.open()
    await log.roll(1)
    append_many(log, 2)
    await log.roll(1)
    await log.roll(1)
    assert [(i.base_offset, i.sealed) for i in log.segments()] == [(0, True), (2, False)]
    assert log.end_offset == 2
    assert read_bytes(log, 2) == b""


async def test_segment_list_is_a_snapshot(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 12)
    snapshots = []

    async def changed(change: Awaitable[object] | None = None) -> None:
        if change is not None:
            await change
        snapshots.append((log.segments(), [info._replace() for info in log.segments()]))
        assert sum(info.size_in_bytes for info in log.segments()) == log.size_in_bytes

    await changed()
    append_many(log, 1)
    await changed()
    await changed(log.sync(13))
    await changed(log.rewrite([0], stream([make_batch(1, timestamp_ms=1)]), 5))
    await changed(log.roll(0))
    append_many(log, 12)
    await changed(log.truncate(21))
    await changed(log.advance_start(7))
    await changed(log.delete_below_start())
    await changed(log.truncate_fully_and_start_at(50))
    for number, (snapshot, then) in enumerate(snapshots):
        assert list(snapshot) == then, number
    assert [[info.base_offset for info in snapshot] for snapshot, _ in snapshots] == [
        [0, 5, 10],
        [0, 5, 10],
        [0, 5, 10],
        [0, 5, 10],
        [0, 5, 10, 13],
        [0, 5, 10, 13, 18],
        [0, 5, 10, 13, 18],
        [5, 10, 13, 18],
        [50],
    ]


async def test_find_batch_by_timestamp(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    timestamps = [10, 30, 20, 30, 50, 40, 50, 60, 5, 70, 70, 80]
    for offset, timestamp_ms in enumerate(timestamps):
        append(log, offset, timestamp_ms=timestamp_ms)
    for wanted in range(90):
        for start in (0, 3, 8):
            expected = next((n for n, t in enumerate(timestamps[:11]) if t >= wanted and n >= start), None)
            assert await log.find_batch(wanted, start, 11) == expected


async def test_truncate_drops_what_reaches_the_offset(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 23)
    for end_offset in (30, 22, 12, 11, 10, 7, 0):
        await log.truncate(end_offset)
        assert log.end_offset == min(end_offset, 23)
        assert read_all(log) == batches[:end_offset]
        assert log.segments()[-1].max_timestamp_ms <= end_offset - 1
    assert append_many(log, 3) == batches[:3]
    assert read_all(log) == batches[:3]


async def test_truncate_in_the_middle_of_a_batch_drops_it(world: World) -> None:
    log = await world.open()
    first = append(log, 0, records=10)
    append(log, 10, records=10)
    await log.truncate(15)
    assert read_all(log) == [first]
    assert log.end_offset == 15  # as LocalLog.truncateTo: the target, even within a batch


@pytest.mark.parametrize("way", ["go on", "kill", "restart"])
async def test_truncate_below_what_compaction_has_left(world: World, way: str) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 6)
    await log.rewrite([0], stream([]), 5)
    await log.truncate(2)
    assert (log.start_offset, log.end_offset, log.size_in_bytes) == (0, 2, 0)
    batch = append(log, 2, timestamp_ms=2)
    if way != "go on":
        await (world.kill() if way == "kill" else world.restart())
        log = await world.open(policy=SMALL_SEGMENTS)
    assert read_all(log) == [batch]
    assert await log.find_batch(0, 0, FOREVER) == 2
    assert [info.base_offset for info in log.segments()] == [2]


async def test_truncation_survives_a_restart(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 23)
    await log.sync(23)
    await log.truncate(7)
    batches = [*batches[:7], append(log, 7, size=150)]
    await world.kill()
    log = await world.open()
    assert read_all(log) == batches


async def test_truncate_fully_begins_anew(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 12)
    await log.sync(12)
    for offset in (100, 50):
        await log.truncate_fully_and_start_at(offset)
        assert (log.start_offset, log.end_offset, log.size_in_bytes) == (offset, offset, 0)
        await world.kill()
        log = await world.open()
        assert (log.start_offset, log.end_offset, log.size_in_bytes) == (offset, offset, 0)
    batch = append(log, 50)
    assert read_all(log) == [batch]


async def test_whole_segments_below_the_start_offset_go_when_asked(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 12)
    await log.advance_start(7)
    await log.advance_start(3)
    assert log.start_offset == 7
    assert [i.base_offset for i in log.segments()] == [0, 5, 10]
    await log.delete_below_start()
    assert [i.base_offset for i in log.segments()] == [5, 10]
    assert read_all(log) == batches[7:]
    with pytest.raises(OutOfRange):
        log.read_now(6, FOREVER, 100, True)
    with pytest.raises(OutOfRange):
        await log.advance_start(13)
    await world.kill()
    log = await world.open()
    assert log.start_offset == 7
    assert read_all(log) == batches[7:]


async def test_a_start_offset_at_the_end_leaves_an_empty_log(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 12)
    await log.advance_start(12)
    await log.delete_below_start()
    assert [i.base_offset for i in log.segments()] == [10], "the active segment stays"
    await log.roll(0)
    await log.delete_below_start()
    assert (log.start_offset, log.end_offset, log.size_in_bytes) == (12, 12, 0)
    await world.kill()
    log = await world.open()
    assert (log.start_offset, log.end_offset, log.size_in_bytes) == (12, 12, 0)
    assert read_all(log) == []
    append(log, 12)


async def test_rewrite_replaces_sealed_segments(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 17)
    kept = [batches[2], batches[7]]
    await log.rewrite([0, 5], stream(kept), 77)
    assert [(i.base_offset, i.next_offset, i.created_ms) for i in log.segments()[:2]] == [(0, 10, 77), (10, 15, 0)]
    assert read_all(log) == kept + batches[10:]
    assert read_bytes(log, 8) == b"".join(batches[10:15])
    assert (log.start_offset, log.end_offset) == (0, 17)
    for stop in (world.kill, world.restart):
        await stop()
        log = await world.open()
        assert read_all(log) == kept + batches[10:]
        assert log.segments()[0].created_ms == 77


@pytest.mark.parametrize("size", [150, 70])
async def test_rewrite_of_the_segment_that_was_active_at_the_last_sync_survives(world: World, size: int) -> None:
    """The recovery point lay in the file that was replaced."""
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 3)
    await log.sync(3)
    await log.roll(0)
    kept = [make_batch(offset, size=size, timestamp_ms=offset) for offset in range(3)]
    await log.rewrite([0], stream(kept), 0)
    await world.kill()
    log = await world.open()
    assert read_all(log) == kept
    assert log.end_offset == len(batches)


async def test_rewrite_to_nothing_removes_the_segments(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 17)
    await log.rewrite([5], stream([]), 0)
    assert read_all(log) == batches[:5] + batches[10:]
    await world.kill()
    log = await world.open()
    assert read_all(log) == batches[:5] + batches[10:]


async def test_rewrite_of_the_active_or_of_distant_segments_is_refused(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 17)
    for wrong in ([15], [0, 10], [1], [10, 15]):
        with pytest.raises(OutOfRange):
            await log.rewrite(wrong, stream([]), 0)
    assert read_all(log) == batches


async def test_rewrite_that_is_given_up_changes_nothing(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 17)

    async def broken() -> AsyncIterator[bytes | memoryview]:
        yield batches[0]
        raise LookupError

    with pytest.raises(LookupError):
        await log.rewrite([0], broken(), 0)
    assert read_all(log) == batches
    append_many(log, 1)


async def test_aux_blobs_are_found_by_offset(world: World) -> None:
    log = await world.open()
    append_many(log, 10)
    assert await read_aux(log, "producers", 100) is None
    for offset in (3, 7, 9):
        await log.put_aux("producers", offset, b"at %d" % offset)
    await log.put_aux("epochs", 5, b"")
    assert await read_aux(log, "producers", 100) == (9, b"at 9")
    assert await read_aux(log, "producers", 8) == (7, b"at 7")
    assert await read_aux(log, "producers", 6) is None  # only the two newest stay
    await log.put_aux("producers", 9, b"again")
    await log.truncate(8)
    assert await read_aux(log, "producers", 100) == (7, b"at 7")
    await world.kill()
    log = await world.open()
    assert await read_aux(log, "producers", 100) == (7, b"at 7")
    assert await read_aux(log, "epochs", 100) == (5, b"")


async def test_sync_moves_the_synced_offset(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 12)
    assert log.synced_offset == 0
    assert await log.sync(3) >= 3
    assert await log.sync(FOREVER) == 12
    assert log.synced_offset == 12


async def test_append_waits_for_the_disk_when_the_policy_asks(world: World) -> None:
    log = await world.open(policy=LogPolicy(flush_messages=2))
    waits = []
    for offset in range(10):
        done = log.append(make_batch(offset), offset, offset, 0, 0)
        if done is not None:
            waits.append(done)
        assert log.end_offset == offset + 1
    for done in waits:
        await done
    assert log.synced_offset >= 9


async def test_newer_epoch_fences_the_older_handle(world: World) -> None:
    old = await world.open(epoch=3)
    batches = append_many(old, 2)
    new = await world.open(epoch=4)
    assert (old.epoch, new.epoch) == (3, 4)
    with pytest.raises(Fenced):
        append(old, 2)
    for mutation in (
        old.sync(2),
        old.roll(0),
        old.truncate(0),
        old.truncate_fully_and_start_at(9),
        old.advance_start(1),
        old.delete_below_start(),
        old.put_aux("epochs", 0, b""),
        old.rewrite([0], stream([]), 0),
    ):
        with pytest.raises(Fenced):
            await mutation
    await old.close()
    batches += append_many(new, 2)
    assert read_all(new) == batches
    assert read_all(old) == batches


@pytest.mark.parametrize("way", ["open", "kill", "restart"])
async def test_lower_epoch_cannot_open_or_delete(world: World, way: str) -> None:
    log = await world.open(epoch=7)
    append_many(log, 1)
    if way == "kill":
        await world.kill()
    elif way == "restart":
        await world.restart()
    for refused in (world.store.open(LOG, 6, LogPolicy()), world.store.create(LOG, 6), world.store.delete(LOG, 6)):
        with pytest.raises(Fenced):
            await refused
    log = await world.open(epoch=7)
    assert log.end_offset == 1


async def test_open_of_a_missing_log_is_fenced(world: World) -> None:
    with pytest.raises(Fenced):
        await world.store.open(LOG, 1, LogPolicy())


async def test_create_is_idempotent(world: World) -> None:
    log = await world.open()
    append_many(log, 2)
    await world.store.create(LOG, 1)
    assert await world.store.list() == [LOG]
    assert (await world.open()).end_offset == 2


async def test_deleted_log_is_gone_and_its_handle_fenced(world: World) -> None:
    log = await world.open(policy=LogPolicy(file_delete_delay_ms=123))
    batches = append_many(log, 2)
    await world.store.delete(LOG, 1)
    await world.store.delete(LOG, 1)
    assert await world.store.list() == []
    with pytest.raises(Fenced):
        append(log, 2)
    assert read_all(log) == batches  # slow readers are not cut
    assert world.delays == [123]
    await world.kill()
    assert await world.store.list() == []
    log = await world.open()
    assert log.end_offset == 0


async def test_new_incarnation_of_a_topic_begins_empty(world: World) -> None:
    log = await world.open(epoch=5)
    append_many(log, 2)
    again = LogId(LOG.topic, LOG.partition, TopicId(b"another topic id"))
    log = await world.open(again, epoch=0)
    assert log.end_offset == 0
    append(log, 0)
    with pytest.raises(Fenced):
        await world.store.open(LOG, 9, LogPolicy())
    await world.kill()
    assert await world.store.list() == [again]
    assert (await world.open(again)).end_offset == 1


async def test_longest_topic_name_can_be_deleted(world: World) -> None:
    log_id = LogId("x" * 249, 12345, LOG.topic_id)
    log = await world.open(log_id)
    append_many(log, 1)
    await world.store.delete(log_id, 1)
    assert await world.store.list() == []


async def test_clean_shutdown_is_known(world: World) -> None:
    found = [world.store.was_clean_shutdown]
    for end in (world.restart, world.kill, world.restart):
        await end()
        found.append(world.store.was_clean_shutdown)
    assert found == [False, True, False, True]


async def test_store_is_of_one_cluster(world: World) -> None:
    await world.store.claim("first")
    for _ in range(2):
        await world.store.claim("first")
        with pytest.raises(Refused):
            await world.store.claim("second")
        await world.restart()


async def test_abandoned_store_is_not_clean_and_as_it_was(world: World) -> None:
    batches = append_many(await world.open(), 3)
    await world.restart()
    await world.open()
    world.store.abandon()
    world.start()
    assert not world.store.was_clean_shutdown
    assert read_all(await world.open()) == batches


async def test_store_is_closed_once(world: World) -> None:
    await world.open()
    await world.store.close()
    await world.store.close()
    world.start()
    assert world.store.was_clean_shutdown


@pytest.mark.parametrize("way", ["kill", "restart", "reopen"])
async def test_everything_is_there_after(world: World, way: str) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 8)
    await log.sync(6)
    batches += append_many(log, 5)
    before = log.segments()
    if way == "kill":
        await world.kill()
    elif way == "restart":
        await world.restart()
    else:
        await log.close()
        await log.close()
    log = await world.open(policy=SMALL_SEGMENTS)
    assert log.segments() == before
    assert read_all(log) == batches
    for timestamp_ms in range(13):
        assert await log.find_batch(timestamp_ms, 0, FOREVER) == timestamp_ms
    batches += append_many(log, 5)
    assert read_all(log) == batches
    assert offsets(batches) == list(range(18))


async def test_closed_log_takes_no_more(world: World) -> None:
    log = await world.open()
    await log.close()
    with pytest.raises(Unavailable):
        append(log, 0)
    await world.store.close()
    with pytest.raises(Unavailable):
        await world.open()
