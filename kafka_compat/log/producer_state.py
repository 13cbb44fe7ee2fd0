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

Snapshot layout (`encode`), big-endian. An unknown version is refused and the log is replayed from its start:

    int16 version (0)
    int32 count
    count x
        int64 producer id, int16 epoch, int32 coordinator epoch, int64 last timestamp, int64 open transaction's first offset
        (-1: none), int16 number of batches
        batches x (int32 last sequence, int64 last offset, int32 offset delta, int64 timestamp)

Unlike Kafka, whose snapshot keeps a producer's last batch only, all five are kept: a duplicate is known after a restart too.
"""

from __future__ import annotations

import struct
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kafka_compat.log.verification import UNGUARDED, Verification, Verifications
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

NUM_BATCHES_TO_RETAIN: Final = 5
NO_PRODUCER_ID: Final = -1
NO_PRODUCER_EPOCH: Final = -1
NO_SEQUENCE: Final = -1
NO_TIMESTAMP: Final = -1

_MAX_SEQUENCE: Final = (1 << 31) - 1
_VERSION: Final = 0
_HEAD: Final = struct.Struct(">hi")
_PRODUCER: Final = struct.Struct(">qhiqqh")
_BATCH: Final = struct.Struct(">iqiq")
_PRODUCERS_PER_PIECE: Final = 64


class BatchMetadata(NamedTuple):
    """One remembered batch of a producer."""

    last_sequence: int
    last_offset: int
    offset_delta: int
    timestamp_ms: int

    @property
    def first_sequence(self) -> int:
        """Sequence of the first record, on the far side of the wrap when the batch crosses it."""
        return decrement_sequence(self.last_sequence, self.offset_delta)

    @property
    def first_offset(self) -> int:
        """Offset of the first record."""
        return self.last_offset - self.offset_delta


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


class ActiveProducer(NamedTuple):
    """One row of DescribeProducers; -1 means none."""

    producer_id: int
    producer_epoch: int
    last_sequence: int
    last_timestamp_ms: int
    coordinator_epoch: int
    current_txn_start_offset: int


def increment_sequence(sequence: int, by: int) -> int:
    """`sequence + by` within [0, 2^31 - 1] (DefaultRecordBatch.incrementSequence)."""
    if sequence > _MAX_SEQUENCE - by:
        return by - (_MAX_SEQUENCE - sequence) - 1
    return sequence + by


def decrement_sequence(sequence: int, by: int) -> int:
    """`sequence - by` within [0, 2^31 - 1] (DefaultRecordBatch.decrementSequence)."""
    if sequence < by:
        return _MAX_SEQUENCE - (by - sequence) + 1
    return sequence - by


class _Producer:
    __slots__ = ("batches", "coordinator_epoch", "epoch", "generation", "last_timestamp_ms", "txn_first_offset")

    def __init__(self, generation: int = 0) -> None:
        self.generation = generation
        self.epoch = NO_PRODUCER_EPOCH
        self.coordinator_epoch = -1
        self.last_timestamp_ms = NO_TIMESTAMP
        self.txn_first_offset = -1
        self.batches: deque[BatchMetadata] = deque(maxlen=NUM_BATCHES_TO_RETAIN)

    @property
    def last_sequence(self) -> int:
        return self.batches[-1].last_sequence if self.batches else NO_SEQUENCE

    def move_to_epoch(self, epoch: int) -> None:
        if epoch != self.epoch:
            self.batches.clear()
            self.epoch = epoch

    def copy(self, generation: int) -> _Producer:
        other = _Producer(generation)
        other.epoch = self.epoch
        other.coordinator_epoch = self.coordinator_epoch
        other.last_timestamp_ms = self.last_timestamp_ms
        other.txn_first_offset = self.txn_first_offset
        other.batches.extend(self.batches)
        return other


class FrozenProducers:
    """The producers as they were at one moment, to be encoded bit by bit while the state goes on."""

    __slots__ = ("_producers",)

    def __init__(self, producers: dict[int, _Producer]) -> None:
        self._producers = producers

    def encode(self) -> Iterator[bytes]:
        """The snapshot described in the module, in pieces that each take well below a millisecond."""
        parts = [_HEAD.pack(_VERSION, len(self._producers))]
        for number, (producer_id, producer) in enumerate(self._producers.items(), 1):
            parts.append(
                _PRODUCER.pack(
                    producer_id,
                    producer.epoch,
                    producer.coordinator_epoch,
                    producer.last_timestamp_ms,
                    producer.txn_first_offset,
                    len(producer.batches),
                )
            )
            parts.extend(_BATCH.pack(*batch) for batch in producer.batches)
            if not number % _PRODUCERS_PER_PIECE:
                yield b"".join(parts)
                parts.clear()
        yield b"".join(parts)


class ProducerState:
    """Producers of one partition, a pure state machine. `name` (topic-partition) is only for messages."""

    __slots__ = (
        "_ending",
        "_generation",
        "_name",
        "_ongoing",
        "_producers",
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
        self._producers: dict[int, _Producer] = {}
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
                self._check_epoch(producer_id, epoch, _Producer())
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
            KafkaError: INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED.
        """
        producer = self._producers.get(producer_id)
        if producer is None:
            if epoch < NO_PRODUCER_EPOCH:
                self._check_epoch(producer_id, epoch, _Producer())
            return
        if transaction_version >= 2 and epoch == producer.epoch and producer.txn_first_offset >= 0:
            raise KafkaError(
                ErrorCode.INVALID_PRODUCER_EPOCH,
                f"Epoch of producer {producer_id} in {self._name} is {epoch}, not above the last seen {producer.epoch}",
            )
        self._check_epoch(producer_id, epoch, producer)
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

    def last_records(self) -> dict[int, LastRecord]:
        """What compaction must leave of each producer known (ProducerStateManager.lastRecords)."""
        return {
            producer_id: LastRecord(producer.batches[-1].last_offset if producer.batches else None, producer.epoch)
            for producer_id, producer in self._producers.items()
        }

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

    def freeze(self) -> FrozenProducers:
        """What `encode` would encode now: cheap, and what changes from now on is not in it."""
        self._generation += 1
        return FrozenProducers(self._producers.copy())

    def encode(self) -> bytes:
        """The snapshot described in the module; belongs at `end_offset`."""
        return b"".join(self.freeze().encode())

    @classmethod
    def decode(cls, blob: bytes, end_offset: int, name: str = "") -> ProducerState:
        """Read what `encode` wrote at `end_offset`.

        Raises:
            ValueError: unknown version, or not that format.
        """
        *_, state = cls.decode_in_pieces(blob, end_offset, name)
        return state

    @classmethod
    def decode_in_pieces(cls, blob: bytes, end_offset: int, name: str = "") -> Iterator[ProducerState]:
        """As `decode`, in pieces that each take well below a millisecond; what the last yields is whole."""
        state = cls(name)
        state.end_offset = end_offset
        try:
            version, count = _HEAD.unpack_from(blob)
            if version != _VERSION:
                raise ValueError(f"producer snapshot of version {version}")
            position = _HEAD.size
            ongoing: list[tuple[int, int]] = []
            for number in range(count):
                producer = _Producer()
                (
                    producer_id,
                    producer.epoch,
                    producer.coordinator_epoch,
                    producer.last_timestamp_ms,
                    producer.txn_first_offset,
                    batches,
                ) = _PRODUCER.unpack_from(blob, position)
                position += _PRODUCER.size
                for _ in range(batches):
                    producer.batches.append(BatchMetadata(*_BATCH.unpack_from(blob, position)))
                    position += _BATCH.size
                state._producers[producer_id] = producer
                if producer.txn_first_offset >= 0:
                    ongoing.append((producer.txn_first_offset, producer_id))
                if number % _PRODUCERS_PER_PIECE == _PRODUCERS_PER_PIECE - 1:
                    yield state
        except struct.error as error:
            raise ValueError("producer snapshot is cut short") from error
        if position != len(blob):
            raise ValueError(f"producer snapshot has {len(blob) - position} bytes too many")
        state._ongoing.update(sorted(ongoing))
        state._unstable.update((first_offset, -1) for first_offset in state._ongoing)
        yield state

    def _own(self, producer_id: int, producer: _Producer | None) -> _Producer:
        """The producer, to be changed: a new one, or a copy of one that is frozen."""
        own = _Producer(self._generation) if producer is None else producer.copy(self._generation)
        self._producers[producer_id] = own
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

    def _check_epoch(self, producer_id: int, epoch: int, producer: _Producer) -> None:
        if epoch < producer.epoch:
            raise KafkaError(
                ErrorCode.INVALID_PRODUCER_EPOCH,
                f"Epoch of producer {producer_id} in {self._name} is {epoch}, smaller than the last seen {producer.epoch}",
            )

    def _check_sequence(self, producer_id: int, epoch: int, base_sequence: int, producer: _Producer) -> None:
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
        if base_sequence == last + 1 or (base_sequence == 0 and last == _MAX_SEQUENCE):
            return
        raise KafkaError(
            ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
            f"Out of order sequence number for producer {producer_id} in partition {self._name}: {base_sequence} "
            f"(incoming seq. number), {last} (current end sequence number)",
        )
