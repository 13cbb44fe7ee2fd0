"""The clock of a cluster, for a test: time that passes only when it is told to.

Sessions of groups, rebalances, transactions, retention, compaction and expiry follow a manual clock. Requests do not: how
long a fetch waits for records, or a client for an answer, stays real time, or clients would hang.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from kafka_compat.testing.arguments import seconds, whole_number
from kafka_compat.testing.manual_clock import ManualClock

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from kafka_compat.coordinator.group.sessions import Sessions
    from kafka_compat.testing.cluster import Cluster

TIMEOUT_S: Final = 30.0
_GRACE_S: Final = 10.0


class ClockControl:
    """See `Kafka.clock`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def wall_ms(self) -> int:
        """The brokers' time: milliseconds since the Unix epoch."""
        return self._cluster.clock.wall_ms()

    @property
    def is_manual(self) -> bool:
        """Whether time passes by `advance` only."""
        return isinstance(self._cluster.clock, ManualClock)

    def advance(self, by_ms: int | timedelta, *, keep_sessions: bool = False, timeout_s: float = TIMEOUT_S) -> None:
        """Let time pass, with all that falls due done when this returns.

        Timers fire one after the other, each at its own time, and the brokers have become quiet before the next one fires. What
        clients do meanwhile they do in their own, real time: a member of a group cannot heartbeat in a day that passes within
        a second, and its session ends, unless sessions are kept.

        Args:
            by_ms: how much: milliseconds, or a timedelta.
            keep_sessions: members of groups stay, as if their heartbeats went on.
            timeout_s: of real time.

        Raises:
            TypeError: the clock is not manual, or `by_ms` is no time.
            ValueError: time cannot go back.
            TimeoutError: there was more to do than `timeout_s` allow; the message says how far time has come.
        """
        seconds("timeout_s", timeout_s)
        work = advance(self._cluster, _milliseconds(by_ms), keep_sessions=keep_sessions, timeout_s=timeout_s)
        self._cluster.run(work, timeout_s + _GRACE_S)

    def advance_to(self, wall: int | datetime, *, keep_sessions: bool = False, timeout_s: float = TIMEOUT_S) -> None:
        """Let time pass until the brokers' clock shows `wall`: milliseconds since the Unix epoch, or a datetime; as `advance`.

        Raises:
            ValueError: that is in the past.
        """
        wall_ms = wall if isinstance(wall, int) else round(wall.timestamp() * 1000)
        by_ms = whole_number("wall", wall_ms, 0) - self.wall_ms()
        if self.is_manual and by_ms < 0:
            raise ValueError(f"time cannot go back: it is {self.wall_ms()}, which is {-by_ms} ms after {wall_ms}")
        self.advance(by_ms, keep_sessions=keep_sessions, timeout_s=timeout_s)


async def advance(cluster: Cluster, by_ms: int, *, keep_sessions: bool = False, timeout_s: float = TIMEOUT_S) -> None:
    """`ClockControl.advance` on the brokers' loop."""
    clock = cluster.clock
    if not isinstance(clock, ManualClock):
        raise TypeError('this cluster lives in real time: only one with clock="manual" can be advanced')
    whole_number("by_ms", by_ms, 0)
    before_ms = clock.monotonic_ms()
    try:
        async with asyncio.timeout(timeout_s):
            with _sessions_kept(cluster, keep_sessions):
                await clock.advance(by_ms)
                await cluster.state.logs.settle()
    except TimeoutError:
        raise TimeoutError(
            f"{clock.monotonic_ms() - before_ms} of {by_ms} ms have passed in {timeout_s} s of real time: every timer "
            "of the brokers on the way fires, so advance less, or allow more with timeout_s"
        ) from None


@contextmanager
def _sessions_kept(cluster: Cluster, are_kept: bool) -> Iterator[None]:
    kept: list[Sessions] = []
    if are_kept:
        kept = [broker.services.groups.sessions for broker in cluster.brokers if broker.services is not None]
    for sessions in kept:
        sessions.keep()
    try:
        yield
    finally:
        for sessions in kept:
            sessions.release()


def _milliseconds(by: object) -> int:
    total_seconds = getattr(by, "total_seconds", None)
    if total_seconds is None:
        return whole_number("by_ms", by, 0)
    return whole_number("by_ms", round(total_seconds() * 1000), 0)
