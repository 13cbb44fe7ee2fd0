"""One shard of the transaction coordinator: the transactional ids whose records are in one partition of __transaction_state.

An operation decides, from what is known of an id, what it becomes; that is one record, and replaying it is the only change.
What is decided counts at once and is answered when it is durable, where Kafka refuses others with CONCURRENT_TRANSACTIONS until
then; they are refused here as well while markers are being written, which begins when the decision to commit or to abort is
durable and ends with the record that each partition has its own.

Source: Kafka's TransactionCoordinator and TransactionStateManager.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Protocol, TypeVar

from kafka_compat.coordinator.ports import CoordinatorRecord, Outcome
from kafka_compat.coordinator.transaction.ending import next_state
from kafka_compat.coordinator.transaction.metadata import FIRST_VERSION_WITH_BUMP, TransactionMetadata, is_exhausted
from kafka_compat.coordinator.transaction.records import read_record, tombstone, transaction_record
from kafka_compat.coordinator.transaction.states import MAY_EXPIRE, STATE_NAMES, TransactionState
from kafka_compat.coordinator.transaction.values import (
    NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID,
    NOBODY,
    Ending,
    EndRequest,
    InitRequest,
    ListFilter,
    Partitions,
    ProducerIdAndEpoch,
    TransactionDescription,
    TransactionListing,
)
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

T = TypeVar("T")


class Markers(Protocol):
    """Writes the markers of one shard's transactions, and says when a transaction has all of them."""

    def write(self, ending: Ending) -> None:
        """Begin; in the end `TransactionShard.complete` is run."""

    def write_all(self, endings: Iterable[Ending]) -> None:
        """Begin with what was decided before the shard was loaded, however much there is."""

    def close(self) -> None:
        """The shard is given up, and so is what was begun: who leads it next begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionPorts:
    """What a shard asks of its surroundings.

    Attributes:
        markers: of the shard.
        transaction_version: level of the cluster's feature transaction.version now.
        take_producer_id: one that nobody ever had; None when there is none at hand.
        began: told of a transaction that runs, when none did before: somebody has to look whether it is overdue.
    """

    markers: Markers
    transaction_version: Callable[[], int]
    take_producer_id: Callable[[], int | None]
    began: Callable[[], None] = lambda: None


class TransactionShard:
    """State machine of one partition of __transaction_state."""

    def __init__(self, ports: TransactionPorts) -> None:
        self._ports = ports
        self._known: dict[str, TransactionMetadata] = {}
        # Those in state Ongoing, which may time out.
        self._ongoing: dict[str, None] = {}
        # The last decision and the value of its record, whose replay takes it from here: it knows more than the record says.
        self._decided: tuple[bytes, str, TransactionMetadata] | None = None

    @property
    def known(self) -> Mapping[str, TransactionMetadata]:
        """All transactional ids, in the order in which they came up."""
        return MappingProxyType(self._known)

    # --- what producers ask

    def init_producer_id(self, request: InitRequest, now_ms: int) -> Outcome[ProducerIdAndEpoch | None]:
        """InitProducerId: who the producer is from now on; None when its transaction is aborted first: ask again.

        Raises:
            KafkaError: CONCURRENT_TRANSACTIONS, PRODUCER_FENCED, COORDINATOR_LOAD_IN_PROGRESS (no producer id at hand).
        """
        transactional_id, expected = request.transactional_id, request.expected
        known = self._known.get(transactional_id)
        if known is None:
            fresh = TransactionMetadata(
                producer_id=self._new_producer_id(), timeout_ms=request.timeout_ms, last_update_ms=now_ms
            )
            return self._given_out(transactional_id, fresh.incremented(request.timeout_ms, None, now_ms))
        if known.is_prepared:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        if expected is not None and not _may_be(known, expected):
            raise KafkaError(ErrorCode.PRODUCER_FENCED)
        if known.state is TransactionState.ONGOING:
            return self._prepared(transactional_id, self._fenced(known, now_ms), None)
        if known.is_exhausted and (expected is None or expected.producer_epoch == known.producer_epoch):
            becomes = known.rotated(self._new_producer_id(), request.timeout_ms, now_ms, keeps_last_epoch=expected is not None)
        else:
            expected_epoch = None if expected is None else expected.producer_epoch
            becomes = known.incremented(request.timeout_ms, expected_epoch, now_ms)
        return self._given_out(transactional_id, becomes)

    def add_partitions(
        self, transactional_id: str, producer: ProducerIdAndEpoch, partitions: Partitions, client_version: int, now_ms: int
    ) -> Outcome[None]:
        """AddPartitionsToTxn and AddOffsetsToTxn: the transaction has the partitions from now on, or begins with them.

        Raises:
            KafkaError: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
        """
        known = self._existing(transactional_id)
        # First, for the producer may use the producer id already that takes over when the markers are written.
        if known.is_prepared:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        _check_producer(known, producer)
        if known.state is TransactionState.ONGOING and known.has_all(partitions):
            return Outcome(None)
        return Outcome(None, [self._decide(transactional_id, known.grown(partitions, client_version, now_ms))])

    def verify_partitions(
        self, transactional_id: str, producer: ProducerIdAndEpoch, partitions: Sequence[tuple[str, int]]
    ) -> dict[tuple[str, int], ErrorCode]:
        """Which partitions are part of the producer's transaction: NONE, or TRANSACTION_ABORTABLE.

        Raises:
            KafkaError: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
        """
        known = self._existing(transactional_id)
        _check_producer(known, producer)
        if known.is_prepared:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        nothing: frozenset[int] = frozenset()
        return {
            (topic, number): ErrorCode.NONE
            if number in known.partitions.get(topic, nothing)
            else ErrorCode.TRANSACTION_ABORTABLE
            for topic, number in partitions
        }

    def end(self, request: EndRequest, now_ms: int) -> Outcome[ProducerIdAndEpoch]:
        """EndTxn: who the producer is from now on; NOBODY for clients whose epoch does not rise.

        Raises:
            KafkaError: see `ending.next_state`; COORDINATOR_LOAD_IN_PROGRESS (no producer id at hand).
        """
        known = self._existing(request.transactional_id)
        state = next_state(known, request)
        if state is None:
            return Outcome(known.producer if request.bumps_epoch else NOBODY)
        if not request.bumps_epoch:
            return self._prepared(request.transactional_id, known.ended(state, 0, now_ms), NOBODY)
        becomes = known.ended(state, FIRST_VERSION_WITH_BUMP, now_ms, next_producer_id=self._next_producer_id(known))
        return self._prepared(request.transactional_id, becomes, becomes.producer_when_complete)

    # --- what the coordinator does by itself

    def complete(self, ending: Ending, now_ms: int) -> Outcome[None]:
        """Each partition of a decided transaction has its marker; nothing when that is known already."""
        known = self._known.get(ending.transactional_id)
        if known is None or not known.is_prepared or known.producer != ending.producer:
            return Outcome(None)
        return Outcome(None, [self._decide(ending.transactional_id, known.completed(now_ms))])

    @property
    def has_ongoing(self) -> bool:
        """Whether a transaction runs."""
        return bool(self._ongoing)

    def overdue(self, now_ms: int) -> list[str]:
        """The ids whose transactions have run for longer than their producers allowed."""
        return [transactional_id for transactional_id in self._ongoing if self._known[transactional_id].is_overdue(now_ms)]

    def abort_overdue(self, transactional_id: str, now_ms: int) -> Outcome[None]:
        """Abort a transaction that is overdue, and fence its producer.

        Raises:
            KafkaError: COORDINATOR_LOAD_IN_PROGRESS (no producer id at hand).
        """
        known = self._known.get(transactional_id)
        if known is None or not known.is_overdue(now_ms):
            return Outcome(None)
        return self._prepared(transactional_id, self._fenced(known, now_ms), None)

    def expire(self, transactional_ids: Iterable[str], expiration_ms: int, now_ms: int) -> Outcome[None]:
        """Forget those of the ids that nothing has happened to for so long."""
        records: list[CoordinatorRecord] = []
        for transactional_id in transactional_ids:
            known = self._known.get(transactional_id)
            if known is not None and known.state in MAY_EXPIRE and known.last_update_ms <= now_ms - expiration_ms:
                records.append(tombstone(transactional_id))
        return Outcome(None, records, is_atomic=False)

    # --- what admins ask

    def describe(self, transactional_id: str) -> TransactionDescription:
        """DescribeTransactions of one id.

        Raises:
            KafkaError: TRANSACTIONAL_ID_NOT_FOUND.
        """
        known = self._known.get(transactional_id)
        if known is None:
            raise KafkaError(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
        return TransactionDescription(
            state=STATE_NAMES[known.state],
            timeout_ms=known.timeout_ms,
            start_ms=known.start_ms,
            producer=known.producer,
            partitions=known.partitions,
        )

    def list(self, transactional_ids: Iterable[str], wanted: ListFilter, now_ms: int) -> list[TransactionListing]:
        """Those of the ids that the filter lets through."""
        found = []
        for transactional_id in transactional_ids:
            known = self._known.get(transactional_id)
            if known is None or (wanted.producer_ids and known.producer_id not in wanted.producer_ids):
                continue
            state = STATE_NAMES[known.state]
            if wanted.has_states and state not in wanted.states:
                continue
            if wanted.duration_ms >= 0 and now_ms - known.start_ms <= wanted.duration_ms:
                continue
            found.append(TransactionListing(transactional_id, known.producer_id, state))
        return found

    # --- StateMachine

    def replay(self, key: bytes, value: bytes | None, producer_id: int | None, now_ms: int) -> None:
        """Take over one record; what a newer Kafka has written is left alone."""
        decided, self._decided = self._decided, None
        if decided is not None and decided[0] is value:
            self._take_over(decided[1], decided[2])
            return
        read = read_record(key, value)
        if read is not None:
            self._take_over(*read)

    def _take_over(self, transactional_id: str, known: TransactionMetadata | None) -> None:
        if known is not None and known.state is TransactionState.ONGOING:
            if not self._ongoing:
                self._ports.began()
            self._ongoing[transactional_id] = None
        else:
            self._ongoing.pop(transactional_id, None)
        if known is None:
            self._known.pop(transactional_id, None)
        else:
            self._known[transactional_id] = known

    def replay_end_transaction(self, producer_id: int, is_commit: bool) -> None:
        """There are no transactions in this topic."""

    def on_loaded(self, now_ms: int) -> None:
        """Go on with the markers of what is decided."""
        self._ports.markers.write_all(
            _ending(transactional_id, known) for transactional_id, known in self._known.items() if known.is_prepared
        )

    def on_unloaded(self) -> None:
        """Begin nothing any more; clients wait for nothing here."""
        self._ports.markers.close()

    # --- internals

    def _existing(self, transactional_id: str) -> TransactionMetadata:
        known = self._known.get(transactional_id)
        if known is None:
            raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        return known

    def _new_producer_id(self) -> int:
        producer_id = self._ports.take_producer_id()
        if producer_id is None:
            raise KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        return producer_id

    def _next_producer_id(self, known: TransactionMetadata) -> int:
        """Who takes over when an end raises the epoch."""
        return self._new_producer_id() if known.is_exhausted else NO_PRODUCER_ID

    def _decide(self, transactional_id: str, becomes: TransactionMetadata) -> CoordinatorRecord:
        record = transaction_record(transactional_id, becomes, self._ports.transaction_version())
        assert record[1] is not None
        self._decided = (record[1], transactional_id, becomes)
        return record

    def _given_out(self, transactional_id: str, becomes: TransactionMetadata) -> Outcome[ProducerIdAndEpoch | None]:
        return Outcome(becomes.producer, [self._decide(transactional_id, becomes)])

    def _fenced(self, known: TransactionMetadata, now_ms: int) -> TransactionMetadata:
        version = self._ports.transaction_version()
        next_producer_id = self._next_producer_id(known) if version >= FIRST_VERSION_WITH_BUMP else NO_PRODUCER_ID
        return known.fenced(version, now_ms, next_producer_id=next_producer_id)

    def _prepared(self, transactional_id: str, becomes: TransactionMetadata, value: T) -> Outcome[T]:
        record = self._decide(transactional_id, becomes)
        return Outcome(value, [record], [partial(self._write_markers, _ending(transactional_id, becomes))])

    def _write_markers(self, ending: Ending, error: KafkaError | None) -> None:
        if error is None:
            self._ports.markers.write(ending)


def _may_be(known: TransactionMetadata, expected: ProducerIdAndEpoch) -> bool:
    """Whether a producer that takes itself for `expected` may be the current one; its epoch is looked at later.

    It may also be the one before a rotation that it was not told of.
    """
    return (
        known.producer_epoch == NO_PRODUCER_EPOCH
        or expected.producer_id == known.producer_id
        or (expected.producer_id == known.previous_producer_id and is_exhausted(expected.producer_epoch))
    )


def _check_producer(known: TransactionMetadata, producer: ProducerIdAndEpoch) -> None:
    if known.producer_id != producer.producer_id:
        raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    if known.producer_epoch != producer.producer_epoch:
        raise KafkaError(ErrorCode.PRODUCER_FENCED)


def _ending(transactional_id: str, known: TransactionMetadata) -> Ending:
    return Ending(
        transactional_id=transactional_id,
        producer=known.producer,
        is_commit=known.state is TransactionState.PREPARE_COMMIT,
        transaction_version=known.client_version,
        partitions={(topic, number) for topic, numbers in known.partitions.items() for number in numbers},
    )
