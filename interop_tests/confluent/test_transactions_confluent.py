from __future__ import annotations

from collections.abc import Mapping

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from interop_tests.transaction_contract import (
    PATIENCE_S,
    FencedError,
    MakeTransactions,
    ReadCommitted,
    Reader,
    TransactionContract,
    Transactions,
)
from tests.support.brokers import Broker


class ConfluentTransactions:
    """librdkafka says with its errors whether a transaction can be aborted; after a fatal one nothing can."""

    def __init__(self, bootstrap: str, transactional_id: str, timeout_ms: int) -> None:
        self._bootstrap = bootstrap
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "transactional.id": transactional_id,
                "transaction.timeout.ms": timeout_ms,
                "reconnect.backoff.max.ms": 500,
                "linger.ms": 0,
            }
        )
        self._producer.init_transactions(PATIENCE_S)

    def begin(self) -> None:
        self._producer.begin_transaction()

    def produce(self, topic: str, *values: bytes, partition: int = 0) -> None:
        failed: list[KafkaError] = []

        def delivered(error: KafkaError | None, _message: Message) -> None:
            if error is not None:
                failed.append(error)

        for value in values:
            self._producer.produce(topic, value=value, partition=partition, on_delivery=delivered)
        assert self._producer.flush(PATIENCE_S) == 0
        assert not failed

    def send_offsets(self, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": group})
        try:
            self._producer.send_offsets_to_transaction(
                [TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()],
                consumer.consumer_group_metadata(),
                PATIENCE_S,
            )
        finally:
            consumer.close()

    def commit(self) -> None:
        try:
            self._producer.commit_transaction(PATIENCE_S)
        except KafkaException as error:
            raise FencedError(str(error)) from error

    def abort(self) -> None:
        self._producer.abort_transaction(PATIENCE_S)

    def close(self) -> None:
        self._producer.purge()


@pytest.fixture
def transactional(broker: Broker) -> MakeTransactions:
    def make(transactional_id: str, timeout_ms: int) -> Transactions:
        return ConfluentTransactions(broker.bootstrap, transactional_id, timeout_ms)

    return make


@pytest.fixture
def read_committed(broker: Broker) -> ReadCommitted:
    return lambda topic, partition, count: Reader(broker.bootstrap).values(topic, count, partition=partition)


class TestConfluentTransactions(TransactionContract):
    """librdkafka, of transaction version 1."""
