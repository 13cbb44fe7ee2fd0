"""aiokafka: its event loop runs in a thread of its own, so that rebalances and heartbeats go on between the calls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Coroutine
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from interop_tests.aiokafka.client import AiokafkaClient, read_record
from interop_tests.python_groups.members import (
    ANSWER_TIMEOUT_S,
    FETCH_MAX_WAIT_MS,
    HEARTBEAT_INTERVAL_MS,
    POLL_TIMEOUT_S,
    SESSION_TIMEOUT_MS,
    Arrived,
    Joining,
    Positions,
)

T = TypeVar("T")

client = AiokafkaClient

_ASSIGNORS = {"range": RangePartitionAssignor}


def committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    async def run() -> dict[int, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            found = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        return {at.partition: offset.offset for at, offset in found.items() if at.topic == topic}

    return asyncio.run(run())


class _Member(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, joining: Joining) -> None:
        self._topic = joining.topic
        self.positions = Positions()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._consumer = self._run(self._make(joining))
        # `start` returns when the member has its first assignment, for which others must be polled.
        self._starting = asyncio.run_coroutine_threadsafe(self._consumer.start(), self._loop)

    async def _make(self, joining: Joining) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=joining.bootstrap,
            group_id=joining.group,
            group_instance_id=joining.instance,
            partition_assignment_strategy=[_ASSIGNORS[joining.assignor]],
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
            fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        )
        consumer.subscribe([joining.topic], listener=self)
        return consumer

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_TIMEOUT_S)

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self.positions.forget([at.partition for at in revoked])

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        pass

    def poll(self) -> Arrived:
        try:
            self._starting.result(POLL_TIMEOUT_S)
        except TimeoutError:
            return []
        return self._run(self._poll())

    async def _poll(self) -> Arrived:
        polled = await self._consumer.getmany(timeout_ms=int(POLL_TIMEOUT_S * 1000))
        arrived = [(at.partition, read_record(record)) for at, records in polled.items() for record in records]
        self.positions.follow(arrived)
        return arrived

    def assigned(self) -> Collection[int]:
        return {at.partition for at in self._consumer.assignment()}

    def commit(self, positions: Positions) -> None:
        self._run(self._consumer.commit({TopicPartition(self._topic, each): offset for each, offset in positions.items()}))

    def _call(self, act: Callable[[], None]) -> None:
        async def run() -> None:
            act()

        self._run(run())

    def seek(self, partition: int, offset: int) -> None:
        self._call(lambda: self._consumer.seek(TopicPartition(self._topic, partition), offset))

    def pause(self, partition: int) -> None:
        self._call(lambda: self._consumer.pause(TopicPartition(self._topic, partition)))

    def resume(self, partition: int) -> None:
        self._call(lambda: self._consumer.resume(TopicPartition(self._topic, partition)))

    def leave(self) -> None:
        self._run(self._consumer.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


join = _Member
