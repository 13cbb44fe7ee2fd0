"""The verbs of a cluster that wait, as coroutines: they run on the brokers' loop and are awaited on the caller's.

Any event loop of asyncio will do, uvloop's and anyio's on asyncio too; trio's does not. Nothing blocks the caller's loop, so
that clients that run on it go on; the verbs of `Kafka` itself stop it for as long as they take. Who cancels one cancels its
work.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from kafka_compat.testing.acls import Acl, allow, deny
from kafka_compat.testing.explanation import explain
from kafka_compat.testing.lookups import Lookup, NotThere
from kafka_compat.testing.options import ConfigValue
from kafka_compat.testing.snapshots import Snapshot
from kafka_compat.testing.waits import InVain, check_predicate, not_true

if TYPE_CHECKING:
    from kafka_compat.testing.found import Match
    from kafka_compat.testing.kafka import Kafka
    from kafka_compat.testing.request import Request
    from kafka_compat.testing.request_filters import Filters
    from kafka_compat.testing.views import (
        GroupView,
        HeadersLike,
        Isolation,
        ProducerView,
        Record,
        TopicView,
        TransactionView,
    )

# As `kafka.WAIT_S`, which imports this module.
_WAIT_S = 5.0

T = TypeVar("T")


class AsyncKafka:
    """See `Kafka.aio`, and the verb of the same name in `Kafka` for each; what is a property there is a verb here."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka

    # --- life

    async def reset(self) -> None:
        """See `Kafka.reset`."""
        await self._run(self._kafka.cluster.reset())

    async def snapshot(self, folder: Path | str | None = None) -> Snapshot:
        """See `Kafka.snapshot`."""
        return await self._in_thread(lambda: self._kafka.snapshot(folder))

    async def restore(self, snapshot: Snapshot | Path | str) -> None:
        """See `Kafka.restore`."""
        await self._in_thread(lambda: self._kafka.restore(snapshot))

    # --- what is in it

    async def create_topic(
        self,
        name: str,
        partitions: int = 1,
        *,
        replication_factor: int | None = None,
        configs: Mapping[str, ConfigValue] | None = None,
    ) -> TopicView:
        """See `Kafka.create_topic`."""
        inspection = self._kafka.inspection
        return await self._run(
            inspection.create_topic(name, partitions, replication_factor=replication_factor, configs=configs)
        )

    async def delete_topic(self, name: str) -> None:
        """See `Kafka.delete_topic`."""
        await self._run(self._kafka.inspection.delete_topic(name))

    async def produce(
        self,
        topic: str,
        value: bytes | str | None,
        *,
        key: bytes | str | None = None,
        headers: HeadersLike = (),
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> Record:
        """See `Kafka.produce`."""
        inspection = self._kafka.inspection
        return await self._run(
            inspection.produce(topic, value, key=key, headers=headers, partition=partition, timestamp_ms=timestamp_ms)
        )

    async def records(self, topic: str, *, partition: int | None = None, isolation: Isolation = "committed") -> list[Record]:
        """See `Kafka.records`."""
        return await self._run(self._kafka.inspection.records(topic, partition=partition, isolation=isolation))

    async def batches(self, topic: str, partition: int = 0) -> list[bytes]:
        """See `Kafka.batches`."""
        return await self._run(self._kafka.inspection.batches(topic, partition))

    async def topics(self) -> Mapping[str, TopicView]:
        """See `Kafka.topics`."""
        return Lookup("topic", await self._run(self._kafka.inspection.topics()))

    async def groups(self) -> Mapping[str, GroupView]:
        """See `Kafka.groups`."""
        return Lookup("group", await self._run(self._kafka.inspection.groups()))

    async def transactions(self) -> Mapping[str, TransactionView]:
        """See `Kafka.transactions`."""
        return Lookup("transactional id", await self._run(self._kafka.inspection.transactions()))

    async def producers(self) -> list[ProducerView]:
        """See `Kafka.producers`."""
        return await self._run(self._kafka.inspection.producers())

    # --- waits

    async def wait_for_records(
        self,
        topic: str,
        count: int = 1,
        *,
        where: Match | None = None,
        isolation: Isolation = "committed",
        timeout_s: float = _WAIT_S,
    ) -> list[Record]:
        """See `Kafka.wait_for_records`."""
        return await self._wait(
            self._kafka.waits.for_records(topic, count, where=where, isolation=isolation, timeout_s=timeout_s)
        )

    async def wait_for_assignment(self, group: str, *, members: int | None = None, timeout_s: float = _WAIT_S) -> GroupView:
        """See `Kafka.wait_for_assignment`."""
        return await self._wait(self._kafka.waits.for_assignment(group, members=members, timeout_s=timeout_s))

    async def wait_until_consumed(self, group: str, *, topic: str | None = None, timeout_s: float = _WAIT_S) -> None:
        """See `Kafka.wait_until_consumed`."""
        await self._wait(self._kafka.waits.until_consumed(group, topic=topic, timeout_s=timeout_s))

    async def wait_for(self, predicate: Callable[[], object], *, timeout_s: float = _WAIT_S) -> None:
        """See `Kafka.wait_for`; the predicate is called on the caller's loop, and may be a coroutine function."""
        check_predicate(predicate, timeout_s)
        waits = self._kafka.waits
        deadline_s = time.monotonic() + timeout_s
        while True:
            seen = waits.changes
            try:
                last = predicate()
                if isawaitable(last):
                    last = await last
            except NotThere as error:
                last, said = None, str(error)
            else:
                said = f"the last time it gave {last!r}"
            if last:
                return
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or not await self._run(waits.for_change(seen, left_s)):
                raise await self._explained(not_true(predicate, said, timeout_s))

    @asynccontextmanager
    async def assert_produces(
        self, topic: str, count: int = 1, *, where: Match | None = None, timeout_s: float = _WAIT_S
    ) -> AsyncIterator[list[Record]]:
        """See `Kafka.assert_produces`."""
        waits = self._kafka.waits
        before = await self._run(waits.mark(topic))
        produced: list[Record] = []
        yield produced
        produced += await self._wait(waits.exactly(topic, count, since=before, where=where, timeout_s=timeout_s))

    async def wait_for_request(
        self, *apis: str, count: int = 1, timeout_s: float = _WAIT_S, **filters: Unpack[Filters]
    ) -> Request:
        """See `RequestLog.wait_for`; all else of `Kafka.requests` does not wait."""
        log = self._kafka.requests
        return await self._in_thread(lambda: log.wait_for(*apis, count=count, timeout_s=timeout_s, **filters))

    # --- when a test has failed

    async def report(self, *, requests: int = 20) -> str:
        """See `Kafka.report`."""
        return await self._in_thread(lambda: self._kafka.report(requests=requests))

    async def leaks(self, *, grace_s: float = 1.0) -> list[str]:
        """See `Kafka.leaks`."""
        return await self._in_thread(lambda: self._kafka.leaks(grace_s=grace_s))

    # --- how

    # --- who may come in, and do what

    async def users(self) -> list[str]:
        """See `Kafka.users`."""
        return await self._run(self._kafka.access.users())

    async def add_user(self, name: str, password: str) -> None:
        """See `Kafka.add_user`."""
        await self._run(self._kafka.access.put_user(name, password))

    async def remove_user(self, name: str) -> None:
        """See `Kafka.remove_user`."""
        await self._run(self._kafka.access.remove_user(name))

    async def acls(self) -> list[Acl]:
        """See `Kafka.acls`."""
        return await self._run(self._kafka.access.acls())

    async def allow(self, user: str, *operations: str, **what: Any) -> Acl:
        """See `Kafka.allow`."""
        return await self._run(self._kafka.access.add_acl(allow(user, *operations, **what)))

    async def deny(self, user: str, *operations: str, **what: Any) -> Acl:
        """See `Kafka.deny`."""
        return await self._run(self._kafka.access.add_acl(deny(user, *operations, **what)))

    async def remove_acl(self, acl: Acl) -> None:
        """See `Kafka.remove_acl`."""
        await self._run(self._kafka.access.remove_acl(acl))

    async def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await the work, which runs on the brokers' loop and is cancelled there when this is."""
        try:
            asyncio.get_running_loop()
            future: concurrent.futures.Future[T] = self._kafka.cluster.submit(work)
        except RuntimeError as error:
            work.close()
            if "no running event loop" in str(error):
                raise RuntimeError(
                    "kafka.aio needs an event loop of asyncio; in one of trio's, run the verbs in a thread"
                ) from None
            raise
        return await asyncio.wrap_future(future)

    async def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await self._run(work)
        except InVain as error:
            await self._explained(error)
            raise

    async def _explained(self, error: InVain) -> InVain:
        await self._in_thread(lambda: explain(self._kafka, error))
        return error

    @staticmethod
    async def _in_thread(work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)
