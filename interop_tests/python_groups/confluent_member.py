"""confluent-kafka: librdkafka's threads work between the calls."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from interop_tests.clients import ReadRecord
from interop_tests.confluent.client import ConfluentClient, read_record
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

client = ConfluentClient


def committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    with closing(Consumer({"bootstrap.servers": bootstrap, "group.id": group})) as consumer:
        partitions = consumer.list_topics(topic, ANSWER_TIMEOUT_S).topics[topic].partitions
        found = consumer.committed([TopicPartition(topic, partition) for partition in partitions], ANSWER_TIMEOUT_S)
    return {at.partition: at.offset for at in found if at.offset >= 0}


class _Member:
    def __init__(self, joining: Joining) -> None:
        self._topic = joining.topic
        self.positions = Positions()
        self._consumer = Consumer(
            {
                "bootstrap.servers": joining.bootstrap,
                "group.id": joining.group,
                **({"group.instance.id": joining.instance} if joining.instance else {}),
                "partition.assignment.strategy": joining.assignor,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "session.timeout.ms": SESSION_TIMEOUT_MS,
                "heartbeat.interval.ms": HEARTBEAT_INTERVAL_MS,
                "fetch.wait.max.ms": FETCH_MAX_WAIT_MS,
                "reconnect.backoff.max.ms": 500,
            }
        )
        self._consumer.subscribe([joining.topic], on_revoke=self._lose, on_lost=self._lose)

    def _lose(self, _: Consumer, lost: list[TopicPartition]) -> None:
        self.positions.forget([at.partition for at in lost])

    def poll(self) -> Arrived:
        # Errors here are of the connection: it reconnects.
        messages = [each for each in self._consumer.consume(500, POLL_TIMEOUT_S) if each.error() is None]
        arrived = [_read(message) for message in messages]
        self.positions.follow(arrived)
        return arrived

    def assigned(self) -> Collection[int]:
        return {at.partition for at in self._consumer.assignment()}

    def commit(self, positions: Positions) -> None:
        offsets = [self._at(partition, offset) for partition, offset in positions.items()]
        for answered in self._consumer.commit(offsets=offsets, asynchronous=False) or ():
            if answered.error is not None:
                raise KafkaException(answered.error)

    def _at(self, partition: int, offset: int = 0) -> TopicPartition:
        return TopicPartition(self._topic, partition, offset)

    def seek(self, partition: int, offset: int) -> None:
        self._consumer.seek(self._at(partition, offset))

    def pause(self, partition: int) -> None:
        self._consumer.pause([self._at(partition)])

    def resume(self, partition: int) -> None:
        self._consumer.resume([self._at(partition)])

    def leave(self) -> None:
        self._consumer.close()


def _read(message: Message) -> tuple[int, ReadRecord]:
    partition = message.partition()
    assert partition is not None  # only messages with an error have none
    return partition, read_record(message)


join = _Member
