"""Cutting whole batches out of a segment for a fetch, in one read of the file where possible."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.filesystem.interface import ReadBuffer
from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.unread import NotLoaded, UnreadChunk, UnreadWindow
from kafka_compat.storage.local.window import Window

_SLACK = 8192  # beyond max_bytes: the way from the index entry to the offset, and the next batch's header
_SMALLEST_READ = 16384
_UNREAD_BYTES = 64 << 10  # below that a read costs no more than what else a region takes


class BufferChunk:
    """Whole batches as buffers that need not be given back."""

    __slots__ = ("buffers", "next_offset", "size_in_bytes")

    def __init__(self, buffers: Sequence[ReadBuffer]) -> None:
        self.buffers = buffers
        self.next_offset = -1
        self.size_in_bytes = sum(map(len, buffers))

    @property
    def parts(self) -> Sequence[ReadBuffer]:
        """The buffers."""
        return self.buffers

    @property
    def bytes_in_memory(self) -> int:
        """All of it."""
        return self.size_in_bytes

    def close(self) -> None:
        """Nothing to give back."""


EMPTY = BufferChunk(())


class Slice:
    """Whole batches of a segment, none of them when the offset lies behind all; they end before `end`.

    `next_offset` is what the batch behind them begins with, -1 when that was not seen.
    """

    __slots__ = ("chunk", "end", "next_offset")

    def __init__(self, chunk: BufferChunk | UnreadChunk, end: int, next_offset: int) -> None:
        self.chunk = chunk
        self.end = end
        self.next_offset = next_offset


class Range:
    """What a fetch asks a segment for; `to_socket` when it takes file regions too."""

    __slots__ = ("max_bytes", "max_offset", "min_one", "offset", "to_socket")

    def __init__(self, offset: int, max_offset: int, max_bytes: int, min_one: bool, to_socket: bool = False) -> None:
        self.offset = offset
        self.max_offset = max_offset
        self.max_bytes = max_bytes
        self.min_one = min_one
        self.to_socket = to_socket


def read_slice(
    segment: Segment, wanted: Range, position: int | None, *, cached: bool, old_below: int = 0, loaded: int = 0
) -> Slice | None:
    """Batches of `segment` from the first that reaches the offset on.

    Args:
        segment: where to look; the offset may lie behind its last batch.
        wanted: as in `OpenLog.read_now`.
        position: of the first batch when it is known.
        cached: return None rather than wait for the disk.
        old_below: a position; large slices for a socket that begin below it stay unread.
        loaded: up to where such slices are in memory.
    """
    size = segment.size
    if size == 0:
        return Slice(EMPTY, 0, -1)
    first = position
    if position is None:
        position = segment.offset_index.position_before(wanted.offset - segment.base_offset)
        if position == 0 and wanted.offset == segment.base_offset:
            first = 0
    try:
        while True:
            window: Window | UnreadWindow | None
            if wanted.to_socket and wanted.max_bytes >= _UNREAD_BYTES and position < old_below:
                window = UnreadWindow(segment, size, loaded if cached else None)
            else:
                window = _read(segment, position, _length(wanted, size - position), cached=cached)
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
                return Slice(EMPTY, size, -1)
        end, next_offset = _end(segment, wanted, window, first, size)
        chunk = _take(segment, window, first, end, cached=cached)
    except NotLoaded:
        return None
    return None if chunk is None else Slice(chunk, end, next_offset)


def _length(wanted: Range, left: int) -> int:
    return min(left, max(wanted.max_bytes, _SMALLEST_READ) + _SLACK)


def _end(segment: Segment, wanted: Range, window: Window | UnreadWindow, first: int, size: int) -> tuple[int, int]:
    """Where the slice that begins with the batch at `first` ends, and the offset behind it as in `Slice`."""
    limit = first + wanted.max_bytes
    bounded = wanted.max_offset < segment.next_offset
    if not bounded and size <= limit and window.end == size:
        return size, segment.next_offset
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
        return end, next_offset if end < size else segment.next_offset
    if next_offset >= wanted.max_offset or not (wanted.min_one or first_end <= limit):
        return first, next_offset
    return first_end, -1


def _take(
    segment: Segment, window: Window | UnreadWindow, first: int, end: int, *, cached: bool
) -> BufferChunk | UnreadChunk | None:
    """The bytes in [first, end); None when `cached` and they are not at hand."""
    if end == first:
        return EMPTY
    if isinstance(window, UnreadWindow):
        region = window.region(first, end) if end - first >= _UNREAD_BYTES else None
        if region is not None:
            return UnreadChunk(region)
    elif end <= window.end:
        return BufferChunk(window.slice(first, end))
    alone = _read(segment, first, end - first, cached=cached)
    return None if alone is None else BufferChunk(alone.buffers)


def _read(segment: Segment, position: int, length: int, *, cached: bool) -> Window | None:
    buffers = segment.file.read_cached(position, length) if cached else segment.file.read_buffers(position, length)
    return None if buffers is None else Window(segment.path, position, buffers)
