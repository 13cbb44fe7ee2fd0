"""What a plan reads, what it reads again, and what it gives back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.reading import PartitionRead, ReadPlan
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.wire.types import Part
from tests.support.log_worlds import PartitionWorld, one_batch

BATCH = len(one_batch())


class Unread:
    """Bytes that are not in memory, and have to be given back."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.closed = 0

    def __len__(self) -> int:
        return self.size

    def close(self) -> None:
        self.closed += 1


class UnreadChunk:
    bytes_in_memory = 0
    buffers: Sequence[bytes] = ()

    def __init__(self, size: int) -> None:
        self.size_in_bytes = size
        self.parts: Sequence[Part] = (Unread(size),)
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class World:
    """Partitions of a topic, and which of them were looked at."""

    def __init__(self, count: int) -> None:
        self.partitions = [PartitionWorld() for _ in range(count)]
        self.looked_at: list[int] = []
        self.missing: dict[int, tuple[ErrorCode, bool]] = {}
        self.plan: ReadPlan
        self.in_memory: list[int] = []

    def begin(self, *, max_bytes: int = 1 << 20, partition_max_bytes: int = 1 << 20, read_committed: bool = False) -> ReadPlan:
        self.plan = ReadPlan(
            [PartitionRead(0, partition_max_bytes) for _ in self.partitions],
            self._find,
            max_bytes=max_bytes,
            read_committed=read_committed,
            takes_regions=True,
            note_read=self.in_memory.append,
        )
        return self.plan

    def _find(self, number: int, read: PartitionRead) -> PartitionLog | None:
        self.looked_at.append(number)
        if number in self.missing:
            error_code, ends_wait = self.missing[number]
            read.fail(error_code, ends_wait=ends_wait)
            return None
        return self.partitions[number].partition

    def again(self) -> list[int]:
        """Which partitions are looked at after a wait."""
        self.looked_at.clear()
        self.plan.begin_again(1 << 20)
        assert self.plan.step()
        return list(self.looked_at)

    def sizes(self) -> list[int]:
        return [0 if read.chunk is None else read.chunk.size_in_bytes for read in self.plan.reads]


def test_the_first_with_records_may_be_too_large_and_the_rest_shares_what_is_left() -> None:
    world = World(4)
    for number in (1, 2, 3):
        world.partitions[number].produce()
    assert world.begin(max_bytes=BATCH - 1).step()
    assert world.sizes() == [0, BATCH, 0, 0]
    assert world.begin(max_bytes=BATCH * 2).step()
    assert world.sizes() == [0, BATCH, BATCH, 0]
    assert (world.plan.size_in_bytes, world.plan.remaining_bytes) == (BATCH * 2, 0)


def test_after_a_wait_only_what_moved_is_looked_at() -> None:
    world = World(5)
    assert world.begin().step()
    assert world.plan.can_wait
    world.partitions[3].produce()
    assert world.again() == [3]
    assert world.sizes() == [0, 0, 0, BATCH, 0]


def test_after_a_wait_what_lay_there_before_is_read_with_what_came() -> None:
    """In the order of the partitions and within the same budget, as if everything was read anew."""
    world = World(3)
    world.partitions[2].produce()
    assert world.begin(max_bytes=BATCH).step()
    world.plan.park()
    assert world.sizes() == [0, 0, 0]
    world.partitions[0].produce()
    world.looked_at.clear()
    world.plan.begin_again(BATCH)
    assert world.plan.step()
    assert world.looked_at == [0, 2]
    assert world.sizes() == [BATCH, 0, 0]


def test_a_partition_that_was_disrupted_is_found_again() -> None:
    world = World(3)
    assert world.begin().step()
    world.partitions[1].partition.wake_everybody()
    world.missing[1] = (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, True)
    assert world.again() == [1]
    assert world.plan.reads[1].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert world.plan.is_urgent


def test_what_was_not_there_is_looked_for_again_and_ends_no_wait() -> None:
    world = World(2)
    world.missing[0] = (ErrorCode.UNKNOWN_TOPIC_ID, False)
    assert world.begin().step()
    assert not world.plan.is_urgent
    assert len(world.plan.wait_keys()) == 1
    del world.missing[0]
    assert world.again() == [0]
    assert world.plan.reads[0].error_code == ErrorCode.NONE


async def test_a_log_start_that_rises_over_the_reader_is_noticed() -> None:
    world = World(1)
    world.partitions[0].produce()
    world.begin()
    world.plan.reads[0] = PartitionRead(1, 1 << 20)
    assert world.plan.step()
    world.partitions[0].produce()
    await world.partitions[0].partition.advance_start(2)
    assert world.again() == [0]
    assert world.plan.reads[0].error_code == ErrorCode.OFFSET_OUT_OF_RANGE


async def test_a_reader_of_committed_records_learns_of_a_high_watermark_that_moves_without_them() -> None:
    world = World(1)
    world.begin(read_committed=True).step()
    world.partitions[0].produce(one_batch(producer_id=7, epoch=0, sequence=0, transactional=True))
    assert world.again() == []
    assert (world.plan.reads[0].high_watermark, world.plan.reads[0].last_stable_offset) == (1, 0)


async def test_what_comes_while_the_medium_is_waited_for_is_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """Review C10: it wakes nobody, because nobody waits yet."""
    world = World(2)
    world.partitions[1].produce()
    go_on = asyncio.Event()
    fake = world.partitions[1].log
    chunk = UnreadChunk(10)

    async def is_slow(*args: object, **kwargs: object) -> UnreadChunk:
        await go_on.wait()
        return chunk

    monkeypatch.setattr(fake, "read_now", lambda *args, **kwargs: None)
    monkeypatch.setattr(fake, "read", is_slow)
    assert not world.begin().step()
    task = asyncio.ensure_future(world.plan.finish())
    await asyncio.sleep(0)
    assert not world.plan.has_news
    world.partitions[0].produce()
    go_on.set()
    await task
    assert world.sizes() == [0, 10]
    assert world.plan.has_news


@pytest.mark.parametrize("how", ["close", "park", "begin_again"])
def test_records_that_nobody_takes_are_given_back(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(1)
    world.partitions[0].produce()
    chunk = UnreadChunk(10)
    monkeypatch.setattr(world.partitions[0].log, "read_now", lambda *args, **kwargs: chunk)
    world.begin().step()
    give_up: dict[str, Callable[[], None]] = {
        "close": world.plan.close,
        "park": world.plan.park,
        "begin_again": lambda: world.plan.begin_again(1),
    }
    give_up[how]()
    (part,) = chunk.parts
    assert isinstance(part, Unread)
    assert (chunk.closed, part.closed, world.sizes()) == (1, 1, [0])


def test_records_that_are_taken_are_the_takers(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(1)
    world.partitions[0].produce()
    chunk = UnreadChunk(10)
    monkeypatch.setattr(world.partitions[0].log, "read_now", lambda *args, **kwargs: chunk)
    world.begin().step()
    (part,) = world.plan.reads[0].take_parts()
    world.plan.close()
    assert isinstance(part, Unread)
    assert (chunk.closed, part.closed) == (1, 0)
