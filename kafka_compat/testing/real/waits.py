"""Waiting for what happens in a cluster that does not tell: by asking again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from kafka_compat.testing.arguments import seconds, whole_number
from kafka_compat.testing.found import Match
from kafka_compat.testing.inspection import check_isolation
from kafka_compat.testing.real.inspection import RealInspection
from kafka_compat.testing.real.partitions import EARLIEST, LATEST
from kafka_compat.testing.views import GroupView, Isolation, Record

_ASK_AGAIN_S: Final = 0.05

T = TypeVar("T")


class RealWaits:
    """Has the coroutines of `Waits`; only on the loop of its connections.

    Attributes:
        changes: always the same, as nobody tells of any.
    """

    def __init__(self, inspection: RealInspection) -> None:
        self._inspection = inspection
        self.changes = 0

    async def for_change(self, seen: int, timeout_s: float) -> bool:
        """True after a moment, in which something may have happened; False when the time is over."""
        await asyncio.sleep(min(_ASK_AGAIN_S, timeout_s))
        return timeout_s > _ASK_AGAIN_S

    async def for_records(
        self, topic: str, count: int, *, where: Match | None, isolation: Isolation, timeout_s: float
    ) -> list[Record]:
        """See `Kafka.wait_for_records`."""
        whole_number("count", count, 1)
        check_isolation(isolation)
        found: list[Record] = []

        async def enough() -> list[Record] | None:
            records = await self._inspection.records(topic, partition=None, isolation=isolation)
            found[:] = [record for record in records if where is None or where(record)]
            return found if len(found) >= count else None

        return await _until(enough, lambda: f"{len(found)} of {count} records are in {topic}", timeout_s)

    async def for_assignment(self, group: str, *, members: int | None, timeout_s: float) -> GroupView:
        """See `Kafka.wait_for_assignment`."""
        last: list[GroupView | None] = [None]

        async def assigned() -> GroupView | None:
            view = last[0] = await self._inspection.group(group)
            if view is None or view.state != "Stable":
                return None
            return view if view.members and members in (None, len(view.members)) else None

        return await _until(assigned, lambda: _state(group, last[0]), timeout_s)

    async def until_consumed(self, group: str, *, topic: str | None, timeout_s: float) -> None:
        """See `Kafka.wait_until_consumed`."""
        last: list[GroupView | None] = [None]

        async def consumed() -> bool | None:
            view = last[0] = await self._inspection.group(group)
            if view is None or not view.offsets:
                return None
            if topic is not None:
                starts = await self._inspection.partitions.offsets(topic, EARLIEST)
                positions = {(topic, number): view.offsets.get((topic, number), start) for number, start in starts.items()}
            else:
                positions = dict(view.offsets)
            if not positions:
                return None
            for (name, number), offset in positions.items():
                if view.lag.get((name, number)) == 0:
                    continue
                # A marker behind the last record is no record that a consumer could commit.
                if await self._inspection.partitions.records(name, number, "committed", start_offset=offset):
                    return None
            return True

        await _until(consumed, lambda: _state(group, last[0]), timeout_s)

    async def mark(self, topic: str) -> Mapping[int, int]:
        """Where each partition of a topic ends now."""
        return await self._inspection.partitions.offsets(topic, LATEST)

    async def exactly(
        self, topic: str, count: int, *, since: Mapping[int, int], where: Match | None, timeout_s: float
    ) -> list[Record]:
        """The records behind a mark, once there are `count`; AssertionError when there are fewer in time, or more."""
        whole_number("count", count, 0)
        found: list[Record] = []

        async def enough() -> list[Record] | None:
            records = await self._inspection.records(topic, partition=None, isolation="committed")
            found[:] = [
                record
                for record in records
                if record.offset >= since.get(record.partition, 0) and (where is None or where(record))
            ]
            return found if len(found) >= count else None

        try:
            await _until(enough, lambda: f"{len(found)} records", timeout_s)
        except TimeoutError:
            raise AssertionError(
                f"{count} records were expected in {topic}, and after {timeout_s} s {len(found)} came"
            ) from None
        if len(found) > count:
            raise AssertionError(f"{count} records were expected in {topic}, and {len(found)} came")
        return found


async def _until(look: Callable[[], Awaitable[T | None]], instead: Callable[[], str], timeout_s: float) -> T:
    """What `look` gives, asking again until it gives something."""
    seconds("timeout_s", timeout_s)
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                found = await look()
                if found is not None:
                    return found
                await asyncio.sleep(_ASK_AGAIN_S)
    except TimeoutError:
        raise TimeoutError(f"after {timeout_s} s {instead()}") from None


def _state(group: str, view: GroupView | None) -> str:
    return f"there is no group {group}" if view is None else f"the group {group} is {view}"
