"""Counts and latencies of the requests of one broker, by API.

What Kafka's `RequestMetrics` counts: requests, their bytes, how they ended, and how long the broker took. All are ints that
only grow; whoever wants rates or percentiles makes them of two snapshots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kafka_compat.api.observers import End
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message

if TYPE_CHECKING:
    from kafka_compat.api.context import RequestContext

# What an API's list of ints begins with: requests by `End`. Then these three, then the buckets of the histogram.
_REQUEST_BYTES: Final = len(End)
_ANSWER_BYTES: Final = _REQUEST_BYTES + 1
_DURATION_NS: Final = _REQUEST_BYTES + 2
_BUCKETS: Final = _REQUEST_BYTES + 3
# Durations are cut to units of 1,024 ns; bucket 0 is less than one of them, and each next one ends at twice the one before.
_UNIT_BITS: Final = 10
# As many as a duration has bits, so that none needs to be looked at.
_BUCKET_COUNT: Final = 64 - _UNIT_BITS
# Behind the buckets of durations those of the wait before.
_QUEUE_NS: Final = _BUCKETS + _BUCKET_COUNT
_QUEUE_BUCKETS: Final = _QUEUE_NS + 1
_LENGTH: Final = _QUEUE_BUCKETS + _BUCKET_COUNT


@dataclass(frozen=True, slots=True)
class ApiCounts:
    """What has been counted of one API since the broker was made.

    Attributes:
        ends: requests by how they ended.
        request_bytes, answer_bytes: sums over frames, without the length in front.
        duration_ns: sum of what the broker took, from the request's turn to its answer.
        histogram: (upper bound of the duration in ns, requests that took less than it and no less than the bound before), up to
            the last that has any.
        queue_ns: sum of what the requests waited for their turn before, at least (`RequestContext.queue_ns`).
        queue_histogram: the same of it.
    """

    api_key: ApiKey
    ends: dict[End, int]
    request_bytes: int
    answer_bytes: int
    duration_ns: int
    histogram: tuple[tuple[int, int], ...]
    queue_ns: int = 0
    queue_histogram: tuple[tuple[int, int], ...] = ()

    @property
    def requests(self) -> int:
        """All that have ended."""
        return sum(self.ends.values())


class RequestCounters:
    """Counts; each broker has one."""

    def __init__(self) -> None:
        self._counts = {int(key): [0] * _LENGTH for key in ApiKey}

    def ended(self, context: RequestContext, end: End, answer_bytes: int, duration_ns: int, response: Message | None) -> None:
        """Count a request."""
        counts = self._counts[context.header.api_key]
        counts[end] += 1
        counts[_REQUEST_BYTES] += context.size_in_bytes
        counts[_ANSWER_BYTES] += answer_bytes
        counts[_DURATION_NS] += duration_ns
        counts[_BUCKETS + (duration_ns >> _UNIT_BITS).bit_length()] += 1
        queue_ns = context.began_ns - context.received_ns
        if queue_ns > 0:
            counts[_QUEUE_NS] += queue_ns
            counts[_QUEUE_BUCKETS + (queue_ns >> _UNIT_BITS).bit_length()] += 1
        else:
            counts[_QUEUE_BUCKETS] += 1

    def snapshot(self) -> list[ApiCounts]:
        """The counts so far of each API that was asked for, in the order of their keys."""
        return [_counts_of(ApiKey(key), counts) for key, counts in sorted(self._counts.items()) if any(counts)]


def _counts_of(api_key: ApiKey, counts: list[int]) -> ApiCounts:
    return ApiCounts(
        api_key=api_key,
        ends={end: counts[end] for end in End},
        request_bytes=counts[_REQUEST_BYTES],
        answer_bytes=counts[_ANSWER_BYTES],
        duration_ns=counts[_DURATION_NS],
        histogram=_histogram(counts[_BUCKETS:_QUEUE_NS]),
        queue_ns=counts[_QUEUE_NS],
        queue_histogram=_histogram(counts[_QUEUE_BUCKETS:]),
    )


def _histogram(buckets: list[int]) -> tuple[tuple[int, int], ...]:
    """Bounds and counts, up to the last bucket that has any."""
    while buckets and not buckets[-1]:
        buckets.pop()
    return tuple((1 << (_UNIT_BITS + number), count) for number, count in enumerate(buckets))
