"""The two sparse indexes of a segment, kept as arrays and written as Kafka's index files.

An entry is made for about every index.interval.bytes of batches. Entries are only ever appended or cut off at the end.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left, bisect_right
from operator import lt

_TIME_ENTRY = struct.Struct(">qI")
OFFSET_ENTRY_SIZE = 8
TIME_ENTRY_SIZE = _TIME_ENTRY.size


class OffsetIndex:
    """Relative last offset of a batch -> position of that batch; both strictly rise."""

    __slots__ = ("offsets", "positions")

    def __init__(self) -> None:
        self.offsets = array("I")
        self.positions = array("I")

    def __len__(self) -> int:
        return len(self.offsets)

    def append(self, relative_offset: int, position: int) -> None:
        """Add the batch at `position` whose last offset is `relative_offset`."""
        self.positions.append(position)  # first: a thread that finds the offset looks up its position
        self.offsets.append(relative_offset)

    def position_before(self, relative_offset: int) -> int:
        """A position at or before the first batch that reaches `relative_offset`."""
        slot = bisect_right(self.offsets, relative_offset) - 1
        return self.positions[slot] if slot >= 0 else 0

    def last_position(self, position: int, relative_offset: int) -> int:
        """The last indexed position at or below `position` of a batch that ends below `relative_offset`; 0 if none."""
        slot = min(bisect_right(self.positions, position), bisect_left(self.offsets, relative_offset)) - 1
        return self.positions[slot] if slot >= 0 else 0

    def cut(self, position: int) -> None:
        """Drop the entries at or above `position`."""
        slot = bisect_left(self.positions, position)
        del self.offsets[slot:]
        del self.positions[slot:]

    def encode(self, first: int) -> bytes:
        """Entries from number `first` on, as in the file."""
        entries = array("I", bytes(OFFSET_ENTRY_SIZE * (len(self.offsets) - first)))
        entries[0::2] = self.offsets[first:]
        entries[1::2] = self.positions[first:]
        return _big_endian(entries).tobytes()

    @classmethod
    def decode(cls, content: bytes | memoryview, segment_size: int) -> OffsetIndex | None:
        """The index in a file, None when it is damaged: entries do not rise, or lie outside the segment."""
        if len(content) % OFFSET_ENTRY_SIZE:
            return None
        entries = array("I")
        entries.frombytes(content)
        entries = _big_endian(entries)
        index = cls()
        index.offsets = entries[0::2]
        index.positions = entries[1::2]
        rises = all(map(lt, index.offsets, index.offsets[1:])) and all(map(lt, index.positions, index.positions[1:]))
        return index if rises and (not index.positions or index.positions[-1] < segment_size) else None


class TimeIndex:
    """Largest timestamp up to a point -> relative offset of the batch that carries it; timestamps strictly rise."""

    __slots__ = ("offsets", "timestamps")

    def __init__(self) -> None:
        self.timestamps = array("q")
        self.offsets = array("I")

    def __len__(self) -> int:
        return len(self.timestamps)

    def append(self, timestamp_ms: int, relative_offset: int) -> None:
        """Add an entry unless its timestamp is not above the last one (TimeIndex.maybeAppend)."""
        if not self.timestamps or timestamp_ms > self.timestamps[-1]:
            self.offsets.append(relative_offset)  # first, as above
            self.timestamps.append(timestamp_ms)

    def offset_before(self, timestamp_ms: int) -> int:
        """A relative offset at or before the first batch that reaches `timestamp_ms`."""
        slot = bisect_right(self.timestamps, timestamp_ms) - 1
        return self.offsets[slot] if slot >= 0 else 0

    def cut(self, relative_offset: int) -> None:
        """Drop the entries at or above `relative_offset`."""
        slot = bisect_left(self.offsets, relative_offset)
        del self.timestamps[slot:]
        del self.offsets[slot:]

    def encode(self, first: int) -> bytes:
        """Entries from number `first` on, as in the file."""
        return b"".join(map(_TIME_ENTRY.pack, self.timestamps[first:], self.offsets[first:]))

    @classmethod
    def decode(cls, content: bytes | memoryview) -> TimeIndex | None:
        """The index in a file, None when it is damaged."""
        if len(content) % TIME_ENTRY_SIZE:
            return None
        index = cls()
        for timestamp_ms, relative_offset in _TIME_ENTRY.iter_unpack(content):
            index.timestamps.append(timestamp_ms)
            index.offsets.append(relative_offset)
        rises = all(map(lt, index.timestamps, index.timestamps[1:])) and all(map(lt, index.offsets, index.offsets[1:]))
        return index if rises else None


def _big_endian(entries: array[int]) -> array[int]:
    if sys.byteorder == "little":
        entries.byteswap()
    return entries
