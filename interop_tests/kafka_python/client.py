"""kafka-python: pure Python, blocking."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import ClassVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import BrokerResponseError, OffsetOutOfRangeError

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


def read_record(record: ConsumerRecord) -> ReadRecord:
    return ReadRecord(
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers or ()),
    )


class _LongPoll:
    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    def next(self, timeout_s: float) -> ReadRecord:
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            for records in self._consumer.poll(timeout_ms=int(left * 1000)).values():
                return read_record(records[0])
        raise TimeoutError

    def close(self) -> None:
        self._consumer.close()


class KafkaPythonClient:
    cannot: ClassVar[Mapping[str, str]] = {
        "null key and value": "KafkaProducer.send asks for one of them",
        "null header values": "KafkaProducer.send asks for bytes",
    }

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def _admin(self) -> KafkaAdminClient:
        return KafkaAdminClient(bootstrap_servers=self._bootstrap)

    def _consumer(self, **config: object) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="none",
            reconnect_backoff_max_ms=500,
            **config,
        )

    def create_topic(self, topic: str, *, partitions: int = 1, configs: Mapping[str, str] | None = None) -> None:
        new = {topic: {"num_partitions": partitions, "replication_factor": 1, "configs": dict(configs or {})}}
        with closing(self._admin()) as admin:
            try:
                admin.create_topics(new)
            except BrokerResponseError as error:
                raise RefusedError(error.errno, str(error)) from error

    def delete_topic(self, topic: str) -> None:
        with closing(self._admin()) as admin:
            try:
                admin.delete_topics([topic])
            except BrokerResponseError as error:
                raise RefusedError(error.errno, str(error)) from error

    def topics(self) -> dict[str, int]:
        with closing(self._admin()) as admin:
            return {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}

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
        with closing(
            KafkaProducer(
                bootstrap_servers=self._bootstrap,
                compression_type=None if codec == "none" else codec,
                acks=acks,
                enable_idempotence=idempotent,
                max_request_size=CLIENT_MAX_REQUEST_SIZE,
                linger_ms=5,  # with 0 almost each record would be a batch of its own
            )
        ) as producer:
            sent = [
                producer.send(
                    topic,
                    value=record.value,
                    key=record.key,
                    headers=list(record.headers),
                    partition=partition,
                    timestamp_ms=record.timestamp_ms,
                )
                for record in records
            ]
            try:
                return [future.get(_TIMEOUT_S).offset for future in sent]
            except BrokerResponseError as error:
                raise RefusedError(error.errno, str(error)) from error

    def consume(self, topic: str, start: Start, count: int, *, partition: int = 0) -> list[ReadRecord]:
        at = TopicPartition(topic, partition)
        with closing(self._consumer()) as consumer:
            consumer.assign([at])
            match start:
                case "earliest":
                    consumer.seek_to_beginning(at)
                case "latest":
                    consumer.seek_to_end(at)
                case FromTimestamp(timestamp_ms):
                    consumer.seek(at, consumer.offsets_for_times({at: timestamp_ms})[at].offset)
                case int():
                    consumer.seek(at, start)
            read: list[ReadRecord] = []
            deadline = time.monotonic() + _TIMEOUT_S
            while len(read) < count:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{len(read)} of {count} records")
                try:
                    polled = consumer.poll(timeout_ms=1000, max_records=count - len(read))
                except OffsetOutOfRangeError as error:
                    raise RefusedError(error.errno, str(error)) from error
                read += [read_record(record) for record in polled.get(at, ())]
            return read

    def offsets(self, topic: str, *, partition: int = 0) -> tuple[int, int]:
        at = TopicPartition(topic, partition)
        with closing(self._consumer()) as consumer:
            return consumer.beginning_offsets([at])[at], consumer.end_offsets([at])[at]

    def offset_for_time(self, topic: str, timestamp_ms: int, *, partition: int = 0) -> int | None:
        at = TopicPartition(topic, partition)
        with closing(self._consumer()) as consumer:
            found = consumer.offsets_for_times({at: timestamp_ms})[at]
            return None if found is None else found.offset

    def long_poll(self, topic: str) -> LongPoll:
        at = TopicPartition(topic, 0)
        consumer = self._consumer(fetch_max_wait_ms=30_000, request_timeout_ms=60_000)
        consumer.assign([at])
        consumer.seek_to_end(at)
        consumer.position(at)
        # Returns with nothing, and with the fetch that waits at the broker in flight.
        assert not consumer.poll(timeout_ms=300)
        return _LongPoll(consumer)

    def close(self) -> None:
        pass
