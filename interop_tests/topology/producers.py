"""Producers with acks=all whose deliveries are looked at later: one surface for three libraries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import confluent_kafka
import kafka
from aiokafka import AIOKafkaProducer

# As quick as a test wants to see a client back.
QUICK = {"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 100, "retry.backoff.ms": 20, "log_level": 0}
FLUSH_S = 60


class AsyncProducer(Protocol):
    """Sends without waiting."""

    def send(self, topic: str, values: Sequence[bytes]) -> None:
        """Hand values over, which are then on their way."""

    def delivered(self) -> list[bytes]:
        """Wait for all that are on their way; those that were acknowledged."""

    def close(self) -> None:
        """End it."""


class Confluent:
    """librdkafka, idempotent or with other settings."""

    def __init__(self, bootstrap: str, **settings: object) -> None:
        config = {
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 0,
            **QUICK,
            **settings,
        }
        self._producer = confluent_kafka.Producer(config)
        self._acknowledged: list[bytes] = []

    def send(self, topic: str, values: Sequence[bytes]) -> None:
        for value in values:
            self._producer.produce(topic, value, on_delivery=self._delivered)
            self._producer.poll(0)

    def _delivered(self, error: confluent_kafka.KafkaError | None, message: confluent_kafka.Message) -> None:
        value = message.value()
        if error is None and isinstance(value, bytes):
            self._acknowledged.append(value)

    def delivered(self) -> list[bytes]:
        assert self._producer.flush(FLUSH_S) == 0
        return self._acknowledged

    def close(self) -> None:
        self._producer.flush(FLUSH_S)


class KafkaPython:
    """kafka-python, idempotent."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = kafka.KafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            acks="all",
            enable_idempotence=True,
            retries=1_000,
            retry_backoff_ms=20,
            reconnect_backoff_ms=20,
        )
        self._sent: list[tuple[bytes, kafka.producer.future.FutureRecordMetadata]] = []

    def send(self, topic: str, values: Sequence[bytes]) -> None:
        self._sent += [(value, self._producer.send(topic, value)) for value in values]

    def delivered(self) -> list[bytes]:
        self._producer.flush(FLUSH_S)
        return [value for value, future in self._sent if future.succeeded()]

    def close(self) -> None:
        self._producer.close()


class AioKafka:
    """aiokafka, idempotent, on a loop that runs while it is called."""

    def __init__(self, bootstrap: str) -> None:
        self._runner = asyncio.Runner()
        self._pending: list[tuple[bytes, asyncio.Future[object]]] = []
        self._producer: AIOKafkaProducer = self._runner.run(self._start(bootstrap))

    @staticmethod
    async def _start(bootstrap: str) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, retry_backoff_ms=20)
        await producer.start()
        return producer

    def send(self, topic: str, values: Sequence[bytes]) -> None:
        async def send() -> None:
            for value in values:
                self._pending.append((value, await self._producer.send(topic, value)))

        self._runner.run(send())

    def delivered(self) -> list[bytes]:
        async def wait() -> list[bytes]:
            async with asyncio.timeout(FLUSH_S):
                outcomes = await asyncio.gather(*(future for _, future in self._pending), return_exceptions=True)
            sent = zip(self._pending, outcomes, strict=True)
            return [value for (value, _), outcome in sent if not isinstance(outcome, BaseException)]

        return self._runner.run(wait())

    def close(self) -> None:
        self._runner.run(self._producer.stop())
        self._runner.close()


LIBRARIES = {"confluent-kafka": Confluent, "kafka-python": KafkaPython, "aiokafka": AioKafka}
