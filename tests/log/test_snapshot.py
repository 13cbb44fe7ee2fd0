"""What is put beside a log at a flush, whole or as changes, and that a start knows the same as before."""

from __future__ import annotations

import random

import pytest

from kafka_compat.log.partition import PartitionLog
from kafka_compat.records.control import build_end_transaction_marker
from tests.support.log_worlds import NOW_MS, PartitionWorld, one_batch

MANY = 400


def known(log: PartitionLog) -> object:
    """All that a snapshot has to bring back."""
    producers = sorted((row, producer_batches(log, row.producer_id)) for row in log.active_producers(NOW_MS))
    return producers, log.state.transactions.entries_between(0, 1 << 60), log.last_stable_offset


def producer_batches(log: PartitionLog, producer_id: int) -> list[tuple[int, ...]]:
    return [tuple(batch) for batch in log.state.producers._producers[producer_id].batches]


class Traffic:
    """Producers that begin, go on, commit and abort at random."""

    def __init__(self, seed: int) -> None:
        self.world = PartitionWorld()
        self.log = self.world.partition
        self.chance = random.Random(seed)
        self.sequences: dict[int, int] = {}
        self.open: set[int] = set()
        self.sizes: list[tuple[str, int]] = []

    def append(self, producer_id: int, *, transactional: bool) -> None:
        sequence = self.sequences.get(producer_id, 0)
        self.sequences[producer_id] = sequence + 1
        self.world.produce(one_batch(producer_id=producer_id, epoch=0, sequence=sequence, transactional=transactional))
        if transactional:
            self.open.add(producer_id)

    def end(self, producer_id: int, *, commit: bool) -> None:
        self.open.discard(producer_id)
        marker = build_end_transaction_marker(
            is_commit=commit, coordinator_epoch=0, producer_id=producer_id, producer_epoch=0, timestamp_ms=NOW_MS
        )
        self.log.append_records(marker, NOW_MS)

    def step(self) -> None:
        producer_id = self.chance.randrange(MANY)
        if producer_id in self.open and self.chance.random() < 0.5:
            self.end(producer_id, commit=self.chance.random() < 0.3)
        else:
            self.append(producer_id, transactional=producer_id in self.open or self.chance.random() < 0.5)

    async def flush(self) -> None:
        before = dict(self.world.log.blobs)
        await self.log.write_snapshot()
        self.sizes += [(kind, len(blob[1])) for kind, blob in self.world.log.blobs.items() if before.get(kind) != blob]


@pytest.mark.parametrize("seed", range(4))
async def test_a_start_knows_what_the_log_knew(seed: int) -> None:
    traffic = Traffic(seed)
    for producer_id in range(MANY):
        traffic.append(producer_id, transactional=False)
    await traffic.flush()
    for _ in range(40):
        for _ in range(traffic.chance.randrange(1, 20)):
            traffic.step()
        if traffic.chance.random() < 0.2:
            gone = traffic.chance.randrange(MANY)
            traffic.log.state.producers.remove_expired(NOW_MS * 2, 0, [gone])
            if gone not in traffic.open:
                traffic.sequences.pop(gone, None)
        if traffic.chance.random() < 0.8:
            await traffic.flush()
            assert known(await traffic.world.restart()) == known(traffic.log)
    assert {kind for kind, _ in traffic.sizes} == {"epochs", "producers", "changes", "transactions"}


async def test_what_is_written_grows_with_what_changed_and_not_with_what_there_is() -> None:
    traffic = Traffic(0)
    for producer_id in range(MANY * 10):
        traffic.append(producer_id, transactional=False)
    await traffic.flush()
    whole = dict(traffic.sizes)["producers"]
    traffic.sizes.clear()
    for number in range(200):
        traffic.append(number % 10, transactional=False)
        await traffic.flush()
    assert sum(size for _, size in traffic.sizes) < 2 * whole, "not two hundred times"


async def test_a_start_continues_the_changes_of_before() -> None:
    traffic = Traffic(1)
    for producer_id in range(MANY):
        traffic.append(producer_id, transactional=False)
    await traffic.flush()
    for _ in range(3):
        for producer_id in traffic.chance.sample(range(MANY), 5):
            traffic.append(producer_id, transactional=False)
        await traffic.flush()
        traffic.log = traffic.world.partition = await traffic.world.restart()
    assert known(await traffic.world.restart()) == known(traffic.log)
    assert [kind for kind, _ in traffic.sizes].count("producers") == 1


async def test_after_a_snapshot_that_failed_the_next_is_whole() -> None:
    traffic = Traffic(2)
    for producer_id in range(MANY):
        traffic.append(producer_id, transactional=False)
    await traffic.flush()
    traffic.append(0, transactional=True)
    traffic.end(0, commit=False)
    snapshot = traffic.log.state.snapshot()
    assert snapshot is not None
    assert [kind for kind, _ in snapshot.blobs] == ["changes"]
    traffic.log.state.snapshot_failed()
    await traffic.flush()
    assert {"transactions", "producers"} <= {kind for kind, _ in traffic.sizes[2:]}
    assert known(await traffic.world.restart()) == known(traffic.log)


async def test_changes_of_an_unknown_version_are_not_read() -> None:
    traffic = Traffic(3)
    for producer_id in range(MANY):
        traffic.append(producer_id, transactional=False)
    await traffic.flush()
    traffic.append(5, transactional=False)
    await traffic.flush()
    offset, blob = traffic.world.log.blobs["changes"]
    traffic.world.log.blobs["changes"] = (offset, b"\x7f\x7f" + blob[2:])
    assert known(await traffic.world.restart()) == known(traffic.log)
