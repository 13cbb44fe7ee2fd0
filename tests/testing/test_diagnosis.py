"""The report of a failed test, and what clients have left behind."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.testing import Kafka, TopicSpec
from tests.support.wire_client import WireClient

pytest.importorskip("confluent_kafka", reason="the clients are librdkafka's")
from confluent_kafka import Consumer, Producer

from tests.support.waiting import until
from tests.testing.clients import consuming, read, said, write


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"orders": 2, "payments": 1}, auto_create=False) as kafka:
        yield kafka


def test_a_report_begins_with_the_likely_cause_and_has_what_is_there(kafka: Kafka) -> None:
    kafka.produce("orders", "x", partition=0)
    kafka.fail("Heartbeat", "UNKNOWN_SERVER_ERROR", group="nobody")
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "client.id": "shop", "transactional.id": "tx"})
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce("payments", b"x")
    producer.flush(10)
    with consuming(kafka, "orders", auto_offset_reset="latest") as consumer:
        until(lambda: said(kafka, "orders-0"), lambda: consumer.poll(0.01))
        lines = kafka.report().splitlines()
    assert lines[0].startswith("likely cause: group 'app' was assigned orders-0")
    text = "\n".join(lines)
    assert "  orders  0: 0..1, 1: 0..0\n" in text
    assert "  payments  0: 0..1 (stable to 0)\n" in text
    assert "  app  Stable, generation 1, 1 member\n" in text
    assert "last rebalance: Adding new member billing-" in text
    assert "(billing at /127.0.0.1) subscribes to orders, has orders-0, orders-1\n" in text
    assert "open transactions:\n  tx  Ongoing for " in text
    assert "faults:\n  never fired: <fault Heartbeat, UNKNOWN_SERVER_ERROR" in text
    assert "requests under way:\n  Fetch v" in text
    assert "\nthe last 20:\n" in text
    producer.abort_transaction(10)


def test_a_report_without_anything_to_tell_is_short(kafka: Kafka) -> None:
    assert kafka.report() == (
        f"likely cause: no client has connected: bootstrap.servers is {kafka.bootstrap_servers}\n"
        "topics:\n  orders  0: 0..0, 1: 0..0\n  payments  0: 0..0\ngroups: none"
    )


def test_a_report_has_the_last_requests_and_earlier_refusals(kafka: Kafka) -> None:
    with WireClient(kafka.bootstrap_servers) as client:
        client.call(HeartbeatRequest(group_id="app", member_id="m"), 3, HeartbeatResponse)
    write(kafka)
    text = kafka.report(requests=1)
    assert "the last one:\n  Produce v" in text
    assert "refused before:\n  Heartbeat v3 (group app) from wire-client to broker 1: " in text
    assert "requests" not in kafka.report(requests=0)


def test_a_report_is_there_when_the_cluster_is_not() -> None:
    kafka = Kafka()
    assert kafka.report().startswith("no report: RuntimeError('the cluster is not running")
    with kafka:
        pass
    assert "it was stopped" in kafka.report()


def test_a_report_of_many_topics_is_cut() -> None:
    with Kafka(topics={f"t{number}": TopicSpec(partitions=1) for number in range(40)}) as kafka:
        text = kafka.report()
    assert "  and 10 more\n" in text


def test_nothing_is_left_when_nobody_came(kafka: Kafka) -> None:
    began_s = time.monotonic()
    assert kafka.leaks(grace_s=20) == []
    assert time.monotonic() - began_s < 10


def test_clients_that_are_closed_leave_nothing(kafka: Kafka) -> None:
    write(kafka)
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap_servers, "group.id": "app", "auto.offset.reset": "earliest"})
    consumer.subscribe(["orders"])
    until(lambda: kafka.requests.of("Fetch"), lambda: consumer.poll(0.01))
    consumer.close()
    began_s = time.monotonic()
    assert kafka.leaks(grace_s=20) == []
    assert time.monotonic() - began_s < 10


def test_what_clients_have_left_is_told_with_their_names(kafka: Kafka) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "client.id": "shop", "transactional.id": "tx"})
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce("payments", b"x")
    producer.flush(10)
    with consuming(kafka, "orders") as consumer:
        read(kafka, consumer)
        left = kafka.leaks(grace_s=0)
    assert left[0] == "transaction of 'tx', begun by client 'shop', is still open: payments-0"
    assert left[1].startswith("client 'billing' at /127.0.0.1 never left group 'app' (member billing-")
    assert all("is still connected to broker 1; its last request: " in each for each in left[2:])
    assert {each.split()[1] for each in left[2:]} == {"'shop'", "'billing'"}
    producer.abort_transaction(10)
    assert [each for each in kafka.leaks(grace_s=5) if "'shop'" not in each] == []


def test_a_wait_for_quiet_is_woken_by_the_last_connection(kafka: Kafka) -> None:
    partition = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1000)
    fetch = FetchRequest(max_wait_ms=20_000, min_bytes=1, topics=[FetchTopic(topic="orders", partitions=[partition])])
    client = WireClient(kafka.bootstrap_servers)
    client.send(fetch, 12)
    until(kafka.requests.under_way)
    [left] = kafka.leaks(grace_s=0)
    assert left.startswith("client 'wire-client' at 127.0.0.1:")
    client.close()
    began_s = time.monotonic()
    assert kafka.leaks(grace_s=20) == []
    assert time.monotonic() - began_s < 10
