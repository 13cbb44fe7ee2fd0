"""Waiting for what happens in a cluster: woken by it, with a time limit, and saying what was there instead.

Time limits are of real time, also when the cluster's clock is moved by hand. A wait goes on while brokers stop and start; it
ends with a RuntimeError when the cluster is stopped or reset, for nothing of what it waits for can come any more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from kafka_compat.testing.arguments import a_str, seconds, whole_number
from kafka_compat.testing.assigned import has_assignment, has_consumed
from kafka_compat.testing.changes import Changes
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.event_loop import QuietLoop
from kafka_compat.testing.found import Found, Mark, Match
from kafka_compat.testing.inspection import Inspection, check_isolation
from kafka_compat.testing.lookups import NotThere
from kafka_compat.testing.unmet import assignment_instead, consumption_instead, counted, records_instead
from kafka_compat.testing.views import GroupView, Isolation, Record

T = TypeVar("T")

# Of looks that take long, one in so much of the time that they take; but never later than that.
_PAUSE_FACTOR: Final = 5
_SHORT_LOOK_S: Final = 0.001
_LONGEST_PAUSE_S: Final = 0.05
_GRACE_S: Final = 10.0


class InVain(Exception):
    """What a test waited for has not happened."""


class WaitTimeout(InVain, TimeoutError):
    """It has not happened in time; the message says what was there instead."""


class TooFew(InVain, AssertionError):
    """A block has led to fewer records than it was to."""


class Waits:
    """The waits of `Kafka`; coroutines, only on the brokers' loop. They may be cancelled, and leave nothing then.

    Raises:
        TypeError, ValueError: (from all) an argument is not allowed.
        WaitTimeout: (from all) it has not happened in time; the message says what was there.
        RuntimeError: (from all) the cluster was stopped or reset meanwhile.
    """

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
        world = self._world
        try:
            async with asyncio.timeout(timeout_s):
                await self._changes.after(seen)
        except TimeoutError:
            return self._changes.count > seen
        self._check(world, "a predicate")
        return True

    async def for_records(
        self, topic: str, count: int, *, where: Match | None, isolation: Isolation, timeout_s: float
    ) -> list[Record]:
        """See `Kafka.wait_for_records`."""
        a_str("topic", topic)
        whole_number("count", count, 1)
        check_isolation(isolation)
        found = Found(self._inspection, topic, isolation, where)
        wanted = f"{counted(count, 'record')} in {topic}"

        async def enough() -> list[Record] | None:
            matching = await found.look()
            return matching if len(matching) >= count else None

        return await self._until(wanted, enough, lambda: records_instead(self._inspection, found), timeout_s)

    async def for_assignment(self, group: str, *, members: int | None, timeout_s: float) -> GroupView:
        """See `Kafka.wait_for_assignment`."""
        a_str("group", group)
        if members is not None:
            whole_number("members", members, 1)
        view: GroupView | None = None
        positions = self._changes.positions

        async def assigned() -> GroupView | None:
            nonlocal view
            view = await self._inspection.group(group)
            return view if view is not None and has_assignment(self._inspection, positions, view, members) else None

        async def instead() -> str:
            return await assignment_instead(self._inspection, positions, group, view, members)

        return await self._until(f"the assignment of group {group}", assigned, instead, timeout_s)

    async def until_consumed(self, group: str, *, topic: str | None, timeout_s: float) -> None:
        """See `Kafka.wait_until_consumed`."""
        a_str("group", group)
        if topic is not None:
            a_str("topic", topic)
        view: GroupView | None = None

        async def consumed() -> bool | None:
            nonlocal view
            view = await self._inspection.group(group)
            return True if view is not None and await has_consumed(self._inspection, view, topic) else None

        async def instead() -> str:
            return await consumption_instead(self._inspection, self._changes.positions, group, view, topic)

        what = f"group {group} to consume {topic or 'what it reads'}"
        await self._until(what, consumed, instead, timeout_s)

    async def mark(self, topic: str) -> Mark:
        """Where each partition of a topic ends now."""
        a_str("topic", topic)
        return {log.log_id: log.log_end_offset async for log in self._inspection.logs(topic, None)}

    async def exactly(self, topic: str, count: int, *, since: Mark, where: Match | None, timeout_s: float) -> list[Record]:
        """The records behind a mark, once there are `count`; what the brokers are busy with is waited for.

        Raises:
            AssertionError: there are fewer when the time is over, or more.
        """
        whole_number("count", count, 0)
        found = Found(self._inspection, topic, "committed", where, since)

        async def enough() -> list[Record] | None:
            matching = await found.look()
            return matching if len(matching) >= count else None

        wanted = f"{counted(count, 'record')} in {topic}"
        try:
            await self._until(wanted, enough, lambda: records_instead(self._inspection, found), timeout_s)
        except WaitTimeout as error:
            raise TooFew(str(error)) from None
        loop = asyncio.get_running_loop()
        if isinstance(loop, QuietLoop):
            await loop.quiet()
        matching = await found.look()
        if len(matching) > count:
            raise AssertionError(f"waited for {wanted}: {await records_instead(self._inspection, found)}")
        return matching

    # --- how all of them wait

    async def _until(
        self, what: str, look: Callable[[], Awaitable[T | None]], instead: Callable[[], Awaitable[str]], timeout_s: float
    ) -> T:
        """What `look` gives, looking again whenever something has happened, until it gives something."""
        seconds("timeout_s", timeout_s)
        world = self._world
        try:
            async with asyncio.timeout(timeout_s) as limit:
                while True:
                    self._check(world, what)
                    seen, began_s = self._changes.count, time.perf_counter()
                    found = await look()
                    if found is not None:
                        return found
                    await _pause(time.perf_counter() - began_s)
                    await self._changes.after(seen)
        except TimeoutError:
            if not limit.expired():
                raise  # by who was asked
            self._check(world, what)
            raise WaitTimeout(f"waited {timeout_s:g} s for {what}: {await instead()}") from None

    @property
    def _world(self) -> object:
        """Another one after a reset."""
        return self._cluster.state

    def _check(self, world: object, what: str) -> None:
        """Raises RuntimeError when the cluster is not what it was any more."""
        state = self._cluster.state
        if state is not world or state.purgatory.is_closed:
            raise RuntimeError(f"the cluster was stopped or reset while a test waited for {what}")


async def _pause(look_s: float) -> None:
    """Leave the loop to the brokers for longer than a look has taken, when that is worth mentioning."""
    if look_s > _SHORT_LOOK_S:
        await asyncio.sleep(min(look_s * _PAUSE_FACTOR, _LONGEST_PAUSE_S))


def until(waits: Waits, cluster: Cluster, predicate: Callable[[], object], timeout_s: float) -> None:
    """See `Kafka.wait_for`; in the caller's thread."""
    check_predicate(predicate, timeout_s)
    deadline_s = time.monotonic() + timeout_s
    while True:
        seen = waits.changes
        try:
            last = predicate()
        except NotThere as error:
            last, said = None, str(error)
        else:
            said = f"the last time it gave {last!r}"
        if last:
            return
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or not cluster.run(waits.for_change(seen, left_s), left_s + _GRACE_S):
            raise not_true(predicate, said, timeout_s)


def check_predicate(predicate: object, timeout_s: object) -> None:
    """Refuse arguments of `Kafka.wait_for` that are none.

    Raises:
        TypeError, ValueError: one is not allowed.
    """
    seconds("timeout_s", timeout_s)
    if not callable(predicate):
        raise TypeError(f"predicate is a function without arguments, not {predicate!r}")


def not_true(predicate: Callable[..., object], said: str, timeout_s: float) -> WaitTimeout:
    """What a wait for a predicate ends with that was never true."""
    name = getattr(predicate, "__qualname__", None) or repr(predicate)
    code = getattr(predicate, "__code__", None)
    place = "" if code is None else f" ({code.co_filename}:{code.co_firstlineno})"
    return WaitTimeout(f"waited {timeout_s:g} s for {name}{place} to be true: {said}")
