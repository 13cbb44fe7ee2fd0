"""`Kafka.config` of each client of Python, tried with all that is made of it: nothing is refused, and no warning is printed."""

from __future__ import annotations

import asyncio
import warnings

import aiokafka
import confluent_kafka
import kafka as kafka_python
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from confluent_kafka.admin import AdminClient

from kafka_compat.testing import Kafka

pytestmark = pytest.mark.kafka(topics={"t": 1})


def test_confluent(kafka: Kafka, capfd: pytest.CaptureFixture[str]) -> None:
    producer = confluent_kafka.Producer(kafka.config("confluent", client_id="app"))
    producer.produce("t", b"x")
    assert producer.flush(10) == 0
    consumer = confluent_kafka.Consumer(kafka.config("confluent", group_id="g", auto_offset_reset="earliest"))
    consumer.subscribe(["t"])
    message = consumer.poll(10)
    assert message is not None
    assert (message.error(), message.value()) == (None, b"x")
    consumer.commit()
    consumer.close()
    assert "t" in AdminClient(kafka.config("confluent")).list_topics(timeout=10).topics
    del producer
    assert capfd.readouterr().err == ""


def test_kafka_python(kafka: Kafka) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        producer = kafka_python.KafkaProducer(**kafka.config("kafka-python", client_id="app"))
        producer.send("t", b"x").get(10)
        producer.close()
        config = kafka.config("kafka-python", group_id="g", auto_offset_reset="earliest", consumer_timeout_ms=10_000)
        consumer = kafka_python.KafkaConsumer("t", **config)
        assert next(consumer).value == b"x"
        consumer.commit()
        consumer.close()
        admin = kafka_python.KafkaAdminClient(**kafka.config("kafka-python"))
        assert "t" in admin.list_topics()
        admin.close()


async def test_aiokafka(kafka: Kafka) -> None:
    producer = aiokafka.AIOKafkaProducer(**kafka.config("aiokafka", client_id="app"))
    await producer.start()
    await producer.send_and_wait("t", b"x")
    await producer.stop()
    config = kafka.config("aiokafka", group_id="g", auto_offset_reset="earliest")
    consumer = aiokafka.AIOKafkaConsumer("t", **config)
    await consumer.start()
    assert (await asyncio.wait_for(consumer.getone(), 10)).value == b"x"
    await consumer.commit()
    await consumer.stop()
    admin = AIOKafkaAdminClient(**kafka.config("aiokafka"))
    await admin.start()
    assert "t" in await admin.list_topics()
    await admin.close()
