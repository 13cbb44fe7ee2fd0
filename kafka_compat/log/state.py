"""What must be known of a log besides its bytes: producers, leader epochs and aborted transactions.

All of it follows from the batches: at each append (`apply`), and when the log is read at its opening (`replay`, driven by
`recovery.py`). At a flush it is put beside the log as aux blobs (`snapshot.py`), so that an opening reads only the headers
behind the newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kafka_compat.log.leader_epochs import LeaderEpochs
from kafka_compat.log.producer_state import CompletedTransaction, ProducerState
from kafka_compat.log.snapshot import (
    CHANGES_KIND,
    EPOCHS_KIND,
    NO_OFFSET,
    PRODUCERS_KIND,
    TRANSACTIONS_KIND,
    LogSnapshot,
    WholeOrChanges,
    cost,
    encode_changes,
)
from kafka_compat.log.transaction_index import AbortedTransaction, TransactionIndex
from kafka_compat.log.validation import ValidBatch
from kafka_compat.records.batch import BatchHeader
from kafka_compat.records.control import end_transaction_marker


class LogState:
    """Producers, leader epochs and aborted transactions of one log, up to its end offset."""

    __slots__ = (
        "_are_epochs_dirty",
        "_epoch_with_records",
        "_is_index_replaced",
        "_snapshot_offset",
        "_whole_or_changes",
        "_written_offset",
        "epochs",
        "producers",
        "transactions",
    )

    def __init__(
        self,
        producers: ProducerState,
        epochs: LeaderEpochs,
        transactions: TransactionIndex,
        snapshot_offset: int,
        whole_or_changes: WholeOrChanges | None = None,
    ) -> None:
        self.producers = producers
        self.epochs = epochs
        self.transactions = transactions
        self._snapshot_offset = snapshot_offset
        self._written_offset = snapshot_offset
        self._are_epochs_dirty = False
        # Whether the index is another than the one on disk, and not only longer.
        self._is_index_replaced = False
        self._whole_or_changes = whole_or_changes or WholeOrChanges(NO_OFFSET)
        # The newest epoch that has records; one without is noted again at the next open and need not be stored.
        self._epoch_with_records = epochs.latest

    def begin_epoch(self, leader_epoch: int, end_offset: int) -> None:
        """The broker leads with `leader_epoch` from `end_offset` on, whether or not records follow (Partition.makeLeader)."""
        if leader_epoch != self.epochs.latest:
            self.epochs.assign(leader_epoch, end_offset)

    def apply(self, batch: ValidBatch, leader_epoch: int) -> None:
        """An append went into the log."""
        if leader_epoch != self._epoch_with_records:
            self.epochs.assign(leader_epoch, batch.base_offset)
            self._epoch_with_records = leader_epoch
            self._are_epochs_dirty = True
        producers = self.producers
        if batch.producer_id >= 0:
            if batch.marker is not None:
                completed = producers.apply_marker(
                    batch.producer_id,
                    batch.producer_epoch,
                    batch.marker.coordinator_epoch,
                    batch.last_offset,
                    batch.max_timestamp_ms,
                    is_abort=not batch.marker.is_commit,
                )
                if completed is not None and completed.is_aborted:
                    self._add_aborted(completed)
            elif not batch.is_control:
                producers.apply_batch(
                    batch.producer_id,
                    batch.producer_epoch,
                    batch.last_sequence,
                    batch.base_offset,
                    batch.last_offset,
                    batch.max_timestamp_ms,
                    batch.is_transactional,
                )
        producers.end_offset = batch.last_offset + 1

    def replay(self, header: BatchHeader, buffer: bytes | memoryview, position: int) -> None:
        """The batch with `header` at `position` of `buffer` was found in the log."""
        epoch = header.partition_leader_epoch
        if epoch >= 0 and epoch != self._epoch_with_records:
            self.epochs.assign(epoch, header.base_offset)
            self._epoch_with_records = epoch
            self._are_epochs_dirty = True
        if header.producer_id >= 0:
            marker = end_transaction_marker(header, buffer, position)
            if marker is not None:
                completed = self.producers.apply_marker(
                    header.producer_id,
                    header.producer_epoch,
                    marker.coordinator_epoch,
                    header.last_offset,
                    header.max_timestamp_ms,
                    is_abort=not marker.is_commit,
                )
                if completed is not None and completed.is_aborted:
                    self._add_aborted(completed)
            elif not header.is_control:
                self.producers.apply_batch(
                    header.producer_id,
                    header.producer_epoch,
                    header.last_sequence,
                    header.base_offset,
                    header.last_offset,
                    header.max_timestamp_ms,
                    header.is_transactional,
                )
        self.producers.end_offset = header.next_offset

    def _add_aborted(self, completed: CompletedTransaction) -> None:
        self.transactions.append(
            AbortedTransaction(
                completed.producer_id, completed.first_offset, completed.last_offset, completed.last_stable_offset
            )
        )

    def on_log_start(self, start_offset: int) -> None:
        """The log start offset has risen."""
        self.epochs.truncate_from_start(start_offset)
        self.transactions.truncate_from_start(start_offset)
        self._are_epochs_dirty = True
        self.producers.end_offset = max(self.producers.end_offset, start_offset)

    def on_cleaned(self, start_offset: int, end_offset: int, aborted: Sequence[AbortedTransaction]) -> None:
        """Compaction rewrote [start_offset, end_offset) and left records of the `aborted` transactions only."""
        if self.transactions.replace_between(start_offset, end_offset, aborted):
            self._is_index_replaced = True

    @property
    def has_other_transactions(self) -> bool:
        """Whether compaction has dropped aborted transactions that the last snapshot has."""
        return self._is_index_replaced

    @property
    def is_dirty(self) -> bool:
        """Whether anything changed since the last snapshot."""
        return self.producers.end_offset != self._snapshot_offset or self._are_epochs_dirty or self._is_index_replaced

    def is_known_without(self, start_offset: int) -> bool:
        """Whether a restart knows all producers if the log begins at `start_offset`: there are none, or a snapshot has them."""
        return len(self.producers) == 0 or self._written_offset >= start_offset

    def follows_from_log(self, start_offset: int) -> bool:
        """Whether replaying what lies from `start_offset` on, behind the newest snapshot, gives this state."""
        return (start_offset == 0 or self.is_known_without(start_offset)) and not self._is_index_replaced

    def snapshot(self) -> LogSnapshot | None:
        """What to put beside the log once everything below its offset is on disk; None when nothing changed since the last.

        The caller reports how the write went with `snapshot_written` or `snapshot_failed`.
        """
        if not self.is_dirty:
            return None
        producers, transactions, whole_or_changes = self.producers, self.transactions, self._whole_or_changes
        end_offset = producers.end_offset
        blobs: list[tuple[str, Iterable[bytes]]] = []
        if self._are_epochs_dirty:
            blobs.append((EPOCHS_KIND, (self.epochs.encode(),)))
        base = NO_OFFSET if self._is_index_replaced else whole_or_changes.base
        added = transactions.freeze(base)
        whole_or_changes.base = base
        if whole_or_changes.takes_whole(
            cost(len(producers), len(transactions)), cost(producers.changes, len(added)), end_offset
        ):
            if base == NO_OFFSET or len(added):
                blobs.append((TRANSACTIONS_KIND, transactions.freeze().encode()))
            blobs.append((PRODUCERS_KIND, producers.freeze().encode()))
        else:
            blobs.append((CHANGES_KIND, encode_changes(base, added, producers.freeze(only_changed=True))))
        self._snapshot_offset = end_offset
        self._are_epochs_dirty = self._is_index_replaced = False
        return LogSnapshot(end_offset, blobs)

    def snapshot_written(self, offset: int) -> None:
        """The snapshot of `offset` lies beside the log."""
        self._written_offset = max(self._written_offset, offset)

    def snapshot_failed(self) -> None:
        """The last snapshot is not on disk: the next one holds everything."""
        self._snapshot_offset = NO_OFFSET
        self._are_epochs_dirty = True
        self._whole_or_changes.base = NO_OFFSET
