"""Writes Kafka's primitive types into buffers."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct, pack
from typing import Final

from kafka_compat.wire.errors import TextTooLong, TooWide, WireError
from kafka_compat.wire.types import (
    ARRAYS_AT_ONCE,
    CHUNK_THRESHOLD,
    MAX_STRING_LENGTH,
    UNLIMITED,
    Buffer,
    Part,
    Records,
    join_parts,
)

_INT8: Final = Struct(">b")
_INT16: Final = Struct(">h")
_INT32: Final = Struct(">i")
_INT64: Final = Struct(">q")


class Writer:
    """Collects the bytes of values.

    Small values gather in `buffer`; a records field of `CHUNK_THRESHOLD` bytes or more becomes a chunk of its own that is
    never copied, so its buffer must stay unchanged until the chunks are sent.

    `elements_left` is how many array elements may still be written, `max_bytes` how much may be in `buffer` when an array
    begins; over either the array raises TooWide. `share_the_interpreter` is for a message that is written in a thread.
    """

    __slots__ = ("_arrays", "_chunks", "_floor", "_flushed", "_give_way", "buffer", "elements_left", "max_bytes")

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.elements_left: int = UNLIMITED
        self.max_bytes: int = UNLIMITED
        self._chunks: list[Part] = []
        self._flushed = 0
        self._floor = 0
        self._arrays = 0
        self._give_way: Callable[[], None] | None = None

    def share_the_interpreter(self, give_way: Callable[[], None]) -> None:
        """Call `give_way` now and then. Compiled code lets nobody else run by itself: the event loop would stand still."""
        self._give_way = give_way
        self._floor = UNLIMITED + 1

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._flushed + len(self.buffer)

    def to_bytes(self) -> bytes:
        """Everything written, copied into one object; all of it must be in memory."""
        if not self._chunks:
            return bytes(self.buffer)
        return join_parts([*self._chunks, self.buffer])

    def chunks(self) -> list[Part]:
        """Everything written in order, none of them empty; the writer must not be written to afterwards."""
        if self.buffer:
            self._cut()
        return self._chunks

    def _cut(self) -> None:
        self._chunks.append(self.buffer)
        self._flushed += len(self.buffer)
        self.buffer = bytearray()

    def raw(self, value: Part) -> None:
        """Bytes as they are, as a chunk of their own when they are many."""
        if len(value) < CHUNK_THRESHOLD and isinstance(value, (memoryview, bytes, bytearray)):
            self.buffer += value
            return
        if self.buffer:
            self._cut()
        self._chunks.append(value)
        self._flushed += len(value)

    def null_error(self, what: str) -> WireError:
        """The error for null in field `what`, which cannot be null in this version."""
        return WireError(f"{what} cannot be null in this version", self.size)

    # -- numbers

    def int8(self, value: int) -> None:
        """A signed byte."""
        self.buffer += _INT8.pack(value)

    def int16(self, value: int) -> None:
        """A signed 16-bit number."""
        self.buffer += _INT16.pack(value)

    def int32(self, value: int) -> None:
        """A signed 32-bit number."""
        self.buffer += _INT32.pack(value)

    def int64(self, value: int) -> None:
        """A signed 64-bit number."""
        self.buffer += _INT64.pack(value)

    def unsigned_varint(self, value: int) -> None:
        """An unsigned varint; `value` is not negative."""
        buffer = self.buffer
        while value > 0x7F:
            buffer.append(value & 0x7F | 0x80)
            value >>= 7
        buffer.append(value)

    def varint(self, value: int) -> None:
        """A zigzag-coded signed varint of 32 bits."""
        self.unsigned_varint((value << 1) ^ (value >> 31))

    def varlong(self, value: int) -> None:
        """A zigzag-coded signed varint of 64 bits."""
        self.unsigned_varint((value << 1) ^ (value >> 63))

    # -- strings

    def _encoded(self, value: str) -> bytes:
        try:
            encoded = value.encode()
        except UnicodeEncodeError as invalid:
            raise WireError(f"a string that is no Unicode text ({invalid.reason})", self.size) from None
        if len(encoded) > MAX_STRING_LENGTH:
            raise TextTooLong(f"a string of {len(encoded)} bytes is longer than {MAX_STRING_LENGTH}", self.size)
        return encoded

    def string(self, value: str) -> None:
        """A string in the classic layout."""
        encoded = self._encoded(value)
        self.buffer += _INT16.pack(len(encoded))
        self.buffer += encoded

    def nullable_string(self, value: str | None) -> None:
        """A string in the classic layout, or null."""
        if value is None:
            self.buffer += b"\xff\xff"
        else:
            self.string(value)

    def compact_string(self, value: str) -> None:
        """A string in the compact layout."""
        encoded = self._encoded(value)
        length = len(encoded) + 1
        if length < 0x80:
            self.buffer.append(length)
        else:
            self.unsigned_varint(length)
        self.buffer += encoded

    def compact_nullable_string(self, value: str | None) -> None:
        """A string in the compact layout, or null."""
        if value is None:
            self.buffer.append(0)
        else:
            self.compact_string(value)

    # -- bytes

    def bytes_(self, value: Buffer) -> None:
        """Bytes in the classic layout."""
        self.buffer += _INT32.pack(len(value))
        self.buffer += value

    def nullable_bytes(self, value: Buffer | None) -> None:
        """Bytes in the classic layout, or null."""
        if value is None:
            self.buffer += b"\xff\xff\xff\xff"
        else:
            self.bytes_(value)

    def compact_bytes(self, value: Buffer) -> None:
        """Bytes in the compact layout."""
        self.unsigned_varint(len(value) + 1)
        self.buffer += value

    def compact_nullable_bytes(self, value: Buffer | None) -> None:
        """Bytes in the compact layout, or null."""
        if value is None:
            self.buffer.append(0)
        else:
            self.compact_bytes(value)

    def records(self, value: Records) -> None:
        """Records in the classic layout; large buffers are not copied."""
        if isinstance(value, (list, tuple)):
            self.buffer += _INT32.pack(sum(map(len, value)))
            for part in value:
                self.raw(part)
        else:
            self.buffer += _INT32.pack(len(value))
            self.raw(value)

    def nullable_records(self, value: Records | None) -> None:
        """Records in the classic layout, or null."""
        if value is None:
            self.buffer += b"\xff\xff\xff\xff"
        else:
            self.records(value)

    def compact_records(self, value: Records) -> None:
        """Records in the compact layout; large buffers are not copied."""
        if isinstance(value, (list, tuple)):
            self.unsigned_varint(sum(map(len, value)) + 1)
            for part in value:
                self.raw(part)
        else:
            self.unsigned_varint(len(value) + 1)
            self.raw(value)

    def compact_nullable_records(self, value: Records | None) -> None:
        """Records in the compact layout, or null."""
        if value is None:
            self.buffer.append(0)
        else:
            self.compact_records(value)

    # -- arrays

    def _charge(self, count: int) -> None:
        if count > 0:
            self.elements_left -= count
        if self.elements_left < self._floor or len(self.buffer) > self.max_bytes:
            self._below_floor()

    def _below_floor(self) -> None:
        if self.elements_left < 0 or len(self.buffer) > self.max_bytes:
            raise TooWide
        self._arrays += 1
        if not self._arrays % ARRAYS_AT_ONCE and self._give_way is not None:
            self._give_way()

    def array_length(self, count: int) -> None:
        """The count of an array in the classic layout; -1 for a null array."""
        self._charge(count)
        self.buffer += _INT32.pack(count)

    def compact_array_length(self, count: int) -> None:
        """The count of an array in the compact layout; -1 for a null array."""
        self._charge(count)
        self.unsigned_varint(count + 1)

    def int8s(self, values: list[int]) -> None:
        """The elements of an array of signed bytes."""
        self.buffer += pack(f">{len(values)}b", *values)

    def int16s(self, values: list[int]) -> None:
        """The elements of an array of signed 16-bit numbers."""
        self.buffer += pack(f">{len(values)}h", *values)

    def int32s(self, values: list[int]) -> None:
        """The elements of an array of signed 32-bit numbers."""
        self.buffer += pack(f">{len(values)}i", *values)

    def int64s(self, values: list[int]) -> None:
        """The elements of an array of signed 64-bit numbers."""
        self.buffer += pack(f">{len(values)}q", *values)

    def uuids(self, values: list[bytes]) -> None:
        """The elements of an array of uuids, each given as its 16 bytes."""
        self.buffer += b"".join(values)

    # -- structures

    def tagged_fields(self, fields: list[tuple[int, Writer]]) -> None:
        """The tagged fields of a struct, lowest tag first, each with the writer that holds its value."""
        if not fields:
            self.buffer.append(0)
            return
        self.unsigned_varint(len(fields))
        for tag, field in fields:
            self.unsigned_varint(tag)
            self.unsigned_varint(field.size)
            self.buffer += field.to_bytes()
