"""What compaction keeps of each batch (Kafka's Cleaner, CleanedTransactionMetadata, RecordFilter, MemoryRecords.filterTo).

Theory of operation. A round has two passes over batches in offset order. The first (`index_batch`) notes the last offset of
each key in the dirty part, until the `OffsetMap` is full. The second (`BatchFilter.retained`) goes over everything below the
end of what was noted and gives back each batch whole, rebuilt, emptied, or not at all:

    record with a later one of the same key, or without key    goes
    record of an aborted transaction                           goes
    tombstone                                                  goes once the batch's delete horizon has passed
    marker                                                     goes once nothing of its transaction is left and the
                                                               delete horizon, set when that was first seen, has passed
    batch without records                                      stays, empty, while it holds a producer's last sequence or
                                                               epoch, or the last offset of the round; else goes

The delete horizon (KIP-534) is the first round that saw the tombstone plus delete.retention.ms; it is kept in the batch.
Offsets and timestamps never change. No I/O here: batches come in, batches go out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from kafka_compat.log.producer_state import LastRecord
from kafka_compat.log.transaction_index import AbortedTransaction
from kafka_compat.records.batch import BatchHeader
from kafka_compat.records.builder import rebuild_batch
from kafka_compat.records.compact import KeptRecords, OffsetMap, index_records, no_pause, select_records
from kafka_compat.records.control import end_transaction_marker
from kafka_compat.records.reader import records_body
from kafka_compat.records.walk import INT64_MAX
from kafka_compat.wire.types import Buffer


class KnownRecords(Protocol):
    """Where the last record of each active producer is, by the producer's id."""

    def get(self, producer_id: int, /) -> LastRecord | None:
        """The producer's; None when it is not known."""


class CleanedTransactions:
    """Which transactions the batches read so far belong to, and whether something of them was seen.

    Args:
        aborted: the aborted transactions of the range that is read.
    """

    def __init__(self, aborted: Iterable[AbortedTransaction]) -> None:
        self._pending = deque(sorted(aborted, key=lambda entry: entry.first_offset))
        self._open_aborted: dict[int, AbortedTransaction] = {}
        self._seen_aborted: set[int] = set()
        self._seen_committed: set[int] = set()
        self.retained: list[AbortedTransaction] = []
        """The aborted transactions of which something is left, in marker order."""

    def read_data(self, header: BatchHeader) -> bool:
        """Take in a data batch; whether it belongs to an aborted transaction."""
        self._begin_up_to(header.last_offset)
        if not header.is_transactional:
            return False
        if header.producer_id in self._open_aborted:
            self._seen_aborted.add(header.producer_id)
            return True
        self._seen_committed.add(header.producer_id)
        return False

    def read_control(self, header: BatchHeader, buffer: Buffer, position: int) -> bool:
        """Take in a control batch; whether nothing of the transaction that it ended was seen."""
        self._begin_up_to(header.last_offset)
        if header.record_count == 0:
            return True
        marker = end_transaction_marker(header, buffer, position)
        if marker is None:
            return False
        producer_id = header.producer_id
        if marker.is_commit:
            was_seen = producer_id in self._seen_committed
            self._seen_committed.discard(producer_id)
            return not was_seen
        aborted = self._open_aborted.pop(producer_id, None)
        if aborted is None or producer_id not in self._seen_aborted:
            return True
        self._seen_aborted.discard(producer_id)
        self.retained.append(aborted)
        return False

    def _begin_up_to(self, offset: int) -> None:
        pending = self._pending
        while pending and pending[0].first_offset <= offset:
            aborted = pending.popleft()
            self._open_aborted.setdefault(aborted.producer_id, aborted)


def index_batch(
    header: BatchHeader,
    buffer: Buffer,
    position: int,
    offsets: OffsetMap,
    transactions: CleanedTransactions,
    start_offset: int,
    pause: Callable[[], None] = no_pause,
) -> bool:
    """Note the keys of the batch at `position` from `start_offset` on; False when the map was full before its end.

    A batch is noted as a whole or does not count: the map's `latest_offset` then stays below it. The first one always counts,
    or a round would make no progress.

    Raises:
        RecordsError: the batch cannot be read.
    """
    if header.is_control:
        transactions.read_control(header, buffer, position)
    elif not transactions.read_data(header):
        body = records_body(header, buffer, position)
        if not index_records(header, body, offsets, start_offset, may_overflow=offsets.latest_offset < 0, pause=pause):
            return False
    if header.last_offset >= start_offset:
        offsets.latest_offset = max(offsets.latest_offset, header.last_offset)
    return True


class BatchFilter:
    """Decides batch by batch what one round keeps.

    Args:
        offsets: what the first pass noted.
        transactions: of everything that is read.
        last_records: of the producers that are active, by id.
        now_ms: wall clock at the beginning of the round.
        delete_retention_ms: of the topic.
        upper_bound_offset: where the round must end at the latest; the batch that ends there keeps its offsets.
        pause: called every few hundred records.
    """

    def __init__(
        self,
        offsets: OffsetMap,
        transactions: CleanedTransactions,
        last_records: KnownRecords,
        now_ms: int,
        delete_retention_ms: int,
        upper_bound_offset: int,
        pause: Callable[[], None] = no_pause,
    ) -> None:
        self._offsets = offsets
        self._transactions = transactions
        self._last_records = last_records
        self._now_ms = now_ms
        # For ever, where the sum leaves 64 bits; Kafka's wraps into the past.
        self._horizon_ms = min(now_ms + delete_retention_ms, INT64_MAX)
        self._upper_bound_offset = upper_bound_offset
        self._pause = pause

    def retained(self, header: BatchHeader, buffer: Buffer, position: int) -> Buffer | None:
        """What is left of the batch at `position`: itself as a slice of `buffer`, a smaller one, or None.

        Raises:
            RecordsError: the batch cannot be read.
        """
        if header.is_control:
            is_transaction_gone = self._transactions.read_control(header, buffer, position)
            discards = is_transaction_gone and self._has_expired(header)
            offsets = None
        else:
            is_transaction_gone = False
            discards = self._transactions.read_data(header)
            offsets = self._offsets
        if not discards:
            body = records_body(header, buffer, position)
            keeps_tombstones = not self._has_expired(header)
            kept = select_records(header, body, offsets, keeps_tombstones=keeps_tombstones, pause=self._pause)
            if kept.count:
                needs_horizon = (is_transaction_gone or kept.has_tombstone) and not header.has_delete_horizon
                if kept.count == header.record_count and not needs_horizon:
                    return memoryview(buffer)[position : position + header.size_in_bytes]
                return self._rebuilt(header, kept, needs_horizon=needs_horizon)
        return rebuild_batch(header, b"", 0) if self._must_stay(header) else None

    def _has_expired(self, header: BatchHeader) -> bool:
        return header.has_delete_horizon and header.base_timestamp_ms <= self._now_ms

    def _must_stay(self, header: BatchHeader) -> bool:
        """Whether the batch says something beyond its records."""
        if header.has_producer_id:
            last = self._last_records.get(header.producer_id)
            if last is not None:
                if last.last_data_offset is not None:
                    if header.last_offset == last.last_data_offset:
                        return True
                elif header.is_control and header.producer_epoch == last.producer_epoch:
                    return True
        return header.next_offset == self._upper_bound_offset

    def _rebuilt(self, header: BatchHeader, kept: KeptRecords, *, needs_horizon: bool) -> bytearray:
        if needs_horizon:
            base_timestamp_ms = self._horizon_ms
        elif header.has_delete_horizon:
            base_timestamp_ms = header.base_timestamp_ms
        else:
            base_timestamp_ms = kept.timestamps_ms[0]
        return rebuild_batch(
            header,
            kept.encode(base_timestamp_ms, self._pause),
            kept.count,
            base_timestamp_ms=base_timestamp_ms,
            max_timestamp_ms=kept.max_timestamp_ms,
            delete_horizon=needs_horizon or header.has_delete_horizon,
        )
