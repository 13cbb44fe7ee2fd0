"""aiokafka: asyncio. The adapter runs each call to its end on an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import BrokerResponseError, OffsetOutOfRangeError

from interop_tests.clients import (
    CLIENT_MAX_REQUEST_SIZE,
    Acks,
    Codec,
    FromTimestamp,
    LongPoll,
    ReadRecord,
    Record,
    RefusedError,
    Start,
)

_TIMEOUT_S = 60


def read_record(record: ConsumerRecord[bytes, bytes]) -> ReadRecord:
    return ReadRecord(
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
    )


def _refuse(error_code: int, text: str | None) -> None:
    if error_code != 0:
        raise RefusedError(error_code, text or "")


class _LongPoll:
    def __init__(self, runner: asyncio.Runner, consumer: AIOKafkaConsumer) -> None:
        self._runner = runner
        self._consumer = consumer

    def next(self, timeout_s: float) -> ReadRecord:
        return read_record(self._runner.run(asyncio.wait_for(self._consumer.getone(), timeout_s)))

    def close(self) -> None:
        self._runner.run(self._consumer.stop())


class AiokafkaClient:
    cannot: ClassVar[Mapping[str, str]] = {
        "null key and value": "AIOKafkaProducer.send asks for one of them",
    }

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._runner = asyncio.Runner()

    @contextlib.asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    @contextlib.asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = await self._started_consumer()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def _started_consumer(self, **config: Any) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, enable_auto_commit=False, auto_offset_reset="none", **config
        )
        await consumer.start()
        return consumer

    def create_topic(self, topic: str, *, partitions: int = 1, configs: Mapping[str, str] | None = None) -> None:
        async def run() -> None:
            new = NewTopic(topic, num_partitions=partitions, replication_factor=1, topic_configs=dict(configs or {}))
            async with self._admin() as admin:
                answer = await admin.create_topics([new])
            _, error_code, text, *_ = answer.topic_errors[0]
            _refuse(error_code, text)

        self._runner.run(run())

    def delete_topic(self, topic: str) -> None:
        async def run() -> None:
            async with self._admin() as admin:
                answer = await admin.delete_topics([topic])
            _, error_code = answer.topic_error_codes[0]
            _refuse(error_code, None)

        self._runner.run(run())

    def topics(self) -> dict[str, int]:
        async def run() -> dict[str, int]:
            async with self._admin() as admin:
                return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}

        return self._runner.run(run())

    def produce(
        self,
        topic: str,
        records: Sequence[Record],
        *,
        partition: int = 0,
        codec: Codec = "none",
        acks: Acks = -1,
        idempotent: bool = False,
    ) -> list[int]:
        async def run() -> list[int]:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                compression_type=None if codec == "none" else codec,
                acks=acks,
                enable_idempotence=idempotent,
                max_request_size=CLIENT_MAX_REQUEST_SIZE,
                max_batch_size=CLIENT_MAX_REQUEST_SIZE if len(records) == 1 else 16_384,
                linger_ms=5,
            )
            await producer.start()
            try:
                sent = [
                    await producer.send(
                        topic,
                        value=record.value,
                        key=record.key,
                        headers=list(record.headers),
                        partition=partition,
                        timestamp_ms=record.timestamp_ms,
                    )
                    for record in records
                ]
                answers = await asyncio.wait_for(asyncio.gather(*sent), _TIMEOUT_S)
            except BrokerResponseError as error:
                raise RefusedError(error.errno, str(error)) from error
            finally:
                await producer.stop()
            return [-1 if answer is None else answer.offset for answer in answers]

        return self._runner.run(run())

    def consume(self, topic: str, start: Start, count: int, *, partition: int = 0) -> list[ReadRecord]:
        at = TopicPartition(topic, partition)

        async def run() -> list[ReadRecord]:
            deadline = time.monotonic() + _TIMEOUT_S
            async with self._consumer() as consumer:
                consumer.assign([at])
                match start:
                    case "earliest":
                        await consumer.seek_to_beginning(at)
                    case "latest":
                        await consumer.seek_to_end(at)
                    case FromTimestamp(timestamp_ms):
                        consumer.seek(at, (await consumer.offsets_for_times({at: timestamp_ms}))[at].offset)
                    case int():
                        consumer.seek(at, start)
                read: list[ReadRecord] = []
                while len(read) < count:
                    if time.monotonic() > deadline:
                        seen = f"position {await consumer.position(at)}, high watermark {consumer.highwater(at)}"
                        raise TimeoutError(f"{len(read)} of {count} records, {seen}")
                    try:
                        polled = await consumer.getmany(timeout_ms=1000, max_records=count - len(read))
                    except OffsetOutOfRangeError as error:
                        raise RefusedError(error.errno, str(error)) from error
                    read += [read_record(record) for record in polled.get(at, ())]
                return read

        return self._runner.run(run())

    def offsets(self, topic: str, *, partition: int = 0) -> tuple[int, int]:
        at = TopicPartition(topic, partition)

        async def run() -> tuple[int, int]:
            async with self._consumer() as consumer:
                return (await consumer.beginning_offsets([at]))[at], (await consumer.end_offsets([at]))[at]

        return self._runner.run(run())

    def offset_for_time(self, topic: str, timestamp_ms: int, *, partition: int = 0) -> int | None:
        at = TopicPartition(topic, partition)

        async def run() -> int | None:
            async with self._consumer() as consumer:
                found = (await consumer.offsets_for_times({at: timestamp_ms}))[at]
                return None if found is None else found.offset

        return self._runner.run(run())

    def long_poll(self, topic: str) -> LongPoll:
        at = TopicPartition(topic, 0)

        async def run() -> AIOKafkaConsumer:
            consumer = await self._started_consumer(fetch_max_wait_ms=30_000)
            consumer.assign([at])
            await consumer.seek_to_end(at)
            await consumer.position(at)
            # Returns with nothing, and with the fetch that waits at the broker in flight.
            assert not await consumer.getmany(timeout_ms=300)
            return consumer

        return _LongPoll(self._runner, self._runner.run(run()))

    def close(self) -> None:
        self._runner.close()
