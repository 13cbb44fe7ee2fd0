"""kafka-python: blocking, with its own threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from kafka_compat.testing import Kafka


@pytest.fixture
def producer(kafka: Kafka) -> Iterator[KafkaProducer]:
    with closing(KafkaProducer(**kafka.config("kafka-python"))) as producer:
        yield producer


def test_produced_records_are_there(kafka: Kafka, kafka_topic: str, producer: KafkaProducer) -> None:
    with kafka.assert_produces(kafka_topic, 2) as records:
        producer.send(kafka_topic, b"one", key=b"k", headers=[("h", b"v")])
        producer.send(kafka_topic, b"two")
        producer.flush()
    assert [(record.key, record.value, record.headers) for record in records] == [
        (b"k", b"one", (("h", b"v"),)),
        (None, b"two", ()),
    ]


@pytest.mark.parametrize("compression", [None, "gzip", "lz4", "zstd"])
def test_compressions(kafka: Kafka, kafka_topic: str, compression: str | None) -> None:
    if compression in ("lz4", "zstd"):
        pytest.importorskip({"lz4": "lz4", "zstd": "zstandard"}[compression])
    with closing(KafkaProducer(**kafka.config("kafka-python", compression_type=compression))) as producer:
        for number in range(100):
            producer.send(kafka_topic, b"value" * 20 + str(number).encode())
        producer.flush()
    assert len(kafka.wait_for_records(kafka_topic, 100)) == 100


def test_a_group_goes_on_where_it_was(kafka: Kafka, kafka_topic: str, kafka_group: str) -> None:
    for number in range(10):
        kafka.produce(kafka_topic, str(number))
    read: list[bytes] = []
    for _ in range(2):
        settings = kafka.config(
            "kafka-python", group_id=kafka_group, auto_offset_reset="earliest", enable_auto_commit=False, max_poll_records=5
        )
        with closing(KafkaConsumer(kafka_topic, **settings)) as consumer:
            while len(read) % 5 or not (found := [record for some in consumer.poll(1000).values() for record in some]):
                pass
            read += [record.value for record in found]
            consumer.commit({TopicPartition(kafka_topic, 0): OffsetAndMetadata(found[-1].offset + 1, "", -1)})
    assert read == [str(number).encode() for number in range(10)]
    kafka.wait_until_consumed(kafka_group, topic=kafka_topic)


def test_a_transaction(kafka: Kafka, kafka_topic: str) -> None:
    with closing(KafkaProducer(**kafka.config("kafka-python", transactional_id="tx"))) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(kafka_topic, b"aborted").get(30)
        producer.abort_transaction()
        producer.begin_transaction()
        producer.send(kafka_topic, b"committed").get(30)
        producer.commit_transaction()
    assert [record.value for record in kafka.wait_for_records(kafka_topic)] == [b"committed"]


def test_admin(kafka: Kafka, kafka_topic: str) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)) as admin:
        assert kafka_topic in admin.list_topics()


def test_an_error_that_passes_is_retried(kafka: Kafka, kafka_topic: str, producer: KafkaProducer) -> None:
    refused = kafka.fail("Produce", "NOT_ENOUGH_REPLICAS", topic=kafka_topic, times=2)
    producer.send(kafka_topic, b"x").get(30)
    assert refused.hits == 2
