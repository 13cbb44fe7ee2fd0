"""Coordinators die, stop and move under consumers in groups and under transactional producers, which go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import confluent_kafka
import kafka
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from interop_tests.topology.producers import QUICK
from kafka_compat.testing import Kafka, TopicSpec

TOPIC = "orders"
GROUP = "app"
ID = "writer"
ROUNDS = 5
LIMIT_S = 60
HOW = ("kill", "stop", "move")


@pytest.fixture
def three() -> Iterator[Kafka]:
    topics = {TOPIC: TopicSpec(2, replication_factor=3)}
    with Kafka(brokers=3, topics=topics, configs={"min.insync.replicas": 2}) as three:
        yield three


@contextlib.contextmanager
def losing(three: Kafka, how: str, coordinator: int) -> Iterator[None]:
    """The coordinator is another one from now on; what was stopped is started in the end."""
    handle = three.brokers[coordinator]
    other = next(broker for broker in three.brokers if broker != coordinator)
    if how == "move":
        three.topology.move_coordinator(GROUP, to=other)
        three.topology.move_coordinator(transactional_id=ID, to=other)
    else:
        getattr(handle, how)()
    yield
    if not handle.is_running:
        handle.start()


# --- groups


class GroupConsumer(Protocol):
    """Reads with a group and commits by hand."""

    def read(self, count: int) -> list[bytes]:
        """So many values, and no more; they are committed when this returns."""

    def close(self) -> None:
        """Leave the group."""


class ConfluentConsumer:
    def __init__(self, bootstrap: str) -> None:
        config = {
            "bootstrap.servers": bootstrap,
            "group.id": GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
        self._consumer = confluent_kafka.Consumer({**config, **QUICK})
        self._consumer.subscribe([TOPIC])

    def read(self, count: int) -> list[bytes]:
        values: list[bytes] = []
        while len(values) < count:
            message = self._consumer.poll(LIMIT_S)
            assert message is not None, f"{len(values)} of {count} came"
            value = message.value()
            if message.error() is None and isinstance(value, bytes):
                values.append(value)
        self._consumer.commit(asynchronous=False)
        return values

    def close(self) -> None:
        self._consumer.close()


class KafkaPythonConsumer:
    def __init__(self, bootstrap: str) -> None:
        self._consumer = kafka.KafkaConsumer(
            TOPIC,
            bootstrap_servers=bootstrap.split(","),
            group_id=GROUP,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            retry_backoff_ms=20,
            reconnect_backoff_ms=20,
        )

    def read(self, count: int) -> list[bytes]:
        values: list[bytes] = []
        while len(values) < count:
            batches = self._consumer.poll(LIMIT_S * 1000, max_records=count - len(values)).values()
            assert batches, f"{len(values)} of {count} came"
            values += [record.value for batch in batches for record in batch]
        self._consumer.commit()
        return values

    def close(self) -> None:
        self._consumer.close()


class AioKafkaConsumer:
    def __init__(self, bootstrap: str) -> None:
        self._runner = asyncio.Runner()
        self._consumer: AIOKafkaConsumer = self._runner.run(self._start(bootstrap))

    @staticmethod
    async def _start(bootstrap: str) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            TOPIC,
            bootstrap_servers=bootstrap,
            group_id=GROUP,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            retry_backoff_ms=20,
        )
        await consumer.start()
        return consumer

    def read(self, count: int) -> list[bytes]:
        async def read() -> list[bytes]:
            values: list[bytes] = []
            async with asyncio.timeout(LIMIT_S):
                while len(values) < count:
                    values.append((await self._consumer.getone()).value)
                await self._consumer.commit()
            return values

        return self._runner.run(read())

    def close(self) -> None:
        self._runner.run(self._consumer.stop())
        self._runner.close()


CONSUMERS: dict[str, Callable[[str], GroupConsumer]] = {
    "confluent-kafka": ConfluentConsumer,
    "kafka-python": KafkaPythonConsumer,
    "aiokafka": AioKafkaConsumer,
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("library", CONSUMERS)
def test_a_group_goes_on_with_another_coordinator(three: Kafka, library: str, how: str) -> None:
    read: list[bytes] = []
    sent: list[bytes] = []
    with contextlib.closing(CONSUMERS[library](three.bootstrap_servers)) as consumer:
        for number in range(ROUNDS):
            with losing(three, how, three.topology.coordinator(GROUP)) if number else contextlib.nullcontext():
                values = [b"%d" % (10 * number + each) for each in range(10)]
                for value in values:
                    three.produce(TOPIC, value)
                sent += values
                read += consumer.read(10)
    # Committed each time, and nobody else is in the group: nothing comes twice.
    assert sorted(read) == sorted(sent)
    assert sum(three.groups[GROUP].offsets.values()) == len(sent)


# --- transactions


class TransactionalProducer(Protocol):
    """Writes in transactions."""

    def write(self, values: Sequence[bytes], in_between: Callable[[], None]) -> None:
        """One transaction, with something that happens before its end."""

    def close(self) -> None:
        """End it."""


class ConfluentTransactions:
    def __init__(self, bootstrap: str) -> None:
        self._producer = confluent_kafka.Producer({"bootstrap.servers": bootstrap, "transactional.id": ID, **QUICK})
        self._producer.init_transactions(LIMIT_S)

    def write(self, values: Sequence[bytes], in_between: Callable[[], None]) -> None:
        self._producer.begin_transaction()
        for value in values:
            self._producer.produce(TOPIC, value)
        in_between()
        self._producer.commit_transaction(LIMIT_S)

    def close(self) -> None:
        self._producer.flush(LIMIT_S)


class KafkaPythonTransactions:
    def __init__(self, bootstrap: str) -> None:
        self._producer = kafka.KafkaProducer(
            bootstrap_servers=bootstrap.split(","), transactional_id=ID, retry_backoff_ms=20, reconnect_backoff_ms=20
        )
        self._producer.init_transactions()

    def write(self, values: Sequence[bytes], in_between: Callable[[], None]) -> None:
        self._producer.begin_transaction()
        for value in values:
            self._producer.send(TOPIC, value)
        in_between()
        self._producer.commit_transaction()

    def close(self) -> None:
        self._producer.close()


class AioKafkaTransactions:
    def __init__(self, bootstrap: str) -> None:
        self._runner = asyncio.Runner()
        self._producer: AIOKafkaProducer = self._runner.run(self._start(bootstrap))

    @staticmethod
    async def _start(bootstrap: str) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=ID, retry_backoff_ms=20)
        await producer.start()
        return producer

    def write(self, values: Sequence[bytes], in_between: Callable[[], None]) -> None:
        async def write() -> None:
            async with asyncio.timeout(LIMIT_S), self._producer.transaction():
                for value in values:
                    await self._producer.send(TOPIC, value)
                in_between()

        self._runner.run(write())

    def close(self) -> None:
        self._runner.run(self._producer.stop())
        self._runner.close()


PRODUCERS: dict[str, Callable[[str], TransactionalProducer]] = {
    "confluent-kafka": ConfluentTransactions,
    "kafka-python": KafkaPythonTransactions,
    "aiokafka": AioKafkaTransactions,
}


# kafka-python 3.0.12 forgets the request that it has for a coordinator that it cannot connect to (`Sender`, where `await_ready`
# raises): the transaction, and its commit, then wait for ever.
GO_ON = [(library, how) for library in PRODUCERS for how in HOW if library != "kafka-python" or how == "move"]


@pytest.mark.parametrize(("library", "how"), GO_ON)
def test_a_transaction_goes_on_with_another_coordinator(three: Kafka, library: str, how: str) -> None:
    sent: list[bytes] = []
    with contextlib.closing(PRODUCERS[library](three.bootstrap_servers)) as producer:
        for number in range(ROUNDS):
            values = [b"%d" % (10 * number + each) for each in range(10)]
            with contextlib.ExitStack() as stack:

                def lose(stack: contextlib.ExitStack = stack) -> None:
                    stack.enter_context(losing(three, how, three.topology.coordinator(transactional_id=ID)))

                producer.write(values, lose)
            sent += values
    assert sorted(record.value for record in three.records(TOPIC, isolation="committed") if record.value) == sorted(sent)
    assert three.transactions[ID].state in ("CompleteCommit", "PrepareCommit")
