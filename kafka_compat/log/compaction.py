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

import sys
from collections import deque
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

from kafka_compat.log.producer_state import LastRecord
from kafka_compat.log.transaction_index import AbortedTransaction
from kafka_compat.log.validation import end_transaction_marker
from kafka_compat.records.batch import BatchHeader
from kafka_compat.records.builder import build_batch, build_empty_batch
from kafka_compat.records.reader import iter_batch_records, records_body
from kafka_compat.records.walk import scan_keys

Buffer = bytes | bytearray | memoryview

_DIGEST_BYTES: Final = 16
# Of an entry: its key or digest, its offset, and its share of the dict, twice because the dict is copied when it grows.
ENTRY_BYTES: Final = sys.getsizeof(bytes(_DIGEST_BYTES)) + sys.getsizeof(1 << 40) + 2 * 56


class OffsetMap:
    """The last offset of each key, in bounded memory (Kafka's SkimpyOffsetMap).

    Keys of 16 bytes and more are known by a 16-byte digest, as Kafka knows every key.

    Args:
        max_bytes: that the map may take, about; one entry always fits.
        load_factor: the share of it to use (log.cleaner.io.buffer.load.factor).
    """

    __slots__ = ("_max_entries", "_offsets", "latest_offset")

    def __init__(self, max_bytes: int, load_factor: float = 1.0) -> None:
        self._max_entries = max(int(max_bytes * load_factor) // ENTRY_BYTES, 1)
        self._offsets: dict[bytes, int] = {}
        self.latest_offset = -1
        """Everything up to here is in the map; -1 before the first batch."""

    def __len__(self) -> int:
        return len(self._offsets)

    @property
    def is_full(self) -> bool:
        """Whether no further key fits."""
        return len(self._offsets) >= self._max_entries

    def put(self, key: bytes, offset: int) -> None:
        """`offset` is the newest record of `key`."""
        self._offsets[key if len(key) < _DIGEST_BYTES else _digest(key)] = offset

    def get(self, key: bytes) -> int:
        """The newest offset of `key`, -1 when the dirty part has none."""
        return self._offsets.get(key if len(key) < _DIGEST_BYTES else _digest(key), -1)


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=_DIGEST_BYTES).digest()


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
        is_first = offsets.latest_offset < 0
        base_offset = header.base_offset
        for delta, key in zip(*scan_keys(body, header.record_count)[:2], strict=True):
            if key is not None and base_offset + delta >= start_offset:
                if offsets.is_full and not is_first:
                    return False
                offsets.put(key, base_offset + delta)
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
    """

    def __init__(
        self,
        offsets: OffsetMap,
        transactions: CleanedTransactions,
        last_records: Mapping[int, LastRecord],
        now_ms: int,
        delete_retention_ms: int,
        upper_bound_offset: int,
    ) -> None:
        self._offsets = offsets
        self._transactions = transactions
        self._last_records = last_records
        self._now_ms = now_ms
        self._horizon_ms = now_ms + delete_retention_ms
        self._upper_bound_offset = upper_bound_offset

    def retained(self, header: BatchHeader, buffer: Buffer, position: int) -> Buffer | None:
        """What is left of the batch at `position`: itself as a slice of `buffer`, a smaller one, or None.

        Raises:
            RecordsError: the batch cannot be read.
        """
        if header.is_control:
            is_transaction_gone = self._transactions.read_control(header, buffer, position)
            discards = is_transaction_gone and self._has_expired(header)
            needs_horizon = is_transaction_gone and not header.has_delete_horizon
            keeps = [not discards] * header.record_count
        else:
            needs_horizon = False
            discards = self._transactions.read_data(header)
            if discards:
                keeps = []
            else:
                keeps, has_tombstone = self._select(header, buffer, position)
                needs_horizon = has_tombstone and not header.has_delete_horizon
        if discards or not any(keeps):
            return build_empty_batch(header) if self._must_stay(header) else None
        whole = memoryview(buffer)[position : position + header.size_in_bytes]
        if all(keeps) and not needs_horizon:
            return whole
        return self._rebuilt(header, whole, keeps, needs_horizon=needs_horizon)

    def _select(self, header: BatchHeader, buffer: Buffer, position: int) -> tuple[list[bool], bool]:
        """Which records of a data batch stay, and whether a tombstone is among them."""
        offsets = self._offsets
        deltas, keys, have_values = scan_keys(records_body(header, buffer, position), header.record_count)
        keeps_tombstones = not header.has_delete_horizon or self._now_ms < header.base_timestamp_ms
        latest_offset = offsets.latest_offset
        has_tombstone = False
        keeps: list[bool] = []
        for delta, key, has_value in zip(deltas, keys, have_values, strict=True):
            offset = header.base_offset + delta
            if offset > latest_offset:
                keep = True
            elif key is None:
                keep = False
            else:
                keep = offset >= offsets.get(key) and (has_value or keeps_tombstones)
            keeps.append(keep)
            has_tombstone = has_tombstone or (keep and not has_value)
        return keeps, has_tombstone

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

    def _rebuilt(self, header: BatchHeader, whole: memoryview, keeps: list[bool], *, needs_horizon: bool) -> Buffer:
        horizon_ms = header.base_timestamp_ms if header.has_delete_horizon else None
        records = iter_batch_records(whole, ignores_lengths=True)
        return build_batch(
            [record for record, keep in zip(records, keeps, strict=True) if keep],
            base_offset=header.base_offset,
            last_offset=header.last_offset,
            codec=header.compression,
            log_append_time_ms=header.max_timestamp_ms if header.is_log_append_time else None,
            delete_horizon_ms=self._horizon_ms if needs_horizon else horizon_ms,
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
            transactional=header.is_transactional,
            control=header.is_control,
            partition_leader_epoch=header.partition_leader_epoch,
        )
