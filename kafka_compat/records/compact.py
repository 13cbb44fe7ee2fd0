"""The inner loops of compaction: keys of a batch into a map, and what the map leaves of a batch. No object per record.

The form of a record is in `walk.py`. A record's own length counts for nothing here, as when Kafka reads a stored compressed
batch: validation lets one in where it is wrong. This module is compiled by mypyc where a C compiler is at hand, and runs
uncompiled elsewhere with the same results.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from kafka_compat.records.batch import NO_TIMESTAMP, BatchHeader
from kafka_compat.records.builder import append_varint
from kafka_compat.records.errors import InvalidRecord
from kafka_compat.records.walk import CUT_SHORT, next_varint, next_varlong, skip_headers, wrapped_sum

if TYPE_CHECKING:
    from mypy_extensions import i64

_DIGEST_BYTES: Final = 16
# Of an entry: its key or digest, its offset, and its share of the dict, twice because the dict is copied when it grows.
ENTRY_BYTES: Final[int] = sys.getsizeof(bytes(_DIGEST_BYTES)) + sys.getsizeof(1 << 40) + 2 * 56

# Compiled code never lets go of the interpreter by itself: so often (in records, less one) the caller may.
_PAUSE_MASK: Final[i64] = 255


def no_pause() -> None:
    """For callers that have the interpreter to themselves."""


class OffsetMap:
    """The last offset of each key, in bounded memory (Kafka's SkimpyOffsetMap).

    Keys of 16 bytes and more are known by a 16-byte digest, as Kafka knows every key.

    Args:
        max_bytes: that the map may take, about; one entry always fits.
        load_factor: the share of it to use (log.cleaner.io.buffer.load.factor).
    """

    __slots__ = ("_max_entries", "_offsets", "latest_offset")

    def __init__(self, max_bytes: int, load_factor: float = 1.0) -> None:
        self._max_entries: int = max(int(max_bytes * load_factor) // ENTRY_BYTES, 1)
        self._offsets: dict[bytes, int] = {}
        self.latest_offset: int = -1
        """Everything up to here is in the map; -1 before the first batch."""

    def __len__(self) -> int:
        return len(self._offsets)

    @property
    def is_full(self) -> bool:
        """Whether no further key fits."""
        return len(self._offsets) >= self._max_entries

    def put(self, key: bytes, offset: int) -> None:
        """`offset` is the newest record of `key`."""
        self._offsets[key if len(key) < _DIGEST_BYTES else _digest(key)] = offset

    def get(self, key: bytes) -> int:
        """The newest offset of `key`, -1 when the map does not know it."""
        return self._offsets.get(key if len(key) < _DIGEST_BYTES else _digest(key), -1)


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=_DIGEST_BYTES).digest()


def index_records(
    header: BatchHeader,
    body: bytes,
    offsets: OffsetMap,
    start_offset: int,
    *,
    may_overflow: bool,
    pause: Callable[[], None] = no_pause,
) -> bool:
    """Put the keys of a batch's records at or above `start_offset` into the map; False when it was full before the last.

    Args:
        header: of the batch.
        body: its decompressed record section.
        offsets: the map.
        start_offset: records below it are passed over.
        may_overflow: put all in, full or not.
        pause: called every few hundred records.

    Raises:
        InvalidRecord: the records reach over the end, or a varint never ends.
    """
    count: i64 = header.record_count
    base_offset: i64 = header.base_offset
    first: i64 = start_offset
    index: i64 = 0
    position: i64 = 0
    value: i64 = 0
    start: i64 = 0
    offset: i64 = 0
    try:
        while index < count:
            if index & _PAUSE_MASK == _PAUSE_MASK:
                pause()
            _, position = next_varint(body, position)
            _, position = next_varlong(body, position + 1)
            value, position = next_varint(body, position)
            offset = base_offset + ((value >> 1) ^ -(value & 1))
            value, position = next_varint(body, position)
            if value & 1 == 0:
                start = position
                position += value >> 1
                if offset >= first:
                    if not may_overflow and offsets.is_full:
                        return False
                    offsets.put(body[start:position], offset)
            position = _skip_value(body, position)
            index += 1
    except IndexError as error:
        raise InvalidRecord(CUT_SHORT) from error
    if position > len(body):
        raise InvalidRecord(CUT_SHORT)
    return True


class KeptRecords:
    """The records of a batch that stay: their timestamps, and their bytes from the offset delta on."""

    __slots__ = ("has_tombstone", "tails", "timestamps_ms")

    def __init__(self) -> None:
        self.timestamps_ms: list[int] = []
        self.tails: list[bytes] = []
        self.has_tombstone = False

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.tails)

    @property
    def max_timestamp_ms(self) -> int:
        """The largest timestamp, -1 without records."""
        return max(self.timestamps_ms, default=NO_TIMESTAMP)

    def encode(self, base_timestamp_ms: int, pause: Callable[[], None] = no_pause) -> bytearray:
        """The record section, with timestamps relative to `base_timestamp_ms`; `pause` as in `index_records`."""
        body = bytearray()
        delta = bytearray()
        index: i64 = 0
        count: i64 = len(self.tails)
        while index < count:
            if index & _PAUSE_MASK == _PAUSE_MASK:
                pause()
            tail = self.tails[index]
            delta.clear()
            append_varint(delta, self.timestamps_ms[index] - base_timestamp_ms)
            append_varint(body, 1 + len(delta) + len(tail))
            body.append(0)  # the attributes
            body += delta
            body += tail
            index += 1
        return body


def select_records(
    header: BatchHeader,
    body: bytes,
    offsets: OffsetMap | None,
    *,
    keeps_tombstones: bool,
    pause: Callable[[], None] = no_pause,
) -> KeptRecords:
    """The records that stay: the newest of their keys, and those behind what the map knows.

    Args:
        header: of the batch.
        body: its decompressed record section.
        offsets: the map; None keeps all.
        keeps_tombstones: whether the newest record of its key stays without a value too.
        pause: called every few hundred records.

    Raises:
        InvalidRecord: the records reach over the end, or a varint never ends.
    """
    kept = KeptRecords()
    count: i64 = header.record_count
    base_offset: i64 = header.base_offset
    latest_offset: i64 = -1 if offsets is None else offsets.latest_offset
    is_fixed = header.is_log_append_time
    index: i64 = 0
    position: i64 = 0
    value: i64 = 0
    tail: i64 = 0
    start: i64 = 0
    offset: i64 = 0
    timestamp_delta: i64 = 0
    keeps = True
    has_value = True
    try:
        while index < count:
            if index & _PAUSE_MASK == _PAUSE_MASK:
                pause()
            _, position = next_varint(body, position)
            timestamp_delta, position = next_varlong(body, position + 1)
            tail = position
            value, position = next_varint(body, position)
            offset = base_offset + ((value >> 1) ^ -(value & 1))
            value, position = next_varint(body, position)
            start = position
            if value & 1 == 0:
                position += value >> 1
            has_value = body[position] & 1 == 0
            if offsets is None or offset > latest_offset:
                keeps = True
            elif value & 1:
                keeps = False
            else:
                keeps = (has_value or keeps_tombstones) and offset >= offsets.get(body[start:position])
            position = _skip_value(body, position)
            if keeps:
                kept.tails.append(body[tail:position])
                kept.timestamps_ms.append(
                    header.max_timestamp_ms if is_fixed else wrapped_sum(header.base_timestamp_ms, timestamp_delta)
                )
                if not has_value:
                    kept.has_tombstone = True
            index += 1
    except IndexError as error:
        raise InvalidRecord(CUT_SHORT) from error
    if position > len(body):
        raise InvalidRecord(CUT_SHORT)
    return kept


def _skip_value(body: bytes, begin: i64) -> i64:
    """The position behind the value and the headers that begin at `begin`."""
    value: i64 = 0
    position: i64 = begin
    value, position = next_varint(body, position)
    if value & 1 == 0:
        position += value >> 1
    value = body[position]
    position += 1
    return skip_headers(body, value, position, True) if value else position
