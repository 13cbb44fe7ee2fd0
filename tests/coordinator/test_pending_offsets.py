"""Offsets of open transactions: they count at once when the marker comes, and nobody pays for how many there are."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from kafka_compat.coordinator.group.offset_table import CommittedOffset
from kafka_compat.coordinator.group.pending_offsets import OffsetKey, PendingOffsets
from kafka_compat.ids import ZERO_TOPIC_ID


def offset(value: int) -> CommittedOffset:
    return CommittedOffset(value, -1, "", 0, -1, ZERO_TOPIC_ID, sequence=value)


def key(partition: int, group: str = "g", topic: str = "t") -> OffsetKey:
    return group, topic, partition


@dataclass
class World:
    """What was committed, and the pending offsets that it comes from."""

    committed: dict[OffsetKey, CommittedOffset] = field(default_factory=dict)
    pending: PendingOffsets = field(init=False)

    def __post_init__(self) -> None:
        self.pending = PendingOffsets(self.commit)

    def commit(self, key: OffsetKey, offset: CommittedOffset) -> None:
        current = self.committed.get(key)
        if current is None or current.sequence < offset.sequence:
            self.committed[key] = offset

    def look(self, key: OffsetKey) -> tuple[bool, int | None]:
        """Whether something is pending for a partition, and what is committed."""
        is_pending = key in self.pending
        found = self.committed.get(key)
        return is_pending, None if found is None else found.offset


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("is_commit", [True, False])
def test_a_wide_transaction_ends_for_every_partition_at_once(world: World, is_commit: bool) -> None:
    for partition in range(3_000):
        world.pending.put(7, key(partition), offset(partition))
    assert world.look(key(2_999)) == (True, None)
    world.pending.end(7, is_commit)
    assert len(world.committed) == (500 if is_commit else 0)
    for partition in (0, 1, 1_500, 2_999):
        assert world.look(key(partition)) == (False, partition if is_commit else None)
    assert not world.pending.has_group("g")
    assert len(world.committed) == (3_000 if is_commit else 0)


def test_what_is_left_is_settled_by_what_comes_later(world: World) -> None:
    for partition in range(2_000):
        world.pending.put(7, key(partition), offset(partition))
    world.pending.end(7, is_commit=True)
    for partition in range(750):
        world.pending.put(8, key(partition, topic="u"), offset(partition))
    assert len(world.committed) == 2_000


def test_it_can_be_settled_in_slices(world: World) -> None:
    for partition in range(1_700):
        world.pending.put(7, key(partition), offset(partition))
    world.pending.end(7, is_commit=True)
    assert [world.pending.settle_some(500) for _ in range(3)] == [True, True, False]
    assert len(world.committed) == 1_700


def test_many_producers_of_one_partition_cost_no_more_than_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for producer_id in range(10_000):
        world.pending.put(producer_id, key(0), offset(producer_id))
    looked = 0

    def count(self: PendingOffsets, key: OffsetKey) -> None:
        nonlocal looked
        looked += len(self._ended)

    monkeypatch.setattr(PendingOffsets, "settle", count)
    assert key(0) in world.pending
    assert key(1) not in world.pending
    assert looked == 0


def test_a_deletion_takes_pending_offsets_of_all_producers_along(world: World) -> None:
    for producer_id in (7, 8):
        world.pending.put(producer_id, key(0), offset(producer_id))
        world.pending.put(producer_id, key(1), offset(producer_id))
    world.pending.remove(key(0))
    assert list(world.pending.of_group("g")) == [("t", 1)]
    world.pending.end(7, is_commit=True)
    world.pending.end(8, is_commit=True)
    assert world.committed == {key(1): offset(8)}
    assert not world.pending.has_group("g")


def test_what_is_looked_at_is_as_if_transactions_ended_whole() -> None:
    """Random sequences against a model that moves every offset with the marker."""
    rng = random.Random(5)
    for _ in range(30):
        world, model = World(), World()
        open_: dict[int, dict[OffsetKey, CommittedOffset]] = {}
        keys = [key(partition, group, topic) for group in "ab" for topic in "tu" for partition in range(300)]
        for sequence in range(3_000):
            chosen, producer_id = rng.choice(keys), rng.randrange(3)
            match rng.randrange(400):
                case 0:
                    is_commit = rng.random() < 0.7
                    world.pending.end(producer_id, is_commit)
                    for ended, value in open_.pop(producer_id, {}).items():
                        if is_commit:
                            model.commit(ended, value)
                case 1:
                    world.pending.remove(chosen)
                    world.committed.pop(chosen, None)
                    model.committed.pop(chosen, None)
                    for of_producer in open_.values():
                        of_producer.pop(chosen, None)
                case 2:
                    world.commit(chosen, offset(sequence))
                    model.commit(chosen, offset(sequence))
                case 3:
                    expected = any(chosen in of_producer for of_producer in open_.values())
                    found = model.committed.get(chosen)
                    assert world.look(chosen) == (expected, None if found is None else found.offset)
                case _:
                    world.pending.put(producer_id, chosen, offset(sequence))
                    open_.setdefault(producer_id, {})[chosen] = offset(sequence)
        pending = {chosen for of_producer in open_.values() for chosen in of_producer}
        assert {("a", *of) for of in world.pending.of_group("a")} == {chosen for chosen in pending if chosen[0] == "a"}
        assert world.committed == model.committed
