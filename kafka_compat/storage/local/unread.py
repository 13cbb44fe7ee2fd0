"""Large slices of old data for a socket: batches are found by their headers, and the bytes stay in the file.

Reading them would hold up the event loop: a copy of a megabyte takes 0.1 ms at best, and many times that where memory has to
be found for it; to send a file region costs a tenth of that. But the bytes have to be in the page cache, or sending them
waits for the disk on the event loop, so a thread loads them first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kafka_compat.filesystem import FileRegion
from kafka_compat.filesystem.interface import ReadBuffer
from kafka_compat.storage.local.layout import BATCH_OVERHEAD
from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.window import StoredBatch, Window

_HEADERS_BYTES = 8192  # at least two of the index's default intervals


class NotLoaded(Exception):
    """The bytes may not be in memory."""


class UnreadChunk:
    """Whole batches as a region of their file."""

    __slots__ = ("next_offset", "parts", "size_in_bytes")
    bytes_in_memory = 0

    def __init__(self, region: FileRegion) -> None:
        self.next_offset = -1
        self.parts = (region,)
        self.size_in_bytes = len(region)

    @property
    def buffers(self) -> Sequence[ReadBuffer]:
        """The bytes, read now; the region is empty then."""
        return [self.parts[0].take_all()]

    def close(self) -> None:
        """Nothing to give back."""


class UnreadWindow:
    """As `Window`, over a whole segment; only headers are read.

    Args:
        segment: where the batches are.
        end: of the segment.
        loaded: up to where the bytes are in memory; None when this thread may wait for the disk.

    Raises:
        NotLoaded: (from `headers` and `region`) `loaded` is not far enough.
        Corrupt: (from `headers`) the bytes there are no batch header.
    """

    __slots__ = ("_loaded", "_segment", "end")

    def __init__(self, segment: Segment, end: int, loaded: int | None) -> None:
        self._segment = segment
        self._loaded = loaded
        self.end = end

    def headers(self, position: int) -> Iterator[StoredBatch]:
        """The batches from `position` on."""
        window = Window(self._segment.path, position, [])
        while position + BATCH_OVERHEAD <= self.end:
            if position + BATCH_OVERHEAD > window.end:
                window = self._window(position)
                if position + BATCH_OVERHEAD > window.end:  # the file was cut meanwhile
                    return
            header = window.header(position)
            yield header
            position = header.end

    def region(self, start: int, end: int) -> FileRegion | None:
        """The bytes in [start, end), in memory; None when they cannot be sent from the file."""
        if self._loaded is None:
            self._segment.file.load(start, end - start)
        elif end > self._loaded or self._segment.file.read_cached(start, 1) is None:
            # A reader may come so late that the system has dropped what was loaded, which it does in the order of arrival.
            raise NotLoaded
        return self._segment.file.region(start, end - start)

    def _window(self, position: int) -> Window:
        length = min(_HEADERS_BYTES, self.end - position)
        if self._loaded is None:
            buffers = self._segment.file.read_buffers(position, length)
        else:
            found = self._segment.file.read_cached(position, length) if position + length <= self._loaded else None
            if found is None:
                raise NotLoaded
            buffers = found
        return Window(self._segment.path, position, buffers)
