"""Batch headers within a piece of a segment that was read at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kafka_compat.filesystem.interface import ReadBuffer
from kafka_compat.storage.interface import Corrupt
from kafka_compat.storage.local.layout import BATCH_HEADER, BATCH_OVERHEAD, LENGTH_OVERHEAD, MAGIC


class StoredBatch(NamedTuple):
    """Where a batch lies and what it spans."""

    position: int
    end: int
    base_offset: int
    last_offset: int
    max_timestamp_ms: int
    crc: int


class Window:
    """Consecutive buffers that begin at `start` of a segment.

    Raises:
        Corrupt: (from `header` and `headers`) the bytes there are no batch header.
    """

    __slots__ = ("buffers", "end", "path", "start")

    def __init__(self, path: str, start: int, buffers: list[ReadBuffer]) -> None:
        self.path = path
        self.start = start
        self.buffers = buffers
        self.end = start + sum(map(len, buffers))

    def header(self, position: int) -> StoredBatch:
        """The batch at `position`; the window must hold its header."""
        buffers = self.buffers
        offset = position - self.start
        if len(buffers) == 1:
            fields = BATCH_HEADER.unpack_from(buffers[0], offset)
        else:
            fields = BATCH_HEADER.unpack(b"".join(self.slice(position, position + BATCH_HEADER.size)))
        base_offset, length, magic, crc, last_offset_delta, max_timestamp_ms = fields
        if magic != MAGIC or length < BATCH_OVERHEAD - LENGTH_OVERHEAD or base_offset < 0 or last_offset_delta < 0:
            raise Corrupt(f"{self.path}: no record batch at position {position}")
        end = position + LENGTH_OVERHEAD + length
        return StoredBatch(position, end, base_offset, base_offset + last_offset_delta, max_timestamp_ms, crc)

    def headers(self, position: int) -> Iterator[StoredBatch]:
        """The batches from `position` on whose header lies in the window; the last may reach beyond it."""
        while position + BATCH_OVERHEAD <= self.end:
            header = self.header(position)
            yield header
            position = header.end

    def slice(self, start: int, end: int) -> list[ReadBuffer]:
        """The bytes in [start, end) without copying."""
        if start == self.start and end == self.end:
            return self.buffers
        pieces: list[ReadBuffer] = []
        position = self.start
        for buffer in self.buffers:
            first = max(start - position, 0)
            last = end - position
            if last <= 0:
                break
            if first < len(buffer):
                pieces.append(memoryview(buffer)[first:last])
            position += len(buffer)
        return pieces
