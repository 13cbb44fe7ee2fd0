"""The aborted transactions of one partition, as read_committed consumers need them (Kafka's TransactionIndex).

Entries are kept in the order their markers were written, so last offsets ascend. A fetch of [start, end) needs every
aborted transaction that has a record in it: the search begins at the first marker at or above `start` and may stop at an
entry whose last stable offset (at the time of the marker) is at or above `end`, since no later entry can begin below it.

Layout of the persisted form (`encode`), big-endian:

    int16 version (0)
    int32 count
    count x (int64 producer id, int64 first offset, int64 last offset, int64 last stable offset)
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

_VERSION: Final = 0
_HEAD: Final = struct.Struct(">hi")
_ENTRY: Final = struct.Struct(">qqqq")


class AbortedTransaction(NamedTuple):
    """One aborted transaction: its records lie in [first_offset, last_offset), its marker at `last_offset`."""

    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


class TransactionIndex:
    """Aborted transactions in marker order; a pure structure without I/O."""

    __slots__ = ("_entries", "_last_offsets")

    def __init__(self) -> None:
        self._entries: list[AbortedTransaction] = []
        self._last_offsets: list[int] = []

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, aborted: AbortedTransaction) -> None:
        """Add the newest entry.

        Raises:
            ValueError: its marker is not above the last one.
        """
        if self._last_offsets and aborted.last_offset <= self._last_offsets[-1]:
            raise ValueError(f"{aborted} is not above the last marker {self._last_offsets[-1]}")
        self._entries.append(aborted)
        self._last_offsets.append(aborted.last_offset)

    def aborted_transactions(self, start_offset: int, end_offset: int) -> list[tuple[int, int]]:
        """(producer id, first offset) of each aborted transaction with a record in [start_offset, end_offset)."""
        if not self._entries:
            return []
        return [(entry.producer_id, entry.first_offset) for entry in self.entries_between(start_offset, end_offset)]

    def entries_between(self, start_offset: int, end_offset: int) -> list[AbortedTransaction]:
        """Each aborted transaction with a record in [start_offset, end_offset), in marker order."""
        found: list[AbortedTransaction] = []
        for index in range(bisect_left(self._last_offsets, start_offset), len(self._entries)):
            entry = self._entries[index]
            if entry.first_offset < end_offset:
                found.append(entry)
            if entry.last_stable_offset >= end_offset:
                break
        return found

    def replace_between(self, start_offset: int, end_offset: int, kept: Sequence[AbortedTransaction]) -> None:
        """Of the transactions whose marker lies in [start_offset, end_offset), leave only `kept`, in marker order."""
        first = bisect_left(self._last_offsets, start_offset)
        last = bisect_left(self._last_offsets, end_offset)
        self._entries[first:last] = kept
        self._last_offsets[first:last] = [entry.last_offset for entry in kept]

    def truncate_from_start(self, start_offset: int) -> None:
        """Forget the transactions whose marker lies below `start_offset`."""
        below = bisect_left(self._last_offsets, start_offset)
        del self._entries[:below]
        del self._last_offsets[:below]

    def truncate_from_end(self, end_offset: int) -> None:
        """Forget the transactions whose marker lies at or above `end_offset`."""
        kept = bisect_left(self._last_offsets, end_offset)
        del self._entries[kept:]
        del self._last_offsets[kept:]

    def encode(self) -> bytes:
        """The persisted form described in the module."""
        return _HEAD.pack(_VERSION, len(self._entries)) + b"".join(_ENTRY.pack(*entry) for entry in self._entries)

    @classmethod
    def decode(cls, blob: bytes) -> TransactionIndex:
        """Read what `encode` wrote.

        Raises:
            ValueError: unknown version, or not that format.
        """
        if len(blob) < _HEAD.size:
            raise ValueError("transaction index is cut short")
        version, count = _HEAD.unpack_from(blob)
        if version != _VERSION or len(blob) != _HEAD.size + count * _ENTRY.size:
            raise ValueError(f"transaction index of version {version} with {len(blob)} bytes")
        index = cls()
        for fields in _ENTRY.iter_unpack(memoryview(blob)[_HEAD.size :]):
            index.append(AbortedTransaction(*fields))
        return index
