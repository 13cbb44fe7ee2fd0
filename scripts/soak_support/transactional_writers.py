"""Producers of random transactions: each is committed, aborted, left open by a crash, fenced by another instance or timed out.

A transaction writes to several partitions of a plain topic, where its records stay, and to keys of its writer in a compacted
one. Each record says whose it is, the how many-th of how many. What a writer knows of a transaction's end is in `outcomes`: a
commit that was not answered may have taken effect or not.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import confluent_kafka

PLAIN: Final = "soak-txn-plain"
COMPACTED: Final = "soak-txn-compacted"
PLAIN_PARTITIONS: Final = 4
COMPACTED_PARTITIONS: Final = 2
TIMEOUT_MS: Final = 8_000
_SHORT_TIMEOUT_MS: Final = 1_000
_KEYS_PER_WRITER: Final = 20
_PATIENCE_S: Final = 60.0
# To commit, then to fail, then to have a new producer, each with its patience.
_STUCK_S: Final = 4 * _PATIENCE_S

Outcome = Literal["committed", "aborted", "unknown"]
TransactionId = tuple[int, int]  # writer, number


@dataclass(frozen=True, slots=True)
class Mark:
    """What a record says: it is the `index`-th of a transaction that has `count` in the plain topic, which come first."""

    writer: int
    number: int
    index: int
    count: int

    def encode(self) -> bytes:
        """The record's value."""
        return b"%d %d %d %d" % (self.writer, self.number, self.index, self.count)

    @classmethod
    def decode(cls, value: bytes) -> Mark:
        """Of a record's value."""
        return cls(*map(int, value.split()))

    @property
    def transaction(self) -> TransactionId:
        """Whose it is."""
        return self.writer, self.number


def producer_config(bootstrap: str, transactional_id: str, timeout_ms: int = TIMEOUT_MS) -> dict[str, str | int | float | bool]:
    """Of a producer that goes on over kills."""
    return {
        "bootstrap.servers": bootstrap,
        "transactional.id": transactional_id,
        "transaction.timeout.ms": timeout_ms,
        "linger.ms": 1,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 100,
        "retry.backoff.ms": 20,
        # A bootstrap when the only broker is gone makes librdkafka 2.16 wait for the group coordinator that it knew before, for
        # ever and over its timeout (librdkafka #5511, #5456): send_offsets_to_transaction sends nothing and does not return.
        "metadata.recovery.strategy": "none",
        "log_level": 0,
    }


def until_done(act: Callable[[float], object], patience_s: float = _PATIENCE_S) -> None:
    """Call again what may be tried again, as the broker goes and comes.

    Raises:
        KafkaException: it failed in another way.
        TimeoutError: it would go on for ever.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            act(5.0)
        except confluent_kafka.KafkaException as error:
            if not error.args[0].retriable():
                raise
            if time.monotonic() > deadline:
                raise TimeoutError(f"still to be tried again after {patience_s} s: {error}") from error
        else:
            return


def joined(thread: threading.Thread, what: str) -> list[str]:
    """Wait for the end of a thread that was told to end; the failure, if a call in it does not return."""
    thread.join(_STUCK_S)
    return [f"{what} is stuck"] if thread.is_alive() else []


@dataclass
class Counts:
    """How many transactions ended in which way."""

    ways: dict[str, int] = field(default_factory=dict)

    def add(self, way: str) -> None:
        """One more."""
        self.ways[way] = self.ways.get(way, 0) + 1


class TransactionalWriter:
    """One transactional id, in a thread, until told to end."""

    def __init__(self, bootstrap: str, number: int, seed: int) -> None:
        self.outcomes: dict[TransactionId, Outcome] = {}
        # Of each key of the compacted topic the transactions that wrote it, in order.
        self.of_key: dict[bytes, list[TransactionId]] = {}
        self.counts = Counts()
        self.failures: list[str] = []
        self._bootstrap = bootstrap
        self._writer = number
        self._chance = random.Random(seed * 100 + number)
        self._ended = threading.Event()
        self._number = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let the transaction under way end, and no other begin."""
        self._ended.set()
        self.failures += joined(self._thread, f"writer {self._writer}")

    def _run(self) -> None:
        try:
            producer = self._producer()
            while not self._ended.is_set():
                producer = self._transaction(producer)
        except Exception as error:
            self.failures.append(f"writer {self._writer}: {error!r}")

    def _producer(self, timeout_ms: int = TIMEOUT_MS) -> confluent_kafka.Producer:
        producer = confluent_kafka.Producer(producer_config(self._bootstrap, f"soak-{self._writer}", timeout_ms))
        until_done(producer.init_transactions)
        return producer

    def _transaction(self, producer: confluent_kafka.Producer) -> confluent_kafka.Producer:
        """One transaction; the producer to go on with."""
        way = self._chance.choices(["commit", "abort", "crash", "fence", "time out"], [70, 15, 5, 5, 2])[0]
        if way == "time out":
            producer = self._producer(_SHORT_TIMEOUT_MS)
        self._number += 1
        transaction = self._writer, self._number
        self.outcomes[transaction] = "aborted"
        try:
            producer.begin_transaction()
            self._produce(producer)
            if self._chance.random() < 0.5:
                producer.flush(2)
            if way == "crash":
                producer.purge()
                producer = self._producer()
            elif way == "fence":
                other = self._producer()
                if self._commits(producer):
                    self.failures.append(f"writer {self._writer}: {self._number} was committed although somebody has its id")
                producer = other
            elif way == "time out":
                time.sleep(4 * _SHORT_TIMEOUT_MS / 1000)
                # A kill may have held up the broker, too.
                if self._commits(producer):
                    self.outcomes[transaction] = "committed"
                producer = self._producer()
            elif way == "abort":
                until_done(producer.abort_transaction)
            else:
                self.outcomes[transaction] = "unknown"
                until_done(producer.commit_transaction)
                self.outcomes[transaction] = "committed"
            self.counts.add(way)
        except confluent_kafka.KafkaException:
            self.counts.add(f"failed to {way}")
            producer = self._producer()
        return producer

    @staticmethod
    def _commits(producer: confluent_kafka.Producer) -> bool:
        try:
            until_done(producer.commit_transaction)
        except confluent_kafka.KafkaException:
            return False
        return True

    def _produce(self, producer: confluent_kafka.Producer) -> None:
        chance = self._chance
        # The plain topic tells which transactions were committed.
        in_plain, in_compacted = chance.randrange(1, 8), chance.randrange(5)
        for index in range(in_plain + in_compacted):
            value = Mark(self._writer, self._number, index, in_plain).encode()
            if index < in_plain:
                producer.produce(PLAIN, value=value, partition=chance.randrange(PLAIN_PARTITIONS))
                continue
            key = b"%d-%d" % (self._writer, chance.randrange(_KEYS_PER_WRITER))
            of_key = self.of_key.setdefault(key, [])
            if not of_key or of_key[-1] != (self._writer, self._number):
                of_key.append((self._writer, self._number))
            producer.produce(COMPACTED, key=key, value=value, partition=self._writer % COMPACTED_PARTITIONS)
