"""When logs are flushed: synced, with a snapshot of their state beside them, which moves the recovery point.

After an unclean end only what lies behind it is read again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.log.partition import PartitionLog
from kafka_compat.pacing import for_each
from kafka_compat.storage.interface import Fenced, StorageError, Unavailable
from kafka_compat.tasks import Supervisor

FLUSH_BYTES: Final = 16 << 20
FLUSH_MS: Final = 5_000

# Logs that are flushed at a time: enough for the threads of the store.
_AT_ONCE: Final = 8
# So much of a log is read again at a start in the time that it takes to read a snapshot.
_REPLAYED_BYTES: Final = 64 << 10

_logger = logging.getLogger(__name__)


class Flusher:
    """Flushes a log 16 MiB or 5 s after it became dirty, whichever comes first.

    Args:
        clock: for the 5 s.
        tasks: where flushes run.
        has_changed: a log is still dirty although it was flushed: its handle is not the one that was.
        give_up: what memory knows of a log cannot be written down, or the medium failed.
    """

    def __init__(
        self,
        clock: Clock,
        tasks: Supervisor,
        has_changed: Callable[[PartitionLog], None],
        give_up: Callable[[PartitionLog], None],
    ) -> None:
        self._clock = clock
        self._tasks = tasks
        self._has_changed = has_changed
        self._give_up = give_up
        self._dirty: dict[PartitionLog, TimerHandle] = {}
        # Appended bytes at the last flush, of logs that changed since.
        self._flushed_bytes: dict[PartitionLog, int] = {}
        self._flushing = asyncio.Semaphore(_AT_ONCE)

    def on_change(self, log: PartitionLog) -> None:
        """The log became dirty, or still is."""
        if log not in self._dirty:
            due_ms = self._clock.monotonic_ms() + FLUSH_MS
            self._dirty[log] = self._clock.call_at(due_ms, lambda: self._begin(log))
        elif log.appended_bytes - self._flushed_bytes.get(log, 0) >= FLUSH_BYTES:
            self._begin(log)

    def forget(self, log: PartitionLog) -> None:
        """The log is gone."""
        self._stop_timer(log)
        self._flushed_bytes.pop(log, None)

    def close(self) -> None:
        """Begin no more flushes; what has begun goes on."""
        for timer in self._dirty.values():
            timer.cancel()
        self._dirty.clear()

    async def flush_for_stop(self, logs: Iterable[PartitionLog]) -> None:
        """Flush what is not small."""
        await for_each([log for log in logs if _wants_snapshot(log)], self._flush, at_once=_AT_ONCE)

    def _begin(self, log: PartitionLog) -> None:
        self._stop_timer(log)
        self._flushed_bytes[log] = log.appended_bytes
        self._tasks.spawn(f"flushing {log.name}", self._flush(log))

    def _stop_timer(self, log: PartitionLog) -> None:
        timer = self._dirty.pop(log, None)
        if timer is not None:
            timer.cancel()

    async def _flush(self, log: PartitionLog) -> None:
        try:
            # Thousands may have become dirty at the same moment.
            async with self._flushing:
                await log.write_snapshot()
        except Unavailable as error:
            _logger.error("%s-%d cannot be flushed: %s", *log.topic_partition, error)
            self._give_up(log)
        except StorageError as error:
            # Fenced: the log was deleted, or opened again meanwhile and is still dirty.
            _logger.warning("%s-%d was not flushed: %s", *log.topic_partition, error)
            if isinstance(error, Fenced):
                self._has_changed(log)
        except Exception as error:
            # What memory knows of the log cannot be written down: it is read from the log again.
            self._tasks.report(f"flushing {log.name}", error)
            self._give_up(log)


def _wants_snapshot(log: PartitionLog) -> bool:
    """Whether a stop should put a snapshot beside the log; the syncs of one cost more than to read a small log again."""
    if log.is_offline or not log.state.is_dirty:
        return False
    return log.size_in_bytes > _REPLAYED_BYTES or not log.state.follows_from_log(log.log_start_offset)
