"""Clients before a cluster with the versions of Kafka 2.4: each falls back to what it finds, and works."""

from __future__ import annotations

import asyncio
from typing import Final

import aiokafka
import confluent_kafka
import kafka as kafka_python

from kafka_compat.testing import Kafka

# The highest versions of a broker of December 2019, and what it had not yet.
KAFKA_2_4: Final[dict[str, tuple[int, int] | int | None]] = {
    "AddOffsetsToTxn": 1,
    "AddPartitionsToTxn": 1,
    "ApiVersions": 3,
    "CreateTopics": 5,
    "DescribeCluster": None,
    "DescribeTopicPartitions": None,
    "EndTxn": 1,
    "Fetch": 11,
    "FindCoordinator": 3,
    "Heartbeat": 4,
    "InitProducerId": 2,
    "JoinGroup": 6,
    "LeaveGroup": 4,
    "ListOffsets": 5,
    "Metadata": 9,
    "OffsetCommit": 8,
    "OffsetFetch": 6,
    "Produce": 8,
    "SyncGroup": 4,
    "TxnOffsetCommit": 2,
}


def test_each_client_falls_back() -> None:
    with Kafka(topics={"t": 1}, api_versions=KAFKA_2_4) as kafka:
        by_confluent(kafka)
        by_kafka_python(kafka)
        asyncio.run(by_aiokafka(kafka))
        assert [record.value for record in kafka.records("t")] == [b"confluent", b"kafka-python", b"aiokafka"]


def by_confluent(kafka: Kafka) -> None:
    producer = confluent_kafka.Producer(kafka.config("confluent", transactional_id="tx"))
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce("t", b"confluent")
    producer.commit_transaction(10)
    consumer = confluent_kafka.Consumer(kafka.config("confluent", group_id="c", auto_offset_reset="earliest"))
    consumer.subscribe(["t"])
    message = consumer.poll(10)
    assert message is not None
    assert (message.error(), message.value()) == (None, b"confluent")
    consumer.close()


def by_kafka_python(kafka: Kafka) -> None:
    producer = kafka_python.KafkaProducer(**kafka.config("kafka-python"))
    producer.send("t", b"kafka-python").get(10)
    producer.close()
    consumer = kafka_python.KafkaConsumer("t", **kafka.config("kafka-python", group_id="k", auto_offset_reset="earliest"))
    assert next(consumer).value == b"confluent"
    consumer.close()


async def by_aiokafka(kafka: Kafka) -> None:
    producer = aiokafka.AIOKafkaProducer(**kafka.config("aiokafka"))
    await producer.start()
    await producer.send_and_wait("t", b"aiokafka")
    await producer.stop()
    consumer = aiokafka.AIOKafkaConsumer("t", **kafka.config("aiokafka", group_id="a", auto_offset_reset="earliest"))
    await consumer.start()
    assert (await asyncio.wait_for(consumer.getone(), 10)).value == b"confluent"
    await consumer.stop()
