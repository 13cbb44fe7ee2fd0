"""Rates over a moving window, and a bucket of tokens, against which quotas are held.

Source: Kafka's `SampledStat`, `Rate` with `WindowedSum`, `TokenBucket` and `QuotaUtils`, whose results these are, bit for bit:
a rate is the sum of all samples by the time since the oldest began, but never by less than all windows but one.
"""

from __future__ import annotations

from math import floor
from typing import Final, NamedTuple

# What throttle_time_ms can say.
MAX_THROTTLE_MS: Final = (1 << 31) - 1


class Window(NamedTuple):
    """Over what is measured: `quota.window.num` samples of `quota.window.size.seconds`."""

    samples: int
    sample_ms: int


class _Sample:
    __slots__ = ("began_ms", "last_ms", "value")

    def __init__(self, now_ms: int) -> None:
        self.reset(now_ms)

    def reset(self, now_ms: int) -> None:
        self.value = 0.0
        self.began_ms = now_ms
        self.last_ms = now_ms


class Rate:
    """How much a second was recorded lately.

    Args:
        window: over which.
    """

    __slots__ = ("_current", "_samples", "_window")

    def __init__(self, window: Window) -> None:
        self._window = window
        self._samples: list[_Sample] = []
        self._current = 0

    def record(self, value: float, now_ms: int) -> None:
        """Count `value`; a negative one takes back what was counted."""
        if not self._samples:
            self._samples.append(_Sample(now_ms))
        sample = self._samples[self._current]
        if now_ms - sample.began_ms >= self._window.sample_ms:
            sample = self._advance(now_ms)
        sample.value += value
        sample.last_ms = now_ms

    def measure(self, now_ms: int) -> float:
        """The rate, per second."""
        total, measured_ms = self._look(now_ms)
        return total / (measured_ms / 1000)

    def throttle_ms(self, limit: float, now_ms: int) -> int:
        """How long nothing must come until the rate is `limit` again; 0 when it is not above that."""
        total, measured_ms = self._look(now_ms)
        rate = total / (measured_ms / 1000)
        if rate <= limit:
            return 0
        if limit <= 0:
            return MAX_THROTTLE_MS
        return java_round((rate - limit) / limit * measured_ms)

    def _advance(self, now_ms: int) -> _Sample:
        # One more than the window has: the oldest reaches into it.
        self._current = (self._current + 1) % (self._window.samples + 1)
        if self._current >= len(self._samples):
            self._samples.append(_Sample(now_ms))
        else:
            self._samples[self._current].reset(now_ms)
        return self._samples[self._current]

    def _look(self, now_ms: int) -> tuple[float, int]:
        """What was recorded, and in how many ms: since the oldest sample began, with the windows that it lacks."""
        samples, sample_ms = self._window
        expired_ms = now_ms - samples * sample_ms
        total = 0.0
        began_ms = now_ms
        # Not by `sum`, which from Python 3.12 on rounds better than Java does.
        for sample in self._samples:
            if sample.last_ms <= expired_ms:
                sample.reset(now_ms)
                continue
            total += sample.value
            if sample.began_ms < began_ms:
                began_ms = sample.began_ms
        elapsed_ms = now_ms - began_ms
        missing = samples - 1 - elapsed_ms // sample_ms
        if missing > 0:
            elapsed_ms += missing * sample_ms
        return total, elapsed_ms or 1


class TokenBucket:
    """Tokens that come back at the rate of a quota, as many as it gives in a whole window (KIP-599).

    Args:
        window: the burst that it allows.
        limit: tokens a second.
        now_ms: it is full.
    """

    __slots__ = ("_tokens", "_updated_ms", "_window")

    def __init__(self, window: Window, limit: float, now_ms: int) -> None:
        self._window = window
        self._tokens = self._burst(limit)
        self._updated_ms = now_ms

    def measure(self, limit: float, now_ms: int) -> float:
        """The tokens that are there; below zero, what has to come back first."""
        self._tokens = min(self._burst(limit), self._tokens + limit * ((now_ms - self._updated_ms) / 1000))
        self._updated_ms = now_ms
        return self._tokens

    def take(self, value: float, limit: float, now_ms: int) -> None:
        """Take so many, which may be more than are there."""
        self._tokens = min(self._burst(limit), self.measure(limit, now_ms) - value)

    def throttle_ms(self, limit: float, now_ms: int) -> int:
        """How long until no token is owed; 0 when none is."""
        tokens = self.measure(limit, now_ms)
        return java_round(-tokens / limit * 1000) if tokens < 0 else 0

    def _burst(self, limit: float) -> float:
        return self._window.samples * (self._window.sample_ms / 1000) * limit


def java_round(value: float) -> int:
    """Java's Math.round, up to what a throttle time can be, where Kafka's cast to 32 bits makes anything of it."""
    if value != value:  # what is not a number
        return 0
    return floor(value + 0.5) if value < MAX_THROTTLE_MS else MAX_THROTTLE_MS
