"""What a test sees of what real clients do, and how it waits for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka import Consumer, Producer
from kafka import KafkaConsumer, KafkaProducer

from kafka_compat.testing import Kafka


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"t": 2}) as kafka:
        yield kafka


class Polling:
    """A consumer of group `app` that is polled in a thread, and commits what it gets."""

    def __init__(self, poll: Callable[[], list[bytes]], close: Callable[[], None]) -> None:
        self.values: list[bytes] = []
        self._poll = poll
        self._close = close
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.values += self._poll()
        finally:
            self._close()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def confluent(bootstrap: str, reset: str = "latest", **configs: object) -> Polling:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "app",
            "auto.offset.reset": reset,
            "enable.auto.commit": False,
            **configs,
        }
    )
    consumer.subscribe(["t"])

    def poll() -> list[bytes]:
        message = consumer.poll(0.05)
        if message is None or message.error():
            return []
        value = message.value()
        assert isinstance(value, bytes)
        consumer.commit(message=message, asynchronous=False)
        return [value]

    return Polling(poll, consumer.close)


def kafka_python(bootstrap: str, reset: str = "latest") -> Polling:
    consumer = KafkaConsumer(
        "t", bootstrap_servers=bootstrap, group_id="app", auto_offset_reset=reset, enable_auto_commit=False
    )

    def poll() -> list[bytes]:
        records = [record for some in consumer.poll(timeout_ms=500).values() for record in some]
        if records:
            consumer.commit()
        return [record.value for record in records]

    return Polling(poll, consumer.close)


@pytest.mark.parametrize("start", [confluent, kafka_python])
def test_a_consumer_that_reads_from_latest_misses_nothing_after_its_assignment(
    kafka: Kafka, start: Callable[[str], Polling]
) -> None:
    """The record is produced at once: without the wait most runs lose it."""
    kafka.produce("t", "before", partition=0)
    consumer = start(kafka.bootstrap_servers)
    try:
        view = kafka.wait_for_assignment("app", members=1, timeout_s=20)
        assert view.members[0].assignment == (("t", 0), ("t", 1))
        for partition in range(2):
            kafka.produce("t", "after", partition=partition)
        kafka.wait_until_consumed("app", topic="t", timeout_s=20)
    finally:
        consumer.stop()
    assert consumer.values == [b"after", b"after"]
    assert kafka.groups["app"].state == "Empty"


def test_why_a_record_was_missed_is_said(kafka: Kafka) -> None:
    kafka.produce("t", "before", partition=0)
    consumer = confluent(kafka.bootstrap_servers)
    try:
        kafka.wait_for_assignment("app", timeout_s=20)
        said = "began at 1: it reads from latest, and 1 record had been written before"
        with pytest.raises(TimeoutError, match=said) as info:
            kafka.wait_until_consumed("app", topic="t", timeout_s=1)
        assert any("and reads from latest" in note for note in info.value.__notes__)
    finally:
        consumer.stop()


@pytest.mark.parametrize("assignor", ["range", "cooperative-sticky"])
def test_members_that_come_and_go_are_waited_for(kafka: Kafka, assignor: str) -> None:
    configs = {"partition.assignment.strategy": assignor}
    first = confluent(kafka.bootstrap_servers, **configs)
    try:
        kafka.wait_for_assignment("app", members=1, timeout_s=20)
        second = confluent(kafka.bootstrap_servers, **configs)
        try:
            view = kafka.wait_for_assignment("app", members=2, timeout_s=30)
            assert sorted(len(member.assignment) for member in view.members) == [1, 1]
            kafka.produce("t", "0", partition=0)
            kafka.produce("t", "1", partition=1)
            kafka.wait_until_consumed("app", topic="t", timeout_s=20)
        finally:
            second.stop()
        view = kafka.wait_for_assignment("app", members=1, timeout_s=30)
        assert len(view.members[0].assignment) == 2
    finally:
        first.stop()
    assert sorted(first.values + second.values) == [b"0", b"1"]


def test_transactions_are_seen_open_committed_and_aborted(kafka: Kafka) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": "tx"})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("t", b"one", partition=0)
    producer.flush(20)
    (record,) = kafka.wait_for_records("t", isolation="uncommitted")
    assert (record.transaction, record.sequence) == ("open", 0)
    assert kafka.records("t") == []
    with pytest.raises(
        TimeoutError, match=r"no records came; 1 record is in a transaction that is still open \(t-0 at 0: b'one'\)"
    ):
        kafka.wait_for_records("t", timeout_s=0.01)
    transaction = kafka.transactions["tx"]
    assert (transaction.state, transaction.partitions) == ("Ongoing", (("t", 0),))
    assert (transaction.producer_id, transaction.producer_epoch) == (record.producer_id, record.producer_epoch)
    (known,) = kafka.producers()
    assert (known.producer_id, known.transaction_start_offset, known.last_sequence) == (record.producer_id, 0, 0)
    producer.commit_transaction(20)
    (record,) = kafka.wait_for_records("t")
    assert record.transaction == "committed"
    kafka.wait_for(lambda: kafka.transactions["tx"].state == "CompleteCommit")

    producer.begin_transaction()
    producer.produce("t", b"two", partition=0)
    producer.flush(20)
    producer.abort_transaction(20)
    kafka.wait_for(lambda: kafka.transactions["tx"].state == "CompleteAbort")
    assert [each.transaction for each in kafka.records("t", isolation="uncommitted")] == ["committed", "aborted"]
    assert [each.transaction for each in kafka.records("t", isolation="all")] == ["committed", "aborted"]
    assert [each.value for each in kafka.records("t")] == [b"one"]
    with pytest.raises(TimeoutError, match="1 record is of an aborted transaction"):
        kafka.wait_for_records("t", 2, timeout_s=0.01)


def test_a_transactions_end_marker_need_not_be_consumed(kafka: Kafka) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": "tx"})
    producer.init_transactions(20)
    consumer = confluent(kafka.bootstrap_servers, "earliest")
    try:
        for commits in (True, False):
            producer.begin_transaction()
            producer.produce("t", b"x", partition=0)
            producer.flush(20)
            if commits:
                producer.commit_transaction(20)
            else:
                producer.abort_transaction(20)
        kafka.wait_until_consumed("app", topic="t", timeout_s=20)
    finally:
        consumer.stop()
    assert consumer.values == [b"x"]
    assert kafka.groups["app"].lag[("t", 0)] > 0


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches_are_decoded(kafka: Kafka, codec: str) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "compression.type": codec, "linger.ms": 50})
    for number in range(1000):
        producer.produce("t", str(number) * 10, key="k", headers={"h": b"1"}, partition=0)
    with kafka.assert_produces("t", 1000) as records:
        producer.flush(20)
    assert [record.value for record in records] == [(str(number) * 10).encode() for number in range(1000)]
    assert {(record.key, record.headers) for record in records} == {(b"k", (("h", b"1"),))}
    assert sum(map(len, kafka.batches("t"))) < sum(len(record.value or b"") for record in records)


def test_records_go_where_kafkas_clients_send_them(kafka: Kafka) -> None:
    """kafka-python and aiokafka hash keys as the Java client does; librdkafka can."""
    kafka.create_topic("many", 7)
    keys = [str(number).encode() for number in range(30)]
    expected = {key: kafka.produce("many", "ours", key=key).partition for key in keys}
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap_servers)
    for key in keys:
        producer.send("many", value=b"theirs", key=key)
    producer.flush(20)
    producer.close()
    librdkafka = Producer({"bootstrap.servers": kafka.bootstrap_servers, "partitioner": "murmur2_random"})
    for key in keys:
        librdkafka.produce("many", b"theirs", key=key)
    librdkafka.flush(20)
    theirs = [record for record in kafka.records("many") if record.value == b"theirs"]
    assert len(theirs) == 60
    assert {record.key: record.partition for record in theirs} == expected


async def test_an_asyncio_client_goes_on_while_its_test_waits(kafka: Kafka) -> None:
    consumer = AIOKafkaConsumer("t", bootstrap_servers=kafka.bootstrap_servers, group_id="app", auto_offset_reset="latest")
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers)
    async with consumer, producer:
        consuming = asyncio.ensure_future(consumer.getone())
        view = await kafka.aio.wait_for_assignment("app", timeout_s=20)
        assert view.members[0].assignment == (("t", 0), ("t", 1))
        async with kafka.aio.assert_produces("t") as records:
            await producer.send_and_wait("t", b"x")
        assert [record.value for record in records] == [b"x"]
        assert (await asyncio.wait_for(consuming, 20)).value == b"x"
        await consumer.commit()
        await kafka.aio.wait_until_consumed("app", topic="t", timeout_s=20)
