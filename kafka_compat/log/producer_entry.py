"""What a partition remembers of one producer (Kafka's ProducerStateEntry)."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from kafka_compat.records.batch import NO_PRODUCER_EPOCH, NO_SEQUENCE, NO_TIMESTAMP, decrement_sequence

NUM_BATCHES_TO_RETAIN: Final = 5


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


class ProducerEntry:
    """The epoch, the last batches and the open transaction of a producer.

    `generation` is that of the state when it last changed (`ProducerState.freeze`); `txn_first_offset` is -1 without an open
    transaction.
    """

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
        """Sequence of the last record, -1 when no batch of the current epoch is known."""
        return self.batches[-1].last_sequence if self.batches else NO_SEQUENCE

    def move_to_epoch(self, epoch: int) -> None:
        """Note the epoch of what comes next; batches of another one are forgotten."""
        if epoch != self.epoch:
            self.batches.clear()
            self.epoch = epoch

    def copy(self, generation: int) -> ProducerEntry:
        """The same, of another generation."""
        other = ProducerEntry(generation)
        other.epoch = self.epoch
        other.coordinator_epoch = self.coordinator_epoch
        other.last_timestamp_ms = self.last_timestamp_ms
        other.txn_first_offset = self.txn_first_offset
        other.batches.extend(self.batches)
        return other
