"""Time as the composition root hands it out: state machines get it as an argument, shells ask a Clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class TimerHandle(Protocol):
    """A scheduled callback that can still be called off."""

    def cancel(self) -> None:
        """Drop the callback; a no-op when it already ran."""


class Clock(Protocol):
    """Wall-clock and monotonic time and one-shot timers.

    Request waits (fetch max wait, produce timeout, idle connections) do not use it: they stay on real time, or a client
    would hang while a manual clock stands still.
    """

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch."""

    def monotonic_ms(self) -> int:
        """Milliseconds of a clock that never goes backwards; its origin means nothing."""

    def call_at(self, when_ms: int, callback: Callable[[], None]) -> TimerHandle:
        """Run `callback` on the event loop when `monotonic_ms()` has reached `when_ms`."""


class SystemClock:
    """The machine's clock; timers run on the running event loop."""

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Milliseconds of the event loop's clock."""
        return time.monotonic_ns() // 1_000_000

    def call_at(self, when_ms: int, callback: Callable[[], None]) -> TimerHandle:
        """Run `callback` on the running event loop when `monotonic_ms()` has reached `when_ms`."""
        delay_s = max(0, when_ms - self.monotonic_ms()) / 1000
        return asyncio.get_running_loop().call_later(delay_s, callback)
