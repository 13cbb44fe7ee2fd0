"""What clients ask of the transaction coordinator and what they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Final, NamedTuple

NO_PRODUCER_ID: Final = -1
NO_PRODUCER_EPOCH: Final = -1

# Topic name to partition numbers.
Partitions = Mapping[str, frozenset[int]]


class ProducerIdAndEpoch(NamedTuple):
    """Who writes, and as which of its incarnations."""

    producer_id: int
    producer_epoch: int


NOBODY: Final = ProducerIdAndEpoch(NO_PRODUCER_ID, NO_PRODUCER_EPOCH)


class InitRequest(NamedTuple):
    """InitProducerId of a transactional id.

    Attributes:
        transactional_id: of the producer.
        timeout_ms: after which a transaction is aborted; checked already.
        expected: what the producer takes itself for (KIP-360); None for a new one.
    """

    transactional_id: str
    timeout_ms: int
    expected: ProducerIdAndEpoch | None = None


class EndRequest(NamedTuple):
    """EndTxn.

    Attributes:
        transactional_id: of the producer.
        producer: its id and epoch as it knows them.
        is_commit: committed, or aborted.
        bumps_epoch: of a client of transaction version 2, whose epoch rises with each end (KIP-890).
    """

    transactional_id: str
    producer: ProducerIdAndEpoch
    is_commit: bool
    bumps_epoch: bool


class TransactionDescription(NamedTuple):
    """DescribeTransactions of one transactional id; a transaction that never began has start time -1."""

    state: str
    timeout_ms: int
    start_ms: int
    producer: ProducerIdAndEpoch
    partitions: Partitions


class TransactionListing(NamedTuple):
    """One transactional id in a list."""

    transactional_id: str
    producer_id: int
    state: str


class ListFilter(NamedTuple):
    """What a list is narrowed down to; what is empty lets all through.

    Attributes:
        states: names of states.
        has_states: whether states were asked for at all: none that exists lets nothing through.
        producer_ids: of the last transaction.
        duration_ms: only what began longer ago; all when negative. An id that never began counts as old, as in Kafka.
    """

    states: Set[str] = frozenset()
    has_states: bool = False
    producer_ids: Set[int] = frozenset()
    duration_ms: int = -1


class Ending(NamedTuple):
    """A decided transaction whose markers have to be written.

    Attributes:
        transactional_id: of the transaction.
        producer: id and epoch that the markers carry.
        is_commit: committed, or aborted.
        transaction_version: see `EndMarker`.
        partitions: that have no marker yet.
    """

    transactional_id: str
    producer: ProducerIdAndEpoch
    is_commit: bool
    transaction_version: int
    partitions: set[tuple[str, int]]


def grouped(partitions: Sequence[tuple[str, int]]) -> dict[str, frozenset[int]]:
    """Partitions by topic."""
    by_topic: dict[str, set[int]] = {}
    for topic, partition in partitions:
        by_topic.setdefault(topic, set()).add(partition)
    return {topic: frozenset(numbers) for topic, numbers in by_topic.items()}
