"""What is remembered of one producer in one partition (Kafka's ProducerStateEntry and BatchMetadata)."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from kafka_compat.records.batch import decrement_sequence

NUM_BATCHES_TO_RETAIN: Final = 5
NO_PRODUCER_EPOCH: Final = -1
NO_SEQUENCE: Final = -1
NO_TIMESTAMP: Final = -1


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


class Producer:
    """One producer; `ProducerState` changes it, and has made it since its freeze number `generation`."""

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
        """Sequence of the last record."""
        return self.batches[-1].last_sequence if self.batches else NO_SEQUENCE

    def move_to_epoch(self, epoch: int) -> None:
        """Go on under `epoch`; a new one begins without batches."""
        if epoch != self.epoch:
            self.batches.clear()
            self.epoch = epoch

    def copy(self, generation: int) -> Producer:
        """The same in another object, of `generation`."""
        other = Producer(generation)
        other.epoch = self.epoch
        other.coordinator_epoch = self.coordinator_epoch
        other.last_timestamp_ms = self.last_timestamp_ms
        other.txn_first_offset = self.txn_first_offset
        other.batches.extend(self.batches)
        return other
