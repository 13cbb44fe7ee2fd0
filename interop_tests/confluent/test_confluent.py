from __future__ import annotations

import itertools

import pytest
from confluent_kafka import KafkaError, Message, Producer

from interop_tests.confluent.client import ConfluentClient
from interop_tests.contract import ClientContract
from tests.support.brokers import Broker


@pytest.fixture
def client(broker: Broker) -> ConfluentClient:
    return ConfluentClient(broker.bootstrap)


class TestConfluent(ClientContract):
    """librdkafka: it has its own implementation of the protocol, so it disagrees where Java clients agree with themselves."""


def test_idempotent_producer_goes_on_exactly_once_over_a_kill_under_load(
    client: ConfluentClient, broker: Broker, topic: str
) -> None:
    """Producer state is rebuilt from the log: what was written but not acknowledged is retried and recognised."""
    producer = Producer(
        {
            "bootstrap.servers": broker.bootstrap,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 0,
            "batch.num.messages": 20,  # many requests, so that some are in flight when the broker dies
            "reconnect.backoff.max.ms": 500,
        }
    )
    acknowledged = itertools.count()
    failed: list[KafkaError] = []
    count = 5_000
    last = -1

    def delivered(error: KafkaError | None, _message: Message) -> None:
        nonlocal last
        if error is None:
            last = next(acknowledged)
        else:
            failed.append(error)

    for number in range(count):
        producer.produce(topic, value=b"%d" % number, partition=0, on_delivery=delivered)
    while last < count // 4:
        producer.poll(1)
    broker.kill()
    broker.start()
    assert producer.flush(60) == 0
    assert not failed
    read = client.consume(topic, "earliest", count)
    assert [record.value for record in read] == [b"%d" % number for number in range(count)]
    assert client.offsets(topic) == (0, count)
