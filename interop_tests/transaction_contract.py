"""What every client with transactions does against the broker; its directory inherits the tests and gives `transactional`.

Consumers of another library check what is committed (`Reader`): what a client believes of itself proves little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar, Final, Protocol

import pytest
from confluent_kafka import Consumer, TopicPartition

from interop_tests.clients import Client
from tests.support.brokers import Broker

PATIENCE_S: Final = 60.0


class FencedError(Exception):
    """The client was told that somebody else has its transactional id, or that its transaction is over."""


class Transactions(Protocol):
    """A producer with a transactional id that has been initialised. Everything may raise `FencedError`."""

    def begin(self) -> None:
        """Begin a transaction."""

    def produce(self, topic: str, *values: bytes, partition: int = 0) -> None:
        """Produce, and wait until it is acknowledged."""

    def send_offsets(self, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
        """Let a group go on behind offsets of (topic, partition), if the transaction commits."""

    def commit(self) -> None:
        """Commit the transaction."""

    def abort(self) -> None:
        """Abort the transaction."""

    def close(self) -> None:
        """End the producer; a transaction that is open stays so."""


# Of a transactional id and a transaction timeout in milliseconds.
MakeTransactions = Callable[[str, int], Transactions]
# What a read_committed consumer of the client under test reads: topic, partition, how many records at least.
ReadCommitted = Callable[[str, int, int], list[bytes]]


class Reader:
    """Reads what is committed, with librdkafka."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    @contextmanager
    def _consumer(self, group: str, isolation: str) -> Iterator[Consumer]:
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": group,
                "isolation.level": isolation,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )
        try:
            yield consumer
        finally:
            consumer.close()

    def values(self, topic: str, count: int, *, partition: int = 0, isolation: str = "read_committed") -> list[bytes]:
        """The first records, `count` of them at least, and what else comes within a moment."""
        deadline = time.monotonic() + PATIENCE_S
        values: list[bytes] = []
        with self._consumer("unused", isolation) as consumer:
            consumer.assign([TopicPartition(topic, partition, 0)])
            while time.monotonic() < deadline:
                message = consumer.poll(0.5)
                if message is not None and message.error() is None:
                    values.append(message.value() or b"")
                elif len(values) >= count:
                    return values
        raise TimeoutError(f"{len(values)} of {count} records of {topic}")

    def committed(self, group: str, topic: str, *, partition: int = 0) -> int | None:
        """Where the group goes on, once that is stable; None where it has committed nothing."""
        with self._consumer(group, "read_committed") as consumer:
            (found,) = consumer.committed([TopicPartition(topic, partition)], timeout=PATIENCE_S)
        return None if found.offset < 0 else found.offset

    def wait_for_committed(self, group: str, topic: str, offset: int) -> None:
        """Return when the group goes on at `offset`: markers may come a little after the end of a transaction."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.committed(group, topic)) != offset:
            assert time.monotonic() < deadline, f"{group} goes on at {found}"


class TransactionContract:
    """Inherited by each client's test class."""

    # Whether a producer that is no member of a group can send its offsets.
    sends_offsets: ClassVar[bool] = True

    @pytest.fixture
    def reader(self, broker: Broker) -> Reader:
        return Reader(broker.bootstrap)

    def test_what_was_committed_is_read_and_what_was_aborted_is_not(
        self, transactional: MakeTransactions, read_committed: ReadCommitted, admin: Client, reader: Reader, topic: str
    ) -> None:
        admin.create_topic(topic, partitions=2)
        producer = transactional(f"tid-{topic}", 60_000)
        for number in range(6):
            producer.begin()
            producer.produce(topic, b"%d" % number, b"%d again" % number)
            producer.produce(topic, b"%d" % number, partition=1)
            if number % 3 == 1:
                producer.abort()
            else:
                producer.commit()
        producer.close()
        numbers = (0, 2, 3, 5)
        expected = [text for number in numbers for text in (b"%d" % number, b"%d again" % number)]
        assert read_committed(topic, 0, 8) == expected
        assert reader.values(topic, 8) == expected
        assert reader.values(topic, 4, partition=1) == [b"%d" % number for number in numbers]
        assert len(reader.values(topic, 12, isolation="read_uncommitted")) == 12

    def test_an_open_transaction_holds_back_what_comes_behind_it(
        self, transactional: MakeTransactions, admin: Client, reader: Reader, topic: str
    ) -> None:
        admin.create_topic(topic)
        slow, quick = transactional(f"slow-{topic}", 60_000), transactional(f"quick-{topic}", 60_000)
        slow.begin()
        slow.produce(topic, b"slow")
        quick.begin()
        quick.produce(topic, b"quick")
        quick.commit()
        assert reader.values(topic, 0) == []
        slow.commit()
        assert reader.values(topic, 2) == [b"slow", b"quick"]
        slow.close()
        quick.close()

    def test_offsets_count_with_the_records_of_their_transaction(
        self, transactional: MakeTransactions, admin: Client, reader: Reader, topic: str
    ) -> None:
        """Consume, transform, produce: the second attempt counts, the first one never happened."""
        if not self.sends_offsets:
            pytest.skip("the library sends offsets of its own members only")
        source, group = f"{topic}-source", f"group-{topic}"
        admin.create_topic(topic)
        admin.create_topic(source)
        producer = transactional(f"tid-{topic}", 60_000)
        for attempt in (b"first", b"second"):
            producer.begin()
            producer.produce(topic, attempt)
            producer.send_offsets(group, {(source, 0): 7})
            if attempt == b"first":
                producer.abort()
                assert reader.committed(group, source) is None
            else:
                producer.commit()
        reader.wait_for_committed(group, source, 7)
        assert reader.values(topic, 1) == [b"second"]
        producer.begin()
        producer.send_offsets(group, {(source, 0): 9})
        producer.commit()
        reader.wait_for_committed(group, source, 9)
        producer.close()

    def test_the_second_of_two_producers_of_one_id_fences_the_first(
        self, transactional: MakeTransactions, admin: Client, reader: Reader, topic: str
    ) -> None:
        admin.create_topic(topic)
        first = transactional(f"tid-{topic}", 60_000)
        first.begin()
        first.produce(topic, b"first")
        second = transactional(f"tid-{topic}", 60_000)
        second.begin()
        second.produce(topic, b"second")
        with pytest.raises(FencedError):
            first.commit()
        second.commit()
        first.close()
        second.close()
        assert reader.values(topic, 1) == [b"second"]

    def test_a_transaction_that_takes_too_long_is_aborted(
        self, transactional: MakeTransactions, admin: Client, reader: Reader, topic: str
    ) -> None:
        """What comes behind it is read when the broker has aborted it: it looks every ten seconds."""
        admin.create_topic(topic)
        slow, quick = transactional(f"slow-{topic}", 1_000), transactional(f"quick-{topic}", 60_000)
        slow.begin()
        slow.produce(topic, b"slow")
        quick.begin()
        quick.produce(topic, b"quick")
        quick.commit()
        assert reader.values(topic, 1) == [b"quick"]
        with pytest.raises(FencedError):
            slow.commit()
        slow.close()
        quick.close()

    def test_committed_transactions_survive_a_kill(
        self, transactional: MakeTransactions, admin: Client, reader: Reader, broker: Broker, topic: str
    ) -> None:
        """An open one is aborted by the next instance."""
        admin.create_topic(topic)
        producer = transactional(f"tid-{topic}", 60_000)
        producer.begin()
        producer.produce(topic, b"committed")
        if self.sends_offsets:
            producer.send_offsets(f"group-{topic}", {(topic, 0): 1})
        producer.commit()
        producer.begin()
        producer.produce(topic, b"open")
        broker.kill()
        broker.start()
        producer.close()
        again = transactional(f"tid-{topic}", 60_000)
        again.begin()
        again.produce(topic, b"again")
        again.commit()
        again.close()
        assert reader.values(topic, 2) == [b"committed", b"again"]
        if self.sends_offsets:
            reader.wait_for_committed(f"group-{topic}", topic, 1)
