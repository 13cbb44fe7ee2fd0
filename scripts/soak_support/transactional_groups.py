"""Consume, transform, produce: members of one group move numbers from one topic to another, each exactly once.

A member's transaction has the numbers it wrote and the offsets of those that it read: they count together. Members come and go
and forget to end their transactions, so that a partition has another owner while the transaction of the last one is open
(KIP-447).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from typing import Final

import confluent_kafka

from scripts.soak_support.transactional_writers import joined, producer_config, until_done

SOURCE: Final = "soak-txn-source"
OUT: Final = "soak-txn-out"
GROUP: Final = "soak-txn"
SOURCE_PARTITIONS: Final = 3
SESSION_TIMEOUT_MS: Final = 2_000
_RECORDS_PER_S: Final = 200


class Numbers:
    """Writes 0, 1, 2, ... to the source, until told to end."""

    def __init__(self, bootstrap: str) -> None:
        self.count = 0
        self.failures: list[str] = []
        self._ended = threading.Event()
        self._producer = confluent_kafka.Producer(
            {"bootstrap.servers": bootstrap, "enable.idempotence": True, "message.timeout.ms": 120_000, "log_level": 0}
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Write no more; returns when all are acknowledged."""
        self._ended.set()
        self.failures += joined(self._thread, "the writer of the numbers")

    def _run(self) -> None:
        while not self._ended.is_set():
            for _ in range(_RECORDS_PER_S // 20):
                self._producer.produce(SOURCE, b"%d" % self.count, partition=self.count % SOURCE_PARTITIONS)
                self.count += 1
            self._producer.poll(0.05)
            time.sleep(0.05)
        if left := self._producer.flush(120):
            self.failures.append(f"{left} records of the source were not acknowledged")


class Mover:
    """One member after the other in a thread, until told to end."""

    def __init__(self, bootstrap: str, number: int, seed: int) -> None:
        self.lives = 0
        self.transactions = 0
        self.failures: list[str] = []
        self.is_churning = True
        self._bootstrap = bootstrap
        self._number = number
        self._chance = random.Random(seed * 1_000 + number)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Leave the group."""
        self._ended.set()
        self.failures += joined(self._thread, f"mover {self._number}")

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._live()
            except confluent_kafka.KafkaException:
                continue  # fenced, or out of the group: the next life begins where the group goes on
            except Exception as error:
                self.failures.append(f"mover {self._number}: {error!r}")
                return

    def _live(self) -> None:
        self.lives += 1
        producer = confluent_kafka.Producer(producer_config(self._bootstrap, f"soak-mover-{self._number}"))
        until_done(producer.init_transactions)
        consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": GROUP,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                # Members that left shortly before a kill are there again after it: the group comes together when they expire.
                "session.timeout.ms": SESSION_TIMEOUT_MS,
                "heartbeat.interval.ms": SESSION_TIMEOUT_MS // 4,
                "reconnect.backoff.max.ms": 100,
                "log_level": 0,
            }
        )
        membership = _Membership()
        try:
            consumer.subscribe([SOURCE], on_assign=membership.begin, on_revoke=membership.end, on_lost=membership.end)
            ends = time.monotonic() + self._chance.uniform(3, 15)
            while not self._ended.is_set() and (not self.is_churning or time.monotonic() < ends):
                before, had_partitions = membership.number, membership.has_partitions
                messages = [message for message in consumer.consume(50, 0.2) if message.error() is None]
                if messages and had_partitions and before != membership.number:
                    return  # Some may be of the partitions that it had before: whoever has them now reads them again.
                if messages:
                    self._move(messages, membership, producer)
        finally:
            consumer.close()

    def _move(
        self, messages: Sequence[confluent_kafka.Message], membership: _Membership, producer: confluent_kafka.Producer
    ) -> None:
        producer.begin_transaction()
        ends: dict[int, int] = {}
        for message in messages:
            partition, offset = message.partition(), message.offset()
            assert partition is not None
            assert offset is not None
            producer.produce(OUT, message.value(), partition=0)
            ends[partition] = offset + 1
        if self.is_churning and self._chance.random() < 0.03:
            raise confluent_kafka.KafkaException("a crash")
        offsets = [confluent_kafka.TopicPartition(SOURCE, partition, offset) for partition, offset in ends.items()]
        try:
            until_done(lambda timeout: producer.send_offsets_to_transaction(offsets, membership.metadata, timeout))
            until_done(producer.commit_transaction)
        except confluent_kafka.KafkaException as error:
            if error.args[0].txn_requires_abort():
                until_done(producer.abort_transaction)
            raise
        self.transactions += 1


class _Membership:
    """Member id and generation under which partitions were assigned: who has others by now is fenced by them."""

    def __init__(self) -> None:
        self.number = 0
        self.has_partitions = False
        self.metadata: object = None

    def begin(self, consumer: confluent_kafka.Consumer, _partitions: object) -> None:
        """Partitions were assigned."""
        self.number += 1
        self.has_partitions = True
        self.metadata = consumer.consumer_group_metadata()

    def end(self, _consumer: confluent_kafka.Consumer, _partitions: object) -> None:
        """They were taken away."""
        self.number += 1
        self.has_partitions = False
