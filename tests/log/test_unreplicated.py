"""A high watermark that other replicas hold back, over a medium that takes its time."""

from __future__ import annotations

import pytest

from kafka_compat.log import unreplicated
from kafka_compat.log.allowance import Allowance
from kafka_compat.log.inspection import inspect
from kafka_compat.log.partition import NO_LIMIT
from kafka_compat.log.validation import ValidBatch
from kafka_compat.storage.interface import Unavailable
from tests.support.log_worlds import NOW_MS, PartitionWorld, one_batch


@pytest.fixture
def world() -> PartitionWorld:
    return PartitionWorld()


async def test_the_high_watermark_waits_for_the_medium_and_for_replicas(world: PartitionWorld) -> None:
    log = world.partition
    world.log.is_delayed = True
    log.limit_high_watermark(0)
    first, second = world.produce(), world.produce()
    assert first.done is not None
    assert second.done is not None
    await world.log.finish()
    assert (log.high_watermark, first.done.done()) == (0, False)
    log.limit_high_watermark(2)
    assert (log.high_watermark, first.done.done(), second.done.done()) == (1, True, False)
    await world.log.finish()
    assert (log.high_watermark, second.done.done()) == (2, True)
    log.limit_high_watermark(NO_LIMIT)
    assert not log.is_high_watermark_limited


async def test_a_limit_that_is_lifted_leaves_the_medium_to_wait_for(world: PartitionWorld) -> None:
    log = world.partition
    world.log.is_delayed = True
    log.limit_high_watermark(0)
    appended = world.produce()
    assert appended.done is not None
    log.limit_high_watermark(NO_LIMIT)
    assert (log.high_watermark, appended.done.done()) == (0, False)
    await world.log.finish()
    assert (log.high_watermark, appended.done.done(), log.is_high_watermark_limited) == (1, True, False)


def _inspected(world: PartitionWorld) -> ValidBatch:
    batch = one_batch()
    return inspect(batch, world.partition.rules, NOW_MS, Allowance(len(batch)))


async def test_who_asks_for_the_leader_alone_does_not_wait_for_others(world: PartitionWorld) -> None:
    log = world.partition
    log.limit_high_watermark(0)
    batch = _inspected(world)
    assert log.append_inspected(batch, NOW_MS, acks_all=False).done is None
    world.log.is_delayed = True
    later = log.append_inspected(_inspected(world), NOW_MS, acks_all=False).done
    assert later is not None
    await world.log.finish()
    assert later.done()
    assert log.high_watermark == 0


async def test_a_duplicate_waits_with_the_first(world: PartitionWorld) -> None:
    log = world.partition
    log.limit_high_watermark(0)
    first = world.produce(one_batch(producer_id=1, epoch=0, sequence=0))
    world.produce(one_batch(producer_id=1, epoch=0, sequence=1))
    again = world.produce(one_batch(producer_id=1, epoch=0, sequence=0))
    assert again.duplicate
    assert first.done is not None
    assert again.done is not None
    log.limit_high_watermark(1)
    assert first.done.done()
    assert again.done.done()
    assert world.produce(one_batch(producer_id=1, epoch=0, sequence=0)).done is None


async def test_readers_are_woken_by_what_becomes_committed(world: PartitionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when more appends are held back than are counted one by one."""
    monkeypatch.setattr(unreplicated, "_MOST_APPENDS", 2)
    log = world.partition
    log.limit_high_watermark(0)
    size = len(one_batch())
    for _ in range(5):
        world.produce()
    for limit, min_bytes in ((1, size), (3, 1), (5, 1)):
        wait = world.purgatory.wait([log.committed_key], timeout_ms=60_000, min_bytes=min_bytes)
        log.limit_high_watermark(limit)
        assert log.high_watermark == limit
        assert wait.done()
        wait.cancel()


async def test_waits_that_were_given_up_are_forgotten(world: PartitionWorld) -> None:
    log = world.partition
    log.limit_high_watermark(0)
    for _ in range(1_000):
        done = world.produce().done
        assert done is not None
        done.cancel()
    held = log._unreplicated
    assert held is not None
    assert len(held._waiters) < 200
    log.limit_high_watermark(NO_LIMIT)
    assert (log.high_watermark, log.is_high_watermark_limited) == (1_000, False)


async def test_a_lost_write_fails_who_waits_for_replicas(world: PartitionWorld) -> None:
    log = world.partition
    log.limit_high_watermark(0)
    appended = world.produce()
    assert appended.done is not None
    log.go_offline()
    with pytest.raises(Unavailable):
        await appended.done


async def test_readers_are_woken_after_the_log_was_opened_again(world: PartitionWorld) -> None:
    log = world.partition
    log.limit_high_watermark(1)
    for _ in range(3):
        world.produce()
    log.attach(world.log, log.state)
    assert (log.high_watermark, log.log_end_offset) == (1, 3)
    for limit in (2, NO_LIMIT):
        wait = world.purgatory.wait([log.committed_key], timeout_ms=60_000, min_bytes=1)
        log.limit_high_watermark(limit)
        assert wait.done()
        wait.cancel()
    assert (log.high_watermark, log.is_high_watermark_limited) == (3, False)
