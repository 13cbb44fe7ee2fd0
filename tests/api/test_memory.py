"""The budget of memory: who waits, in which order they go on, and who is given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from kafka_compat.api.memory import DEFAULT_BYTES, LEAST_RECEIVE_BYTES, STALL_S, Level, MemoryBudget

MIB = 1 << 20
LIMIT = 64 * MIB


@dataclass(eq=False)
class Someone:
    """A connection, and how often it was let go on."""

    moved_bytes: int = 0
    is_held_up: bool = False
    went_on: int = 0

    def go_on(self) -> None:
        self.went_on += 1


@dataclass
class Turns:
    """The next turn of an event loop."""

    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def run(self) -> None:
        while self.callbacks:
            self.callbacks.pop(0)()


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def memory(turns: Turns) -> MemoryBudget:
    return MemoryBudget(LIMIT, turns.callbacks.append)


def test_minus_one_is_a_bound_of_our_own() -> None:
    assert MemoryBudget(-1).limit_bytes == MemoryBudget(0).limit_bytes == DEFAULT_BYTES


def test_huge_frames_wait_first_then_large_ones_then_all_others(memory: MemoryBudget) -> None:
    holder = Someone()
    seen = []
    for _ in range(6):
        seen.append((memory.used_bytes // MIB, *(memory.has_room(Someone(), level) for level in Level), memory.is_full))
        memory.hold(holder, 16 * MIB)
    assert seen == [
        (0, True, True, True, False),
        (16, True, True, True, False),
        (32, True, True, True, False),
        (48, False, True, True, False),
        (64, False, False, True, True),
        (80, False, False, False, True),
    ]


def test_the_oldest_frame_always_goes_on(memory: MemoryBudget, turns: Turns) -> None:
    first, second = Someone(), Someone()
    for each in (first, second):
        memory.begin_frame(each)
        memory.hold(each, 40 * MIB)
    assert memory.has_room(first, Level.HUGE)
    assert memory.has_room(second, Level.HUGE), "the oldest is not counted"
    memory.hold(second, 10 * MIB)
    assert not memory.has_room(second, Level.HUGE)
    assert memory.has_room(second, Level.LARGE)
    assert memory.receive_bytes(first, Level.HUGE) == LIMIT
    assert memory.receive_bytes(second, Level.HUGE) == LEAST_RECEIVE_BYTES
    memory.wait(second, Level.HUGE, second.go_on)
    turns.run()
    assert second.went_on == 0
    memory.end_frame(first)
    turns.run()
    assert second.went_on == 1, "it is the oldest now, although there is no more room than before"
    assert not memory.has_waiters


def test_who_waits_goes_on_in_order_when_there_is_room(memory: MemoryBudget, turns: Turns) -> None:
    holder, other = Someone(), Someone()
    order: list[int] = []
    memory.hold(holder, LIMIT)

    def take(number: int) -> Callable[[], None]:
        def go_on() -> None:
            order.append(number)
            memory.hold(other, 30 * MIB)

        return go_on

    for number in range(4):
        memory.wait(number, Level.LARGE, take(number))
    turns.run()
    assert order == []
    memory.release(holder, LIMIT)
    turns.run()
    assert order == [0, 1, 2]
    assert memory.used_bytes == 90 * MIB
    memory.release(other, 90 * MIB)
    turns.run()
    assert order == [0, 1, 2, 3]


def test_who_has_gone_is_not_called(memory: MemoryBudget, turns: Turns) -> None:
    holder, gone = Someone(), Someone()
    memory.hold(holder, LIMIT)
    memory.wait(gone, Level.LARGE, gone.go_on)
    memory.forget(gone)
    memory.release(holder, LIMIT)
    turns.run()
    assert gone.went_on == 0


def test_fetches_answer_less_the_less_is_left(memory: MemoryBudget) -> None:
    holder = Someone()
    limits = []
    for _ in range(5):
        limits.append(memory.answer_bytes // MIB)
        memory.hold(holder, 12 * MIB)
    assert limits == [24, 18, 12, 6, 1]


def test_what_was_read_counts_until_the_next_turn_when_the_connection_has_it(memory: MemoryBudget, turns: Turns) -> None:
    memory.note_read(LIMIT)
    memory.note_read(5)
    assert memory.is_full
    turns.run()
    assert memory.used_bytes == 0
    with memory.reading(7):
        assert memory.used_bytes == 7
    assert memory.used_bytes == 0


def test_only_while_somebody_waits_is_anybody_given_up(memory: MemoryBudget) -> None:
    deaf, waiting = Someone(), Someone()
    memory.hold(deaf, LIMIT)
    for now in (0.0, STALL_S, 10 * STALL_S):
        assert memory.stalled(now) == []
    memory.wait(waiting, Level.LARGE, waiting.go_on)
    assert memory.stalled(100 * STALL_S) == []
    assert memory.stalled(101 * STALL_S - 0.1) == []
    assert memory.stalled(101 * STALL_S) == [deaf]


def test_who_moves_or_is_kept_from_moving_is_not_given_up(memory: MemoryBudget) -> None:
    moves, crawls, held_up = Someone(), Someone(), Someone(is_held_up=True)
    for each in (moves, crawls, held_up):
        memory.hold(each, LIMIT)
    memory.wait(object(), Level.LARGE, lambda: None)
    given_up = []
    for second in range(int(STALL_S) + 1):
        given_up += memory.stalled(float(second))
        moves.moved_bytes += 10_000
        crawls.moved_bytes += 1000
    assert given_up == [crawls]


def test_on_wait_tells_that_stalled_is_to_be_asked(memory: MemoryBudget) -> None:
    asked = []
    memory.on_wait = lambda: asked.append(1)
    memory.wait(object(), Level.LARGE, lambda: None)
    assert asked
