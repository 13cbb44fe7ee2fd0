"""Waiting for what happens in a cluster: woken by it, with a time limit, and saying what was there instead."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.inspection import Inspection
from kafka_compat.testing.views import GroupView, Isolation, Record

Match = Callable[[Record], object]


class Waits:
    """The waits of `Kafka`; coroutines, only on the brokers' loop.

    Attributes:
        changes: counts what has happened; may be read in any thread.
    """

    def __init__(self, cluster: Cluster, inspection: Inspection) -> None:
        self._cluster = cluster
        self._inspection = inspection
        self.changes = 0

    async def for_change(self, seen: int, timeout_s: float) -> bool:
        """Whether, within the time, more has happened than `seen`."""
        raise NotImplementedError

    async def for_records(
        self, topic: str, count: int, *, where: Match | None, isolation: Isolation, timeout_s: float
    ) -> list[Record]:
        """See `Kafka.wait_for_records`."""
        raise NotImplementedError

    async def for_assignment(self, group: str, *, members: int | None, timeout_s: float) -> GroupView:
        """See `Kafka.wait_for_assignment`."""
        raise NotImplementedError

    async def until_consumed(self, group: str, *, topic: str | None, timeout_s: float) -> None:
        """See `Kafka.wait_until_consumed`."""
        raise NotImplementedError

    async def mark(self, topic: str) -> Mapping[int, int]:
        """Where each partition of a topic ends now."""
        raise NotImplementedError

    async def exactly(
        self, topic: str, count: int, *, since: Mapping[int, int], where: Match | None, timeout_s: float
    ) -> list[Record]:
        """The records behind a mark, once there are `count`; AssertionError when there are fewer in time, or more."""
        raise NotImplementedError


def until(waits: Waits, cluster: Cluster, predicate: Callable[[], object], timeout_s: float) -> None:
    """See `Kafka.wait_for`; in the caller's thread."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        seen = waits.changes
        if predicate():
            return
        if not cluster.run(waits.for_change(seen, deadline_s - time.monotonic()), timeout_s + 10):
            raise TimeoutError(f"{predicate!r} was not true within {timeout_s} s")
