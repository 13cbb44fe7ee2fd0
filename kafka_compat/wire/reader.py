"""Reads Kafka's primitive types off a buffer."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct, unpack_from
from typing import Final

from kafka_compat.wire.errors import TooWide, WireError
from kafka_compat.wire.types import ARRAYS_AT_ONCE, MAX_STRING_LENGTH, UNLIMITED, Buffer, StructError

_INT8: Final = Struct(">b")
_INT16: Final = Struct(">h")
_INT32: Final = Struct(">i")
_INT64: Final = Struct(">q")

# Of one struct, as in Kafka 4.4 (CVE-2026-111115).
MAX_TAGGED_FIELDS: Final = 10_000


class Reader:
    """Reads values off a buffer, first to last.

    A method that raises leaves `position` at the value it could not read. Generated code takes runs of fixed-width fields
    straight from `buffer` at `position`; the `struct.error` of a short buffer is turned into `truncated()` by the message's
    `decode`. To read a part of a buffer, give a memoryview slice.

    `elements_left` is how many array elements and tagged fields may still be read: their count is taken from it before
    anything is read or allocated for them, and TooWide raised when that is too little. So the cost of a message is known before
    it is paid. `share_the_interpreter` is for a message that is read in a thread.
    """

    __slots__ = ("_arrays", "_floor", "_give_way", "_view", "buffer", "elements_left", "end", "position")

    def __init__(self, buffer: Buffer, position: int = 0) -> None:
        self.buffer = buffer
        self.position = position
        self.end = len(buffer)
        self.elements_left: int = UNLIMITED
        self._view: memoryview | None = None
        self._floor = 0
        self._arrays = 0
        self._give_way: Callable[[], None] | None = None

    @property
    def remaining(self) -> int:
        """Bytes not read yet."""
        return self.end - self.position

    def share_the_interpreter(self, give_way: Callable[[], None]) -> None:
        """Call `give_way` now and then. Compiled code lets nobody else run by itself: the event loop would stand still."""
        self._give_way = give_way
        self._floor = UNLIMITED + 1

    def _below_floor(self) -> None:
        if self.elements_left < 0:
            raise TooWide
        self._arrays += 1
        if not self._arrays % ARRAYS_AT_ONCE and self._give_way is not None:
            self._give_way()

    def truncated(self) -> WireError:
        """The error for a value that is longer than what is left."""
        return WireError(f"the buffer ends early, {max(0, self.end - self.position)} bytes are left", self.position)

    def skip(self, length: int) -> None:
        """Step over `length` bytes."""
        if length < 0 or length > self.end - self.position:
            raise self.truncated()
        self.position += length

    # -- numbers

    def int8(self) -> int:
        """A signed byte."""
        return self._fixed(_INT8, 1)

    def int16(self) -> int:
        """A signed 16-bit number."""
        return self._fixed(_INT16, 2)

    def int32(self) -> int:
        """A signed 32-bit number."""
        return self._fixed(_INT32, 4)

    def int64(self) -> int:
        """A signed 64-bit number."""
        return self._fixed(_INT64, 8)

    def _fixed(self, layout: Struct, size: int) -> int:
        try:
            value: int = layout.unpack_from(self.buffer, self.position)[0]
        except StructError:
            raise self.truncated() from None
        self.position += size
        return value

    def unsigned_varint(self) -> int:
        """An unsigned varint of at most five bytes and 32 bits."""
        buffer = self.buffer
        position = self.position
        try:
            byte = buffer[position]
            if byte < 0x80:
                self.position = position + 1
                return byte
            value = byte & 0x7F
            shift = 7
            while True:
                position += 1
                byte = buffer[position]
                if byte < 0x80:
                    break
                value |= (byte & 0x7F) << shift
                shift += 7
                if shift > 28:
                    raise WireError("a varint has more than five bytes", self.position)
        except IndexError:
            raise self.truncated() from None
        value |= byte << shift
        if value > 0xFFFFFFFF:
            raise WireError("a varint has more than 32 bits", self.position)
        self.position = position + 1
        return value

    def varint(self) -> int:
        """A zigzag-coded signed 32-bit varint."""
        value = self.unsigned_varint()
        return (value >> 1) ^ -(value & 1)

    def varlong(self) -> int:
        """A zigzag-coded signed 64-bit varint of at most ten bytes."""
        position = self.position
        value = 0
        shift = 0
        while True:
            if position >= self.end:
                raise self.truncated()
            byte = self.buffer[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 63:
                raise WireError("a varlong has more than ten bytes", self.position)
        if value > 0xFFFFFFFFFFFFFFFF:
            raise WireError("a varlong has more than 64 bits", self.position)
        self.position = position
        return (value >> 1) ^ -(value & 1)

    # -- lengths

    def _length16(self) -> int:
        try:
            length: int = _INT16.unpack_from(self.buffer, self.position)[0]
        except StructError:
            raise self.truncated() from None
        return self._checked(length, 2)

    def _length32(self) -> int:
        try:
            length: int = _INT32.unpack_from(self.buffer, self.position)[0]
        except StructError:
            raise self.truncated() from None
        return self._checked(length, 4)

    def _checked(self, length: int, size: int) -> int:
        """Step over a length field of `size` bytes whose value is -1 (null) or fits into what follows it."""
        if length < -1:
            raise WireError(f"negative length {length}", self.position)
        if length > self.end - self.position - size:
            raise WireError(f"length {length} with {self.end - self.position - size} bytes left", self.position)
        self.position += size
        return length

    def _compact_length(self) -> int:
        start = self.position
        if start < self.end:
            byte = self.buffer[start]
            if byte < 0x80 and byte <= self.end - start:
                self.position = start + 1
                return byte - 1
        length = self.unsigned_varint() - 1
        if length > self.end - self.position:
            left = self.end - self.position
            self.position = start
            raise WireError(f"length {length} with {left} bytes left", start)
        return length

    def _null(self, start: int) -> WireError:
        self.position = start
        return WireError("null for a value that cannot be null", start)

    # -- strings

    def _text(self, length: int, start: int) -> str:
        if length > MAX_STRING_LENGTH:
            self.position = start
            raise WireError(f"a string of {length} bytes is longer than {MAX_STRING_LENGTH}", start)
        position = self.position
        try:
            text = str(self.buffer[position : position + length], "utf-8")
        except UnicodeDecodeError as invalid:
            self.position = start
            raise WireError(f"invalid UTF-8 ({invalid.reason})", position + invalid.start) from None
        self.position = position + length
        return text

    def string(self) -> str:
        """A string in the classic layout."""
        start = self.position
        length = self._length16()
        if length < 0:
            raise self._null(start)
        return self._text(length, start)

    def nullable_string(self) -> str | None:
        """A string in the classic layout, or null."""
        start = self.position
        length = self._length16()
        return None if length < 0 else self._text(length, start)

    def compact_string(self) -> str:
        """A string in the compact layout."""
        start = self.position
        length = self._compact_length()
        if length < 0:
            raise self._null(start)
        return self._text(length, start)

    def compact_nullable_string(self) -> str | None:
        """A string in the compact layout, or null."""
        start = self.position
        length = self._compact_length()
        return None if length < 0 else self._text(length, start)

    # -- bytes

    def take(self, length: int) -> bytes:
        """The next `length` bytes, copied."""
        position = self.position
        self.skip(length)
        return bytes(self.buffer[position : position + length])

    def take_view(self, length: int) -> memoryview:
        """The next `length` bytes, not copied: valid as long as the frame's buffer is."""
        position = self.position
        if length < 0 or length > self.end - position:
            raise self.truncated()
        self.position = position + length
        view = self._view
        if view is None:
            view = self._view = memoryview(self.buffer)
        return view[position : position + length]

    def bytes_(self) -> bytes:
        """Bytes in the classic layout, copied."""
        start = self.position
        length = self._length32()
        if length < 0:
            raise self._null(start)
        return self.take(length)

    def nullable_bytes(self) -> bytes | None:
        """Bytes in the classic layout, copied, or null."""
        length = self._length32()
        return None if length < 0 else self.take(length)

    def compact_bytes(self) -> bytes:
        """Bytes in the compact layout, copied."""
        start = self.position
        length = self._compact_length()
        if length < 0:
            raise self._null(start)
        return self.take(length)

    def compact_nullable_bytes(self) -> bytes | None:
        """Bytes in the compact layout, copied, or null."""
        length = self._compact_length()
        return None if length < 0 else self.take(length)

    def view(self) -> memoryview:
        """Bytes or records in the classic layout, as a view of the frame."""
        start = self.position
        length = self._length32()
        if length < 0:
            raise self._null(start)
        return self.take_view(length)

    def nullable_view(self) -> memoryview | None:
        """Bytes or records in the classic layout, as a view of the frame, or null."""
        length = self._length32()
        return None if length < 0 else self.take_view(length)

    def compact_view(self) -> memoryview:
        """Bytes or records in the compact layout, as a view of the frame."""
        start = self.position
        length = self._compact_length()
        if length < 0:
            raise self._null(start)
        return self.take_view(length)

    def compact_nullable_view(self) -> memoryview | None:
        """Bytes or records in the compact layout, as a view of the frame, or null."""
        length = self._compact_length()
        return None if length < 0 else self.take_view(length)

    # -- arrays

    def _too_many(self, count: int, start: int) -> WireError:
        left = self.end - self.position
        self.position = start
        return WireError(f"an array of {count} elements with {left} bytes left", start)

    def array_length(self, element_size: int) -> int:
        """The count of an array whose elements have at least `element_size` bytes (one or more) each."""
        start = self.position
        count = self._length32()
        if count < 0:
            raise self._null(start)
        if count * element_size > self.end - self.position:
            raise self._too_many(count, start)
        self.elements_left -= count
        if self.elements_left < self._floor:
            self._below_floor()
        return count

    def nullable_array_length(self, element_size: int) -> int:
        """As `array_length`; -1 for a null array."""
        start = self.position
        count = self._length32()
        if count * element_size > self.end - self.position:
            raise self._too_many(count, start)
        if count > 0:
            self.elements_left -= count
        if self.elements_left < self._floor:
            self._below_floor()
        return count

    def compact_array_length(self, element_size: int) -> int:
        """The count of a compact array whose elements have at least `element_size` bytes (one or more) each."""
        start = self.position
        count = self._compact_length()
        if count < 0:
            raise self._null(start)
        if count * element_size > self.end - self.position:
            raise self._too_many(count, start)
        self.elements_left -= count
        if self.elements_left < self._floor:
            self._below_floor()
        return count

    def compact_nullable_array_length(self, element_size: int) -> int:
        """As `compact_array_length`; -1 for a null array."""
        start = self.position
        count = self._compact_length()
        if count * element_size > self.end - self.position:
            raise self._too_many(count, start)
        if count > 0:
            self.elements_left -= count
        if self.elements_left < self._floor:
            self._below_floor()
        return count

    def _numbers(self, count: int, code: str, size: int) -> list[int]:
        try:
            values = list(unpack_from(f">{count}{code}", self.buffer, self.position))
        except StructError:
            raise self.truncated() from None
        self.position += count * size
        return values

    def int8s(self, count: int) -> list[int]:
        """`count` signed bytes."""
        return self._numbers(count, "b", 1)

    def int16s(self, count: int) -> list[int]:
        """`count` signed 16-bit numbers."""
        return self._numbers(count, "h", 2)

    def int32s(self, count: int) -> list[int]:
        """`count` signed 32-bit numbers."""
        return self._numbers(count, "i", 4)

    def int64s(self, count: int) -> list[int]:
        """`count` signed 64-bit numbers."""
        return self._numbers(count, "q", 8)

    def uuids(self, count: int) -> list[bytes]:
        """`count` uuids, each as its 16 bytes."""
        return [self.take(16) for _ in range(count)]

    # -- structures

    def is_present(self) -> bool:
        """Whether a nullable struct follows: a byte below zero says that it is null."""
        return self.int8() >= 0

    def tagged_fields_count(self) -> int:
        """The number of tagged fields that follow, each of at least two bytes."""
        start = self.position
        count = self.unsigned_varint()
        if count * 2 > self.end - self.position:
            raise self._too_many(count, start)
        if count > MAX_TAGGED_FIELDS:
            self.position = start
            raise WireError(f"a struct with {count} tagged fields, more than {MAX_TAGGED_FIELDS}", start)
        self.elements_left -= count
        if self.elements_left < self._floor:
            self._below_floor()
        return count

    def skip_tagged_fields(self) -> None:
        """Step over the tagged fields of a struct that knows none."""
        if self.position < self.end and self.buffer[self.position] == 0:
            self.position += 1
            return
        for _ in range(self.tagged_fields_count()):
            self.unsigned_varint()
            self.skip(self.unsigned_varint())
