"""Members of consumer groups, one adapter per Python client. Nothing is committed on its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

import aiokafka
import confluent_kafka
import kafka

T = TypeVar("T")

_TIMEOUT_S = 30


class GroupMember(Protocol):
    """One subscribed consumer. All calls come from one thread and in turns with other members', so each must be short."""

    def poll(self) -> list[bytes]:
        """Values that arrived; waits a little for them, and takes part in rebalances."""

    def assignment(self) -> set[int]:
        """Partitions it has now."""

    def commit(self) -> None:
        """Commits its positions and waits for the answer."""

    def committed(self, partition: int) -> int | None:
        """What the group has committed, as this client reads it; None when nothing is."""

    def close(self) -> None:
        """Leaves the group; a second call does nothing."""


class ConfluentMember:
    def __init__(self, bootstrap: str, group: str, topic: str) -> None:
        self._topic = topic
        self._consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "heartbeat.interval.ms": 500,
                "reconnect.backoff.max.ms": 500,
            }
        )
        self._consumer.subscribe([topic])

    def poll(self) -> list[bytes]:
        messages = self._consumer.consume(500, 0.05)
        return [message.value() or b"" for message in messages if message.error() is None]

    def assignment(self) -> set[int]:
        return {at.partition for at in self._consumer.assignment()}

    def commit(self) -> None:
        self._consumer.commit(asynchronous=False)

    def committed(self, partition: int) -> int | None:
        (found,) = self._consumer.committed([confluent_kafka.TopicPartition(self._topic, partition)], _TIMEOUT_S)
        return None if found.offset < 0 else found.offset

    def close(self) -> None:
        self._consumer.close()


class KafkaPythonMember:
    def __init__(self, bootstrap: str, group: str, topic: str) -> None:
        self._topic = topic
        self._consumer = kafka.KafkaConsumer(
            topic,
            bootstrap_servers=bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            heartbeat_interval_ms=500,
        )

    def poll(self) -> list[bytes]:
        polled = self._consumer.poll(timeout_ms=50)
        return [record.value for records in polled.values() for record in records]

    def assignment(self) -> set[int]:
        return {at.partition for at in self._consumer.assignment()}

    def commit(self) -> None:
        self._consumer.commit()

    def committed(self, partition: int) -> int | None:
        found = self._consumer.committed(kafka.TopicPartition(self._topic, partition))
        return None if found is None else int(found)

    def close(self) -> None:
        self._consumer.close()


class AiokafkaMember:
    """Its event loop runs in a thread of its own: rebalances and heartbeats go on between the calls."""

    def __init__(self, bootstrap: str, group: str, topic: str) -> None:
        self._topic = topic
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._consumer = self._run(self._make(bootstrap, group, topic))
        # `start` returns when the member has its first assignment, for which others must be polled.
        self._starting = asyncio.run_coroutine_threadsafe(self._consumer.start(), self._loop)

    @staticmethod
    async def _make(bootstrap: str, group: str, topic: str) -> Any:
        consumer = aiokafka.AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            heartbeat_interval_ms=500,
            session_timeout_ms=30_000,
        )
        consumer.subscribe([topic])
        return consumer

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_TIMEOUT_S)

    def poll(self) -> list[bytes]:
        if not self._starting.done():
            return []
        self._starting.result()
        polled = self._run(self._consumer.getmany(timeout_ms=50))
        return [record.value for records in polled.values() for record in records]

    def assignment(self) -> set[int]:
        return {at.partition for at in self._consumer.assignment()}

    def commit(self) -> None:
        self._run(self._consumer.commit())

    def committed(self, partition: int) -> int | None:
        found: int | None = self._run(self._consumer.committed(aiokafka.TopicPartition(self._topic, partition)))
        return found

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._run(self._consumer.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


MEMBERS: dict[str, Callable[[str, str, str], GroupMember]] = {
    "confluent": ConfluentMember,
    "kafka_python": KafkaPythonMember,
    "aiokafka": AiokafkaMember,
}
