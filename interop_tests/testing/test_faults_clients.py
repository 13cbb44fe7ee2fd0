"""What clients do when requests go wrong: the recipes of a test of an application."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import aiokafka
import confluent_kafka
import kafka as kafka_python
import kafka.errors
import pytest

from kafka_compat.testing import Kafka
from kafka_compat.testing.actions import corrupt, disconnect, observe, swallow, throttle

WAIT_S = 20.0


@pytest.fixture
def cluster() -> Iterator[Kafka]:
    configs = {"group.min.session.timeout.ms": 100}
    with Kafka(topics={"orders": 1}, configs=configs) as running:
        yield running


def confluent_producer(cluster: Kafka, **settings: Any) -> confluent_kafka.Producer:
    return confluent_kafka.Producer(
        {
            "bootstrap.servers": cluster.bootstrap_servers,
            "retry.backoff.ms": 10,
            "reconnect.backoff.ms": 10,
            "linger.ms": 0,
            "log_level": 0,
            **{name.replace("_", "."): value for name, value in settings.items()},
        }
    )


def values(cluster: Kafka) -> list[bytes | None]:
    return [record.value for record in cluster.records("orders")]


@pytest.mark.parametrize("idempotent", [True, False])
def test_a_lost_acknowledgement_is_a_duplicate_but_for_an_idempotent_producer(cluster: Kafka, idempotent: bool) -> None:
    """The record is written and its acknowledgement lost; what the producer sends again the partition knows by its sequence."""
    lost = cluster.fail("Produce", disconnect(after_work=True), topic="orders")
    sent = cluster.fail("Produce", observe(), times=None)
    producer = confluent_producer(cluster, enable_idempotence=idempotent)
    producer.produce("orders", b"order 1")
    assert producer.flush(WAIT_S) == 0
    assert (lost.hits, sent.hits) == (1, 1), "the fault has the first request, the one that only looks the second"
    assert values(cluster) == [b"order 1"] * (1 if idempotent else 2)


def test_a_producer_asks_again_where_its_leader_is(cluster: Kafka) -> None:
    refused = cluster.fail("Produce", "NOT_LEADER_OR_FOLLOWER", topic="orders", partition=0)
    producer = kafka_python.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers, retry_backoff_ms=10)
    asked = cluster.fail("Metadata", observe(), times=None, must_fire=False)
    producer.send("orders", b"order 1").get(WAIT_S)
    producer.close()
    assert refused.hits == 1
    assert asked.hits >= 1
    assert values(cluster) == [b"order 1"]


def test_a_wrong_crc_is_seen_by_librdkafka(cluster: Kafka) -> None:
    cluster.produce("orders", b"order 1")
    fault = cluster.fail("Fetch", corrupt("crc"), topic="orders")
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": cluster.bootstrap_servers,
            "group.id": "app",
            "check.crcs": True,
            "fetch.error.backoff.ms": 10,
            "log_level": 0,
        }
    )
    consumer.assign([confluent_kafka.TopicPartition("orders", 0, 0)])
    try:
        broken = consumer.poll(WAIT_S)
        error = None if broken is None else broken.error()
        assert error is not None
        assert error.code() == confluent_kafka.KafkaError._BAD_MSG
        assert fault.hits == 1
    finally:
        consumer.close()


def test_a_wrong_crc_is_seen_by_kafka_python(cluster: Kafka) -> None:
    cluster.produce("orders", b"order 1")
    cluster.fail("Fetch", corrupt("crc"), topic="orders")
    consumer = kafka_python.KafkaConsumer(
        "orders", bootstrap_servers=cluster.bootstrap_servers, auto_offset_reset="earliest", consumer_timeout_ms=10_000
    )
    with pytest.raises(kafka.errors.KafkaError, match=r"CRC|crc|corrupt|Corrupt"):
        next(consumer)
    consumer.close()


def test_a_producer_above_its_quota_is_told(cluster: Kafka) -> None:
    fault = cluster.fail("Produce", throttle(150))
    told: list[float] = []
    producer = confluent_kafka.Producer(
        {
            "bootstrap.servers": cluster.bootstrap_servers,
            "linger.ms": 0,
            "throttle_cb": lambda event: told.append(event.throttle_time),
        }
    )
    producer.produce("orders", b"order 1")
    producer.flush(WAIT_S)
    began_s = time.monotonic()
    producer.produce("orders", b"order 2")
    producer.flush(WAIT_S)
    assert time.monotonic() - began_s > 0.1, "its next request waits"
    producer.poll(1)
    assert told[0] == 0.15, "and, by librdkafka, when it is over"
    assert fault.hits == 1


async def test_a_member_whose_heartbeats_are_lost_loses_its_partitions(cluster: Kafka) -> None:
    cluster.create_topic("jobs", 2)
    stable: Any = {
        "bootstrap_servers": cluster.bootstrap_servers,
        "group_id": "app",
        "session_timeout_ms": 1000,
        "heartbeat_interval_ms": 100,
        "retry_backoff_ms": 20,
        "request_timeout_ms": 1000,
        "metadata_max_age_ms": 200,
    }
    lost = aiokafka.AIOKafkaConsumer("jobs", client_id="lost", **stable)
    other = aiokafka.AIOKafkaConsumer("jobs", client_id="other", **stable)
    await lost.start()
    await other.start()
    try:
        await cluster.aio.wait_for_assignment("app", members=2, timeout_s=WAIT_S)
        for api in ("Heartbeat", "JoinGroup"):
            cluster.fail(api, swallow(), client_id="lost", times=None, must_fire=False)
        assert len(other.assignment()) == 1
        deadline = time.monotonic() + WAIT_S
        while len(other.assignment()) < 2:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        assert cluster.groups["app"].members[0].client_id == "other"
    finally:
        cluster.faults.clear()
        await other.stop()
        await lost.stop()


@pytest.mark.parametrize("error", ["NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS"])
async def test_a_consumer_joins_again_when_its_coordinator_refuses(cluster: Kafka, error: str) -> None:
    cluster.produce("orders", b"order 1")
    refused = cluster.fail("JoinGroup", error, group="app")
    consumer = aiokafka.AIOKafkaConsumer(
        "orders",
        bootstrap_servers=cluster.bootstrap_servers,
        group_id="app",
        auto_offset_reset="earliest",
        retry_backoff_ms=20,
    )
    await consumer.start()
    try:
        record = await asyncio.wait_for(consumer.getone(), WAIT_S)
        assert record.value == b"order 1"
        assert refused.hits == 1
    finally:
        await consumer.stop()


def test_a_producer_waits_for_a_coordinator_that_loads(cluster: Kafka) -> None:
    loading = cluster.fail("InitProducerId", "COORDINATOR_LOAD_IN_PROGRESS", transactional_id="tx", times=2)
    producer = confluent_producer(cluster, transactional_id="tx")
    producer.init_transactions(WAIT_S)
    producer.begin_transaction()
    producer.produce("orders", b"order 1")
    producer.commit_transaction(WAIT_S)
    assert loading.hits == 2
    assert values(cluster) == [b"order 1"]
