"""Cutting whole batches out of a segment for a fetch, in one read of the file where possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kafka_compat.filesystem.interface import Buffer
from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.window import Window

_SLACK = 8192  # beyond max_bytes: the way from the index entry to the offset, and the next batch's header
_SMALLEST_READ = 16384


class BufferChunk:
    """Whole batches as buffers that need not be given back."""

    __slots__ = ("buffers", "size_in_bytes")

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self.buffers = buffers
        self.size_in_bytes = sum(map(len, buffers))

    def close(self) -> None:
        """Nothing to give back."""


@dataclass(slots=True)
class Slice:
    """Whole batches of a segment; `next_offset` is what the batch behind them begins with, -1 when that was not seen."""

    buffers: list[Buffer]
    end: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Range:
    """What a fetch asks a segment for."""

    offset: int
    max_offset: int
    max_bytes: int
    min_one: bool


def read_slice(segment: Segment, wanted: Range, position: int | None, *, cached: bool) -> Slice | None:
    """Batches of `segment` from the first that reaches the offset on.

    Args:
        segment: where to look; the offset may lie behind its last batch.
        wanted: as in `OpenLog.read_now`.
        position: of the first batch when it is known.
        cached: return None rather than wait for the disk.
    """
    size = segment.size
    if size == 0:
        return Slice([], 0, -1)
    first = position
    if position is None:
        position = segment.offset_index.position_before(wanted.offset - segment.base_offset)
        if position == 0 and wanted.offset == segment.base_offset:
            first = 0
    while True:
        length = min(size - position, max(wanted.max_bytes, _SMALLEST_READ) + _SLACK)
        window = _read(segment, position, length, cached=cached)
        if window is None:
            return None
        if first is not None:
            break
        # A window's last batch may reach beyond it: the offset is then searched on behind that batch.
        begin = position
        for header in window.headers(begin):
            if header.last_offset >= wanted.offset:
                first = header.position
                break
            position = header.end
        if first is not None:
            break
        if position >= size or position == begin:  # the latter when the file was cut meanwhile
            return Slice([], size, -1)
    return _cut(segment, wanted, window, first, size, cached=cached)


def _cut(segment: Segment, wanted: Range, window: Window, first: int, size: int, *, cached: bool) -> Slice | None:
    limit = first + wanted.max_bytes
    bounded = wanted.max_offset < segment.next_offset
    if not bounded and size <= limit and window.end == size:
        return Slice(window.slice(first, size), size, segment.next_offset)
    # The index names a batch close to the end of what fits; only the headers from there on are looked at.
    last_indexed = segment.offset_index.last_position(min(limit, window.end), wanted.max_offset - segment.base_offset)
    end = max(first, last_indexed)
    next_offset = -1
    first_end = first
    for header in window.headers(end):
        if header.position == first:
            first_end = header.end
        if header.base_offset >= wanted.max_offset or header.end > limit or header.end > window.end:
            next_offset = header.base_offset
            break
        end = header.end
    if end > first:
        return Slice(window.slice(first, end), end, next_offset if end < size else segment.next_offset)
    if next_offset >= wanted.max_offset or not (wanted.min_one or first_end <= limit) or first_end == first:
        return Slice([], first, next_offset)
    if first_end <= window.end:
        return Slice(window.slice(first, first_end), first_end, -1)
    alone = _read(segment, first, first_end - first, cached=cached)
    return None if alone is None else Slice(alone.buffers, first_end, -1)


def _read(segment: Segment, position: int, length: int, *, cached: bool) -> Window | None:
    buffers = segment.file.read_cached(position, length) if cached else segment.file.read_buffers(position, length)
    return None if buffers is None else Window(segment.path, position, buffers)
