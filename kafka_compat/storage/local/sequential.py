"""Readers that go on where they were: the position of their next batch, and old data loaded ahead of them."""

from __future__ import annotations

import contextlib
from typing import Final, NamedTuple

from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.worker import Worker

_HINTS: Final = 128
# So far behind the end data may be on disk only. RWF_NOWAIT does not wait for it, but it starts reading ahead, which costs the
# event loop time: for a sequential reader a thread does it, and the loop finds all in memory.
_RECENT_BYTES: Final = 64 << 20
_AHEAD_BYTES: Final = 16 << 20
_STEP_BYTES: Final = 2 << 20


class Ahead:
    """Up to where a segment is being loaded for a reader (`end`), and has been (`loaded`)."""

    __slots__ = ("end", "loaded")

    def __init__(self, position: int) -> None:
        self.end = self.loaded = position


class Hint(NamedTuple):
    """Where the batch of an offset lies, and what was loaded from there on."""

    segment: Segment
    position: int
    ahead: Ahead


class SequentialReaders:
    """Hints by the offset that a reader asks for next; positions are forgotten when segments change."""

    def __init__(self, loader: Worker) -> None:
        self._loader = loader
        self._hints: dict[int, Hint] = {}

    def find(self, offset: int) -> Hint | None:
        """Where the reader that was told of `offset` goes on."""
        hint = self._hints.get(offset)
        # A thread may remember a segment that was replaced while it read.
        if hint is None or hint.position >= hint.segment.size or hint.segment.indexes.is_detached:
            return None
        return hint

    def remember(self, next_offset: int, segment: Segment, position: int, ahead: Ahead | None, old_below: int) -> None:
        """A read ended before `position` of `segment`, where `next_offset` begins; the reader had `ahead`."""
        hints = self._hints
        if len(hints) >= _HINTS:
            hints.clear()
        if ahead is None or ahead.end < position:
            ahead = Ahead(position)
        if position + _AHEAD_BYTES // 2 > ahead.end:
            self._load_ahead(segment, ahead, old_below)
        hints[next_offset] = Hint(segment, position, ahead)

    def old_below(self, segment: Segment, *, is_active: bool) -> int:
        """Where recent data begins, which is in memory."""
        if not self._loader.blocking:
            return 0
        return segment.size - _RECENT_BYTES if is_active else segment.size

    def clear(self) -> None:
        """Forget all positions."""
        self._hints.clear()

    def _load_ahead(self, segment: Segment, ahead: Ahead, limit: int) -> None:
        """Have data below `limit` loaded by a thread."""
        start = ahead.end
        end = min(start + _AHEAD_BYTES, limit)
        if end <= start:
            return
        ahead.end = end
        file = segment.file

        def load() -> None:
            with contextlib.suppress(OSError, ValueError):  # the file may be gone by now; the reader finds out
                for position in range(start, end, _STEP_BYTES):
                    upto = min(position + _STEP_BYTES, end)
                    file.load(position, upto - position)
                    ahead.loaded = upto

        self._loader.submit(load)
