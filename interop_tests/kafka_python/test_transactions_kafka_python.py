from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from interop_tests.transaction_contract import (
    PATIENCE_S,
    FencedError,
    MakeTransactions,
    ReadCommitted,
    TransactionContract,
    Transactions,
)
from tests.support.brokers import Broker


class KafkaPythonTransactions:
    def __init__(self, bootstrap: str, transactional_id: str, timeout_ms: int) -> None:
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap,
            transactional_id=transactional_id,
            transaction_timeout_ms=timeout_ms,
            reconnect_backoff_max_ms=500,
        )
        self._producer.init_transactions()

    def begin(self) -> None:
        self._producer.begin_transaction()

    def produce(self, topic: str, *values: bytes, partition: int = 0) -> None:
        sent = [self._producer.send(topic, value=value, partition=partition) for value in values]
        for future in sent:
            future.get(timeout=PATIENCE_S)

    def send_offsets(self, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
        self._producer.send_offsets_to_transaction(
            {TopicPartition(*of): OffsetAndMetadata(offset, "", -1) for of, offset in offsets.items()}, group
        )

    def commit(self) -> None:
        try:
            self._producer.commit_transaction()
        except KafkaError as error:
            raise FencedError(str(error)) from error

    def abort(self) -> None:
        self._producer.abort_transaction()

    def close(self) -> None:
        self._producer.close(timeout=1)


@pytest.fixture
def transactional(broker: Broker) -> MakeTransactions:
    def make(transactional_id: str, timeout_ms: int) -> Transactions:
        return KafkaPythonTransactions(broker.bootstrap, transactional_id, timeout_ms)

    return make


@pytest.fixture
def read_committed(broker: Broker) -> ReadCommitted:
    def read(topic: str, partition: int, count: int) -> list[bytes]:
        deadline = time.monotonic() + PATIENCE_S
        values: list[bytes] = []
        of = TopicPartition(topic, partition)
        with closing(KafkaConsumer(bootstrap_servers=broker.bootstrap, isolation_level="read_committed")) as consumer:
            consumer.assign([of])
            consumer.seek_to_beginning(of)
            while time.monotonic() < deadline:
                found = consumer.poll(timeout_ms=500).get(of, [])
                values += [record.value for record in found]
                if not found and len(values) >= count:
                    return values
        raise TimeoutError

    return read


class TestKafkaPythonTransactions(TransactionContract):
    """kafka-python."""
