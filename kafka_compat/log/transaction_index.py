"""The aborted transactions of one partition, as read_committed consumers need them (Kafka's TransactionIndex).

Entries are kept in the order their markers were written, so last offsets ascend, and so do last stable offsets (at the time of
the marker). A fetch of [start, end) needs every aborted transaction that has a record in it. They lie between the first marker
at or above `start` and the first last stable offset at or above `end`, since nothing that ended later can begin below that.
Where a transaction was open for long that is much, and most of it began behind `end`: blocks of entries know their lowest first
offset and are passed over whole.

An entry takes 32 bytes, in memory as in the persisted form (`encode`), big-endian:

    int16 version (0)
    int32 count
    count x (int64 producer id, int64 first offset, int64 last offset, int64 last stable offset)
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_VERSION: Final = 0
_HEAD: Final = struct.Struct(">hi")
_ENTRY_SIZE: Final = 32
_PER_BLOCK: Final = 256
_PER_PIECE: Final = 4096
_IS_LITTLE: Final = sys.byteorder == "little"


class AbortedTransaction(NamedTuple):
    """One aborted transaction: its records lie in [first_offset, last_offset), its marker at `last_offset`."""

    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


class FrozenIndex:
    """Entries as they were at one moment, to be encoded bit by bit while the index goes on."""

    __slots__ = ("_fields", "_first", "_last")

    def __init__(self, fields: array[int], first: int, last: int) -> None:
        self._fields = fields
        self._first = first
        self._last = last

    def __len__(self) -> int:
        return self._last - self._first

    def encode(self) -> Iterator[bytes]:
        """The persisted form described in the module, in pieces that each take well below a millisecond."""
        yield _HEAD.pack(_VERSION, len(self))
        for start in range(self._first, self._last, _PER_PIECE):
            some = self._fields[4 * start : 4 * min(start + _PER_PIECE, self._last)]
            if _IS_LITTLE:
                some.byteswap()
            yield some.tobytes()


class TransactionIndex:
    """Aborted transactions in marker order; a pure structure without I/O."""

    __slots__ = ("_begin", "_block_firsts", "_fields")

    def __init__(self) -> None:
        # Four numbers an entry. Only ever appended to: what changes it otherwise puts another in its place, because a snapshot
        # that is being encoded has this one.
        self._fields = array("q")
        self._block_firsts: list[int] = []
        self._begin = 0  # entries before it have been truncated

    def __len__(self) -> int:
        return self._end - self._begin

    def append(self, aborted: AbortedTransaction) -> None:
        """Add the newest entry.

        Raises:
            ValueError: its last offset is not above those before it.
        """
        if len(self) and aborted.last_offset <= self._fields[-2]:
            raise ValueError(f"marker at {aborted.last_offset} is not above the last at {self._fields[-2]}")
        if self._end % _PER_BLOCK:
            self._block_firsts[-1] = min(self._block_firsts[-1], aborted.first_offset)
        else:
            self._block_firsts.append(aborted.first_offset)
        self._fields.extend(aborted)

    def aborted_transactions(self, start_offset: int, end_offset: int) -> list[tuple[int, int]]:
        """(producer id, first offset) of each aborted transaction with a record in [start_offset, end_offset)."""
        if not self._fields:
            return []
        return [(entry.producer_id, entry.first_offset) for entry in self.entries_between(start_offset, end_offset)]

    def entries_between(self, start_offset: int, end_offset: int) -> list[AbortedTransaction]:
        """Each aborted transaction with a record in [start_offset, end_offset), in marker order."""
        found: list[AbortedTransaction] = []
        position = self._position(start_offset)
        stop = min(bisect_left(range(self._end), end_offset, lo=position, key=self._last_stable_offset) + 1, self._end)
        while position < stop:
            block_end = min((position // _PER_BLOCK + 1) * _PER_BLOCK, stop)
            if self._block_firsts[position // _PER_BLOCK] < end_offset:
                entries = (self._entry(number) for number in range(position, block_end))
                found.extend(entry for entry in entries if entry.first_offset < end_offset)
            position = block_end
        return found

    def replace_between(self, start_offset: int, end_offset: int, kept: Sequence[AbortedTransaction]) -> bool:
        """Of the transactions whose marker lies in [start_offset, end_offset), leave only `kept`, in marker order.

        Returns:
            Whether that changed anything.
        """
        first, last = self._position(start_offset), self._position(end_offset)
        if last - first == len(kept):
            return False
        between = array("q", (field for entry in kept for field in entry))
        self._replace(self._fields[4 * self._begin : 4 * first] + between + self._fields[4 * last :])
        return True

    def truncate_from_start(self, start_offset: int) -> None:
        """Forget the transactions whose marker lies below `start_offset`."""
        self._begin = self._position(start_offset)
        gone = self._begin // _PER_BLOCK
        if gone and 2 * self._begin >= self._end:
            self._fields = self._fields[4 * gone * _PER_BLOCK :]
            self._block_firsts = self._block_firsts[gone:]
            self._begin -= gone * _PER_BLOCK

    def truncate_from_end(self, end_offset: int) -> None:
        """Forget the transactions whose marker lies at or above `end_offset`."""
        kept = self._position(end_offset)
        if kept < self._end:
            self._replace(self._fields[4 * self._begin : 4 * kept])

    def freeze(self, from_offset: int = -1) -> FrozenIndex:
        """The transactions as they are now, cheaply; only those whose marker lies at or above `from_offset`."""
        return FrozenIndex(self._fields, self._position(from_offset), self._end)

    def copy(self) -> TransactionIndex:
        """The transactions as they are now, and possibly later ones, for a thread to look at: cheap."""
        other = TransactionIndex()
        other._fields = self._fields
        other._block_firsts = self._block_firsts
        other._begin = self._begin
        return other

    def encode(self) -> bytes:
        """The persisted form described in the module."""
        return b"".join(self.freeze().encode())

    @classmethod
    def decode(cls, blob: bytes) -> TransactionIndex:
        """Read what `encode` wrote.

        Raises:
            ValueError: unknown version, or not that format.
        """
        index = cls()
        if index.load(blob) != len(blob):
            raise ValueError(f"transaction index is followed by {len(blob)} bytes too many")
        return index

    def load(self, blob: bytes | memoryview, position: int = 0) -> int:
        """Add what an `encode` wrote at `position`; the position behind it.

        Raises:
            ValueError: unknown version, not that format, or its markers are not above those that are there.
        """
        if len(blob) - position < _HEAD.size:
            raise ValueError("transaction index is cut short")
        version, count = _HEAD.unpack_from(blob, position)
        end = position + _HEAD.size + count * _ENTRY_SIZE
        if version != _VERSION or count < 0 or end > len(blob):
            raise ValueError(f"transaction index of version {version} with {len(blob)} bytes")
        loaded = array("q")
        loaded.frombytes(memoryview(blob)[position + _HEAD.size : end])
        if _IS_LITTLE:
            loaded.byteswap()
        if len(self) and loaded and loaded[2] <= self._fields[-2]:
            raise ValueError(f"marker at {loaded[2]} is not above the last at {self._fields[-2]}")
        self._replace(self._fields[4 * self._begin :] + loaded)
        return int(end)

    @property
    def _end(self) -> int:
        return len(self._fields) >> 2

    def _position(self, offset: int) -> int:
        """Of the first entry whose marker lies at or above `offset`."""
        return bisect_left(range(self._end), offset, lo=self._begin, key=self._last_offset)

    def _last_offset(self, number: int) -> int:
        return int(self._fields[4 * number + 2])

    def _last_stable_offset(self, number: int) -> int:
        return int(self._fields[4 * number + 3])

    def _entry(self, number: int) -> AbortedTransaction:
        return AbortedTransaction(*self._fields[4 * number : 4 * number + 4])

    def _replace(self, fields: array[int]) -> None:
        self._fields = fields
        self._begin = 0
        size = 4 * _PER_BLOCK
        self._block_firsts = [min(fields[start + 1 : start + size : 4]) for start in range(0, len(fields), size)]
