"""One partition's log: append, read, and the offsets clients see.

Theory of operation. The event loop owns a `PartitionLog`; every change is synchronous. An append is validated, checked against
the producer state, stamped with its offset and leader epoch, and handed to storage once. The log end offset moves with it; the
high watermark moves when storage reports the write durable, in order (there is one replica), and with it the last stable
offset. Whoever waits for either is woken then.

    log start offset <= last stable offset <= high watermark <= log end offset

When the medium fails the partition goes offline: memory may be ahead of what rests on disk, so nothing of it is used until the
manager has reopened the log and rebuilt the state from it (`attach`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

from kafka_compat.config.topic import TopicConfig
from kafka_compat.log.leader_epochs import LeaderEpochs
from kafka_compat.log.lookup import find_max_timestamp, find_timestamp
from kafka_compat.log.producer_state import ActiveProducer
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.log.recovery import LogState
from kafka_compat.log.transaction_index import AbortedTransaction
from kafka_compat.log.validation import AppendError, ValidationRules, ValidBatch, prepare_internal, prepare_produced
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import Chunk, Fenced, LogId, OpenLog, OutOfRange, SegmentInfo, StorageError, Unavailable

HIGH_WATERMARK: Final = -1
NO_EPOCH: Final = -1


class EmptyChunk:
    """A read that found nothing."""

    __slots__ = ()
    buffers: Sequence[bytes | memoryview] = ()
    size_in_bytes = 0

    def close(self) -> None:
        """Nothing to give back."""


EMPTY_CHUNK: Final = EmptyChunk()


class AppendResult:
    """What became of one append.

    Attributes:
        base_offset: Offset of the batch's first record; for a duplicate that of the first time.
        last_offset: Offset of its last record.
        log_append_time_ms: The broker's time with message.timestamp.type=LogAppendTime, otherwise -1; for a duplicate the
            timestamp stored then, whatever the type (as Kafka answers).
        log_start_offset: Of the partition.
        leader_epoch: The batch was stamped with.
        done: Resolves when the batch is durable and the high watermark is above it; None when it already is. It raises
            StorageError when the write failed: answer KAFKA_STORAGE_ERROR.
        duplicate: The producer had sent this batch before; nothing was appended.
    """

    __slots__ = ("base_offset", "done", "duplicate", "last_offset", "leader_epoch", "log_append_time_ms", "log_start_offset")

    def __init__(
        self,
        base_offset: int,
        last_offset: int,
        log_append_time_ms: int,
        log_start_offset: int,
        leader_epoch: int,
        done: asyncio.Future[None] | None,
        duplicate: bool = False,
    ) -> None:
        self.base_offset = base_offset
        self.last_offset = last_offset
        self.log_append_time_ms = log_append_time_ms
        self.log_start_offset = log_start_offset
        self.leader_epoch = leader_epoch
        self.done = done
        self.duplicate = duplicate


class PartitionLog:
    """A partition led by this broker. Not thread-safe: the event loop owns it."""

    __slots__ = (
        "_appended_bytes",
        "_config",
        "_high_watermark",
        "_in_flight",
        "_is_offline",
        "_last_stable_offset",
        "_leader_epoch",
        "_log",
        "_log_id",
        "_name",
        "_on_change",
        "_purgatory",
        "_rules",
        "_state",
        "_txn_bytes",
        "committed_key",
        "stable_key",
    )

    def __init__(
        self,
        log: OpenLog,
        state: LogState,
        config: TopicConfig,
        leader_epoch: int,
        purgatory: Purgatory,
        on_change: Callable[[PartitionLog], None],
    ) -> None:
        """Take over an opened log.

        Args:
            log: The storage handle.
            state: What recovery rebuilt from it.
            config: Of the topic.
            leader_epoch: Stamped into batches.
            purgatory: Told when the high watermark or last stable offset moves.
            on_change: The manager's hook, called after an append and when the partition goes offline.
        """
        self._log_id = log.log_id
        self._name = f"{log.log_id.topic}-{log.log_id.partition}"
        self._purgatory = purgatory
        self._on_change = on_change
        self.committed_key: Final[Hashable] = (log.log_id.topic, log.log_id.partition, "hw")
        self.stable_key: Final[Hashable] = (log.log_id.topic, log.log_id.partition, "lso")
        self._appended_bytes = 0
        self._leader_epoch = leader_epoch
        self.set_config(config)
        self.attach(log, state)

    def attach(self, log: OpenLog, state: LogState) -> None:
        """Serve from `log`, just opened, with the state rebuilt from it; everything in it counts as committed."""
        self._log = log
        self._state = state
        # (storage future, end offset, bytes) of appends that are not durable yet, in log order
        self._in_flight: deque[tuple[asyncio.Future[None], int, int]] = deque()
        # first offset of an open transaction -> bytes appended before it, so that a marker knows what it makes readable
        self._txn_bytes: dict[int, int] = {}
        self._is_offline = False
        self._high_watermark = log.end_offset
        state.producers.on_high_watermark(log.end_offset)
        self._last_stable_offset = self._compute_last_stable_offset()

    # What clients see

    @property
    def log_id(self) -> LogId:
        """Topic, partition and topic id."""
        return self._log_id

    @property
    def topic_partition(self) -> tuple[str, int]:
        """Topic name and partition number."""
        return self._log_id.topic, self._log_id.partition

    @property
    def config(self) -> TopicConfig:
        """The topic's configuration in force."""
        return self._config

    @property
    def storage(self) -> OpenLog:
        """The storage handle, for the manager, retention and compaction."""
        return self._log

    @property
    def state(self) -> LogState:
        """Producers, leader epochs and aborted transactions."""
        return self._state

    @property
    def log_start_offset(self) -> int:
        """First offset that can be read."""
        return self._log.start_offset

    @property
    def log_end_offset(self) -> int:
        """Offset of the next record."""
        return self._log.end_offset

    @property
    def high_watermark(self) -> int:
        """End of what is durable, and what read_uncommitted consumers see."""
        return self._high_watermark

    @property
    def last_stable_offset(self) -> int:
        """End of what read_committed consumers see: nothing below belongs to an undecided transaction."""
        return self._last_stable_offset

    @property
    def leader_epoch(self) -> int:
        """Epoch this broker leads the partition with."""
        return self._leader_epoch

    @property
    def size_in_bytes(self) -> int:
        """Of all segments."""
        return self._log.size_in_bytes

    @property
    def is_offline(self) -> bool:
        """The medium failed and the log is not reopened yet; appends and reads answer KAFKA_STORAGE_ERROR."""
        return self._is_offline

    @property
    def appended_bytes(self) -> int:
        """Bytes appended since the log was opened; counts on over reopening."""
        return self._appended_bytes

    def wait_key(self, *, read_committed: bool) -> Hashable:
        """The purgatory key under which progress for that isolation level is announced."""
        return self.stable_key if read_committed else self.committed_key

    def segments(self) -> Sequence[SegmentInfo]:
        """All segments in offset order."""
        return self._log.segments()

    def set_config(self, config: TopicConfig) -> None:
        """Obey `config` from the next append on; the storage policy is the manager's to hand over."""
        self._config = config
        self._rules = ValidationRules.of(config, self._name)

    def set_leader_epoch(self, leader_epoch: int) -> None:
        """Lead with a higher epoch; its start offset is noted with the first append.

        Raises:
            ValueError: it is lower than the current one.
        """
        if leader_epoch < self._leader_epoch:
            raise ValueError(f"leader epoch {leader_epoch} of {self._name} is below {self._leader_epoch}")
        self._leader_epoch = leader_epoch

    # Append

    def append_as_leader(
        self,
        records: memoryview | bytearray | bytes | None,
        *,
        now_ms: int,
        required_acks: int,
        request_version: int,
        is_internal_client: bool = False,
    ) -> AppendResult:
        """Validate and append what a producer sent.

        A writable buffer is stamped in place, a read-only one is copied once.

        Args:
            records: The `records` field of the request.
            now_ms: Wall clock; the log append time.
            required_acks: -1, 0 or 1; with one replica it makes no difference here.
            request_version: Of Produce; zstd needs 7.
            is_internal_client: The write comes from the broker itself: no size limit (as with Kafka's ignoreRecordSize).

        Raises:
            AppendError: carries the partition's error code, message and record errors.
        """
        if self._is_offline:
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None)
        log = self._log
        try:
            batch = prepare_produced(
                records,
                self._rules,
                now_ms,
                log.end_offset,
                self._leader_epoch,
                request_version,
                ignore_size=is_internal_client,
            )
            if batch.producer_id >= 0:
                duplicate = self._state.producers.check_batch(
                    batch.producer_id,
                    batch.producer_epoch,
                    batch.base_sequence,
                    batch.last_sequence,
                    batch.is_transactional,
                    from_client=True,
                )
                if duplicate is not None:
                    return AppendResult(
                        duplicate.first_offset,
                        duplicate.last_offset,
                        duplicate.timestamp_ms,
                        log.start_offset,
                        self._leader_epoch,
                        self._done_for(duplicate.last_offset),
                        duplicate=True,
                    )
        except AppendError as error:
            if error.log_start_offset == AppendError.PARTITION_LOG_START:
                error.log_start_offset = log.start_offset
            raise
        except KafkaError as error:
            raise AppendError(error.error_code, None, log_start_offset=log.start_offset) from error
        return self._append(batch, now_ms)

    def append_records(self, batch: bytearray | bytes, now_ms: int, *, transaction_version: int = 0) -> AppendResult:
        """Append one batch made by this broker: a coordinator's records or a control batch.

        Neither CRC, records nor sequences are checked; producer epochs are, and end-transaction markers end their transaction.

        Raises:
            AppendError: KAFKA_STORAGE_ERROR, NOT_LEADER_OR_FOLLOWER, MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE,
                INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, INVALID_TXN_STATE.
        """
        if self._is_offline:
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None)
        producers = self._state.producers
        try:
            valid = prepare_internal(batch, self._rules, now_ms, self._log.end_offset, self._leader_epoch)
            if valid.producer_id >= 0:
                if valid.marker is not None:
                    producers.check_marker(
                        valid.producer_id,
                        valid.producer_epoch,
                        valid.marker.coordinator_epoch,
                        transaction_version=transaction_version,
                    )
                elif not valid.is_control:
                    producers.check_batch(
                        valid.producer_id,
                        valid.producer_epoch,
                        valid.base_sequence,
                        valid.last_sequence,
                        valid.is_transactional,
                        from_client=False,
                    )
        except AppendError:
            raise
        except KafkaError as error:
            raise AppendError(error.error_code, error.message, log_start_offset=self._log.start_offset) from error
        return self._append(valid, now_ms)

    def _append(self, batch: ValidBatch, now_ms: int) -> AppendResult:
        log = self._log
        state = self._state
        base_offset = batch.base_offset
        last_offset = batch.last_offset
        size = len(batch.buffer)
        try:
            done = log.append(batch.buffer, base_offset, last_offset, batch.max_timestamp_ms, now_ms)
        except Unavailable as error:
            self.go_offline()
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None) from error
        except Fenced as error:
            raise AppendError(ErrorCode.NOT_LEADER_OR_FOLLOWER, None) from error
        state.apply(batch, self._leader_epoch)
        if batch.is_transactional and not batch.is_control:
            self._txn_bytes.setdefault(base_offset, self._appended_bytes)
        self._appended_bytes += size
        if done is None and not self._in_flight:
            self._move_high_watermark(last_offset + 1, size)
        elif done is None:
            # Behind others that are not durable yet: it becomes visible with them.
            done = self._in_flight[-1][0]
            self._in_flight.append((done, last_offset + 1, size))
        else:
            self._in_flight.append((done, last_offset + 1, size))
            done.add_done_callback(self._on_durable)
        self._on_change(self)
        return AppendResult(
            base_offset,
            last_offset,
            now_ms if self._rules.is_log_append_time else -1,
            log.start_offset,
            self._leader_epoch,
            done,
        )

    def _done_for(self, last_offset: int) -> asyncio.Future[None] | None:
        for done, end_offset, _ in self._in_flight:
            if end_offset > last_offset:
                return done
        return None

    def _on_durable(self, done: asyncio.Future[None]) -> None:
        if done.cancelled() or done.exception() is not None:
            # Only the current storage handle counts: the future may belong to one that was replaced meanwhile.
            if any(future is done for future, _, _ in self._in_flight):
                self.go_offline()
            return
        in_flight = self._in_flight
        while in_flight and in_flight[0][0].done():
            future, end_offset, size = in_flight[0]
            if future.cancelled() or future.exception() is not None:
                return
            in_flight.popleft()
            self._move_high_watermark(end_offset, size)

    def _move_high_watermark(self, high_watermark: int, size: int) -> None:
        self._high_watermark = high_watermark
        producers = self._state.producers
        producers.on_high_watermark(high_watermark)
        self._purgatory.wake(self.committed_key, size)
        before = self._last_stable_offset
        self._last_stable_offset = after = self._compute_last_stable_offset()
        if after > before:
            if self._txn_bytes:
                size = self._newly_stable_bytes(before, after)
            self._purgatory.wake(self.stable_key, size)

    def _newly_stable_bytes(self, before: int, after: int) -> int:
        """Bytes between two last stable offsets, counted from appends; too many rather than too few."""
        start = self._txn_bytes.get(before, 0)
        end = self._txn_bytes.get(after, self._appended_bytes)
        for first_offset in [first for first in self._txn_bytes if first < after]:
            del self._txn_bytes[first_offset]
        return end - start

    def _compute_last_stable_offset(self) -> int:
        first_unstable = self._state.producers.first_unstable_offset
        if 0 <= first_unstable < self._high_watermark:
            return max(first_unstable, self._log.start_offset)
        return self._high_watermark

    def go_offline(self) -> None:
        """The medium failed: refuse service and let whoever waits find out."""
        if self._is_offline:
            return
        self._is_offline = True
        self.wake_everybody()
        self._on_change(self)

    def wake_everybody(self) -> None:
        """End the waits on this partition: it was deleted, lost its leader or went offline."""
        self._purgatory.wake_all(self.committed_key)
        self._purgatory.wake_all(self.stable_key)

    # Read

    def read_now(
        self,
        offset: int,
        max_bytes: int,
        *,
        min_one: bool,
        isolation_read_committed: bool,
        max_offset: int | None = None,
    ) -> Chunk | None:
        """Whole batches from `offset` on, the first of which contains it; None when the read would block.

        Args:
            offset: Within [log start offset, log end offset].
            max_bytes: Stop before exceeding it.
            min_one: Return the first batch whatever its size.
            isolation_read_committed: Stop at the last stable offset instead of the high watermark.
            max_offset: Stop here instead (a follower or the broker itself reads up to the log end offset).

        Raises:
            KafkaError: OFFSET_OUT_OF_RANGE, KAFKA_STORAGE_ERROR.
        """
        if max_offset is None:
            max_offset = self._last_stable_offset if isolation_read_committed else self._high_watermark
        if self._is_offline or not self._log.start_offset <= offset <= self._log.end_offset:
            raise self._read_error(offset)
        if offset >= max_offset:
            return EMPTY_CHUNK
        try:
            return self._log.read_now(offset, max_offset, max_bytes, min_one)
        except StorageError as error:
            raise self._storage_error(error, offset) from error

    async def read(
        self,
        offset: int,
        max_bytes: int,
        *,
        min_one: bool,
        isolation_read_committed: bool,
        max_offset: int | None = None,
    ) -> Chunk:
        """As `read_now`, waiting for the medium where it must."""
        if max_offset is None:
            max_offset = self._last_stable_offset if isolation_read_committed else self._high_watermark
        if self._is_offline or not self._log.start_offset <= offset <= self._log.end_offset:
            raise self._read_error(offset)
        if offset >= max_offset:
            return EMPTY_CHUNK
        try:
            return await self._log.read(offset, max_offset, max_bytes, min_one)
        except StorageError as error:
            raise self._storage_error(error, offset) from error

    def _read_error(self, offset: int) -> KafkaError:
        if self._is_offline:
            return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, f"{self._name} is offline")
        return KafkaError(
            ErrorCode.OFFSET_OUT_OF_RANGE,
            f"Received request for offset {offset} for partition {self._name}, but we only have log segments in the range "
            f"{self._log.start_offset} to {self._log.end_offset}.",
        )

    def _storage_error(self, error: StorageError, offset: int) -> KafkaError:
        match error:
            case OutOfRange():
                return self._read_error(offset)
            case Fenced():
                return KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER, str(error))
            case _:
                return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))

    def aborted_transactions(self, start_offset: int, end_offset: int) -> list[tuple[int, int]]:
        """(producer id, first offset) of what a read_committed consumer of [start_offset, end_offset) must skip."""
        return self._state.transactions.aborted_transactions(start_offset, end_offset)

    # Leader epochs

    def check_leader_epoch(self, current_leader_epoch: int) -> ErrorCode:
        """NONE, FENCED_LEADER_EPOCH (the client's is old) or UNKNOWN_LEADER_EPOCH (newer than ours); -1 is not checked."""
        if current_leader_epoch == NO_EPOCH or current_leader_epoch == self._leader_epoch:
            return ErrorCode.NONE
        if current_leader_epoch < self._leader_epoch:
            return ErrorCode.FENCED_LEADER_EPOCH
        return ErrorCode.UNKNOWN_LEADER_EPOCH

    def end_offset_for_epoch(self, epoch: int) -> tuple[int, int]:
        """(leader epoch, end offset) for OffsetForLeaderEpoch; (-1, -1) when unknown (`LeaderEpochs.end_offset_for`)."""
        return self._state.epochs.end_offset_for(epoch, self._log.end_offset)

    def diverging_epoch(self, last_fetched_epoch: int, fetch_offset: int) -> tuple[int, int] | None:
        """(epoch, end offset) to truncate to when the fetcher's log differs from this one; None when it does not (KIP-595).

        Raises:
            KafkaError: OFFSET_OUT_OF_RANGE when the epoch is unknown or `fetch_offset` lies below the log start offset.
        """
        if last_fetched_epoch == NO_EPOCH:
            return None
        epoch, end_offset = self.end_offset_for_epoch(last_fetched_epoch)
        if epoch == NO_EPOCH:
            raise KafkaError(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                f"Could not determine the end offset of the last fetched epoch {last_fetched_epoch} from the request",
            )
        if fetch_offset < self._log.start_offset:
            raise self._read_error(fetch_offset)
        if epoch < last_fetched_epoch or end_offset < fetch_offset:
            return epoch, end_offset
        return None

    def epoch_for_offset(self, offset: int) -> int:
        """Leader epoch of the record at `offset`, -1 when unknown."""
        return self._state.epochs.epoch_for_offset(offset)

    # Offsets for times

    def earliest_offset(self) -> tuple[int, int]:
        """(log start offset, its leader epoch or -1), for ListOffsets EARLIEST."""
        entries = self._state.epochs.entries
        start = self._log.start_offset
        return start, entries[0][0] if entries and entries[0][1] <= start else NO_EPOCH

    def latest_offset(self, *, read_committed: bool) -> tuple[int, int]:
        """(high watermark or last stable offset, leader epoch), for ListOffsets LATEST."""
        return self._last_stable_offset if read_committed else self._high_watermark, self._leader_epoch

    async def offset_for_timestamp(self, timestamp_ms: int, *, read_committed: bool = False) -> tuple[int, int, int] | None:
        """(offset, timestamp, leader epoch) of the first visible record at or after `timestamp_ms`; None when there is none.

        Raises:
            KafkaError: KAFKA_STORAGE_ERROR.
        """
        if self._is_offline:
            raise self._read_error(0)
        end = self._last_stable_offset if read_committed else self._high_watermark
        try:
            found = await find_timestamp(self._log, timestamp_ms, self._log.start_offset, self._log.end_offset)
        except StorageError as error:
            raise self._storage_error(error, 0) from error
        return found if found is not None and found[0] < end else None

    async def offset_of_max_timestamp(self, *, read_committed: bool = False) -> tuple[int, int, int] | None:
        """(offset, timestamp, leader epoch) of the first record with the largest timestamp; None in an empty log.

        Raises:
            KafkaError: KAFKA_STORAGE_ERROR.
        """
        if self._is_offline:
            raise self._read_error(0)
        end = self._last_stable_offset if read_committed else self._high_watermark
        try:
            found = await find_max_timestamp(self._log)
        except StorageError as error:
            raise self._storage_error(error, 0) from error
        return found if found is not None and found[0] < end else None

    # Deletion and producers

    async def delete_records_before(self, offset: int) -> int:
        """Raise the log start offset (DeleteRecords) and return the low watermark; -1 stands for the high watermark.

        Raises:
            KafkaError: POLICY_VIOLATION unless cleanup.policy contains delete; OFFSET_OUT_OF_RANGE below 0 or above the high
                watermark; KAFKA_STORAGE_ERROR.
        """
        if not self._rules.is_delete:
            raise KafkaError(
                ErrorCode.POLICY_VIOLATION, f"Records of partition {self._name} can not be deleted due to the configured policy"
            )
        if self._is_offline:
            raise self._read_error(0)
        target = self._high_watermark if offset == HIGH_WATERMARK else offset
        if target < 0:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE, f"The offset {target} for partition {self._name} is not valid")
        await self.advance_start(target)
        return self._log.start_offset

    async def advance_start(self, offset: int) -> None:
        """Raise the log start offset to `offset`, for DeleteRecords and retention; lower values change nothing.

        Raises:
            KafkaError: OFFSET_OUT_OF_RANGE above the high watermark; KAFKA_STORAGE_ERROR.
        """
        if offset > self._high_watermark:
            raise KafkaError(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                f"Cannot increment the log start offset to {offset} of partition {self._name} since it is larger than the high "
                f"watermark {self._high_watermark}",
            )
        if offset <= self._log.start_offset:
            return
        try:
            await self._log.advance_start(offset)
        except StorageError as error:
            raise self._storage_error(error, offset) from error
        self._state.on_log_start(offset)
        self._last_stable_offset = self._compute_last_stable_offset()
        # A change of the log start offset alone is worth an answer to an incremental fetch.
        self._on_change(self)

    def active_producers(self, now_ms: int) -> Iterator[ActiveProducer]:
        """DescribeProducers' rows: every producer not expired, also after its transaction has ended."""
        return self._state.producers.active_producers()

    def has_ongoing_transaction(self, producer_id: int, producer_epoch: int) -> bool:
        """Whether the producer has an open transaction with records here (KIP-890 verification)."""
        return self._state.producers.has_ongoing_transaction(producer_id, producer_epoch)

    def remove_expired_producers(self, now_ms: int, expiration_ms: int) -> None:
        """Forget producers silent for `expiration_ms` (producer.id.expiration.ms) without an open transaction."""
        self._state.producers.remove_expired(now_ms, expiration_ms)


__all__ = ["EMPTY_CHUNK", "AbortedTransaction", "AppendError", "AppendResult", "EmptyChunk", "LeaderEpochs", "PartitionLog"]
