"""What clients lose, and what they see, when a leader dies under them."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, Producer, TopicPartition

from kafka_compat.testing import Kafka
from kafka_compat.testing.options import TopicSpec
from scripts.reference_broker import java_command
from tests.support.brokers import require_commands

TOPIC = "t"


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(
        brokers=3, topics={TOPIC: TopicSpec(replication_factor=3, configs={"min.insync.replicas": 2})}, auto_create=False
    ) as kafka:
        yield kafka


class Sender:
    """A producer, and what became of each value."""

    def __init__(self, kafka: Kafka, acks: str, **more: str | int | bool) -> None:
        self.acknowledged: list[bytes] = []
        self.failed: list[KafkaError] = []
        self._next = 0
        self._producer = Producer(
            {
                "bootstrap.servers": kafka.bootstrap_servers,
                "acks": acks,
                "linger.ms": 0,
                "batch.num.messages": 10,
                "retry.backoff.ms": 20,
                "topic.metadata.refresh.interval.ms": 500,
                **more,
            }
        )

    def send(self, count: int) -> None:
        for _ in range(count):
            value = b"%d" % self._next
            self._next += 1
            self._producer.produce(TOPIC, value, partition=0, on_delivery=self._delivered)

    def wait(self, count: int) -> None:
        while len(self.acknowledged) + len(self.failed) < count:
            assert self._producer.poll(30)

    def flush(self) -> None:
        assert self._producer.flush(60) == 0

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            value = message.value()
            assert isinstance(value, bytes)
            self.acknowledged.append(value)
        else:
            self.failed.append(error)


def _all_values(kafka: Kafka) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap_servers, "group.id": "reader", "enable.partition.eof": True})
    values: list[bytes] = []
    with contextlib.closing(consumer):
        consumer.assign([TopicPartition(TOPIC, 0, OFFSET_BEGINNING)])
        while True:
            message = consumer.poll(30)
            assert message is not None
            error = message.error()
            if error is not None:
                assert error.code() == KafkaError._PARTITION_EOF, error
                return values
            value = message.value()
            assert isinstance(value, bytes)
            values.append(value)


@pytest.mark.parametrize("idempotent", [False, True])
def test_acks_all_loses_nothing_when_leaders_die(kafka: Kafka, idempotent: bool) -> None:
    sender = Sender(kafka, "all", **{"enable.idempotence": idempotent})
    sender.send(2_000)
    sender.wait(200)
    first = kafka.topology.leader(TOPIC)
    kafka.brokers[first].kill()
    sender.wait(1_000)
    kafka.brokers[first].start()
    kafka.brokers[kafka.topology.leader(TOPIC)].kill()
    sender.flush()
    assert not sender.failed
    values = _all_values(kafka)
    assert set(sender.acknowledged) <= set(values)
    if idempotent:
        assert values == [b"%d" % number for number in range(2_000)]


def test_acks_1_loses_what_no_follower_had(kafka: Kafka) -> None:
    sender = Sender(kafka, "1")
    sender.send(100)
    sender.flush()
    leader = kafka.topology.leader(TOPIC)
    for broker in (1, 2, 3):
        if broker != leader:
            kafka.topology.pause_replication(broker)
    sender.send(10)
    sender.flush()
    assert len(sender.acknowledged) == 110
    kafka.brokers[leader].kill()
    for broker in (1, 2, 3):
        if broker != leader:
            kafka.topology.resume_replication(broker)
    assert _all_values(kafka) == [b"%d" % number for number in range(100)]


def test_acks_all_waits_for_paused_followers(kafka: Kafka) -> None:
    leader = kafka.topology.leader(TOPIC)
    others = [broker for broker in (1, 2, 3) if broker != leader]
    for broker in others:
        kafka.topology.pause_replication(broker)
    sender = Sender(kafka, "all", **{"request.timeout.ms": 400, "message.timeout.ms": 1_500})
    sender.send(1)
    sender.wait(1)
    assert [error.code() for error in sender.failed] == [KafkaError._MSG_TIMED_OUT]
    assert _all_values(kafka) == []


def test_a_java_producer_loses_nothing_at_acks_all_when_its_leader_dies(kafka: Kafka, tmp_path: Path) -> None:
    require_commands("java", "mvn")
    # By itself the tool does not retry, and is not idempotent.
    properties = tmp_path / "producer.properties"
    properties.write_text("retries=2147483647\nenable.idempotence=true\n")
    count = 1_500
    command = java_command(
        "org.apache.kafka.tools.VerifiableProducer",
        *("--bootstrap-server", kafka.bootstrap_servers, "--topic", TOPIC, "--acks", "-1"),
        *("--max-messages", str(count), "--throughput", "1000", "--command-config", str(properties)),
    )
    acknowledged: list[bytes] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            assert event["name"] != "producer_send_error", event
            if event["name"] == "producer_send_success":
                acknowledged.append(str(event["value"]).encode())
                if len(acknowledged) == 300:
                    kafka.brokers[kafka.topology.leader(TOPIC)].kill()
    assert len(acknowledged) == count
    assert _all_values(kafka) == [b"%d" % number for number in range(count)]


def _lose_what_was_seen(kafka: Kafka) -> None:
    """An unclean election: 10 records that consumers may have read are gone, and 5 others in their place."""
    leader = kafka.topology.leader(TOPIC)
    others = [broker for broker in (1, 2, 3) if broker != leader]
    for broker in others:
        kafka.topology.pause_replication(broker)
    kafka.topology.set_isr(TOPIC, isr=[leader])
    sender = Sender(kafka, "1")
    sender.send(10)
    sender.flush()


def _elect_another(kafka: Kafka, records: int) -> None:
    leader = kafka.topology.leader(TOPIC)
    kafka.brokers[leader].kill()
    kafka.topology.elect(TOPIC, unclean=True)
    for broker in (1, 2, 3):
        if broker != leader:
            kafka.topology.resume_replication(broker)
    assert kafka.topology.leader(TOPIC) != leader
    sender = Sender(kafka, "all")
    sender.send(records)
    sender.flush()


def test_librdkafka_sees_that_what_it_read_is_gone() -> None:
    """KIP-320: the consumer's position lies in an epoch that ended before it."""
    options = TopicSpec(replication_factor=3, configs={"min.insync.replicas": 1})
    with Kafka(brokers=3, topics={TOPIC: options}, auto_create=False) as kafka:
        before = Sender(kafka, "all")
        before.send(20)
        before.flush()
        _lose_what_was_seen(kafka)
        consumer = Consumer({"bootstrap.servers": kafka.bootstrap_servers, "group.id": "reader", "auto.offset.reset": "error"})
        with contextlib.closing(consumer):
            consumer.assign([TopicPartition(TOPIC, 0, OFFSET_BEGINNING)])
            read: list[Message] = []
            while len(read) < 30:
                message = consumer.poll(30)
                assert message is not None
                assert message.error() is None, message.error()
                read.append(message)
            _elect_another(kafka, 25)
            message = consumer.poll(60)
            assert message is not None
            error = message.error()
            assert error is not None, message.value()
            assert "truncation detected at offset 30 (leader epoch 0): broker end offset is 20" in error.str(), error
