"""Quantiles of what requests took in the last minutes, from histograms that only grow."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from kafka_compat.api.request_counters import ApiCounts
from kafka_compat.protocol.api_keys import ApiKey

# Those of Kafka's histograms, as the JMX exporter writes them.
QUANTILES: Final = ((0.5, "0.50"), (0.75, "0.75"), (0.95, "0.95"), (0.98, "0.98"), (0.99, "0.99"), (0.999, "0.999"))

_STEP_S: Final = 60.0
_STEPS: Final = 5

Histogram = Sequence[tuple[int, int]]


class Recent:
    """Remembers the counts of some minutes ago, noted when somebody scrapes."""

    def __init__(self) -> None:
        self._noted: deque[tuple[float, dict[ApiKey, ApiCounts]]] = deque(maxlen=_STEPS)

    def note(self, counts: Sequence[ApiCounts]) -> None:
        """These are the counts now."""
        now_s = time.monotonic()
        if not self._noted or now_s - self._noted[-1][0] >= _STEP_S:
            self._noted.append((now_s, {each.api_key: each for each in counts}))

    def before(self, api_key: ApiKey) -> ApiCounts | None:
        """The counts that what is recent comes on top of; None when all that was counted is recent."""
        if len(self._noted) < _STEPS:
            return None
        return self._noted[0][1].get(api_key)


def quantile(histogram: Histogram, before: Histogram, share: float) -> float:
    """What `share` of the values that came on top of `before` took at most, in ns; 0 without any.

    Values are taken to be spread evenly within their bucket.
    """
    counts = [count - (before[number][1] if number < len(before) else 0) for number, (_, count) in enumerate(histogram)]
    wanted = share * sum(counts)
    if not wanted:
        return 0.0
    lower = 0
    for (upper, _), count in zip(histogram, counts, strict=True):
        if count and wanted <= count:
            return lower + (upper - lower) * wanted / count
        wanted -= count
        lower = upper
    return float(lower)
