from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from interop_tests.transaction_contract import (
    PATIENCE_S,
    FencedError,
    MakeTransactions,
    ReadCommitted,
    TransactionContract,
    Transactions,
)
from tests.support.brokers import Broker


class AiokafkaTransactions:
    def __init__(self, runner: asyncio.Runner, bootstrap: str, transactional_id: str, timeout_ms: int) -> None:
        self._runner = runner

        async def start() -> AIOKafkaProducer:
            producer = AIOKafkaProducer(
                bootstrap_servers=bootstrap, transactional_id=transactional_id, transaction_timeout_ms=timeout_ms
            )
            await producer.start()
            return producer

        self._producer = runner.run(start())

    def begin(self) -> None:
        self._runner.run(self._producer.begin_transaction())

    def produce(self, topic: str, *values: bytes, partition: int = 0) -> None:
        async def produce() -> None:
            for value in values:
                await self._producer.send_and_wait(topic, value, partition=partition)

        self._runner.run(produce())

    def send_offsets(self, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
        wanted = {TopicPartition(*of): offset for of, offset in offsets.items()}
        self._runner.run(self._producer.send_offsets_to_transaction(wanted, group))

    def commit(self) -> None:
        try:
            self._runner.run(self._producer.commit_transaction())
        except KafkaError as error:
            raise FencedError(str(error)) from error

    def abort(self) -> None:
        self._runner.run(self._producer.abort_transaction())

    def close(self) -> None:
        async def stop() -> None:
            await asyncio.wait_for(self._producer.stop(), 5)

        # It is fenced, or its transaction is over: the test has seen it.
        with contextlib.suppress(KafkaError, TimeoutError):
            self._runner.run(stop())


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def transactional(broker: Broker, runner: asyncio.Runner) -> MakeTransactions:
    def make(transactional_id: str, timeout_ms: int) -> Transactions:
        return AiokafkaTransactions(runner, broker.bootstrap, transactional_id, timeout_ms)

    return make


@pytest.fixture
def read_committed(broker: Broker, runner: asyncio.Runner) -> ReadCommitted:
    async def read(topic: str, partition: int, count: int) -> list[bytes]:
        consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, isolation_level="read_committed")
        await consumer.start()
        try:
            of = TopicPartition(topic, partition)
            consumer.assign([of])
            consumer.seek(of, 0)
            values: list[bytes] = []
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    found = (await consumer.getmany(of, timeout_ms=500)).get(of, [])
                    values += [record.value or b"" for record in found]
                    if not found and len(values) >= count:
                        return values
        finally:
            await consumer.stop()

    return lambda topic, partition, count: runner.run(read(topic, partition, count))


class TestAiokafkaTransactions(TransactionContract):
    """aiokafka."""
