"""Slices of long work: the loop goes round, nothing is left out."""

from __future__ import annotations

import asyncio

import pytest

from kafka_compat import pacing
from kafka_compat.pacing import Pace, Turns


async def turns_during(work: asyncio.Future[list[int]]) -> int:
    turns = 0
    while not work.done():
        turns += 1
        await asyncio.sleep(0)
    return turns


async def walked(count: int) -> list[int]:
    pace = Pace()
    return [item async for item in pace.over(range(count))]


async def test_the_loop_goes_round_when_the_slice_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    work = asyncio.ensure_future(walked(1000))
    assert await turns_during(work) >= 1000 // 16
    assert work.result() == list(range(1000))


async def test_short_work_is_done_in_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 3600.0)
    work = asyncio.ensure_future(walked(1000))
    assert await turns_during(work) <= 2
    assert work.result() == list(range(1000))


async def test_what_falls_due_together_is_done_in_order_over_several_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    monkeypatch.setattr(pacing, "_WINDOW_S", 3600.0)
    turns = Turns()
    done: list[int] = []
    for number in range(5):
        turns.run(lambda number=number: done.append(number))  # type: ignore[misc]
    assert done == [0]
    assert turns.waiting == 4
    assert not turns.has_time()
    for count in range(1, 6):
        assert done == list(range(count))
        await asyncio.sleep(0)
    assert (turns.waiting, done) == (0, [0, 1, 2, 3, 4])
    monkeypatch.setattr(pacing, "SLICE_S", 3600.0)
    turns.run(lambda: done.append(5))
    assert done[-1] == 5


async def test_later_means_not_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 3600.0)
    turns = Turns()
    done: list[int] = []
    turns.later(lambda: done.append(1))
    turns.run(lambda: done.append(2))
    assert done == []
    await asyncio.sleep(0)
    assert done == [1, 2]


async def test_paced_work_of_many_is_a_slice_in_each_turn_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafka_compat.pacing.SLICE_S", 0.0)
    slices_in_turn = 0
    most = 0

    async def work() -> None:
        nonlocal slices_in_turn
        pace = Pace()
        for _ in range(5):
            await pace.turn()
            slices_in_turn += 1

    tasks = [asyncio.ensure_future(work()) for _ in range(10)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        most = max(most, slices_in_turn)
        slices_in_turn = 0
    assert most <= 2


@pytest.mark.expects_errors("Exception in callback Turns._next_turn")
async def test_who_raises_does_not_keep_those_behind_it_waiting() -> None:
    turns = Turns()
    done: list[int] = []

    def raise_bug() -> None:
        raise ZeroDivisionError("a bug")

    turns.later(raise_bug)
    turns.later(lambda: done.append(1))
    for _ in range(3):
        await asyncio.sleep(0)
    assert done == [1]
    turns.later(lambda: done.append(2))
    await asyncio.sleep(0)
    assert done == [1, 2]


async def test_what_is_quick_does_not_wait_for_what_may_not_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    turns = Turns()
    done: list[str] = []
    for number in range(3):
        turns.later(lambda number=number: done.append(f"slow {number}"))  # type: ignore[misc]
    for number in range(2):
        turns.later(lambda number=number: done.append(f"quick {number}"), is_quick=True)  # type: ignore[misc]
    assert turns.waiting == 5
    await asyncio.sleep(0)
    assert done == ["quick 0", "slow 0"], "neither keeps the other from its slice"
    assert not turns.has_time(is_quick=True), "those that came before come first"
    await asyncio.sleep(0)
    assert done == ["quick 0", "slow 0", "quick 1", "slow 1"]
    monkeypatch.setattr(pacing, "SLICE_S", 3600.0)
    assert (turns.has_time(), turns.has_time(is_quick=True)) == (False, True)
    await asyncio.sleep(0)
    assert turns.waiting == 0


async def test_of_many_that_are_paced_a_few_are_half_done_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that they have made so far is in memory."""
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    half_done: set[int] = set()
    most = 0
    finished: list[int] = []

    async def work(number: int) -> None:
        nonlocal most
        pace = Pace()
        await pace.turn()
        for _ in range(5):
            half_done.add(number)
            most = max(most, len(half_done))
            await pace.turn()
        half_done.discard(number)
        finished.append(number)

    await asyncio.gather(*(work(number) for number in range(50)))
    assert most <= pacing._PACED_AT_ONCE + 1
    assert len(finished) == 50


async def test_who_is_paced_shares_the_turns_with_those_that_stand_in_line_for_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    order: list[str] = []

    async def paced() -> None:
        pace = Pace()
        for _ in range(10):
            await pace.turn()
            order.append("paced")

    async def alone() -> None:
        await pacing.next_slice()
        order.append("alone")

    await asyncio.gather(*(paced() for _ in range(20)), *(alone() for _ in range(10)))
    assert len(order) == 210
    since = order[order.index("alone") :][:19]
    assert since == ["alone", "paced"] * 9 + ["alone"]


async def test_a_place_in_line_that_is_given_up_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)

    async def work() -> None:
        pace = Pace()
        for _ in range(3):
            await pace.turn()

    tasks = [asyncio.ensure_future(work()) for _ in range(40)]
    for _ in range(5):
        await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.wait(tasks)
    assert [task.cancelled() for task in tasks].count(True) >= 18
    assert not any(task.exception() for task in tasks if not task.cancelled())
