"""librdkafka: its threads, its retries, its transactions."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from kafka_compat.testing import Kafka
from kafka_compat.testing.actions import disconnect
from kafka_compat.testing.clock_control import ClockControl

_TIMEOUT_S = 30.0


@contextlib.contextmanager
def consumer(kafka: Kafka, topic: str, **settings: Any) -> Iterator[Consumer]:
    client = Consumer(kafka.config("confluent", **settings))
    try:
        client.subscribe([topic])
        yield client
    finally:
        client.close()


def read(client: Consumer, count: int) -> list[bytes | None]:
    values: list[bytes | None] = []
    deadline_s = time.monotonic() + _TIMEOUT_S
    while len(values) < count:
        assert time.monotonic() < deadline_s, f"{len(values)} of {count} came"
        message = client.poll(0.1)
        if message is not None:
            assert message.error() is None, message.error()
            values.append(message.value())
    return values


def send(kafka: Kafka, topic: str, *values: bytes, **settings: Any) -> None:
    producer = Producer(kafka.config("confluent", **settings))
    errors: list[object] = []
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: errors.append(error) if error else None)
    assert producer.flush(_TIMEOUT_S) == 0
    assert not errors


def test_produced_records_are_there(kafka: Kafka, kafka_topic: str) -> None:
    send(kafka, kafka_topic, b"one", b"two", linger_ms=5)
    assert [record.value for record in kafka.records(kafka_topic)] == [b"one", b"two"]


def test_what_is_there_is_consumed(kafka: Kafka, kafka_topic: str, kafka_group: str) -> None:
    for number in range(10):
        kafka.produce(kafka_topic, str(number), key="k")
    with consumer(kafka, kafka_topic, group_id=kafka_group, auto_offset_reset="earliest") as client:
        assert read(client, 10) == [str(number).encode() for number in range(10)]
        client.commit(asynchronous=False)
        kafka.wait_until_consumed(kafka_group, topic=kafka_topic)


def test_latest_without_the_race(kafka: Kafka, kafka_topic: str, kafka_group: str) -> None:
    kafka.produce(kafka_topic, "before")
    with consumer(kafka, kafka_topic, group_id=kafka_group, auto_offset_reset="latest") as client:
        client.poll(0)
        deadline_s = time.monotonic() + _TIMEOUT_S
        while not client.assignment():
            assert time.monotonic() < deadline_s
            client.poll(0.05)
        kafka.wait_for_assignment(kafka_group, members=1)
        kafka.produce(kafka_topic, "after")
        assert read(client, 1) == [b"after"]


@pytest.mark.kafka(topics={"shared": 4})
def test_two_members_share_a_topic(kafka: Kafka, kafka_group: str) -> None:
    settings = {"group_id": kafka_group, "auto_offset_reset": "earliest"}
    with consumer(kafka, "shared", **settings) as one, consumer(kafka, "shared", **settings) as other:
        deadline_s = time.monotonic() + _TIMEOUT_S
        while not len(one.assignment()) == len(other.assignment()) == 2:
            assert time.monotonic() < deadline_s
            one.poll(0.02)
            other.poll(0.02)
        group = kafka.wait_for_assignment(kafka_group, members=2)
        assert sorted(where for member in group.members for where in member.assignment) == [("shared", n) for n in range(4)]


def test_a_lost_acknowledgement_doubles_nothing_for_an_idempotent_producer(kafka: Kafka, kafka_topic: str) -> None:
    lost = kafka.fail("Produce", disconnect(after_work=True), topic=kafka_topic)
    send(kafka, kafka_topic, b"once", enable_idempotence=True)
    assert lost.hits == 1
    assert [record.value for record in kafka.records(kafka_topic)] == [b"once"]


def test_an_error_that_passes_is_retried(kafka: Kafka, kafka_topic: str) -> None:
    refused = kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER", topic=kafka_topic, times=2)
    send(kafka, kafka_topic, b"x")
    assert refused.hits == 2


def test_transactions(kafka: Kafka, kafka_topic: str) -> None:
    producer = Producer(kafka.config("confluent", transactional_id="tx"))
    producer.init_transactions(_TIMEOUT_S)
    for value in (b"aborted", b"committed"):
        producer.begin_transaction()
        producer.produce(kafka_topic, value)
        producer.flush(_TIMEOUT_S)
        assert kafka.transactions["tx"].state == "Ongoing"
        if value == b"committed":
            producer.commit_transaction(_TIMEOUT_S)
        else:
            producer.abort_transaction(_TIMEOUT_S)
    assert [record.value for record in kafka.wait_for_records(kafka_topic)] == [b"committed"]
    assert [record.transaction for record in kafka.records(kafka_topic, isolation="all")] == ["aborted", "committed"]


def test_read_process_write(kafka: Kafka, kafka_topic: str, kafka_group: str) -> None:
    for number in range(5):
        kafka.produce(kafka_topic, str(number))
    producer = Producer(kafka.config("confluent", transactional_id="rpw"))
    producer.init_transactions(_TIMEOUT_S)
    settings = {"group_id": kafka_group, "auto_offset_reset": "earliest", "enable_auto_commit": False}
    with consumer(kafka, kafka_topic, **settings) as client:
        values = read(client, 5)
        producer.begin_transaction()
        for value in values:
            producer.produce("out", value)
        producer.send_offsets_to_transaction([TopicPartition(kafka_topic, 0, 5)], client.consumer_group_metadata(), _TIMEOUT_S)
        producer.commit_transaction(_TIMEOUT_S)
        kafka.wait_until_consumed(kafka_group, topic=kafka_topic)
    assert len(kafka.records("out")) == 5


def test_a_topic_deleted_and_made_again(kafka: Kafka, kafka_topic: str) -> None:
    admin = AdminClient(kafka.config("confluent"))
    send(kafka, kafka_topic, b"old")
    for future in admin.delete_topics([kafka_topic]).values():
        future.result(_TIMEOUT_S)
    for future in admin.create_topics([NewTopic(kafka_topic, 2, 1)]).values():
        future.result(_TIMEOUT_S)
    send(kafka, kafka_topic, b"new")
    assert [record.value for record in kafka.records(kafka_topic)] == [b"new"]


@pytest.mark.kafka(brokers=3, topics={"wide": 6})
def test_three_brokers(kafka: Kafka) -> None:
    send(kafka, "wide", *(str(number).encode() for number in range(60)))
    assert len(kafka.records("wide")) == 60
    assert {partition.leader for partition in kafka.topics["wide"].partitions} == {1, 2, 3}


def test_a_session_times_out_by_the_clock(kafka: Kafka, kafka_clock: ClockControl, kafka_topic: str, kafka_group: str) -> None:
    with consumer(kafka, kafka_topic, group_id=kafka_group, session_timeout_ms=6000, auto_offset_reset="earliest") as client:
        kafka.produce(kafka_topic, "x")
        assert read(client, 1) == [b"x"]
        generation = kafka.wait_for_assignment(kafka_group, members=1).generation
        kafka_clock.advance(60_000)
        assert kafka.groups[kafka_group].generation > generation
