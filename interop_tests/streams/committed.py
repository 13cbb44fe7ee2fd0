"""What of a topic is there for readers: committed, open, aborted; with librdkafka's consumer and bare requests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Literal

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from tests.support.wire_client import WireClient

Isolation = Literal["read_committed", "read_uncommitted"]
Text = tuple[str, str]  # key, empty where there is none, and value

_SETTLE_TIMEOUT_S = 20
_READ_COMMITTED = 1
_READ_UNCOMMITTED = 0
_LATEST = -1


class Reader:
    """Reads all partitions of a topic from the beginning on, without a group; over restarts of the broker."""

    def __init__(self, bootstrap: str, topic: str, partitions: int, isolation: Isolation = "read_committed") -> None:
        self.records: list[list[Text]] = [[] for _ in range(partitions)]
        self._ended: set[int] = set()
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "unused",
                "enable.auto.commit": False,
                "isolation.level": isolation,
                "enable.partition.eof": True,
                "reconnect.backoff.max.ms": 500,
                "fetch.wait.max.ms": 100,
            }
        )
        self._consumer.assign([TopicPartition(topic, index, OFFSET_BEGINNING) for index in range(partitions)])

    @property
    def count(self) -> int:
        """How many records have been read."""
        return sum(map(len, self.records))

    def poll(self, timeout_s: float) -> None:
        """Takes what has come, or waits for the first."""
        for message in self._consumer.consume(10_000, timeout_s):
            partition, error = message.partition(), message.error()
            if error is None:
                key, value = message.key(), message.value()
                assert partition is not None
                assert value is not None
                self.records[partition].append(((key or b"").decode(), value.decode()))
                self._ended.discard(partition)
            elif error.code() == KafkaError._PARTITION_EOF:
                assert partition is not None
                self._ended.add(partition)
            elif error.code() not in {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}:  # it reconnects
                raise KafkaException(error)

    def read_to_the_end(self) -> None:
        """Reads until each partition has said that there is no more; for a topic that nobody writes to."""
        while len(self._ended) < len(self.records):
            self.poll(0.1)

    def close(self) -> None:
        self._consumer.close()


def read_all(bootstrap: str, topic: str, partitions: int, isolation: Isolation = "read_committed") -> list[list[Text]]:
    """The records of each partition, as they are now."""
    with closing(Reader(bootstrap, topic, partitions, isolation)) as reader:
        reader.read_to_the_end()
        return reader.records


def ends(client: WireClient, topic: str, partitions: int, isolation_level: int) -> list[int]:
    """High watermarks (isolation level 0) or last stable offsets (1)."""
    wanted = [ListOffsetsPartition(partition_index=index, timestamp=_LATEST) for index in range(partitions)]
    topics = [ListOffsetsTopic(name=topic, partitions=wanted)]
    # Only a consumer is told of the last stable offset.
    request = ListOffsetsRequest(replica_id=-1, isolation_level=isolation_level, topics=topics)
    found = client.call(request, 6, ListOffsetsResponse).topics[0].partitions
    assert all(partition.error_code == 0 for partition in found), found
    return [each.offset for each in sorted(found, key=lambda each: each.partition_index)]


def open_transactions(client: WireClient, topic: str, partitions: int) -> list[int]:
    """The partitions whose last stable offset is below the high watermark."""
    # In this order: what is committed between the two looks only makes fewer of them.
    watermarks = ends(client, topic, partitions, _READ_UNCOMMITTED)
    stable = ends(client, topic, partitions, _READ_COMMITTED)
    return [index for index in range(partitions) if stable[index] < watermarks[index]]


def wait_until_nothing_is_open(client: WireClient, topics: Mapping[str, int]) -> None:
    """Returns when all partitions, `topics` has their counts, are stable to the end: markers follow the answer to EndTxn."""
    deadline = time.monotonic() + _SETTLE_TIMEOUT_S
    while still_open := {
        topic: partitions for topic, count in topics.items() if (partitions := open_transactions(client, topic, count))
    }:
        assert time.monotonic() < deadline, f"transactions hang in {still_open}"
        time.sleep(0.01)


def topics_of(client: WireClient, prefix: str) -> dict[str, int]:
    """Partition counts of the topics whose names begin so."""
    found = client.call(MetadataRequest(topics=None), 9, MetadataResponse).topics
    return {each.name: len(each.partitions) for each in found if each.name is not None and each.name.startswith(prefix)}
