"""confluent-kafka, the Python binding of librdkafka (C)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import ClassVar

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic

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


def _refused(error: KafkaError) -> RefusedError:
    # librdkafka wraps the broker's code when there is no offset to reset to; the reason is only in the text.
    if error.code() == KafkaError._AUTO_OFFSET_RESET and "out of range" in error.str():
        return RefusedError(KafkaError.OFFSET_OUT_OF_RANGE, error.str())
    return RefusedError(error.code(), error.str())


def read_record(message: Message) -> ReadRecord:
    offset, headers = message.offset(), message.headers()
    # Only messages with an error have no offset, and only headers to be produced are a dict or text.
    assert offset is not None
    assert not isinstance(headers, dict)
    return ReadRecord(
        offset=offset,
        timestamp_ms=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=tuple((name, value.encode() if isinstance(value, str) else value) for name, value in headers or ()),
    )


class _LongPoll:
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def next(self, timeout_s: float) -> ReadRecord:
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            message = self._consumer.poll(left)
            if message is not None and message.error() is None:  # errors here are of the connection: it reconnects
                return read_record(message)
        raise TimeoutError

    def close(self) -> None:
        self._consumer.close()


class ConfluentClient:
    cannot: ClassVar[Mapping[str, str]] = {}

    def __init__(self, bootstrap: str) -> None:
        self._common: dict[str, str | int | float | bool] = {"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 500}

    def _consumer(self, **config: object) -> Consumer:
        # A group id is compulsory, though without subscription and commits no coordinator is ever asked.
        return Consumer(
            {
                **self._common,
                "group.id": "unused",
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "fetch.max.bytes": CLIENT_MAX_REQUEST_SIZE,
                **config,
            }
        )

    def create_topic(self, topic: str, *, partitions: int = 1, configs: Mapping[str, str] | None = None) -> None:
        new = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=dict(configs or {}))
        client = AdminClient(self._common)  # keeps its requests alive: unreferenced it would cancel them
        try:
            client.create_topics([new])[topic].result(_TIMEOUT_S)
        except KafkaException as error:
            raise _refused(error.args[0]) from error

    def delete_topic(self, topic: str) -> None:
        client = AdminClient(self._common)
        try:
            client.delete_topics([topic])[topic].result(_TIMEOUT_S)
        except KafkaException as error:
            raise _refused(error.args[0]) from error

    def topics(self) -> dict[str, int]:
        listed = AdminClient(self._common).list_topics(timeout=_TIMEOUT_S).topics
        return {name: len(topic.partitions) for name, topic in listed.items()}

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
        producer = Producer(
            {
                **self._common,
                "compression.type": codec,
                "acks": acks,
                "enable.idempotence": idempotent,
                "message.max.bytes": CLIENT_MAX_REQUEST_SIZE,
            }
        )
        offsets: list[int] = []
        errors: list[KafkaError] = []

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                errors.append(error)
            elif (offset := message.offset()) is not None:
                offsets.append(offset)

        for record in records:
            producer.produce(
                topic,
                value=record.value,
                key=record.key,
                partition=partition,
                headers=list(record.headers),
                timestamp=record.timestamp_ms or 0,  # 0: the client's clock
                on_delivery=delivered,
            )
        left = producer.flush(_TIMEOUT_S)
        if errors:
            raise _refused(errors[0])
        assert left == 0, f"{left} records were not answered"
        return offsets

    def consume(self, topic: str, start: Start, count: int, *, partition: int = 0) -> list[ReadRecord]:
        consumer = self._consumer()
        try:
            match start:
                case "earliest":
                    offset = OFFSET_BEGINNING
                case "latest":
                    offset = OFFSET_END
                case FromTimestamp(timestamp_ms):
                    asked = TopicPartition(topic, partition, timestamp_ms)
                    offset = consumer.offsets_for_times([asked], _TIMEOUT_S)[0].offset
                case int():
                    offset = start
            consumer.assign([TopicPartition(topic, partition, offset)])
            read: list[ReadRecord] = []
            deadline = time.monotonic() + _TIMEOUT_S
            while len(read) < count:
                messages = consumer.consume(count - len(read), max(0.0, deadline - time.monotonic()))
                if not messages:
                    raise TimeoutError(f"{len(read)} of {count} records")
                for message in messages:
                    if (error := message.error()) is not None:
                        raise _refused(error)
                    read.append(read_record(message))
            return read
        finally:
            consumer.close()

    def offsets(self, topic: str, *, partition: int = 0) -> tuple[int, int]:
        consumer = self._consumer()
        try:
            return consumer.get_watermark_offsets(TopicPartition(topic, partition), _TIMEOUT_S)
        finally:
            consumer.close()

    def offset_for_time(self, topic: str, timestamp_ms: int, *, partition: int = 0) -> int | None:
        consumer = self._consumer()
        try:
            answer = consumer.offsets_for_times([TopicPartition(topic, partition, timestamp_ms)], _TIMEOUT_S)[0]
            assert answer.error is None, answer.error
            return None if answer.offset == OFFSET_END else answer.offset
        finally:
            consumer.close()

    def long_poll(self, topic: str) -> LongPoll:
        consumer = self._consumer(**{"fetch.wait.max.ms": 30_000})
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), _TIMEOUT_S)
        consumer.assign([TopicPartition(topic, 0, end)])
        # Returns with nothing, and with the fetch that waits at the broker in flight.
        assert consumer.poll(0.5) is None
        return _LongPoll(consumer)

    def close(self) -> None:
        pass
