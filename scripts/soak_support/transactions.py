"""Random transactions over plain and compacted topics, with kills in between, and a checker that follows every record.

What must hold of readers that read committed: of a transaction all records are read or none, each once, over topics and
partitions; nothing of an aborted one; what was acknowledged as committed is there; records of a writer are in order in each
partition; of a compacted key the last committed value is left. Of groups that consume, transform and produce: every number
exactly once, and the group's offsets at the end of what it has read. And nothing hangs: the readers get to the end of every
partition, and no transaction is left open.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from scripts.soak_support.transactional_groups import (
    GROUP,
    OUT,
    SESSION_TIMEOUT_MS,
    SOURCE,
    SOURCE_PARTITIONS,
    Mover,
    Numbers,
)
from scripts.soak_support.transactional_writers import (
    COMPACTED,
    COMPACTED_PARTITIONS,
    PLAIN,
    PLAIN_PARTITIONS,
    Mark,
    Outcome,
    TransactionalWriter,
    TransactionId,
)
from tests.support.processes import ServeProcess
from tests.support.wire_client import WireClient

_WRITERS: Final = 4
_MOVERS: Final = 3
_QUIET_S: Final = 90.0
_QUIET_READS_S: Final = 3.0
_TOPICS: Final = {PLAIN: PLAIN_PARTITIONS, COMPACTED: COMPACTED_PARTITIONS, SOURCE: SOURCE_PARTITIONS, OUT: 1}
_MOST_FAILURES: Final = 20
_SETTINGS: Final = {
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    "offsets.topic.num.partitions": "2",
    "transaction.state.log.num.partitions": "2",
    "log.cleaner.backoff.ms": "100",
    "group.min.session.timeout.ms": str(SESSION_TIMEOUT_MS),
}
_COMPACT: Final = {
    "cleanup.policy": "compact",
    "segment.bytes": str(1 << 20),
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "2000",
}


@dataclass
class TransactionsReport:
    """What a run did and found; `failures` in words, empty when all is well."""

    kills: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    read: int = 0
    moved: int = 0
    moves: int = 0
    lives: int = 0
    failures: list[str] = field(default_factory=list)


class CommittedReader:
    """Reads partitions of a topic from their first offset as committed."""

    def __init__(self, bootstrap: str, topic: str, partitions: int, name: str) -> None:
        self.name = name
        self.failures: list[str] = []
        self.messages: list[confluent_kafka.Message] = []
        self._partitions = [confluent_kafka.TopicPartition(topic, partition, 0) for partition in range(partitions)]
        self._consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "none",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "reconnect.backoff.ms": 20,
                "reconnect.backoff.max.ms": 100,
                "log_level": 0,
            }
        )
        self._consumer.assign(self._partitions)

    def poll(self) -> None:
        """Take what there is."""
        for message in self._consumer.consume(10_000, 0.05):
            error = message.error()
            if error is None:
                self.messages.append(message)
            elif not error.retriable():
                self.failures.append(f"{self.name}: {error}")

    def close(self) -> None:
        """End the consumer."""
        self._consumer.close()


def run(directory: Path, command: Sequence[str], seconds: float, kill_every_s: float, seed: int) -> TransactionsReport:
    """Let writers, movers and readers work for `seconds`, kill in between, then check."""
    report = TransactionsReport()
    settings = [argument for key, value in _SETTINGS.items() for argument in ("--set", f"{key}={value}")]
    broker = ServeProcess(directory, command, settings)
    broker.start()
    try:
        _create(broker.bootstrap)
        writers = [TransactionalWriter(broker.bootstrap, number, seed) for number in range(_WRITERS)]
        numbers = Numbers(broker.bootstrap)
        movers = [Mover(broker.bootstrap, number, seed) for number in range(_MOVERS)]
        beside = [
            CommittedReader(broker.bootstrap, PLAIN, PLAIN_PARTITIONS, "the reader beside"),
            CommittedReader(broker.bootstrap, OUT, 1, "the reader of the moved"),
            CommittedReader(broker.bootstrap, COMPACTED, COMPACTED_PARTITIONS, "the reader of the compacted"),
        ]
        ends = time.monotonic() + seconds
        next_kill = time.monotonic() + kill_every_s
        while time.monotonic() < ends:
            for reader in beside:
                reader.poll()
            if kill_every_s and time.monotonic() > next_kill:
                broker.kill()
                broker.start()
                report.kills += 1
                next_kill = time.monotonic() + kill_every_s
        for writer in writers:
            writer.end()
            report.failures += writer.failures
            report.ways.update(writer.counts.ways)
        numbers.end()
        report.failures += numbers.failures
        for mover in movers:
            mover.is_churning = False
        _wait_until_moved(beside[1], numbers.count, report)
        for mover in movers:
            mover.end()
            report.failures += mover.failures
            report.moves += mover.transactions
            report.lives += mover.lives
        _check_nothing_open(broker.bootstrap, report)
        late = CommittedReader(broker.bootstrap, PLAIN, PLAIN_PARTITIONS, "the reader after")
        compacted = CommittedReader(broker.bootstrap, COMPACTED, COMPACTED_PARTITIONS, "the compacted after")
        readers = [*beside, late, compacted]
        _read_to_the_end(readers)
        for reader in readers:
            reader.close()
            report.failures += reader.failures
        outcomes = {transaction: outcome for writer in writers for transaction, outcome in writer.outcomes.items()}
        seen = _check_atomic(beside[0], outcomes, report)
        if _check_atomic(late, outcomes, report) != seen:
            report.failures.append("the reader after has seen other transactions than the reader beside")
        _check_compacted(beside[2], outcomes, report)
        _check_last_values(compacted, writers, seen, report)
        _check_moved(beside[1], broker.bootstrap, numbers.count, report)
        report.read = sum(len(reader.messages) for reader in beside)
        report.moved = numbers.count
        log = broker.log_text()
        report.failures += [line for line in log.splitlines() if " ERROR " in line or line.startswith("Traceback")]
    finally:
        broker.kill()
    return report


def _create(bootstrap: str) -> None:
    topics = [
        NewTopic(PLAIN, PLAIN_PARTITIONS, 1),
        NewTopic(COMPACTED, COMPACTED_PARTITIONS, 1, config=_COMPACT),
        NewTopic(SOURCE, SOURCE_PARTITIONS, 1),
        NewTopic(OUT, 1, 1),
    ]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.create_topics(topics).values():
        made.result(30)


def _wait_until_moved(reader: CommittedReader, count: int, report: TransactionsReport) -> None:
    deadline = time.monotonic() + _QUIET_S
    while len(reader.messages) < count:
        reader.poll()
        if time.monotonic() > deadline:
            report.failures.append(f"{len(reader.messages)} of {count} numbers were moved after {_QUIET_S} s")
            return


def _read_to_the_end(readers: Sequence[CommittedReader]) -> None:
    """Read until nothing comes any more; positions do not say so, for behind the last record there may be markers."""
    quiet_since, count = time.monotonic(), -1
    while time.monotonic() - quiet_since < _QUIET_READS_S:
        for reader in readers:
            reader.poll()
        if (now := sum(len(reader.messages) for reader in readers)) != count:
            quiet_since, count = time.monotonic(), now


def _check_atomic(
    reader: CommittedReader, outcomes: dict[TransactionId, Outcome], report: TransactionsReport
) -> set[TransactionId]:
    """The transactions that are in the plain topic: whole, once, in order; none that was aborted, all that were committed."""
    failures: list[str] = []
    seen: dict[TransactionId, set[int]] = {}
    counts: dict[TransactionId, int] = {}
    last: dict[tuple[int, int], tuple[int, int]] = {}  # (writer, partition) -> number and index
    for message in reader.messages:
        value, partition = message.value(), message.partition()
        assert value is not None
        assert partition is not None
        mark = Mark.decode(value)
        indexes = seen.setdefault(mark.transaction, set())
        if mark.index in indexes:
            failures.append(f"{reader.name}: {mark} is there twice")
        indexes.add(mark.index)
        counts[mark.transaction] = mark.count
        place = mark.number, mark.index
        if place <= last.get((mark.writer, partition), (0, -1)):
            failures.append(f"{reader.name}: {mark} in partition {partition} behind {last[mark.writer, partition]}")
        last[mark.writer, partition] = place
    for transaction, count in counts.items():
        if len(seen[transaction]) != count:
            failures.append(f"{reader.name}: of {transaction} {len(seen[transaction])} of {count} records are there")
    for transaction, outcome in outcomes.items():
        is_there = transaction in seen
        if is_there and outcome == "aborted":
            failures.append(f"{reader.name}: {transaction} was aborted and is there")
        if not is_there and outcome == "committed":
            failures.append(f"{reader.name}: {transaction} was committed and is not there")
    report.failures += failures[:_MOST_FAILURES]
    return set(seen)


def _check_compacted(reader: CommittedReader, outcomes: dict[TransactionId, Outcome], report: TransactionsReport) -> None:
    aborted = {
        mark for message in reader.messages if outcomes[(mark := Mark.decode(message.value() or b"")).transaction] == "aborted"
    }
    report.failures += [f"{reader.name}: {mark} was aborted and is there" for mark in list(aborted)[:_MOST_FAILURES]]


def _check_last_values(
    reader: CommittedReader,
    writers: Sequence[TransactionalWriter],
    committed: set[TransactionId],
    report: TransactionsReport,
) -> None:
    """Of each key what was committed last is left, which says that transactions are whole over both topics."""
    view: dict[bytes, TransactionId] = {}
    for message in reader.messages:
        view[message.key() or b""] = Mark.decode(message.value() or b"").transaction
    failures = []
    for writer in writers:
        for key, transactions in writer.of_key.items():
            expected = next((transaction for transaction in reversed(transactions) if transaction in committed), None)
            if view.get(key) != expected:
                failures.append(f"{reader.name}: {key!r} is of {view.get(key)} and not of {expected}")
    report.failures += failures[:_MOST_FAILURES]


def _check_moved(reader: CommittedReader, bootstrap: str, count: int, report: TransactionsReport) -> None:
    times = Counter(int(message.value() or b"-1") for message in reader.messages)
    wrong = [f"{number} was moved {times[number]} times" for number in range(count) if times[number] != 1]
    report.failures += wrong[:_MOST_FAILURES]
    consumer = confluent_kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": GROUP})
    partitions = [confluent_kafka.TopicPartition(SOURCE, partition) for partition in range(SOURCE_PARTITIONS)]
    committed = consumer.committed(partitions, timeout=_QUIET_S)
    ends = [consumer.get_watermark_offsets(partition, timeout=10)[1] for partition in partitions]
    consumer.close()
    if [partition.offset for partition in committed] != ends:
        report.failures.append(f"the group goes on at {committed}, the source ends at {ends}")


def _check_nothing_open(bootstrap: str, report: TransactionsReport) -> None:
    """Every transaction ends, by its timeout at the latest, and holds back no reader."""
    request = ListTransactionsRequest(state_filters=["Ongoing", "PrepareCommit", "PrepareAbort"])
    deadline = time.monotonic() + _QUIET_S
    with WireClient(bootstrap) as client:
        while True:
            open_ = [state.transactional_id for state in client.call(request, 0, ListTransactionsResponse).transaction_states]
            held_back = [topic for topic in _TOPICS if _latest(client, topic, 0) != _latest(client, topic, 1)]
            if not open_ and not held_back:
                return
            if time.monotonic() > deadline:
                report.failures.append(f"after {_QUIET_S} s transactions of {open_} are open and {held_back} are held back")
                return
            time.sleep(0.1)


def _latest(client: WireClient, topic: str, isolation_level: int) -> list[int]:
    """The end of each partition: the high watermark, or with isolation level 1 the last stable offset."""
    wanted = [ListOffsetsPartition(partition_index=partition, timestamp=-1) for partition in range(_TOPICS[topic])]
    request = ListOffsetsRequest(isolation_level=isolation_level, topics=[ListOffsetsTopic(name=topic, partitions=wanted)])
    return [found.offset for found in client.call(request, 7, ListOffsetsResponse).topics[0].partitions]
