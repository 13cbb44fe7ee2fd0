"""Batches that a thread has written before they are appended."""

from __future__ import annotations

import pytest

from kafka_compat.storage.interface import Fenced, OpenLog, Unavailable
from tests.support.storage_worlds import LOG, SMALL_SEGMENTS, World, append, append_many, make_batch, offsets, read_all


async def append_staged(log: OpenLog, offset: int, *, size: int = 300) -> bytes:
    """Append a batch whose offset was not known when it was staged."""
    batch = make_batch(offset, size=size, timestamp_ms=offset)
    staged = await log.stage(bytes(8) + batch[8:])
    assert staged.size_in_bytes == size
    assert log.append(batch, offset, offset, offset, 0, staged) is None
    staged.close()
    return batch


@pytest.mark.parametrize("before", [0, 3])
async def test_a_staged_batch_begins_a_segment_and_reads_like_any_other(world: World, before: int) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, before)
    batches.append(await append_staged(log, before))
    batches += append_many(log, 4)
    assert read_all(log) == batches
    assert [info.base_offset for info in log.segments()][: 2 if before else 1] == ([0, before] if before else [0])
    for timestamp_ms in range(before + 5):
        assert await log.find_batch(timestamp_ms, 0, 100) == timestamp_ms
    assert await log.sync(log.end_offset) == before + 5


@pytest.mark.parametrize("way", ["kill", "restart"])
async def test_a_staged_batch_is_there_after(world: World, way: str) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 3)
    batches.append(await append_staged(log, 3))
    batches += append_many(log, 2)
    before = log.segments()
    await (world.kill() if way == "kill" else world.restart())
    log = await world.open(policy=SMALL_SEGMENTS)
    assert log.segments() == before
    assert read_all(log) == batches


async def test_what_no_append_takes_leaves_nothing(world: World) -> None:
    log = await world.open()
    batches = append_many(log, 3)
    staged = await log.stage(make_batch(0, size=300))
    staged.close()
    staged.close()
    abandoned = await log.stage(make_batch(0, size=300))
    batches.append(append(log, 3))
    await world.kill()
    log = await world.open()
    assert read_all(log) == batches
    abandoned.close()  # by whoever died with it


async def test_others_may_append_meanwhile(world: World) -> None:
    log = await world.open()
    batches = append_many(log, 2)
    batch = make_batch(4, size=300, timestamp_ms=4)
    staged = await log.stage(bytes(8) + batch[8:])
    batches += append_many(log, 2)
    log.append(batch, 4, 4, 4, 0, staged)
    staged.close()
    assert read_all(log) == [*batches, batch]


async def test_a_log_that_was_opened_again_writes_the_batch_itself(world: World) -> None:
    log = await world.open()
    staged = await log.stage(make_batch(0, size=300))
    await world.restart()
    log = await world.open()
    batch = make_batch(0, size=300)
    log.append(batch, 0, 0, 0, 0, staged)
    assert read_all(log) == [batch]
    assert offsets(read_all(log)) == [0]
    staged.close()
    assert read_all(log) == [batch]


async def test_staging_is_for_the_owner(world: World) -> None:
    old = await world.open()
    staged = await old.stage(make_batch(0, size=300))
    new = await world.open(epoch=2)
    with pytest.raises(Fenced):
        await old.stage(make_batch(0, size=300))
    with pytest.raises(Fenced):
        old.append(make_batch(0, size=300), 0, 0, 0, 0, staged)
    staged.close()
    await world.store.delete(LOG, 2)
    with pytest.raises(Fenced):
        await new.stage(make_batch(0, size=300))


async def test_a_closed_log_stages_nothing(world: World) -> None:
    log = await world.open()
    await log.close()
    with pytest.raises(Unavailable):
        await log.stage(make_batch(0, size=300))
