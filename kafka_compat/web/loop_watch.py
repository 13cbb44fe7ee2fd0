"""How late the event loop is, and how much of its time it has nothing to do: looked at twenty times a second."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final

_INTERVAL_S: Final = 0.05
_TICKS_PER_SAMPLE: Final = 20
# Kafka's idle shares are one-minute rates.
_SAMPLES: Final = 60

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class LoopWatch:
    """Measures the running loop from `start` to `stop`; only on that loop.

    Attributes:
        counts: looks by how late they were, up to each of `BOUNDS_S`, and later ones last.
        delay_s: the sum.
    """

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.delay_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._ticks = 0
        # (time, processor time of the loop's thread), once a second.
        self._samples: deque[tuple[float, float]] = deque(maxlen=_SAMPLES)

    def start(self) -> None:
        """Begin."""
        self._samples.append((time.perf_counter(), time.thread_time()))
        self._schedule()

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def idle_share(self) -> float:
        """Of the last minute, the share in which the loop's thread used no processor; between 0 and 1."""
        began_s, used_s = self._samples[0] if self._samples else (0.0, 0.0)
        passed_s = time.perf_counter() - began_s
        if not self._samples or passed_s <= 0:
            return 1.0
        return min(1.0, max(0.0, 1 - (time.thread_time() - used_s) / passed_s))

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time() + _INTERVAL_S
        self._timer = loop.call_at(due_s, self._look, due_s)

    def _look(self, due_s: float) -> None:
        late_s = max(0.0, asyncio.get_running_loop().time() - due_s)
        self.delay_s += late_s
        number = 0
        while number < len(BOUNDS_S) and late_s > BOUNDS_S[number]:
            number += 1
        self.counts[number] += 1
        self._ticks += 1
        if not self._ticks % _TICKS_PER_SAMPLE:
            self._samples.append((time.perf_counter(), time.thread_time()))
        self._schedule()
