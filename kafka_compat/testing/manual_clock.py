"""A clock that stands still until it is told to go on."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

from kafka_compat.testing.arguments import whole_number
from kafka_compat.testing.event_loop import QuietLoop

# 2024-01-01: late enough for a client's real timestamps to lie within no test's bounds by accident.
_DEFAULT_START_MS = 1_704_067_200_000


# So many that are cancelled may lie among the timers that are not: members that go on while time stands still begin their
# sessions again and again.
_MAX_CANCELLED = 100


class _Timer:
    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def fire(self) -> None:
        callback, self.callback = self.callback, None
        if callback is not None:
            callback()

    def cancel(self) -> None:
        self.callback = None


class ManualClock:
    """Implements `kafka_compat.clock.Clock`; wall clock and monotonic time move together, by `advance` only.

    Owned by the event loop of the brokers that use it: call `advance` there, or through `Cluster.advance`.
    """

    def __init__(self, wall_ms: int = _DEFAULT_START_MS) -> None:
        """Stand at `wall_ms`, in milliseconds since the Unix epoch; raises TypeError and ValueError for what is no time."""
        self._wall_ms = whole_number("wall_ms", wall_ms, 0)
        self._monotonic_ms = 0
        self._timers: list[tuple[int, int, _Timer]] = []
        self._sweep_at = _MAX_CANCELLED
        self._sequence = itertools.count()

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return self._wall_ms

    def monotonic_ms(self) -> int:
        """Milliseconds advanced since the clock was made."""
        return self._monotonic_ms

    def call_at(self, when_ms: int, callback: Callable[[], None]) -> _Timer:
        """Run `callback` when `advance` reaches `when_ms`; what is due already, in the next turn of the event loop.

        A group that is to wait for no more members (`group.initial.rebalance.delay.ms=0`) starts though time stands still.
        """
        timer = _Timer(callback)
        if when_ms <= self._monotonic_ms:
            asyncio.get_running_loop().call_soon(timer.fire)
            return timer
        if len(self._timers) > self._sweep_at:
            self._timers = [entry for entry in self._timers if entry[2].callback is not None]
            heapq.heapify(self._timers)
            self._sweep_at = 2 * len(self._timers) + _MAX_CANCELLED
        heapq.heappush(self._timers, (when_ms, next(self._sequence), timer))
        return timer

    @property
    def pending(self) -> int:
        """How many timers have not fired, and are not cancelled."""
        return sum(timer.callback is not None for _, _, timer in self._timers)

    async def advance(self, by_ms: int) -> None:
        """Go on by `by_ms`, firing timers in order, each at its own time, with what they set in motion done in between.

        It may be cancelled: time has then gone as far as the last timer that fired.

        Raises:
            TypeError: `by_ms` is no whole number.
            ValueError: time cannot go back.
        """
        end_ms = self._monotonic_ms + whole_number("by_ms", by_ms, 0)
        while self._timers and self._timers[0][0] <= end_ms:
            when_ms, _, timer = heapq.heappop(self._timers)
            if timer.callback is None:
                continue
            self._move_to(max(when_ms, self._monotonic_ms))
            timer.fire()
            await _drain()
        self._move_to(end_ms)
        await _drain()

    def _move_to(self, monotonic_ms: int) -> None:
        self._wall_ms += monotonic_ms - self._monotonic_ms
        self._monotonic_ms = monotonic_ms


async def _drain() -> None:
    """Let run what is ready, and what follows from it; of other loops than a cluster's nobody knows when that is done."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, QuietLoop):
        await loop.quiet()
        return
    for _ in range(10):
        await asyncio.sleep(0)
