"""The shell of compaction: picks the dirtiest log, cleans it in slices, notes how far it came (Kafka's LogCleaner).

One log at a time. The batches go through a thread, which lets go of the interpreter every half millisecond for as long as it
held it: the event loop is at most that much late, and the cleaner takes half a core at most. What it rewrote is swapped in
group by group, each atomically; a round that is interrupted has lost nothing and begins anew. The offset where a round ended
lies beside the log as the aux blob `cleaner`.

Every log.cleaner.backoff.ms while there may be something to do: the timer is armed by a log that was appended to or whose
configuration changed, and again as long as a compacted log has sealed segments that are dirty, or may expire.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.log.cleanable import CleanablePart, cleanable_part, first_dirty_offset, group_segments, segments_between
from kafka_compat.log.lookup import contiguous
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.state import LogState
from kafka_compat.records.batch import BatchHeader, iter_batches, parse_header
from kafka_compat.records.errors import RecordsError
from kafka_compat.storage.interface import Corrupt, Fenced, OpenLog, OutOfRange, SegmentInfo, StorageError
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.log.compaction import BatchFilter, CleanedTransactions

CHECKPOINT_KIND: Final = "cleaner"

_NO_LAG_MS: Final = (1 << 63) - 1
_SLICE_S: Final = 0.0005
_STEP_S: Final = 0.1
_LOGS_PER_TURN: Final = 100

_logger = logging.getLogger(__name__)

T = TypeVar("T")
Batch = tuple[BatchHeader, bytes | memoryview, int]


class _Stopped(Exception):
    """The broker closes, or the log is not this broker's any more."""


class LogCleaner:
    """Compacts the logs of one broker. Not thread-safe: the event loop owns it.

    Args:
        clock: For timers and horizons.
        config: Its log.cleaner settings are read anew for each round.
        logs: All logs of the broker.
        tasks: Runs the rounds.
        apply_retention: Deletes old segments of a log; compacted logs get it here, so that it never meets a round.

    Attributes:
        rounds: That were run to their end.
        bytes_before, bytes_after: What the logs of these rounds had before and after.
    """

    def __init__(
        self,
        clock: Clock,
        config: BrokerConfig,
        logs: Callable[[], Iterable[PartitionLog]],
        tasks: Supervisor,
        apply_retention: Callable[[PartitionLog], Coroutine[None, None, None]],
    ) -> None:
        self._clock = clock
        self._config = config
        self._logs = logs
        self._tasks = tasks
        self._apply_retention = apply_retention
        self._checkpoints: dict[PartitionLog, int | None] = {}
        self._uncleanable: set[PartitionLog] = set()
        self.rounds = self.bytes_before = self.bytes_after = 0
        self._timer: TimerHandle | None = None
        self._is_running = False
        self._is_closed = False

    @property
    def uncleanable_count(self) -> int:
        """How many logs are left as they are, because they could not be compacted."""
        return len(self._uncleanable)

    # Life

    def arm(self) -> None:
        """Look for dirty logs in log.cleaner.backoff.ms, unless that is going to happen anyway."""
        if self._timer is None and not self._is_running and not self._is_closed and self._config.log_cleaner_enable:
            due_ms = self._clock.monotonic_ms() + self._config.log_cleaner_backoff_ms
            self._timer = self._clock.call_at(due_ms, self._fire)

    def forget(self, log: PartitionLog) -> None:
        """The log was deleted; a round on it stops."""
        self._checkpoints.pop(log, None)
        self._uncleanable.discard(log)

    def close(self) -> None:
        """Stop; a round that runs ends at its next slice."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self._is_running = True
        self._tasks.spawn("compaction", self._run(), on_failure=lambda _: self.arm())

    async def _run(self) -> None:
        try:
            while await self._clean_filthiest():
                pass
            for log in list(self._compacted()):
                await self._apply_retention(log)
        except _Stopped:
            pass
        finally:
            self._is_running = False
        if any(map(self._may_need_another_look, self._compacted())):
            self.arm()

    def _compacted(self) -> Iterable[PartitionLog]:
        return (log for log in self._logs() if log.config.is_compacted and not log.is_offline and log not in self._uncleanable)

    def _may_need_another_look(self, log: PartitionLog) -> bool:
        if log.config.is_deleted and log.log_end_offset > log.log_start_offset:
            return True
        if log not in self._checkpoints:
            return True  # it came after the round had looked
        return first_dirty_offset(log, self._checkpoints[log]) < log.segments()[-1].base_offset

    # Choice

    async def _clean_filthiest(self) -> bool:
        """Run one round on the log with the highest dirty ratio; False when none is dirty enough."""
        now_ms = self._clock.wall_ms()
        best: tuple[float, PartitionLog, CleanablePart] | None = None
        for number, log in enumerate(list(self._compacted())):
            if number % _LOGS_PER_TURN == _LOGS_PER_TURN - 1:
                await asyncio.sleep(0)
            part = cleanable_part(log, await self._checkpoint(log), now_ms)
            if not part.cleanable_bytes:
                continue
            is_due = part.cleanable_ratio > log.config.min_cleanable_dirty_ratio or await self._is_overdue(log, part, now_ms)
            if is_due and (best is None or part.cleanable_ratio > best[0]):
                best = (part.cleanable_ratio, log, part)
        if best is None:
            return False
        return await self._clean_or_note(best[1], best[2], now_ms)

    async def _is_overdue(self, log: PartitionLog, part: CleanablePart, now_ms: int) -> bool:
        """Whether a dirty record is older than max.compaction.lag.ms (LogCleanerManager.maxCompactionDelay)."""
        lag_ms = log.config.max_compaction_lag_ms
        if lag_ms == _NO_LAG_MS:
            return False
        segments = log.segments()
        for segment in segments_between(segments, part.first_dirty_offset, segments[-1].base_offset):
            try:
                first_ms = await _first_timestamp_ms(log.storage, segment)
            except (StorageError, RecordsError) as error:
                self._give_up(log, error)
                return False
            if 0 < first_ms < now_ms - lag_ms:
                return True
        return False

    async def _checkpoint(self, log: PartitionLog) -> int | None:
        if log in self._checkpoints:
            return self._checkpoints[log]
        self._checkpoints[log] = checkpoint = None
        try:
            found = await log.storage.read_aux([CHECKPOINT_KIND], log.log_end_offset)
        except StorageError as error:
            # Cleaning what is clean already costs time only.
            _logger.warning("%s-%d: the cleaner's checkpoint cannot be read: %s", *log.topic_partition, error)
            return None
        if CHECKPOINT_KIND in found and log in self._checkpoints:  # else it was deleted meanwhile
            self._checkpoints[log] = checkpoint = found[CHECKPOINT_KIND][0]
        return checkpoint

    # A round

    async def _clean_or_note(self, log: PartitionLog, part: CleanablePart, now_ms: int) -> bool:
        """Run a round; whether another may follow at once."""
        before = log.size_in_bytes
        try:
            end_offset = await self._clean(log, part, now_ms)
        except (Fenced, OutOfRange) as error:
            _logger.info("%s-%d was not compacted, it changed meanwhile: %s", *log.topic_partition, error)
            return False
        except (StorageError, RecordsError) as error:
            self._give_up(log, error)
            await self._check_medium(log)
            return False
        except _Stopped:
            raise
        except Exception as error:
            # The others go on without it.
            self._uncleanable.add(log)
            self._tasks.report(f"compacting {log.name}, which is left as it is until a restart", error)
            return True
        self.rounds += 1
        self.bytes_before += before
        self.bytes_after += log.size_in_bytes
        _logger.info(
            "%s-%d: compacted [%d, %d), %d bytes are now %d",
            *log.topic_partition,
            part.first_dirty_offset,
            end_offset,
            before,
            log.size_in_bytes,
        )
        return True

    def _give_up(self, log: PartitionLog, error: Exception) -> None:
        if isinstance(error, Corrupt | RecordsError):
            self._uncleanable.add(log)
            _logger.error("%s-%d cannot be compacted and is left as it is until a restart: %s", *log.topic_partition, error)
        else:
            _logger.warning("%s-%d was not compacted: %s", *log.topic_partition, error)

    async def _check_medium(self, log: PartitionLog) -> None:
        """Take the log offline when it broke in the middle of a swap."""
        try:
            await log.storage.sync(log.log_start_offset)
        except StorageError:
            log.go_offline()

    async def _clean(self, log: PartitionLog, part: CleanablePart, now_ms: int) -> int:
        """Clean up to the returned offset, at most the part's end."""
        # A broker that never compacts does not pay for it at its start.
        from kafka_compat.log.compaction import BatchFilter, index_batch
        from kafka_compat.records.compact import OffsetMap

        storage = log.storage
        config = self._config
        pause = _Pause(config.log_cleaner_io_max_bytes_per_second, lambda: self._is_closed or log not in self._checkpoints)
        offsets = OffsetMap(config.log_cleaner_dedupe_buffer_size, config.log_cleaner_io_buffer_load_factor)
        state = log.state
        start_offset, limit = part.first_dirty_offset, part.first_uncleanable_offset
        transactions = await self._transactions(state, start_offset, limit)
        end_offset = limit

        def index(batch: Batch) -> bool:
            return index_batch(*batch, offsets, transactions, start_offset, pause)

        async with aclosing(self._through_thread(storage, start_offset, limit, index, pause)) as indexed:
            async for header, was_indexed in indexed:
                if not was_indexed:
                    end_offset = header.base_offset
                    break
        offsets.latest_offset = end_offset - 1
        segments = [segment for segment in storage.segments() if segment.base_offset < end_offset]
        transactions = await self._transactions(state, segments[0].base_offset, limit)
        for group in group_segments(segments, log.config.segment_bytes):
            last_records = state.producers.last_records()
            kept = BatchFilter(offsets, transactions, last_records, now_ms, log.config.delete_retention_ms, limit, pause)
            bases = [segment.base_offset for segment in group]
            start, end = bases[0], group[-1].next_offset
            await storage.rewrite(bases, self._retained(storage, kept, start, end, pause), group[-1].created_ms)
            aborted, transactions.retained = transactions.retained, []
            state.on_cleaned(start, end, aborted)
        if state.has_other_transactions:
            # Before a later round drops their markers: an entry without one would hide what its producer wrote afterwards.
            await log.write_snapshot()
        await storage.put_aux(CHECKPOINT_KIND, end_offset, b"")
        self._checkpoints[log] = end_offset
        log.announce_compaction()
        return end_offset

    async def _transactions(self, state: LogState, start_offset: int, end_offset: int) -> CleanedTransactions:
        from kafka_compat.log.compaction import CleanedTransactions

        aborted = state.transactions.copy()
        return await self._tasks.in_thread(lambda: CleanedTransactions(aborted.entries_between(start_offset, end_offset)))

    async def _retained(
        self, storage: OpenLog, kept: BatchFilter, start_offset: int, end_offset: int, pause: _Pause
    ) -> AsyncIterator[bytes | memoryview]:
        def retain(batch: Batch) -> bytes | bytearray | memoryview | None:
            return kept.retained(*batch)

        async for _, batch in self._through_thread(storage, start_offset, end_offset, retain, pause):
            if batch is not None:
                yield memoryview(batch) if isinstance(batch, bytearray) else batch

    async def _through_thread(
        self, storage: OpenLog, start_offset: int, end_offset: int, work: Callable[[Batch], T], pause: _Pause
    ) -> AsyncGenerator[tuple[BatchHeader, T], None]:
        """Every batch of [start_offset, end_offset), with what `work` made of it in a thread, chunk by chunk."""
        position = start_offset
        while position < end_offset:
            pause.check()
            max_bytes = max(self._config.log_cleaner_io_buffer_size // 2, 1)
            chunk = await storage.read(max(position, storage.start_offset), end_offset, max_bytes, True)
            try:
                if not chunk.size_in_bytes:
                    return
                for header, result in await self._tasks.in_thread(partial(_work_through, contiguous(chunk), work, pause)):
                    yield header, result
                    position = header.next_offset
            finally:
                chunk.close()


class _Pause:
    """Called in the thread now and then: lets others have the interpreter, and keeps to the rate of reading.

    Args:
        bytes_per_second: log.cleaner.io.max.bytes.per.second.
        is_stopped: whether the round must not go on.
    """

    def __init__(self, bytes_per_second: float, is_stopped: Callable[[], bool]) -> None:
        self._bytes_per_second = max(bytes_per_second, 1.0)
        self._is_stopped = is_stopped
        self._since = 0.0

    def begin(self) -> None:
        """The thread begins to work."""
        self._since = time.perf_counter()

    def read(self, size_in_bytes: int) -> None:
        """So much was read; wait as long as that takes at the highest rate."""
        wait_s = size_in_bytes / self._bytes_per_second
        while wait_s > _SLICE_S:
            self.check()
            time.sleep(min(wait_s, _STEP_S))
            wait_s -= _STEP_S

    def __call__(self) -> None:
        held_s = time.perf_counter() - self._since
        if held_s > _SLICE_S:
            self.check()
            time.sleep(held_s)
            self._since = time.perf_counter()

    def check(self) -> None:
        """Raise _Stopped when the round must not go on."""
        if self._is_stopped():
            raise _Stopped


def _work_through(buffer: bytes | memoryview, work: Callable[[Batch], T], pause: _Pause) -> list[tuple[BatchHeader, T]]:
    """What `work` makes of every batch of `buffer`; in a thread. Ends behind the first False."""
    pause.read(len(buffer))
    pause.begin()
    results: list[tuple[BatchHeader, T]] = []
    for position, _ in iter_batches(buffer):
        header = parse_header(buffer, position)
        result = work((header, buffer, position))
        results.append((header, result))
        if result is False:
            break
        pause()
    return results


async def _first_timestamp_ms(storage: OpenLog, segment: SegmentInfo) -> int:
    """The largest timestamp of the segment's first batch, -1 without one (LogSegment.getFirstBatchTimestamp)."""
    offset = max(segment.base_offset, storage.start_offset)
    chunk = await storage.read(offset, segment.next_offset, 1, True)
    try:
        return parse_header(contiguous(chunk)).max_timestamp_ms if chunk.size_in_bytes else -1
    finally:
        chunk.close()
