"""Waiting for what happens in a cluster: woken by it, with a time limit, and saying what was there instead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from kafka_compat.testing.arguments import seconds, whole_number
from kafka_compat.testing.changes import Changes
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.inspection import Inspection, check_isolation
from kafka_compat.testing.log_reading import end_of, read_records
from kafka_compat.testing.views import GroupView, Isolation, Record

Match = Callable[[Record], object]
T = TypeVar("T")


class Waits:
    """The waits of `Kafka`; coroutines, only on the brokers' loop."""

    def __init__(self, cluster: Cluster, inspection: Inspection, changes: Changes) -> None:
        self._cluster = cluster
        self._inspection = inspection
        self._changes = changes

    @property
    def changes(self) -> int:
        """Counts what has happened; may be read in any thread."""
        return self._changes.count

    async def for_change(self, seen: int, timeout_s: float) -> bool:
        """Whether, within the time, more has happened than `seen`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changes.after(seen)
        except TimeoutError:
            return self._changes.count > seen
        return True

    async def for_records(
        self, topic: str, count: int, *, where: Match | None, isolation: Isolation, timeout_s: float
    ) -> list[Record]:
        """See `Kafka.wait_for_records`."""
        whole_number("count", count, 1)
        check_isolation(isolation)
        found = _Found(self._inspection, topic, isolation, where)

        async def enough() -> list[Record] | None:
            await found.look()
            return found.matching if len(found.matching) >= count else None

        async def instead() -> str:
            return f"{len(found.matching)} of {count} records are in {topic}"

        return await self._until(enough, instead, timeout_s)

    async def for_assignment(self, group: str, *, members: int | None, timeout_s: float) -> GroupView:
        """See `Kafka.wait_for_assignment`."""

        async def assigned() -> GroupView | None:
            view = await self._inspection.group(group)
            if view is None or view.state != "Stable":
                return None
            return view if view.members and members in (None, len(view.members)) else None

        async def instead() -> str:
            return f"the group {group} is {await self._inspection.group(group)}"

        return await self._until(assigned, instead, timeout_s)

    async def until_consumed(self, group: str, *, topic: str | None, timeout_s: float) -> None:
        """See `Kafka.wait_until_consumed`."""

        async def consumed() -> bool | None:
            view = await self._inspection.group(group)
            if view is None or not view.offsets:
                return None
            if topic is not None:
                known = self._inspection.topic(topic)
                if known is None:
                    return None
                async for log in self._inspection.logs(topic, None):
                    if view.offsets.get(log.topic_partition, log.log_start_offset) < log.last_stable_offset:
                        return None
                return True
            return True if not any(view.lag.values()) else None

        async def instead() -> str:
            return f"the group {group} is {await self._inspection.group(group)}"

        await self._until(consumed, instead, timeout_s)

    async def mark(self, topic: str) -> Mapping[int, int]:
        """Where each partition of a topic ends now."""
        return {log.log_id.partition: log.log_end_offset async for log in self._inspection.logs(topic, None)}

    async def exactly(
        self, topic: str, count: int, *, since: Mapping[int, int], where: Match | None, timeout_s: float
    ) -> list[Record]:
        """The records behind a mark, once there are `count`; AssertionError when there are fewer in time, or more."""
        raise NotImplementedError

    async def _until(
        self, look: Callable[[], Awaitable[T | None]], instead: Callable[[], Awaitable[str]], timeout_s: float
    ) -> T:
        """What `look` gives, looking again whenever something has happened, until it gives something."""
        seconds("timeout_s", timeout_s)
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    seen = self._changes.count
                    found = await look()
                    if found is not None:
                        return found
                    await self._changes.after(seen)
        except TimeoutError:
            raise TimeoutError(f"after {timeout_s} s {await instead()}") from None


class _Found:
    """Records found so far: each look reads what has come since."""

    def __init__(self, inspection: Inspection, topic: str, isolation: Isolation, where: Match | None) -> None:
        self._inspection = inspection
        self._topic = topic
        self._isolation = isolation
        self._where = where
        self._ends: dict[int, int] = {}
        self.matching: list[Record] = []
        self.others: list[Record] = []

    async def look(self) -> None:
        tasks = self._inspection.any_broker.tasks
        async for log in self._inspection.logs(self._topic, None):
            start, end = self._ends.get(log.log_id.partition, 0), end_of(log, self._isolation)
            if start < end:
                self._ends[log.log_id.partition] = end
                async for record in read_records(log, self._isolation, tasks, start_offset=start, end_offset=end):
                    (self.matching if self._where is None or self._where(record) else self.others).append(record)


def until(waits: Waits, cluster: Cluster, predicate: Callable[[], object], timeout_s: float) -> None:
    """See `Kafka.wait_for`; in the caller's thread."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        seen = waits.changes
        if predicate():
            return
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or not cluster.run(waits.for_change(seen, left_s), timeout_s + 10):
            raise TimeoutError(f"{predicate!r} was not true within {timeout_s} s")
