"""Likely causes that show in what clients could not do; each with a case that looks alike and is none."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.testing import Kafka, TopicSpec
from kafka_compat.testing.actions import hold, observe
from kafka_compat.testing.diagnosis import causes
from tests.support.wire_client import WireClient

pytest.importorskip("confluent_kafka", reason="the clients are librdkafka's")
from tests.support.waiting import until
from tests.testing.clients import producing, said


def test_no_client_at_all() -> None:
    with Kafka(topics={"orders": 1}) as kafka:
        assert causes(kafka) == [f"no client has connected: bootstrap.servers is {kafka.bootstrap_servers}"]
        with WireClient(kafka.bootstrap_servers) as client:
            client.call(MetadataRequest(topics=[]), 12, MetadataResponse)
        assert causes(kafka) == []


def test_a_client_that_speaks_tls() -> None:
    with Kafka(topics={"orders": 1}) as kafka, producing(kafka, security_protocol="SSL") as producer:
        until(kafka.requests.closed_connections, lambda: producer.poll(0.01))
        first = causes(kafka)[0]
        assert "the first bytes were no request of Kafka's protocol: it looks like a TLS client hello" in first
        assert "security.protocol=PLAINTEXT" in first


def test_a_client_that_wants_sasl() -> None:
    secrets = {"sasl_mechanisms": "PLAIN", "sasl_username": "a", "sasl_password": "b"}
    with (
        Kafka(topics={"orders": 1}) as kafka,
        producing(kafka, security_protocol="SASL_PLAINTEXT", **secrets) as producer,
    ):
        kafka.requests.wait_for("SaslHandshake", timeout_s=10)
        producer.poll(0)
        assert causes(kafka)[0].startswith(
            "client 'shop' cannot authenticate: the client wants SASL (PLAIN); the listener PLAINT"
        )


def test_a_topic_that_does_not_exist() -> None:
    with Kafka(topics={"orders": 1}, auto_create=False) as kafka, producing(kafka) as producer:
        producer.produce("ordres", b"x")
        until(lambda: kafka.requests.of("Metadata", topic="ordres").errors(), lambda: producer.poll(0.01))
        assert causes(kafka)[0] == (
            "client 'shop' asks for topic 'ordres', which does not exist (did you mean 'orders'?): "
            "auto.create.topics.enable is false"
        )
        kafka.create_topic("ordres")
        producer.flush(10)
        assert causes(kafka) == []


def test_records_that_are_too_large() -> None:
    with Kafka(topics={"orders": 1}, configs={"message.max.bytes": 1000}) as kafka, producing(kafka) as producer:
        producer.produce("orders", bytes(5000))
        producer.flush(10)
        first = causes(kafka)[0]
        assert first.startswith(
            "records of client 'shop' to orders were refused: MESSAGE_TOO_LARGE: topicData[0].partitionData[0]"
        )
        assert first.endswith("max.message.bytes of orders is 1,000")


def test_a_refusal_that_a_retry_has_overcome_is_no_cause() -> None:
    with Kafka(topics={"orders": 1}) as kafka, producing(kafka, retry_backoff_ms=1) as producer:
        kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER", times=2)
        producer.produce("orders", b"x")
        assert producer.flush(10) == 0
        assert causes(kafka) == ["the fault NOT_LEADER_OR_FOLLOWER has hit 2 Produce requests, the last one of client 'shop'"]


def test_a_producer_that_was_not_flushed() -> None:
    with Kafka(topics={"orders": 1}) as kafka, producing(kafka, linger_ms=60_000) as producer:
        producer.produce("orders", b"x")
        kafka.requests.wait_for("Metadata", topic="orders")
        assert causes(kafka) == [
            (
                "client 'shop' asked where 'orders' is, and has neither produced nor read: "
                "a producer sends by flush(), a consumer reads when it is polled"
            )
        ]
        producer.flush(10)
        assert causes(kafka) == []


def test_a_request_that_a_fault_holds() -> None:
    with Kafka(topics={"orders": 1}) as kafka, producing(kafka) as producer:
        fault = kafka.fail("Produce", hold())
        producer.produce("orders", b"x")
        producer.poll(0)
        fault.wait(10)
        assert causes(kafka)[0].startswith("a fault (hold) has held back a Produce of client 'shop' (orders) for ")
        fault.release()
        assert producer.flush(10) == 0
        assert not said(kafka, "held back")


def test_who_only_observes_is_no_cause() -> None:
    with Kafka(topics={"orders": 1}) as kafka, producing(kafka) as producer:
        kafka.fail("Produce", observe())
        producer.produce("orders", b"x")
        assert producer.flush(10) == 0
        assert causes(kafka) == []


def test_a_request_that_cannot_be_read() -> None:
    with Kafka(topics={"orders": 1}) as kafka, WireClient(kafka.bootstrap_servers) as client:
        header = b"\0\x0c\0\x63\0\0\0\x07\0\x04test\0"  # Heartbeat 99
        client.send_bytes(len(header).to_bytes(4) + header)
        assert client.is_closed_by_peer()
        assert causes(kafka) == [
            (
                "the connection of client 'test' was closed at its Heartbeat v99: "
                "unsupported api key 12 version 99 (client id 'test')"
            )
        ]


def test_a_broker_that_is_stopped() -> None:
    with Kafka(brokers=2, topics={"orders": TopicSpec(partitions=2, replication_factor=1), "safe": 2}) as kafka:
        with WireClient(kafka.bootstrap_servers.split(",")[0]) as client:
            client.call(MetadataRequest(topics=[]), 12, MetadataResponse)
        assert causes(kafka) == []
        [lost] = [each.id for each in kafka.topics["orders"].partitions if each.leader == 2]
        kafka.brokers[2].stop()
        assert causes(kafka)[0] == f"broker 2 is stopped, and orders-{lost} has no leader"
        assert "stopped brokers: 2\n" in kafka.report()
        kafka.brokers[2].start()
        assert causes(kafka) == []
        for broker in kafka.brokers.values():
            broker.stop()
        assert causes(kafka)[0] == "brokers 1, 2 are stopped, and orders-0, orders-1, safe-0 and 1 more have no leader"
        assert kafka.report().startswith("likely cause: brokers 1, 2 are stopped")
