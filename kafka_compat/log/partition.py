"""One partition's log: append, and the offsets that move with it.

Theory of operation. The event loop owns a `PartitionLog`; every change is synchronous. An append is validated, checked against
the producer state, stamped with its offset and leader epoch, and handed to storage once. The log end offset moves with it; the
high watermark moves when storage reports the write durable, in order (there is one replica), and with it the last stable
offset. Whoever waits for either is woken then.

When the medium fails the partition goes offline: memory may be ahead of what rests on disk, so nothing of it is used until the
manager has reopened the log and rebuilt the state from it (`attach`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from kafka_compat.config.topic import TopicConfig
from kafka_compat.log.errors import AppendError
from kafka_compat.log.inspection import Allowance, inspect
from kafka_compat.log.partition_view import PartitionView
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.log.recovery import LogState
from kafka_compat.log.results import EMPTY_CHUNK, AppendResult, EmptyChunk
from kafka_compat.log.validation import ValidationRules, ValidBatch, prepare_internal
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import Fenced, OpenLog, Staged, StorageError, Unavailable

__all__ = ["EMPTY_CHUNK", "AppendError", "AppendResult", "EmptyChunk", "PartitionLog"]

HIGH_WATERMARK: Final = -1
# Writing costs 0.3 to 3 ms a megabyte, most of it for memory that has to be found.
STAGED_BYTES: Final = 4 << 20


class _InFlight:
    """An append that storage has not reported durable yet, and who waits for it."""

    __slots__ = ("end_offset", "size_in_bytes", "waiters", "written")

    def __init__(self, written: asyncio.Future[None], end_offset: int, size_in_bytes: int) -> None:
        self.written = written
        self.end_offset = end_offset
        self.size_in_bytes = size_in_bytes
        self.waiters: list[asyncio.Future[None]] = []

    def wait(self) -> asyncio.Future[None]:
        """A future of the caller's own: cancelling it (the client went away) must not reach the write or others that wait."""
        waiter = self.written.get_loop().create_future()
        self.waiters.append(waiter)
        return waiter

    def end(self, error: BaseException | None) -> None:
        for waiter in self.waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)
                # With acks=0 nobody asks, which is no reason for a warning.
                waiter.exception()


class PartitionLog(PartitionView):
    """A partition led by this broker. Not thread-safe: the event loop owns it."""

    __slots__ = (
        "_committed_bytes",
        "_in_flight",
        "_on_change",
        "_purgatory",
        "_rules",
        "_snapshots",
        "_stable_bytes",
        "_txn_bytes",
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
        super().__init__(log.log_id)
        self._purgatory = purgatory
        self._on_change = on_change
        self._appended_bytes = 0
        self._failures = 0
        self._in_flight: deque[_InFlight] = deque()
        self._snapshots = asyncio.Lock()
        self._high_watermark = 0
        self._leader_epoch = leader_epoch
        self.set_config(config)
        self.attach(log, state)

    def attach(self, log: OpenLog, state: LogState) -> None:
        """Serve from `log`, just opened, with the state rebuilt from it.

        Everything in it counts as committed, except what a healthy log was still writing when it got a higher epoch.
        """
        self._log = log
        self._state = state
        # first offset of an open transaction -> bytes appended before it, so that a marker knows what it makes readable
        self._txn_bytes: dict[int, int] = {}
        state.begin_epoch(self._leader_epoch, log.end_offset)
        self._is_offline = False
        if not self._in_flight:
            self._high_watermark = log.end_offset
        state.producers.on_high_watermark(self._high_watermark)
        self._last_stable_offset = self._compute_last_stable_offset()
        # Appended bytes below the high watermark and below the last stable offset. Where a transaction that was open before is
        # not known any more: counting from the log's start wakes a reader too early at worst.
        self._committed_bytes = self._stable_bytes = self._appended_bytes
        if self._last_stable_offset < self._high_watermark:
            self._stable_bytes -= log.size_in_bytes

    def set_config(self, config: TopicConfig) -> None:
        """Obey `config` from the next append on; the storage policy is the manager's to hand over."""
        self._config = config
        self._rules = ValidationRules.of(config, self._name)

    def set_leader_epoch(self, leader_epoch: int) -> None:
        """Lead with a higher epoch, which begins at the log end offset.

        Raises:
            ValueError: it is lower than the current one.
        """
        if leader_epoch < self._leader_epoch:
            raise ValueError(f"leader epoch {leader_epoch} of {self._name} is below {self._leader_epoch}")
        self._leader_epoch = leader_epoch
        self._state.begin_epoch(leader_epoch, self._log.end_offset)

    def lead(self, log: OpenLog) -> None:
        """Lead with the epoch that `log` was opened under; in it is what the handle before left, and nothing else.

        Raises:
            ValueError: the epoch is lower than the current one.
        """
        self._log = log
        self.set_leader_epoch(log.epoch)

    # Append

    @property
    def rules(self) -> ValidationRules:
        """What a batch is inspected by; replaced, not changed, with the configuration."""
        return self._rules

    def append_as_leader(self, records: memoryview | bytearray | bytes | None, now_ms: int) -> AppendResult:
        """Inspect and append what a producer sent, whatever that costs; errors as in `inspect` and `append_inspected`."""
        if self._is_offline:
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None)
        allowance = Allowance(0 if records is None else len(records), in_thread=True)
        try:
            batch = inspect(records, self._rules, now_ms, allowance)
        except AppendError as error:
            raise self.with_log_start(error) from error.__cause__
        return self.append_inspected(batch, now_ms)

    def with_log_start(self, error: AppendError) -> AppendError:
        """The error with what the response to it carries as the log start offset."""
        if error.log_start_offset == AppendError.PARTITION_LOG_START:
            error.log_start_offset = self._log.start_offset
        return error

    async def stage(self, batch: ValidBatch) -> Staged | None:
        """Have a thread write a large batch, for `append_inspected` to take; None when it is small, or cannot be written."""
        if len(batch.buffer) < STAGED_BYTES or self._is_offline:
            return None
        try:
            return await self._log.stage(batch.buffer)
        except StorageError:
            return None  # the append will tell

    def append_inspected(self, batch: ValidBatch, now_ms: int, staged: Staged | None = None) -> AppendResult:
        """Append a batch from a producer that was inspected by this log's `rules`; `staged` is what `stage` made of it.

        Raises:
            AppendError: carries the partition's error code, message and record errors.
        """
        if self._is_offline:
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None)
        assert batch.rules is self._rules
        log = self._log
        if batch.producer_id >= 0:
            try:
                duplicate = self._state.producers.check_batch(
                    batch.producer_id,
                    batch.producer_epoch,
                    batch.base_sequence,
                    batch.last_sequence,
                    batch.is_transactional,
                    from_client=True,
                )
            except KafkaError as error:
                raise AppendError(error.error_code, None, log_start_offset=log.start_offset) from error
            if duplicate is not None:
                return AppendResult(
                    duplicate.first_offset,
                    duplicate.last_offset,
                    duplicate.timestamp_ms,
                    log.start_offset,
                    self._leader_epoch,
                    self._wait_for(duplicate.last_offset),
                    duplicate=True,
                )
        return self._append(batch, now_ms, staged)

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
            valid = prepare_internal(batch, self._rules, now_ms)
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

    def _append(self, batch: ValidBatch, now_ms: int, staged: Staged | None = None) -> AppendResult:
        log = self._log
        state = self._state
        batch.place(log.end_offset, self._leader_epoch)
        base_offset = batch.base_offset
        last_offset = batch.last_offset
        size = len(batch.buffer)
        try:
            written = log.append(batch.buffer, base_offset, last_offset, batch.max_timestamp_ms, now_ms, staged)
        except Unavailable as error:
            self.go_offline()
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None) from error
        except Fenced as error:
            raise AppendError(ErrorCode.NOT_LEADER_OR_FOLLOWER, None) from error
        state.apply(batch, self._leader_epoch)
        if batch.is_transactional and not batch.is_control:
            self._txn_bytes.setdefault(base_offset, self._appended_bytes)
        self._appended_bytes += size
        waiter = None
        if written is None and not self._in_flight:
            self._move_high_watermark(last_offset + 1, size)
        else:
            if written is None:
                # Behind others that are not durable yet: it becomes visible with them.
                written = self._in_flight[-1].written
            else:
                written.add_done_callback(self._on_written)
            entry = _InFlight(written, last_offset + 1, size)
            self._in_flight.append(entry)
            waiter = entry.wait()
        self._on_change(self)
        return AppendResult(
            base_offset,
            last_offset,
            now_ms if self._rules.is_log_append_time else -1,
            log.start_offset,
            self._leader_epoch,
            waiter,
        )

    def _wait_for(self, last_offset: int) -> asyncio.Future[None] | None:
        for entry in self._in_flight:
            if entry.end_offset > last_offset:
                return entry.wait()
        return None

    def _on_written(self, written: asyncio.Future[None]) -> None:
        error = asyncio.CancelledError() if written.cancelled() else written.exception()
        in_flight = self._in_flight
        if error is not None:
            # Only what is still in flight counts: the future may belong to a handle that was given up.
            if any(entry.written is written for entry in in_flight):
                self.go_offline()
            return
        while in_flight and in_flight[0].written.done():
            entry = in_flight[0]
            if entry.written.cancelled() or entry.written.exception() is not None:
                return
            in_flight.popleft()
            self._move_high_watermark(entry.end_offset, entry.size_in_bytes)
            entry.end(None)

    def _fail_in_flight(self, error: BaseException) -> None:
        failed = Unavailable(f"{self._name}: the write was lost: {error}")
        while self._in_flight:
            self._in_flight.popleft().end(failed)

    def _move_high_watermark(self, high_watermark: int, size: int) -> None:
        self._high_watermark = high_watermark
        self._committed_bytes += size
        purgatory = self._purgatory
        purgatory.wake(self.committed_key, size)
        producers = self._state.producers
        if producers.has_unstable:
            producers.on_high_watermark(high_watermark)
            after = self._compute_last_stable_offset()
            if after == self._last_stable_offset:
                return
            self._last_stable_offset = after
            purgatory.wake(self.stable_key, self._newly_stable_bytes(after))
        else:
            # Nothing is transactional here, which is the rule: both offsets move together.
            self._last_stable_offset = high_watermark
            self._stable_bytes = self._committed_bytes
            purgatory.wake(self.stable_key, size)

    def _newly_stable_bytes(self, last_stable_offset: int) -> int:
        """Bytes that became readable for read_committed consumers; too many rather than too few."""
        stable = self._txn_bytes.get(last_stable_offset, self._committed_bytes)
        for first_offset in [first for first in self._txn_bytes if first < last_stable_offset]:
            del self._txn_bytes[first_offset]
        newly = stable - self._stable_bytes
        self._stable_bytes = stable
        return newly

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
        self._failures += 1
        self._fail_in_flight(Unavailable("the partition went offline"))
        self.wake_everybody()
        self._on_change(self)

    def wake_everybody(self) -> None:
        """End the waits on this partition: it was deleted, lost its leader or went offline."""
        self._purgatory.wake_all(self.committed_key)
        self._purgatory.wake_all(self.stable_key)

    async def write_snapshot(self) -> None:
        """Flush the log and put what it would take a replay to know beside it; a no-op when nothing has changed since.

        Raises:
            StorageError: it is not on disk.
        """
        async with self._snapshots:  # who comes second finds the first one's on disk, or takes another
            state = self._state
            snapshot = state.snapshot()
            if snapshot is None:
                return
            try:
                await snapshot.write(self._log)
            except BaseException:  # a cancelled one is not on disk either
                state.snapshot_failed()
                raise
            state.snapshot_written(snapshot.offset)

    # Deletion

    async def delete_records_before(self, offset: int) -> int:
        """Raise the log start offset (DeleteRecords) and return the low watermark; -1 stands for the high watermark.

        Raises:
            KafkaError: POLICY_VIOLATION when cleanup.policy is compact alone; OFFSET_OUT_OF_RANGE below 0 or above the high
                watermark; KAFKA_STORAGE_ERROR.
        """
        if self._rules.is_compacted and not self._rules.is_delete:
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
            # Replay begins at the log start offset: of producers that wrote below it only a snapshot knows.
            if not self._state.is_known_without(offset):
                await self.write_snapshot()
            await self._log.advance_start(offset)
        except StorageError as error:
            if isinstance(error, Unavailable):
                self.go_offline()
            raise self._storage_error(error, offset) from error
        self._state.on_log_start(offset)
        self._last_stable_offset = self._compute_last_stable_offset()
        # A change of the log start offset alone is worth an answer to an incremental fetch.
        self._on_change(self)
