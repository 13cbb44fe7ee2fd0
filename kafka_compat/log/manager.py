"""All partition logs of a broker: opening with recovery, background flushing, retention, and coming back after a full disk.

Background work runs as tasks on the loop, driven by the injected clock:

    flush       16 MiB or 5 s after a log became dirty, see flushing.py
    retention   every log.retention.check.interval.ms; of compacted logs by the cleaner
    compaction  every log.cleaner.backoff.ms while something may be dirty, see cleaner.py
    producers   expired every producer.id.expiration.check.interval.ms
    reopening   a log whose medium failed is tried again every second until it serves again, also one that could not be made
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Final
from weakref import WeakValueDictionary

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.ids import TopicId
from kafka_compat.log.cleaner import LogCleaner
from kafka_compat.log.flushing import Flusher
from kafka_compat.log.partition import NO_LIMIT, PartitionLog
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.log.recovery import recover_state
from kafka_compat.log.registry import LogRegistry
from kafka_compat.log.retention import deletable_up_to
from kafka_compat.log.traffic import Traffic
from kafka_compat.pacing import Pace, for_each
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import Corrupt, Fenced, LogId, LogStore, OpenLog, StorageError, Unavailable
from kafka_compat.tasks import Supervisor

REOPEN_MS: Final = 1_000

# Logs that are opened or deleted at a time: enough for the threads of the store.
_AT_ONCE: Final = 8
_PRODUCERS_PER_LOOK: Final = 1_000

_logger = logging.getLogger(__name__)


class LogManager:
    """The logs of one broker. Not thread-safe: the event loop owns it; nothing runs before `start_background`.

    Attributes:
        retired: the traffic of logs that are gone.
    """

    def __init__(
        self, store: LogStore, clock: Clock, purgatory: Purgatory, config: BrokerConfig, tasks: Supervisor | None = None
    ) -> None:
        self._tasks = tasks or Supervisor("the logs")
        self._store = store
        self._clock = clock
        self._purgatory = purgatory
        self._config = config
        self._logs = LogRegistry()
        # Held while a log is made, opened or deleted: between the look whether there is one and its entry others run.
        self._locks: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()
        self._reopening: set[PartitionLog] = set()
        # Where logs that were offline when they got a new leader have to end once they are open.
        self._truncations: dict[PartitionLog, int] = {}
        # Logs there should be: what they are to be opened with as soon as the medium lets them.
        self._missing: dict[tuple[TopicId, int], tuple[LogId, int, TopicConfig]] = {}
        # Logs whose opening failed as nobody expected.
        self._reported: set[LogId] = set()
        self._timers: dict[str, TimerHandle] = {}
        # Told of a log that could not be made at first and is there now.
        self.on_made: Callable[[PartitionLog], None] | None = None
        self._under_way: set[str] = set()  # passes over all logs
        self._is_closing = False
        self.retired = Traffic()
        self._flusher = Flusher(clock, self._tasks, self._is_still_dirty, self._give_up)
        self._cleaner = LogCleaner(clock, config, self._logs.values, self._tasks, self._apply_retention)

    @property
    def logs(self) -> Iterable[PartitionLog]:
        """Every log, in no particular order."""
        return self._logs.values()

    @property
    def open_count(self) -> int:
        """How many logs are open."""
        return len(self._logs)

    @property
    def cleaner(self) -> LogCleaner:
        """What compacts them."""
        return self._cleaner

    def get(self, topic: str, partition: int) -> PartitionLog | None:
        """The log of a partition, None when this broker has none."""
        return self._logs.get(topic, partition)

    def get_by_id(self, topic_id: TopicId, partition: int) -> PartitionLog | None:
        """The log of a partition of the topic with `topic_id`, None when this broker has none."""
        return self._logs.get_by_id(topic_id, partition)

    # Life of a log

    async def create(self, log_id: LogId, epoch: int, config: TopicConfig) -> PartitionLog:
        """Make and open an empty log, or open the one that exists.

        Raises:
            StorageError: the store cannot; nothing is registered then.
        """
        async with self._exclusive(log_id):
            return await self._open(log_id, epoch, config, make=True)

    async def open(self, log_id: LogId, epoch: int, config: TopicConfig) -> PartitionLog:
        """Open a log under leader epoch `epoch` and rebuild its state; a log that is open already gets the higher epoch.

        Raises:
            StorageError: the log cannot be opened or read.
        """
        async with self._exclusive(log_id):
            return await self._open(log_id, epoch, config)

    async def _open(
        self, log_id: LogId, epoch: int, config: TopicConfig | None, *, make: bool = False, end_offset: int = NO_LIMIT
    ) -> PartitionLog:
        """As `open`, for who holds the lock; without `config` the log that is open keeps its own, up to `end_offset`.

        Raises:
            StorageError: also for what nobody expected, which is told once for each log.
        """
        name = f"{log_id.topic}-{log_id.partition}"
        existing = self._logs.get_by_id(log_id.topic_id, log_id.partition)
        if existing is not None and config is not None:
            existing.set_config(config)
        known = config if existing is None else existing.config
        assert known is not None, "a log that is opened for the first time has a config"
        try:
            if make:
                await self._store.create(log_id, epoch)
            handle = await self._store.open(log_id, epoch, self._store.policy_of(known))
            # Without a leader in between, the log is as its partition left it.
            is_known = existing is not None and not existing.is_offline and epoch <= existing.leader_epoch + 1
            is_truncated = existing is not None and end_offset < handle.end_offset
            if existing is not None and is_truncated:
                await self._truncate(existing, handle, end_offset)
            if existing is not None and is_known and not is_truncated and handle.end_offset == existing.log_end_offset:
                state = existing.state
            else:
                state = await recover_state(handle, name)
        except StorageError:
            raise
        except Exception as error:
            # Bytes that nobody thought of: this log is as good as damaged, and the others are not.
            if log_id not in self._reported:
                self._reported.add(log_id)
                self._tasks.report(f"opening {name}", error)
            raise Corrupt(f"{name}: {error!r}") from error
        self._reported.discard(log_id)
        if existing is not None:
            if existing.config is not known:  # it changed meanwhile
                handle.set_policy(self._store.policy_of(existing.config))
            if state is existing.state:
                existing.lead(handle)
                return existing
            existing.set_leader_epoch(max(epoch, existing.leader_epoch))
            existing.attach(handle, state)
            return existing
        log = PartitionLog(handle, state, known, epoch, self._purgatory, self._on_change)
        self._logs.add(log)
        return log

    async def lead(self, log: PartitionLog, epoch: int, end_offset: int = NO_LIMIT) -> bool:
        """Have an open log lead with a higher leader epoch: the store refuses what still comes under the one before.

        What lies at `end_offset` and above, which the replica that leads from now on has not, is truncated. Where the store
        cannot, the log is offline until it can (`_reopen`). Returns whether the epoch is a new one: the caller ends the waits
        (`PartitionLog.wake_everybody`) when everybody can see who leads.
        """
        async with self._exclusive(log.log_id):
            if not self._logs.has(log) or epoch <= log.leader_epoch:
                return False
            await self._lead(log, epoch, end_offset)
        return True

    async def _lead(self, log: PartitionLog, epoch: int, end_offset: int = NO_LIMIT) -> None:
        """As `lead`, for who holds the lock."""
        if epoch <= log.leader_epoch:
            return
        try:
            if not log.is_offline:
                await self._open(log.log_id, epoch, None, end_offset=end_offset)
            elif end_offset != NO_LIMIT:
                self._truncations[log] = end_offset
        except StorageError as error:
            _logger.error("%s cannot be led with epoch %d: %s", log.name, epoch, error)
            if end_offset != NO_LIMIT:
                self._truncations[log] = end_offset
            self._give_up(log)
        if log.leader_epoch < epoch:
            log.set_leader_epoch(epoch)  # the next attempt opens it with this one

    async def _truncate(self, log: PartitionLog, handle: OpenLog, end_offset: int) -> None:
        """Drop what lies at `end_offset` and above; `handle`, just opened, keeps others from appending meanwhile.

        Raises:
            StorageError: it may be there, or not.
        """
        _logger.info("truncating %s from offset %d to %d", log.name, handle.end_offset, end_offset)
        log.begin_truncation(end_offset)
        async with log.snapshots:  # one that is being written would speak of what is gone
            if end_offset < handle.start_offset:
                # DeleteRecords or retention has taken all that the replica had.
                await handle.truncate_fully_and_start_at(end_offset)
            else:
                await handle.truncate(end_offset)

    def _exclusive(self, log_id: LogId) -> asyncio.Lock:
        key = (log_id.topic, log_id.partition)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock

    async def create_all(self, wanted: Sequence[tuple[LogId, int, TopicConfig]]) -> list[tuple[LogId, StorageError]]:
        """Make and open many logs; returns those that failed, which are tried again (`create_later`)."""
        failed: list[tuple[LogId, StorageError]] = []

        async def create_one(entry: tuple[LogId, int, TopicConfig]) -> None:
            try:
                await self.create(*entry)
            except StorageError as error:
                failed.append((entry[0], error))
                self.create_later(*entry)

        await for_each(wanted, create_one, at_once=_AT_ONCE)
        return failed

    def create_later(self, log_id: LogId, epoch: int, config: TopicConfig) -> None:
        """Keep trying to make or open a log that could not be, until it serves or is deleted; the newest epoch counts."""
        key = (log_id.topic_id, log_id.partition)
        is_new = key not in self._missing
        self._missing[key] = (log_id, epoch, config)
        self._logs.note(log_id)
        if is_new:
            self._try_create_later(key)

    def _try_create_later(self, key: tuple[TopicId, int]) -> None:
        def run() -> None:
            self._tasks.spawn("making a log", self._create_missing(key), on_failure=lambda _: self._try_create_later(key))

        self._clock.call_at(self._clock.monotonic_ms() + REOPEN_MS, run)

    async def _create_missing(self, key: tuple[TopicId, int]) -> None:
        wanted = self._missing.get(key)
        if wanted is None:
            return
        async with self._exclusive(wanted[0]):
            wanted = self._missing.get(key)
            if wanted is None:  # deleted meanwhile
                return
            try:
                log = await self._open(*wanted, make=True)
            except StorageError as error:
                _logger.warning("%s-%d is still offline: %s", *wanted[0][:2], error)
                self._try_create_later(key)
                return
            log_id, epoch, config = self._missing.pop(key, wanted)
            await self._lead(log, epoch)
            self.apply_config(log, config)
            if self.on_made is not None:
                self.on_made(log)
        _logger.info("%s-%d serves from offset %d", log_id.topic, log_id.partition, log.log_end_offset)

    def of_topic(self, topic_id: TopicId) -> list[LogId]:
        """The logs of a topic, those that could not be made yet too."""
        return self._logs.of_topic(topic_id)

    def is_missing(self, topic_id: TopicId, partition: int) -> bool:
        """Whether the log is one that `create_later` tries to make."""
        return (topic_id, partition) in self._missing

    async def delete(self, log_id: LogId) -> None:
        """Forget the log at once, end the waits on it, and delete its files.

        Raises:
            StorageError: the store cannot; the log is gone from this broker all the same.
        """
        epoch = self._forget(log_id)
        if epoch < 0 and not self._exclusive(log_id).locked():
            return
        async with self._exclusive(log_id):
            epoch = max(epoch, self._forget(log_id))  # again: it may have been opened meanwhile
            if epoch >= 0:
                await self._store.delete(log_id, epoch)

    async def delete_all(self, log_ids: Sequence[LogId]) -> list[tuple[LogId, StorageError]]:
        """Delete many logs; returns those that the store could not delete."""
        failed: list[tuple[LogId, StorageError]] = []

        async def delete_one(log_id: LogId) -> None:
            try:
                await self.delete(log_id)
            except StorageError as error:
                failed.append((log_id, error))

        await for_each(log_ids, delete_one, at_once=_AT_ONCE)
        return failed

    async def set_config(self, topic: str, config: TopicConfig) -> None:
        """Apply a topic's changed configuration to all its partitions."""
        async for log_id in Pace().over(self._logs.of_name(topic)):
            log = self._logs.get(topic, log_id.partition)
            if log is not None:
                self.apply_config(log, config)
            missing = self._missing.get((log_id.topic_id, log_id.partition))
            if missing is not None:
                self._missing[log_id.topic_id, log_id.partition] = (log_id, missing[1], config)

    def apply_config(self, log: PartitionLog, config: TopicConfig) -> None:
        """Have one log obey `config` from now on."""
        log.set_config(config)
        with contextlib.suppress(Fenced):  # it is being opened again, which hands the policy over
            log.storage.set_policy(self._store.policy_of(config))
        if config.is_compacted:
            self._cleaner.arm()

    async def close(self) -> None:
        """Stop background work, put a snapshot beside every log that is not small, and close the store cleanly."""
        self._stop_background()
        # Nothing of it is cut off: it may be in the middle of a file.
        await self._tasks.settle()
        await self._tasks.close()
        await self._flusher.flush_for_stop(self._logs.values())
        await self._store.close()

    async def abandon(self) -> None:
        """Stop background work, cut what is under way, and let go of the store as it is."""
        self._stop_background()
        await self._tasks.close()
        self._store.abandon()

    # Background work

    def _stop_background(self) -> None:
        self._is_closing = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._cleaner.close()
        self._flusher.close()

    def start_background(self) -> None:
        """Begin retention, compaction and producer expiry; flushing and reopening need no start."""
        self._cleaner.arm()
        self._every("retention", self._config.log_retention_check_interval_ms, self.apply_retention)
        self._every("expiry of producers", self._config.producer_id_expiration_check_interval_ms, self._expire_producers)

    def _every(self, name: str, interval_ms: int, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do `work` again and again; never twice at once, however long it takes (as Kafka's scheduler)."""

        async def alone() -> None:
            try:
                await work()
            finally:
                self._under_way.discard(name)

        def run() -> None:
            if name not in self._under_way:
                self._under_way.add(name)
                self._tasks.spawn(name, alone())
            self._every(name, interval_ms, work)

        self._timers[name] = self._clock.call_at(self._clock.monotonic_ms() + interval_ms, run)

    async def settle(self) -> None:
        """Return when the background work that has begun is done: for clocks that stand still meanwhile."""
        await self._tasks.settle()

    async def apply_retention(self) -> None:
        """Delete the segments that retention.ms, retention.bytes and DeleteRecords allow to go, in logs not compacted."""
        async for log in Pace().over(list(self._logs.values())):
            if self._logs.has(log) and not log.is_offline and not log.config.is_compacted:
                await self._apply_retention(log)

    async def _apply_retention(self, log: PartitionLog) -> None:
        now_ms = self._clock.wall_ms()
        try:
            offset = deletable_up_to(log, now_ms)
            if offset is not None:
                # The active segment may be among them; only sealed ones are deleted.
                if offset >= log.log_end_offset:
                    await log.storage.roll(now_ms)
                await log.advance_start(offset)
                await log.storage.delete_below_start()
        except (KafkaError, StorageError) as error:
            _logger.warning("retention of %s-%d failed: %s", *log.topic_partition, error)
            if isinstance(error, Unavailable):
                log.go_offline()
        except Exception as error:
            self._tasks.report(f"retention of {log.name}", error)
            self._give_up(log)

    async def _expire_producers(self) -> None:
        now_ms = self._clock.wall_ms()
        pace = Pace()
        async for log in pace.over(list(self._logs.values())):
            producers = log.state.producers
            producers.verifications.remove_expired(now_ms, self._config.producer_id_expiration_ms)
            if not len(producers):
                continue
            ids = producers.ids()
            for start in range(0, len(ids), _PRODUCERS_PER_LOOK):
                some = ids[start : start + _PRODUCERS_PER_LOOK]
                producers.remove_expired(now_ms, self._config.producer_id_expiration_ms, some)
                await pace.turn()

    def _on_change(self, log: PartitionLog) -> None:
        if self._is_closing:
            return
        if log.config.is_compacted:
            self._cleaner.arm()
        if log.is_offline:
            self._begin_reopening(log)
        else:
            self._flusher.on_change(log)

    def _is_still_dirty(self, log: PartitionLog) -> None:
        if self._logs.has(log):
            self._on_change(log)

    def _give_up(self, log: PartitionLog) -> None:
        if self._logs.has(log):
            log.go_offline()

    def _begin_reopening(self, log: PartitionLog) -> None:
        if log in self._reopening:
            return
        self._reopening.add(log)
        self._try_later(log)

    def _try_later(self, log: PartitionLog) -> None:
        def run() -> None:
            what = f"reopening {log.name}"
            self._tasks.spawn(what, self._reopen(log), on_failure=lambda _: self._try_later(log))

        self._clock.call_at(self._clock.monotonic_ms() + REOPEN_MS, run)

    async def _reopen(self, log: PartitionLog) -> None:
        async with self._exclusive(log.log_id):
            if not self._logs.has(log):
                self._reopening.discard(log)
                return
            try:
                end_offset = self._truncations.get(log, NO_LIMIT)
                await self._open(log.log_id, log.leader_epoch, None, end_offset=end_offset)
            except StorageError as error:
                _logger.warning("%s-%d is still offline: %s", *log.topic_partition, error)
                self._try_later(log)
                return
            self._truncations.pop(log, None)
            self._reopening.discard(log)
        log.wake_everybody()
        _logger.info("%s-%d serves again from offset %d", *log.topic_partition, log.log_end_offset)

    def _forget(self, log_id: LogId) -> int:
        """Have no such log any more, and end the waits on it; its leader epoch, -1 when there was none."""
        missing = self._missing.pop((log_id.topic_id, log_id.partition), None)
        self._reported.discard(log_id)
        log = self._logs.remove(log_id)
        if log is None:
            return -1 if missing is None else missing[1]
        self.retired.add(log.traffic)
        self._flusher.forget(log)
        self._reopening.discard(log)
        self._truncations.pop(log, None)
        self._cleaner.forget(log)
        log.deleted()
        return log.leader_epoch
