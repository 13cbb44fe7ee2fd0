"""Group commit and what a failed write or sync means for those who wait."""

from __future__ import annotations

import asyncio
import errno

import pytest

from kafka_compat.filesystem import Effect, Fault, MemoryFileSystem, Operation
from kafka_compat.storage.interface import Fenced, LogPolicy, OpenLog, Unavailable
from kafka_compat.storage.local import LocalLogStore
from tests.support.storage_worlds import LOG, World, append, append_many, make_batch, read_all

EVERY = LogPolicy(flush_messages=1)


class BlockingMemory(MemoryFileSystem):
    """Memory that is synced in a thread, as a disk is."""

    blocking = True


def append_durably(log: OpenLog, offset: int) -> asyncio.Future[None]:
    done = log.append(make_batch(offset), offset, offset, 0, 0)
    assert done is not None
    return done


async def test_appends_of_one_turn_share_a_sync() -> None:
    filesystem = BlockingMemory()
    world = World(filesystem, "/data")
    log = await world.open(policy=EVERY)
    await append_durably(log, 0)
    filesystem.inject(Fault(at_call=1000, operations=frozenset({Operation.SYNC})))
    waits = [append_durably(log, offset) for offset in range(1, 50)]
    await asyncio.gather(*waits)
    assert log.synced_offset == 50
    assert filesystem.faults.calls == 1
    await world.store.close()


async def test_flush_ms_makes_an_append_wait() -> None:
    world = World(BlockingMemory(), "/data")
    log = await world.open(policy=LogPolicy(flush_ms=100))
    for now_ms, waits in ((1000, False), (1099, False), (1100, True), (1150, False), (1200, True)):
        done = log.append(make_batch(log.end_offset), log.end_offset, log.end_offset, 0, now_ms)
        assert (done is not None) == waits
        if done is not None:
            await done
    await world.store.close()


async def test_failed_sync_fails_all_that_wait_and_all_that_follow() -> None:
    filesystem = BlockingMemory()
    world = World(filesystem, "/data")
    log = await world.open(policy=EVERY)
    await append_durably(log, 0)
    filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.SYNC}), effect=Effect.LOSE))
    waits = [append_durably(log, offset) for offset in range(1, 5)]
    for outcome in await asyncio.gather(*waits, return_exceptions=True):
        assert isinstance(outcome, Unavailable)
    with pytest.raises(Unavailable):
        append_durably(log, 5)
    with pytest.raises(Unavailable):
        await log.sync(5)
    log = await world.open(policy=EVERY)
    assert log.end_offset == 1
    await append_durably(log, 1)
    await world.store.close()


async def test_disk_full_is_told_and_leaves_the_log_readable() -> None:
    filesystem = MemoryFileSystem()
    world = World(filesystem, "/data")
    log = await world.open()
    batches = append_many(log, 3)
    filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.WRITE}), effect=Effect.TEAR, error=errno.ENOSPC))
    with pytest.raises(Unavailable, match="No space left"):
        append(log, 3)
    with pytest.raises(Unavailable):
        append(log, 3)
    assert (log.end_offset, log.size_in_bytes) == (3, 300)
    assert read_all(log) == batches
    log = await world.open()
    batches += append_many(log, 2)
    assert read_all(log) == batches


async def test_cancelled_waiter_does_not_disturb_the_others() -> None:
    world = World(BlockingMemory(), "/data")
    log = await world.open(policy=EVERY)
    first, second = append_durably(log, 0), append_durably(log, 1)
    syncing = asyncio.ensure_future(log.sync(2))
    await asyncio.sleep(0)
    first.cancel()
    syncing.cancel()
    await second
    assert log.synced_offset == 2
    await world.store.close()


async def test_delete_while_a_sync_runs_fences_the_waiter() -> None:
    world = World(BlockingMemory(), "/data")
    log = await world.open(policy=EVERY)
    done = append_durably(log, 0)
    await world.store.delete(LOG, 1)
    with pytest.raises(Fenced):
        await done
    await world.store.close()


async def test_close_syncs_what_waits() -> None:
    filesystem = BlockingMemory()
    world = World(filesystem, "/data")
    log = await world.open(policy=EVERY)
    done = append_durably(log, 0)
    await world.store.close()
    await done
    world = World(filesystem.crash(power_loss=True), "/data")
    assert (await world.open()).end_offset == 1


async def test_changes_of_shape_wait_for_a_running_sync() -> None:
    filesystem = BlockingMemory()
    world = World(filesystem, "/data")
    log = await world.open(policy=LogPolicy(flush_messages=1, segment_bytes=300))
    waits = [append_durably(log, offset) for offset in range(10)]
    await asyncio.gather(log.sync(10), log.advance_start(4), log.put_aux("epochs", 3, b"x"), log.truncate(8), *waits)
    assert (log.start_offset, log.end_offset, log.synced_offset) == (4, 8, 8)
    await world.store.close()
    store = LocalLogStore(filesystem.crash(power_loss=True), "/data")
    log = await store.open(LOG, 1, LogPolicy())
    assert (log.start_offset, log.end_offset) == (4, 8)


async def test_two_opens_at_once_share_the_log() -> None:
    world = World(BlockingMemory(), "/data")
    log = await world.open()
    append_many(log, 3)
    await world.kill()
    await world.store.create(LOG, 1)
    older, newer = await asyncio.gather(world.store.open(LOG, 1, LogPolicy()), world.store.open(LOG, 2, LogPolicy()))
    with pytest.raises(Fenced):
        append(older, 3)
    batch = append(newer, 3)
    assert read_all(older)[-1] == batch
    await world.store.close()
