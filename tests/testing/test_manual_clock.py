"""The clock that is moved by hand, and the loop that knows when what it set in motion is done."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from kafka_compat.testing import Cluster, ManualClock
from kafka_compat.testing.event_loop import QuietLoop


@pytest.mark.parametrize("wall_ms", [-1, 1.5, "0", True, None])
def test_a_clock_stands_at_a_time(wall_ms: object) -> None:
    with pytest.raises((TypeError, ValueError), match="wall_ms is a whole number from 0, not"):
        ManualClock(wall_ms)  # type: ignore[arg-type]
    assert ManualClock(0).wall_ms() == 0


@pytest.mark.parametrize("by_ms", [-1, 1.5, "0", True, None])
async def test_a_clock_goes_on_by_whole_milliseconds(by_ms: object) -> None:
    clock = ManualClock()
    with pytest.raises((TypeError, ValueError), match="by_ms is a whole number from 0, not"):
        await clock.advance(by_ms)  # type: ignore[arg-type]
    assert clock.monotonic_ms() == 0


async def chain(length: int, done: list[int]) -> None:
    """As much work as many turns of the loop, some of it by tasks and by futures of others."""
    for number in range(length):
        if number % 3 == 0:
            await asyncio.sleep(0)
        elif number % 3 == 1:
            await asyncio.create_task(asyncio.sleep(0))
        else:
            future = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(future.set_result, None)
            await future
        done.append(number)


@pytest.mark.parametrize("length", [1, 9, 30, 200])
def test_advance_returns_when_all_that_follows_is_done(length: int) -> None:
    """Also what a task of its own does that waited for the timer."""
    clock = ManualClock()
    done: list[int] = []
    times: list[int] = []

    async def begin(after_ms: int) -> None:
        woken = asyncio.Event()

        async def work() -> None:
            await woken.wait()
            await chain(length, done)
            times.append(clock.monotonic_ms())

        tasks.append(asyncio.create_task(work()))
        clock.call_at(after_ms, woken.set)
        await asyncio.sleep(0)

    tasks: list[asyncio.Task[None]] = []
    with Cluster(clock=clock) as cluster:
        for after_ms in (10, 20):
            cluster.run(begin(after_ms))
        cluster.advance(30)
        assert len(done) == 2 * length
        # What one timer sets in motion is done before the next one fires.
        assert times == [10, 20]


def test_threads_are_waited_for() -> None:
    clock = ManualClock()
    times: list[int] = []

    async def begin() -> None:
        async def work() -> None:
            await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.05)
            await chain(30, [])
            times.append(clock.monotonic_ms())

        clock.call_at(10, lambda: tasks.append(asyncio.create_task(work())))

    tasks: list[asyncio.Task[None]] = []
    with Cluster(clock=clock) as cluster:
        cluster.run(begin())
        cluster.advance(100)
        assert times == [10]


def test_what_never_ends_is_not_waited_for() -> None:
    loop = QuietLoop()

    async def never_quiet() -> None:
        is_busy = True

        def busy() -> None:
            if is_busy:
                loop.call_soon(busy)

        busy()
        await loop.quiet()
        is_busy = False

        held = threading.Event()
        waiting = loop.run_in_executor(None, held.wait, 30)
        began = time.monotonic()
        await loop.quiet()
        assert time.monotonic() - began < 10
        held.set()
        await waiting

    try:
        loop.run_until_complete(never_quiet())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
