"""One partition's log: append, and the offsets that move with it.

Theory of operation. The event loop owns a `PartitionLog`; every change is synchronous. An append is validated, checked against
the producer state, stamped with its offset and leader epoch, and handed to storage once. The log end offset moves with it; the
high watermark moves when storage reports the write durable, in order, and with it the last stable offset. Whoever waits for
either is woken then. Where there are several replicas, they share this log; while one of them is behind it holds the high
watermark back (`limit_high_watermark`, replication.py).

When the medium fails the partition goes offline: memory may be ahead of what rests on disk, so nothing of it is used until the
manager has reopened the log and rebuilt the state from it (`attach`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from kafka_compat.config.topic import TopicConfig
from kafka_compat.log.allowance import Allowance
from kafka_compat.log.errors import AppendError
from kafka_compat.log.in_flight import AppendsInFlight
from kafka_compat.log.inspection import inspect
from kafka_compat.log.partition_view import PartitionView
from kafka_compat.log.producer_state import ActiveProducer
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.log.results import EMPTY_CHUNK, AppendResult, EmptyChunk
from kafka_compat.log.state import LogState
from kafka_compat.log.traffic import Traffic
from kafka_compat.log.unreplicated import NO_LIMIT, Unreplicated, fail_all
from kafka_compat.log.validation import ValidationRules, ValidBatch, prepare_internal
from kafka_compat.log.verification import UNGUARDED, Verification
from kafka_compat.log.watermarks import Watermarks
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.control import EndTransactionMarker
from kafka_compat.storage.interface import Chunk, Fenced, LogId, OpenLog, SegmentInfo, Staged, StorageError, Unavailable

if TYPE_CHECKING:
    from kafka_compat.log.replication import PartitionReplicas

__all__ = ["EMPTY_CHUNK", "NO_LIMIT", "AppendError", "AppendResult", "EmptyChunk", "PartitionLog"]

HIGH_WATERMARK: Final = -1
# Writing costs 0.3 to 3 ms a megabyte, most of it for memory that has to be found.
STAGED_BYTES: Final = 4 << 20


class PartitionLog:
    """A partition led by this broker. Not thread-safe: the event loop owns it.

    Attributes:
        log_id: topic, partition and topic id.
        name: topic and partition for people.
        committed_key, stable_key: see `Watermarks`.
        view: what can be read of it.
        replicas: where they stand; None where there is one.
        snapshots: held while a snapshot is written, or the log must not have another.
        traffic: what has gone through it.
    """

    __slots__ = (
        "_config",
        "_deposed",
        "_failures",
        "_in_flight",
        "_marks",
        "_on_change",
        "_rules",
        "_unreplicated",
        "committed_key",
        "log_id",
        "name",
        "replicas",
        "snapshots",
        "stable_key",
        "traffic",
        "view",
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
        self.log_id: Final[LogId] = log.log_id
        self.name: Final[str] = f"{log.log_id.topic}-{log.log_id.partition}"
        self._marks: Final = Watermarks(log.log_id, purgatory)
        self.committed_key: Final[Hashable] = self._marks.committed_key
        self.stable_key: Final[Hashable] = self._marks.stable_key
        self.view: Final = PartitionView(self.name, log, state, self._marks, leader_epoch)
        self.traffic: Final = Traffic()
        self._on_change = on_change
        self._failures = 0
        self._in_flight = AppendsInFlight(self._on_durable, self.go_offline)
        self.snapshots: Final = asyncio.Lock()
        self._unreplicated: Unreplicated | None = None
        # What waited for other replicas under an epoch that is over; told when everybody can see who leads.
        self._deposed: list[asyncio.Future[None]] = []
        self.replicas: PartitionReplicas | None = None
        self.set_config(config)
        self.attach(log, state)

    def attach(self, log: OpenLog, state: LogState) -> None:
        """Serve from `log`, just opened, with the state rebuilt from it.

        Everything in it counts as committed, except what a healthy log was still writing when it got a higher epoch, and what
        in-sync replicas lack.
        """
        view = self.view
        view.log = log
        view.state = state
        state.begin_epoch(view.leader_epoch, log.end_offset)
        view.is_offline = False
        marks = self._marks
        high_watermark = log.end_offset
        held_bytes = 0
        unreplicated = self._unreplicated
        if not self._in_flight.is_empty:
            high_watermark = min(marks.high_watermark, high_watermark)
        if unreplicated is not None:
            held_bytes = unreplicated.begin_again(high_watermark)
            high_watermark = min(high_watermark, unreplicated.limit)
        marks.attach(log, state.producers, high_watermark, held_bytes)

    def set_config(self, config: TopicConfig) -> None:
        """Obey `config` from the next append on; the storage policy is the manager's to hand over."""
        self._config = config
        self._rules = ValidationRules.of(config, self.name)

    def set_leader_epoch(self, leader_epoch: int) -> None:
        """Lead with a higher epoch, which begins at the log end offset.

        Raises:
            ValueError: it is lower than the current one.
        """
        view = self.view
        if self._unreplicated is not None and leader_epoch > view.leader_epoch:
            # They asked the leader before.
            self._deposed += self._unreplicated.take_waiters()
        if leader_epoch < view.leader_epoch:
            raise ValueError(f"leader epoch {leader_epoch} of {self.name} is below {view.leader_epoch}")
        view.leader_epoch = leader_epoch
        view.state.begin_epoch(leader_epoch, view.log.end_offset)

    def lead(self, log: OpenLog) -> None:
        """Lead with the epoch that `log` was opened under; in it is what the handle before left, and nothing else.

        Raises:
            ValueError: the epoch is lower than the current one.
        """
        self.view.log = log
        self.set_leader_epoch(log.epoch)

    # What is known of it

    @property
    def topic_partition(self) -> tuple[str, int]:
        """Topic name and partition number."""
        return self.log_id.topic, self.log_id.partition

    @property
    def config(self) -> TopicConfig:
        """The topic's configuration in force."""
        return self._config

    @property
    def storage(self) -> OpenLog:
        """The storage handle, for the manager, retention and compaction."""
        return self.view.log

    @property
    def state(self) -> LogState:
        """Producers, leader epochs and aborted transactions."""
        return self.view.state

    @property
    def log_start_offset(self) -> int:
        """First offset that can be read."""
        return self.view.log.start_offset

    @property
    def log_end_offset(self) -> int:
        """Offset of the next record."""
        return self.view.log.end_offset

    @property
    def high_watermark(self) -> int:
        """End of what is durable, and what read_uncommitted consumers see."""
        return self._marks.high_watermark

    @property
    def last_stable_offset(self) -> int:
        """End of what read_committed consumers see: nothing below belongs to an undecided transaction."""
        return self._marks.last_stable_offset

    @property
    def leader_epoch(self) -> int:
        """Epoch this broker leads the partition with."""
        return self.view.leader_epoch

    @property
    def size_in_bytes(self) -> int:
        """Of all segments."""
        return self.view.log.size_in_bytes

    @property
    def is_offline(self) -> bool:
        """The medium failed and the log is not reopened yet; appends and reads answer KAFKA_STORAGE_ERROR."""
        return self.view.is_offline

    @property
    def failures(self) -> int:
        """How often the log went offline so far: what was read of it before may not be in it any more."""
        return self._failures

    @property
    def appended_bytes(self) -> int:
        """Bytes appended since the log was opened; counts on over reopening."""
        return self._marks.appended_bytes

    def wait_key(self, *, read_committed: bool) -> Hashable:
        """The purgatory key under which progress for that isolation level is announced."""
        return self.stable_key if read_committed else self.committed_key

    def segments(self) -> Sequence[SegmentInfo]:
        """All segments in offset order."""
        return self.view.log.segments()

    async def read(
        self, offset: int, max_bytes: int, *, min_one: bool, isolation_read_committed: bool, max_offset: int | None = None
    ) -> Chunk:
        """See `PartitionView.read`."""
        return await self.view.read(
            offset,
            max_bytes,
            min_one=min_one,
            isolation_read_committed=isolation_read_committed,
            max_offset=max_offset,
        )

    def active_producers(self, now_ms: int) -> Iterator[ActiveProducer]:
        """DescribeProducers' rows: every producer not expired, also after its transaction has ended."""
        return self.view.state.producers.active_producers()

    def start_verification(
        self, producer_id: int, epoch: int, base_sequence: int, now_ms: int, *, supports_epoch_bump: bool
    ) -> Verification | None:
        """See `ProducerState.start_verification`."""
        return self.view.state.producers.start_verification(
            producer_id, epoch, base_sequence, now_ms, supports_epoch_bump=supports_epoch_bump
        )

    def has_ongoing_transaction(self, producer_id: int, producer_epoch: int) -> bool:
        """Whether the producer has an open transaction with records here (KIP-890 verification)."""
        return self.view.state.producers.has_ongoing_transaction(producer_id, producer_epoch)

    # Append

    @property
    def rules(self) -> ValidationRules:
        """What a batch is inspected by; replaced, not changed, with the configuration."""
        return self._rules

    def append_as_leader(
        self, records: memoryview | bytearray | bytes | None, now_ms: int, guard: Verification | None = UNGUARDED
    ) -> AppendResult:
        """Inspect and append what a producer sent, whatever that costs; errors as in `inspect` and `append_inspected`."""
        if self.view.is_offline:
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None)
        allowance = Allowance(0 if records is None else len(records), in_thread=True)
        try:
            batch = inspect(records, self._rules, now_ms, allowance)
        except AppendError as error:
            raise self.with_log_start(error) from error.__cause__
        return self.append_inspected(batch, now_ms, guard)

    def with_log_start(self, error: AppendError) -> AppendError:
        """The error with what the response to it carries as the log start offset."""
        if error.log_start_offset == AppendError.PARTITION_LOG_START:
            error.log_start_offset = self.view.log.start_offset
        return error

    async def stage(self, batch: ValidBatch) -> Staged | None:
        """Have a thread write a large batch, for `append_inspected` to take; None when it is small, or cannot be written."""
        if len(batch.buffer) < STAGED_BYTES or self.view.is_offline:
            return None
        try:
            return await self.view.log.stage(batch.buffer)
        except StorageError:
            return None  # the append will tell

    def append_inspected(
        self,
        batch: ValidBatch,
        now_ms: int,
        guard: Verification | None = None,
        staged: Staged | None = None,
        acks_all: bool = True,
    ) -> AppendResult:
        """Append a batch from a producer that was inspected by this log's `rules`; `staged` is what `stage` made of it.

        `guard` is what `start_verification` gave, when the coordinator has confirmed since that the partition is part of the
        batch's transaction; None is enough where that has begun. Without `acks_all` the result's `done` is about this broker
        alone.

        Raises:
            AppendError: carries the partition's error code, message and record errors.
        """
        if self.view.is_offline:
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None)
        assert batch.rules is self._rules
        view = self.view
        log = view.log
        if batch.producer_id >= 0:
            try:
                duplicate = view.state.producers.check_batch(
                    batch.producer_id,
                    batch.producer_epoch,
                    batch.base_sequence,
                    batch.last_sequence,
                    batch.is_transactional,
                    from_client=True,
                    guard=guard,
                )
            except KafkaError as error:
                raise AppendError(error.error_code, None, log_start_offset=log.start_offset) from error
            if duplicate is not None:
                return AppendResult(
                    duplicate.first_offset,
                    duplicate.last_offset,
                    duplicate.timestamp_ms,
                    log.start_offset,
                    view.leader_epoch,
                    self._wait_for(duplicate.last_offset) if acks_all else self._in_flight.wait_for(duplicate.last_offset),
                    duplicate=True,
                )
        return self._append(batch, now_ms, staged, acks_all)

    def append_records(
        self,
        batch: bytearray | bytes,
        now_ms: int,
        *,
        transaction_version: int = 0,
        guard: Verification | None = UNGUARDED,
        marker: EndTransactionMarker | None = None,
    ) -> AppendResult:
        """Append one batch made by this broker: a coordinator's records or a control batch.

        Neither CRC, records nor sequences are checked; producer epochs are, and end-transaction markers end their transaction.
        `guard` as in `append_inspected`; without it nobody asks whether data is part of its producer's transaction. `marker` is
        what is in `batch`, which who writes it into many partitions need not have read each time.

        Raises:
            AppendError: KAFKA_STORAGE_ERROR, NOT_LEADER_OR_FOLLOWER, MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE,
                INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, INVALID_TXN_STATE.
        """
        if self.view.is_offline:
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None)
        producers = self.view.state.producers
        try:
            valid = prepare_internal(batch, self._rules, now_ms, marker)
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
                        guard=guard,
                    )
        except AppendError:
            raise
        except KafkaError as error:
            raise AppendError(error.error_code, error.message, log_start_offset=self.log_start_offset) from error
        return self._append(valid, now_ms)

    def _append(self, batch: ValidBatch, now_ms: int, staged: Staged | None = None, acks_all: bool = True) -> AppendResult:
        view = self.view
        log = view.log
        state = view.state
        leader_epoch = view.leader_epoch
        batch.place(log.end_offset, leader_epoch)
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
        state.apply(batch, leader_epoch)
        marks = self._marks
        if batch.is_transactional and state.producers.last_begun_offset == base_offset:
            state.producers.on_begun(base_offset, marks.appended_bytes)  # so that its end knows what it makes readable
        marks.appended(size)
        traffic = self.traffic
        traffic.bytes_in += size
        traffic.messages_in += last_offset - base_offset + 1
        waiter = None
        if self._unreplicated is not None:
            waiter = self._follow_append(self._unreplicated, written, last_offset + 1, size, acks_all)
        elif written is None and self._in_flight.is_empty:
            marks.committed(log, state.producers, last_offset + 1, size)
        else:
            waiter = self._in_flight.add(written, last_offset + 1, size)
        self._on_change(self)
        return AppendResult(
            base_offset,
            last_offset,
            now_ms if self._rules.is_log_append_time else -1,
            log.start_offset,
            leader_epoch,
            waiter,
        )

    def _on_durable(self, end_offset: int, size_in_bytes: int) -> None:
        unreplicated = self._unreplicated
        if unreplicated is not None:
            unreplicated.durable(end_offset, size_in_bytes)
            self._commit(unreplicated)
            return
        view = self.view
        self._marks.committed(view.log, view.state.producers, end_offset, size_in_bytes)

    # Replication

    def limit_high_watermark(self, offset: int) -> None:
        """The high watermark may go up to `offset`, as far as the in-sync replicas are, `NO_LIMIT` where they have everything.

        It never goes back: a limit below it holds it where it is.
        """
        unreplicated = self._unreplicated
        if unreplicated is None:
            if offset == NO_LIMIT:
                return
            is_durable = self._in_flight.is_empty
            durable_end = self.log_end_offset if is_durable else self.high_watermark
            unreplicated = self._unreplicated = Unreplicated(self.view, durable_end)
        unreplicated.limit = offset
        self._commit(unreplicated)

    @property
    def is_high_watermark_limited(self) -> bool:
        """Whether an in-sync replica stands still, or there are too few of them."""
        return self._unreplicated is not None

    def _follow_append(
        self,
        unreplicated: Unreplicated,
        written: asyncio.Future[None] | None,
        end_offset: int,
        size_in_bytes: int,
        acks_all: bool,
    ) -> asyncio.Future[None] | None:
        """Follow an append while the high watermark is held back; what the answer waits for."""
        waiter: asyncio.Future[None] | None = None
        if written is None and self._in_flight.is_empty:
            unreplicated.durable(end_offset, size_in_bytes)
        else:
            waiter = self._in_flight.add(written, end_offset, size_in_bytes)
        if self.replicas is not None:
            self.replicas.appended()
        self._commit(unreplicated)
        return self._wait_for(end_offset - 1) if acks_all else waiter

    def _commit(self, unreplicated: Unreplicated) -> None:
        unreplicated.commit()
        if unreplicated.is_over and self._unreplicated is unreplicated:
            self._unreplicated = None

    def _wait_for(self, offset: int) -> asyncio.Future[None] | None:
        """What resolves when the high watermark is above `offset`; None when it is."""
        unreplicated = self._unreplicated
        if unreplicated is None:
            return self._in_flight.wait_for(offset)
        return unreplicated.wait(offset + 1) if offset >= self._marks.high_watermark else None

    def go_offline(self) -> None:
        """The medium failed: refuse service and let whoever waits find out."""
        if self.view.is_offline:
            return
        self.view.is_offline = True
        self._failures += 1
        error = Unavailable(f"{self.name}: the write was lost: the partition went offline")
        self._in_flight.fail(error)
        if self._unreplicated is not None:
            fail_all(self._unreplicated.take_waiters(), error)
            self._commit(self._unreplicated)
        self.wake_everybody()
        self._on_change(self)

    def begin_truncation(self, end_offset: int) -> None:
        """What lies at `end_offset` and above is going: its appends have failed, and what replicas had of it is nothing."""
        self._in_flight.fail(Fenced(f"{self.name} is truncated to offset {end_offset}"))
        self._marks.truncated(end_offset)
        if self.replicas is not None:
            self.replicas.truncated(end_offset)

    def wake(self, key: Hashable) -> None:
        """Wake who waits for something of this partition that is not the log's."""
        self._marks.wake(key)

    def announce_compaction(self) -> None:
        """Tell who watches everything that records have gone."""
        self._marks.announce()

    def wake_everybody(self) -> None:
        """End the waits on this partition: it was deleted, lost its leader or went offline."""
        self._marks.wake_everybody()
        if self._deposed:
            deposed, self._deposed = self._deposed, []
            fail_all(deposed, Fenced(f"{self.name} has another leader, or is gone"))

    def deleted(self) -> None:
        """The log is not there any more: end the waits on it, for other replicas too."""
        if self._unreplicated is not None:
            self._deposed += self._unreplicated.take_waiters()
        self.wake_everybody()

    async def write_snapshot(self) -> None:
        """Flush the log and put what it would take a replay to know beside it; a no-op when nothing has changed since.

        Raises:
            StorageError: it is not on disk.
        """
        async with self.snapshots:  # who comes second finds the first one's on disk, or takes another
            state = self.view.state
            snapshot = state.snapshot()
            if snapshot is None:
                return
            try:
                await snapshot.write(self.view.log)
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
                ErrorCode.POLICY_VIOLATION, f"Records of partition {self.name} can not be deleted due to the configured policy"
            )
        if self.view.is_offline:
            raise self.view.read_error(0)
        target = self.high_watermark if offset == HIGH_WATERMARK else offset
        if target < 0:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE, f"The offset {target} for partition {self.name} is not valid")
        await self.advance_start(target)
        return self.log_start_offset

    async def advance_start(self, offset: int) -> None:
        """Raise the log start offset to `offset`, for DeleteRecords and retention; lower values change nothing.

        Raises:
            KafkaError: OFFSET_OUT_OF_RANGE above the high watermark; KAFKA_STORAGE_ERROR.
        """
        if offset > self.high_watermark:
            raise KafkaError(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                f"Cannot increment the log start offset to {offset} of partition {self.name} since it is larger than the high "
                f"watermark {self.high_watermark}",
            )
        if offset <= self.log_start_offset:
            return
        try:
            # Replay begins at the log start offset: of producers that wrote below it only a snapshot knows.
            if not self.view.state.is_known_without(offset):
                await self.write_snapshot()
            await self.view.log.advance_start(offset)
        except StorageError as error:
            if isinstance(error, Unavailable):
                self.go_offline()
            raise self.view.storage_error(error, offset) from error
        self.view.state.on_log_start(offset)
        self._marks.log_start_moved(self.view.log, self.view.state.producers)
        # A change of the log start offset alone is worth an answer to an incremental fetch.
        self._on_change(self)
