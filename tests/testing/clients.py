"""Clients of librdkafka and kafka-python for tests of what is said of them; who uses one asks for its package before."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from kafka_compat.testing import Kafka
from kafka_compat.testing.diagnosis import causes
from tests.support.waiting import until

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Producer

# So that a close needs not wait for a fetch.
_SHORT_WAIT: Final = {"fetch.wait.max.ms": 20}


def said(kafka: Kafka, words: str) -> bool:
    """Whether a cause has these words."""
    return any(words in sentence for sentence in causes(kafka))


@contextmanager
def producing(kafka: Kafka, **settings: Any) -> Iterator[Producer]:
    """A producer that leaves nothing unsent behind."""
    from confluent_kafka import Producer

    named = {name.replace("_", "."): value for name, value in settings.items()}
    producer = Producer(
        {"bootstrap.servers": kafka.bootstrap_servers, "client.id": "shop", "log_level": 0, "error_cb": lambda _: None, **named}
    )
    try:
        yield producer
    finally:
        producer.purge()
        producer.poll(0)


@contextmanager
def consuming(kafka: Kafka, *topics: str, group: str = "app", client: str = "billing", **settings: Any) -> Iterator[Consumer]:
    """A consumer, closed behind."""
    from confluent_kafka import Consumer

    named = {name.replace("_", "."): value for name, value in settings.items()}
    config = {"bootstrap.servers": kafka.bootstrap_servers, "group.id": group, "client.id": client, "log_level": 0}
    consumer = Consumer(config | {"error_cb": lambda _: None} | _SHORT_WAIT | named)
    if topics:
        consumer.subscribe(list(topics))
    try:
        yield consumer
    finally:
        consumer.close()


@contextmanager
def reading(kafka: Kafka, *topics: str, group: str | None = "app", client: str = "billing", **settings: Any) -> Iterator[Any]:
    """A consumer of kafka-python, whose closed sockets are collected here, where nobody minds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of importlib.resources
        import kafka as kafka_python
    consumer = kafka_python.KafkaConsumer(
        *topics, bootstrap_servers=kafka.bootstrap_servers, group_id=group, client_id=client, **settings
    )
    try:
        yield consumer
    finally:
        consumer.close()
        del consumer
        gc.collect()


def read(kafka: Kafka, consumer: Consumer, *, client: str = "billing") -> None:
    """Until it reads, with nothing to be had."""
    until(lambda: kafka.requests.of("Fetch", client_id=client), lambda: consumer.poll(0.01))


def consume(consumer: Consumer, count: int = 1) -> list[bytes | None]:
    """Values of the next records."""
    found: list[bytes | None] = []

    def poll() -> None:
        message = consumer.poll(0.05)
        if message is not None and message.error() is None:
            found.append(message.value())

    until(lambda: len(found) >= count, poll)
    return found


def write(kafka: Kafka, topic: str = "orders", *, client: str = "shop") -> None:
    """A record, through a client."""
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "client.id": client, "log_level": 0})
    producer.produce(topic, b"x")
    assert producer.flush(10) == 0
