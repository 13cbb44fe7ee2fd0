"""Slices of long work: the loop goes round, nothing is left out."""

from __future__ import annotations

import asyncio

import pytest

from kafka_compat import pacing
from kafka_compat.pacing import Pace


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
