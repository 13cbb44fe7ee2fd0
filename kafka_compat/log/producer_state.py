"""What one partition knows of its producers: sequences, epochs and open transactions (KIP-98, KIP-360, KIP-890).

Theory of operation. A batch with a producer id is first checked (`check_batch`: refused, a duplicate, or new) and, once it is
in the log, applied (`apply_batch`); replay at start applies without checking. Nothing changes between the two, because the
event loop owns the log. End-transaction markers go through `check_marker` and `apply_marker` in the same way.

Rules, in the order they are asked (Kafka's ProducerStateManager, ProducerAppendInfo, ProducerStateEntry):

    same epoch, same first and last sequence as one of the last five batches   duplicate: answered as then
    older epoch                                                                INVALID_PRODUCER_EPOCH
    producer never seen (or expired)                                           any first sequence
    newer epoch                                                                first sequence must be 0
    same epoch                                                                 last sequence + 1 (0 after 2^31 - 1)
                                                                               otherwise OUT_OF_ORDER_SEQUENCE_NUMBER
    first batch of a transaction here, without an answer of its coordinator    INVALID_TXN_STATE (see verification.py)
    plain batch while the producer's transaction is open                       INVALID_TXN_STATE

A marker closes the sequence history only when it carries a newer epoch.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kafka_compat.log.producer import NO_PRODUCER_EPOCH, BatchMetadata, Producer
from kafka_compat.log.producer_snapshot import FrozenProducers, decode_producers
from kafka_compat.log.verification import UNGUARDED, Verification, Verifications
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import MAX_SEQUENCE

_NO_TRANSACTION_VERSION: Final = -1


class CompletedTransaction(NamedTuple):
    """A transaction that a marker has just ended in this partition."""

    producer_id: int
    first_offset: int
    last_offset: int  # the marker's
    is_aborted: bool
    last_stable_offset: int  # once the marker is in the log: the next open transaction, or one above the marker


class LastRecord(NamedTuple):
    """Where the log says what is known of a producer: its last data batch, or a marker when it has none."""

    last_data_offset: int | None
    producer_epoch: int


class LastRecords:
    """The last record of each producer as of one moment, for a thread to look at."""

    __slots__ = ("_producers",)

    def __init__(self, producers: dict[int, Producer]) -> None:
        self._producers = producers

    def get(self, producer_id: int, /) -> LastRecord | None:
        """The producer's; None when it was not known."""
        producer = self._producers.get(producer_id)
        if producer is None:
            return None
        return LastRecord(producer.batches[-1].last_offset if producer.batches else None, producer.epoch)


class ActiveProducer(NamedTuple):
    """One row of DescribeProducers; -1 means none."""

    producer_id: int
    producer_epoch: int
    last_sequence: int
    last_timestamp_ms: int
    coordinator_epoch: int
    current_txn_start_offset: int


class ProducerState:
    """Producers of one partition, a pure state machine. `name` (topic-partition) is only for messages."""

    __slots__ = (
        "_changed",
        "_ending",
        "_generation",
        "_name",
        "_ongoing",
        "_producers",
        "_removed",
        "_unstable",
        "end_offset",
        "last_begun_offset",
        "verifications",
    )

    def __init__(self, name: str = "") -> None:
        self._name = name
        self.verifications = Verifications()
        # Raised by `freeze`: a producer of an earlier one is somebody else's too, and is copied before it changes.
        self._generation = 0
        self._producers: dict[int, Producer] = {}
        # Ids of those that changed, and of those that are gone, since all of them were frozen.
        self._changed: dict[int, None] = {}
        self._removed: dict[int, None] = {}
        # first offset -> producer id, in offset order because transactions begin at the log's end
        self._ongoing: OrderedDict[int, int] = OrderedDict()
        # first offset -> what `on_begun` said, of open transactions and of those whose marker is not below the high watermark
        # yet; and of the latter (marker's offset, first offset), in the order of the log
        self._unstable: OrderedDict[int, int] = OrderedDict()
        self._ending: deque[tuple[int, int]] = deque()
        self.last_begun_offset = -1
        """First offset of the transaction that began last."""
        self.end_offset = 0
        """Everything below is reflected here."""

    def __len__(self) -> int:
        return len(self._producers)

    # Data batches

    def check_batch(
        self,
        producer_id: int,
        epoch: int,
        base_sequence: int,
        last_sequence: int,
        is_transactional: bool,
        *,
        from_client: bool,
        guard: Verification | None = UNGUARDED,
    ) -> BatchMetadata | None:
        """None when the batch may be appended, or the earlier batch that it repeats.

        Sequences are checked for clients only: coordinators write without them. `guard` is what the batch's question to the
        coordinator was given, None when nothing was asked.

        Raises:
            KafkaError: INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE.
        """
        producer = self._producers.get(producer_id)
        if producer is None:
            if is_transactional and guard is not UNGUARDED:
                self._check_guard(producer_id, guard)
            if epoch < NO_PRODUCER_EPOCH:
                self._check_epoch(producer_id, epoch, Producer())
            if from_client and len(self.verifications):
                self._check_first_sequence(producer_id, base_sequence, has_batches=False)
            return None
        if from_client and epoch == producer.epoch:
            for batch in producer.batches:
                if batch.last_sequence == last_sequence and batch.first_sequence == base_sequence:
                    return batch
        self._check_epoch(producer_id, epoch, producer)
        if is_transactional and guard is not UNGUARDED and (producer.txn_first_offset < 0 or epoch != producer.epoch):
            self._check_guard(producer_id, guard)
        if from_client:
            if len(self.verifications):
                self._check_first_sequence(producer_id, base_sequence, has_batches=bool(producer.batches))
            self._check_sequence(producer_id, epoch, base_sequence, producer)
        if producer.txn_first_offset >= 0 and not is_transactional:
            raise KafkaError(
                ErrorCode.INVALID_TXN_STATE,
                f"Expected transactional write from producer {producer_id} in partition {self._name}",
            )
        return None

    def apply_batch(
        self,
        producer_id: int,
        epoch: int,
        last_sequence: int,
        base_offset: int,
        last_offset: int,
        timestamp_ms: int,
        is_transactional: bool,
    ) -> None:
        """The batch is in the log."""
        producer = self._producers.get(producer_id)
        if producer is None or producer.generation != self._generation:
            producer = self._own(producer_id, producer)
        producer.move_to_epoch(epoch)
        producer.batches.append(BatchMetadata(last_sequence, last_offset, last_offset - base_offset, timestamp_ms))
        producer.last_timestamp_ms = timestamp_ms
        if is_transactional:
            self.verifications.on_batch(producer_id)
            if producer.txn_first_offset < 0:
                producer.txn_first_offset = base_offset
                self._ongoing[base_offset] = producer_id
                self._unstable[base_offset] = -1
                self.last_begun_offset = base_offset

    # End-transaction markers

    def check_marker(self, producer_id: int, epoch: int, coordinator_epoch: int, *, transaction_version: int = 0) -> None:
        """Whether a marker may be written.

        With transaction version 2 (KIP-890) each transaction's marker raises the epoch, so that one at the current epoch is
        stale, unless the transaction is over and the marker is only being repeated.

        Raises:
            KafkaError: INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED; UNKNOWN_SERVER_ERROR for the version -1, which
                says that it is not known.
        """
        producer = self._producers.get(producer_id) or Producer()
        self._check_epoch(producer_id, epoch, producer)
        if transaction_version == _NO_TRANSACTION_VERSION:
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        if transaction_version >= 2 and epoch == producer.epoch and producer.txn_first_offset >= 0:
            raise KafkaError(
                ErrorCode.INVALID_PRODUCER_EPOCH,
                f"Epoch of producer {producer_id} in {self._name} is {epoch}, not above the last seen {producer.epoch}",
            )
        if coordinator_epoch < producer.coordinator_epoch:
            raise KafkaError(
                ErrorCode.TRANSACTION_COORDINATOR_FENCED,
                f"Invalid coordinator epoch for producerId {producer_id} in partition {self._name}: "
                f"{coordinator_epoch} (zombie), {producer.coordinator_epoch} (current)",
            )

    def apply_marker(
        self, producer_id: int, epoch: int, coordinator_epoch: int, offset: int, timestamp_ms: int, *, is_abort: bool
    ) -> CompletedTransaction | None:
        """The marker is in the log; returns the transaction it ended, None when there was none with records here."""
        producer = self._producers.get(producer_id)
        if producer is None or producer.generation != self._generation:
            producer = self._own(producer_id, producer)
        self.verifications.on_marker(producer_id, epoch)
        first_offset = producer.txn_first_offset
        producer.move_to_epoch(epoch)
        producer.coordinator_epoch = coordinator_epoch
        producer.last_timestamp_ms = timestamp_ms
        producer.txn_first_offset = -1
        if first_offset < 0:
            return None
        self._ongoing.pop(first_offset, None)
        self._ending.append((offset, first_offset))
        next_open = next(iter(self._ongoing), -1)
        stable = next_open if next_open >= 0 else offset + 1
        return CompletedTransaction(producer_id, first_offset, offset, is_abort, stable)

    # Stability

    @property
    def first_unstable_offset(self) -> int:
        """First offset of the oldest transaction that is open or whose marker is not below the high watermark yet; -1: none."""
        return next(iter(self._unstable), -1)

    @property
    def has_unstable(self) -> bool:
        """Whether `first_unstable_offset` may be anything but -1."""
        return bool(self._unstable)

    def on_begun(self, first_offset: int, bytes_before: int) -> None:
        """So many bytes were appended to the log before the transaction that begins at `first_offset`."""
        self._unstable[first_offset] = bytes_before

    def bytes_before(self, first_offset: int) -> int:
        """What `on_begun` was told of an unstable transaction; -1 when nothing was."""
        return self._unstable.get(first_offset, -1)

    def on_high_watermark(self, high_watermark: int) -> None:
        """Markers below `high_watermark` have taken effect."""
        ending = self._ending
        while ending and ending[0][0] < high_watermark:
            self._unstable.pop(ending.popleft()[1], None)

    def has_ongoing_transaction(self, producer_id: int, epoch: int) -> bool:
        """Whether the producer has records of an open transaction here, under this epoch (KIP-890 verification)."""
        producer = self._producers.get(producer_id)
        return producer is not None and producer.txn_first_offset >= 0 and producer.epoch == epoch

    def start_verification(
        self, producer_id: int, epoch: int, base_sequence: int, now_ms: int, *, supports_epoch_bump: bool
    ) -> Verification | None:
        """What an append shows when the coordinator has confirmed the partition; None where the transaction is open already.

        Args:
            producer_id: of the batch.
            epoch: likewise.
            base_sequence: likewise.
            now_ms: wall clock.
            supports_epoch_bump: the client is one of transaction version 2.

        Raises:
            KafkaError: INVALID_PRODUCER_EPOCH.
        """
        producer = self._producers.get(producer_id)
        if producer is not None:
            self._check_epoch(producer_id, epoch, producer)
            if producer.txn_first_offset >= 0 and producer.epoch == epoch:
                return None
        return self.verifications.begin(producer_id, base_sequence, epoch, now_ms, supports_epoch_bump=supports_epoch_bump)

    # Housekeeping

    @property
    def ongoing_count(self) -> int:
        """How many transactions are open here."""
        return len(self._ongoing)

    def ids(self) -> list[int]:
        """The ids of all producers known, to look at them in parts."""
        return list(self._producers)

    def remove_expired(self, now_ms: int, expiration_ms: int, among: Iterable[int] | None = None) -> None:
        """Forget producers silent for `expiration_ms` (producer.id.expiration.ms) that have no open transaction.

        Only those `among` are looked at, where given; some of these may be gone already.
        """
        producers = self._producers
        for producer_id in self.ids() if among is None else among:
            producer = producers.get(producer_id)
            if producer is not None and producer.txn_first_offset < 0 and now_ms - producer.last_timestamp_ms >= expiration_ms:
                del producers[producer_id]
                self._changed.pop(producer_id, None)
                self._removed[producer_id] = None

    def last_records(self) -> LastRecords:
        """What compaction must leave of each producer known (ProducerStateManager.lastRecords), cheaply."""
        self._generation += 1
        return LastRecords(self._producers.copy())

    def active_producers(self) -> Iterator[ActiveProducer]:
        """All producers known, as DescribeProducers lists them: also those without an open transaction.

        They may change while the caller goes through them.
        """
        for producer_id, producer in list(self._producers.items()):
            yield ActiveProducer(
                producer_id,
                producer.epoch,
                producer.last_sequence,
                producer.last_timestamp_ms,
                producer.coordinator_epoch,
                producer.txn_first_offset,
            )

    def clear(self, end_offset: int) -> None:
        """Forget everything; what follows begins at `end_offset`."""
        self._producers.clear()
        self._ongoing.clear()
        self._unstable.clear()
        self._ending.clear()
        self.end_offset = end_offset

    def freeze(self, *, only_changed: bool = False) -> FrozenProducers:
        """The producers as they are now, cheaply: what changes from now on is not in it.

        Args:
            only_changed: those that changed, or are gone, since the last time that it was all of them.
        """
        self._generation += 1
        if only_changed:
            changed = {producer_id: self._producers[producer_id] for producer_id in self._changed}
            return FrozenProducers(changed, tuple(self._removed))
        self._changed.clear()
        self._removed.clear()
        return FrozenProducers(self._producers.copy(), ())

    @property
    def changes(self) -> int:
        """How many producers `freeze` would give with `only_changed`."""
        return len(self._changed) + len(self._removed)

    def encode(self) -> bytes:
        """The snapshot of all producers; belongs at `end_offset`."""
        return b"".join(self.freeze().encode())

    @classmethod
    def decode(cls, blob: bytes, end_offset: int, name: str = "") -> ProducerState:
        """Read what `encode` wrote at `end_offset`.

        Raises:
            ValueError: unknown version, or not that format.
        """
        state = cls(name)
        for _ in state.load(blob):
            pass
        state.loaded(end_offset)
        return state

    def load(self, blob: bytes, position: int = 0, *, are_changes: bool = False) -> Iterator[None]:
        """Take in a snapshot that begins at `position`, in pieces that each take well below a millisecond.

        With `are_changes` it is one of those that changed since the one that was taken in before.

        Raises:
            ValueError: unknown version, or not that format.
        """
        producers = self._producers
        for some, removed in decode_producers(blob, position):
            producers.update(some)
            for producer_id in removed:
                producers.pop(producer_id, None)
            if are_changes:
                self._changed.update(dict.fromkeys(some))
                self._removed.update(dict.fromkeys(removed))
            yield

    def loaded(self, end_offset: int) -> None:
        """All was taken in; it describes the log up to `end_offset`."""
        self._generation += 1  # so that a change is noticed
        self.end_offset = end_offset
        self._ongoing.update(
            sorted(
                (producer.txn_first_offset, producer_id)
                for producer_id, producer in self._producers.items()
                if producer.txn_first_offset >= 0
            )
        )
        self._unstable.update((first_offset, -1) for first_offset in self._ongoing)

    def _own(self, producer_id: int, producer: Producer | None) -> Producer:
        """The producer, to be changed: a new one, or a copy of one that is frozen."""
        own = Producer(self._generation) if producer is None else producer.copy(self._generation)
        self._producers[producer_id] = own
        self._changed[producer_id] = None
        self._removed.pop(producer_id, None)
        return own

    def _check_guard(self, producer_id: int, guard: Verification | None) -> None:
        if guard is None or self.verifications.get(producer_id) is not guard:
            raise KafkaError(ErrorCode.INVALID_TXN_STATE, "Record was not part of an ongoing transaction")

    def _check_first_sequence(self, producer_id: int, base_sequence: int, *, has_batches: bool) -> None:
        verification = self.verifications.get(producer_id)
        if verification is None:
            return
        if verification.supports_epoch_bump and base_sequence != 0 and not has_batches:
            raise KafkaError(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                f"Producer {producer_id} has no batch in {self._name} and begins a transaction with sequence {base_sequence}",
            )
        if base_sequence > verification.lowest_sequence:
            raise KafkaError(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                f"Sequence {base_sequence} of producer {producer_id} in partition {self._name} is above "
                f"{verification.lowest_sequence}, which is still to come",
            )

    def _check_epoch(self, producer_id: int, epoch: int, producer: Producer) -> None:
        if epoch < producer.epoch:
            raise KafkaError(
                ErrorCode.INVALID_PRODUCER_EPOCH,
                f"Epoch of producer {producer_id} in {self._name} is {epoch}, smaller than the last seen {producer.epoch}",
            )

    def _check_sequence(self, producer_id: int, epoch: int, base_sequence: int, producer: Producer) -> None:
        if epoch != producer.epoch:
            if base_sequence == 0 or producer.epoch == NO_PRODUCER_EPOCH:
                return
            raise KafkaError(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                f"Invalid sequence number for new epoch of producer {producer_id} in partition {self._name}: "
                f"{epoch} (request epoch), {base_sequence} (seq. number), {producer.epoch} (current producer epoch)",
            )
        if epoch == NO_PRODUCER_EPOCH:
            # A client may send an id without an epoch; Kafka then takes any sequence.
            return
        last = producer.last_sequence
        if base_sequence == last + 1 or (base_sequence == 0 and last == MAX_SEQUENCE):
            return
        raise KafkaError(
            ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
            f"Out of order sequence number for producer {producer_id} in partition {self._name}: {base_sequence} "
            f"(incoming seq. number), {last} (current end sequence number)",
        )
