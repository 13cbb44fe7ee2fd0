"""What one client produced, every other consumes: each reads batches that its own code would not have written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from interop_tests.aiokafka.client import AiokafkaClient
from interop_tests.clients import CODECS, Client, Codec, ReadRecord
from interop_tests.confluent.client import ConfluentClient
from interop_tests.contract import as_read, assorted_records
from interop_tests.java.client import JavaClient
from interop_tests.kafka_python.client import KafkaPythonClient
from interop_tests.kcat.client import KcatClient
from tests.support.brokers import Broker, require_commands


@pytest.fixture(scope="module")
def clients(broker_process: Broker) -> Iterator[dict[str, Client]]:
    require_commands("java", "javac", "mvn", "kcat")
    kinds = (AiokafkaClient, ConfluentClient, JavaClient, KafkaPythonClient, KcatClient)
    with ExitStack() as stack:
        yield {kind.__name__: stack.enter_context(closing(kind(broker_process.bootstrap))) for kind in kinds}


def _as_kcat_shows(records: list[ReadRecord]) -> list[ReadRecord]:
    # kcat prints a null header value as the word NULL.
    return [
        ReadRecord(
            offset=record.offset,
            timestamp_ms=record.timestamp_ms,
            key=record.key,
            value=record.value,
            headers=tuple((name, b"NULL" if value is None else value) for name, value in record.headers),
        )
        for record in records
    ]


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize("codec", CODECS)
def test_every_client_consumes_what_every_client_produced(clients: dict[str, Client], topic: str, codec: Codec) -> None:
    expected: list[ReadRecord] = []
    for name, producer in clients.items():
        records = assorted_records(producer)
        producer.produce(topic, records, codec=codec)
        # Read back by the producer itself for timestamps it took from its own clock; the shapes are checked here.
        read = producer.consume(topic, len(expected), len(records))
        shown = as_read(records, read, first_offset=len(expected))
        assert read == (_as_kcat_shows(shown) if name == "KcatClient" else shown), f"{name} does not read what it wrote"
        expected += shown
    for name, consumer in clients.items():
        read = consumer.consume(topic, "earliest", len(expected))
        assert read == (_as_kcat_shows(expected) if name == "KcatClient" else expected), f"read by {name}"
