"""The two indexes of a segment against its batches."""

from __future__ import annotations

import sys
from array import array
from typing import Final, NamedTuple

from kafka_compat.cli.log_files import ReadOnlyFileSystem
from kafka_compat.storage.local.index_files import SegmentIndexes
from kafka_compat.storage.local.window import StoredBatch

NOWHERE: Final = sys.maxsize


class WrongEntry(NamedTuple):
    """The first entry of an index that does not fit: what is wrong, and which position and offset it speaks of.

    The position is -1 for an entry of the time index.
    """

    text: str
    position: int
    offset: int


class IndexCheck:
    """Reads both indexes and compares them with the batches, which `see` takes in the order of the file.

    An entry of the offset index names a batch's last offset and position. One of the time index names the largest timestamp
    so far and the last offset of the batch that brought it.

    Raises:
        OSError: a file cannot be read.
    """

    def __init__(self, filesystem: ReadOnlyFileSystem, directory: str, base_offset: int) -> None:
        self._base_offset = base_offset
        self._positions, self._offsets, self._time_offsets = array("I"), array("I"), array("I")
        self._timestamps = array("q")
        self._slot = 0
        self._time_slot = 0
        self._max_timestamp_ms = -1
        self._wrong_offset: WrongEntry | None = None
        self._wrong_time: WrongEntry | None = None
        indexes = SegmentIndexes(filesystem, directory, base_offset)
        self.is_sane = indexes.load(NOWHERE)
        """Whether the entries of both rise and none is cut short; otherwise none is compared."""
        if self.is_sane and indexes.offset is not None and indexes.time is not None:
            self._positions, self._offsets = indexes.offset.positions, indexes.offset.offsets
            self._timestamps, self._time_offsets = indexes.time.timestamps, indexes.time.offsets

    @property
    def wrong(self) -> list[WrongEntry]:
        """At most one entry of each index."""
        return [wrong for wrong in (self._wrong_offset, self._wrong_time) if wrong is not None]

    def see(self, batch: StoredBatch) -> None:
        """Compare the entries that should speak of this batch."""
        while self._slot < len(self._positions) and self._positions[self._slot] <= batch.position:
            position, offset = self._positions[self._slot], self._base_offset + self._offsets[self._slot]
            if (position, offset) != (batch.position, batch.last_offset):
                self._offset_is_wrong(position, offset)
            self._slot += 1
        if batch.max_timestamp_ms <= self._max_timestamp_ms:
            return
        self._max_timestamp_ms = batch.max_timestamp_ms
        while self._time_slot < len(self._timestamps) and self._timestamps[self._time_slot] <= batch.max_timestamp_ms:
            timestamp_ms, offset = self._timestamps[self._time_slot], self._base_offset + self._time_offsets[self._time_slot]
            if (timestamp_ms, offset) != (batch.max_timestamp_ms, batch.last_offset):
                self._time_is_wrong(timestamp_ms, offset)
            self._time_slot += 1

    def finish(self) -> None:
        """All batches were seen: what is left speaks of none."""
        if self._slot < len(self._positions):
            self._offset_is_wrong(self._positions[self._slot], self._base_offset + self._offsets[self._slot])
        if self._time_slot < len(self._timestamps):
            self._time_is_wrong(self._timestamps[self._time_slot], self._base_offset + self._time_offsets[self._time_slot])

    def _offset_is_wrong(self, position: int, offset: int) -> None:
        if self._wrong_offset is None:
            text = f"the offset index names a batch at position {position} that ends at offset {offset}; there is none"
            self._wrong_offset = WrongEntry(text, position, offset)

    def _time_is_wrong(self, timestamp_ms: int, offset: int) -> None:
        if self._wrong_time is None:
            text = f"the time index says that timestamp {timestamp_ms} is first reached at offset {offset}; it is not"
            self._wrong_time = WrongEntry(text, -1, offset)
