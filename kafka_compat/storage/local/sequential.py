"""Readers that go on where they were: the position of their next batch, and old data read ahead for them."""

from __future__ import annotations

import contextlib
from typing import Final, NamedTuple

from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.worker import Worker

_HINTS: Final = 128
# So far behind the end data may be on disk only. RWF_NOWAIT does not wait for it, but it starts reading ahead, which costs the
# event loop time: for a sequential reader a thread does it, and the loop finds all in memory.
_RECENT_BYTES: Final = 64 << 20
_READ_AHEAD_BYTES: Final = 16 << 20


class Hint(NamedTuple):
    """Where the batch of an offset lies, and up to where its segment was read ahead."""

    segment: Segment
    position: int
    ahead: int


class SequentialReaders:
    """Hints by the offset that a reader asks for next; positions are forgotten when segments change."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._hints: dict[int, Hint] = {}

    def find(self, offset: int) -> Hint | None:
        """Where the reader that was told of `offset` goes on."""
        hint = self._hints.get(offset)
        # A thread may remember a segment that was replaced while it read.
        if hint is None or hint.position >= hint.segment.size or hint.segment.indexes.is_detached:
            return None
        return hint

    def remember(self, next_offset: int, segment: Segment, position: int, ahead: int, *, is_active: bool) -> None:
        """A read ended before `position` of `segment`, where `next_offset` begins."""
        hints = self._hints
        if len(hints) >= _HINTS:
            hints.clear()
        if position + _READ_AHEAD_BYTES // 2 > ahead and (not is_active or segment.size > _RECENT_BYTES):
            ahead = self._read_ahead(segment, max(ahead, position), segment.size - (_RECENT_BYTES if is_active else 0))
        hints[next_offset] = Hint(segment, position, ahead)

    def clear(self) -> None:
        """Forget all positions."""
        self._hints.clear()

    def _read_ahead(self, segment: Segment, start: int, limit: int) -> int:
        """Have data below `limit` read by a thread; up to where."""
        end = min(start + _READ_AHEAD_BYTES, limit)
        if end <= start or not self._worker.blocking:
            return segment.size
        file = segment.file

        def read_ahead() -> None:
            with contextlib.suppress(OSError, ValueError):  # a hint: the file may be gone by now
                file.will_need(start, end - start)

        self._worker.submit(read_ahead)
        return end
