"""Kafka's primitive types over bytes.

Fixed-width numbers are big-endian. Variable-length values come in two layouts, by the version of the message:

    type      classic layout                    compact layout (flexible versions, KIP-482)
    string    length int16, UTF-8               length + 1 unsigned varint, UTF-8
    bytes     length int32, bytes               length + 1 unsigned varint, bytes
    records   as bytes
    array     count int32, elements             count + 1 unsigned varint, elements
    null      length or count -1                length or count 0
    tags      -                                 count, then tag, size and bytes of each; all unsigned varints

An unsigned varint has seven bits a byte, lowest first, and at most five bytes; signed varints (records) are zigzag coded.
Nothing is allocated for a length before it was compared with what is left in the buffer.
"""

from __future__ import annotations

from struct import Struct, error, pack, unpack_from
from typing import Final

from kafka_compat.wire.errors import WireError

Buffer = bytes | bytearray | memoryview
# What a records field may be written from: one buffer, or the buffers that make it up.
Records = Buffer | list[Buffer] | tuple[Buffer, ...]

MAX_STRING_LENGTH: Final = 0x7FFF  # compact strings too: Kafka's generated classes refuse more in every version
MAX_LENGTH: Final = 0x7FFFFFFF
CHUNK_THRESHOLD: Final = 4096  # from this size on a records field is passed through as its own chunk

_INT8: Final = Struct(">b")
_INT16: Final = Struct(">h")
_INT32: Final = Struct(">i")
_INT64: Final = Struct(">q")
StructError = error


class Reader:
    """Reads values off a buffer, first to last.

    A method that raises leaves `position` at the value it could not read. Generated code takes runs of fixed-width fields
    straight from `buffer` at `position`; the `struct.error` of a short buffer is turned into `truncated()` by the message's
    `decode`. To read a part of a buffer, give a memoryview slice.
    """

    __slots__ = ("_view", "buffer", "end", "position")

    def __init__(self, buffer: Buffer, position: int = 0) -> None:
        self.buffer = buffer
        self.position = position
        self.end = len(buffer)
        self._view: memoryview | None = None

    @property
    def remaining(self) -> int:
        """Bytes not read yet."""
        return self.end - self.position

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
        except error:
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
        except error:
            raise self.truncated() from None
        return self._checked(length, 2)

    def _length32(self) -> int:
        try:
            length: int = _INT32.unpack_from(self.buffer, self.position)[0]
        except error:
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
        self.skip(length)
        if self._view is None:
            self._view = memoryview(self.buffer)
        return self._view[position : position + length]

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

    def _bounded(self, count: int, element_size: int, start: int) -> int:
        if count * element_size > self.end - self.position:
            left = self.end - self.position
            self.position = start
            raise WireError(f"an array of {count} elements with {left} bytes left", start)
        return count

    def array_length(self, element_size: int) -> int:
        """The count of an array whose elements have at least `element_size` bytes (one or more) each."""
        start = self.position
        count = self._length32()
        if count < 0:
            raise self._null(start)
        return self._bounded(count, element_size, start)

    def nullable_array_length(self, element_size: int) -> int:
        """As `array_length`; -1 for a null array."""
        start = self.position
        count = self._length32()
        return self._bounded(count, element_size, start)

    def compact_array_length(self, element_size: int) -> int:
        """The count of a compact array whose elements have at least `element_size` bytes (one or more) each."""
        start = self.position
        count = self._compact_length()
        if count < 0:
            raise self._null(start)
        return self._bounded(count, element_size, start)

    def compact_nullable_array_length(self, element_size: int) -> int:
        """As `compact_array_length`; -1 for a null array."""
        start = self.position
        count = self._compact_length()
        return self._bounded(count, element_size, start)

    def _numbers(self, count: int, code: str, size: int) -> list[int]:
        try:
            values = list(unpack_from(f">{count}{code}", self.buffer, self.position))
        except error:
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
        return self._bounded(count, 2, start)

    def skip_tagged_fields(self) -> None:
        """Step over the tagged fields of a struct that knows none."""
        for _ in range(self.tagged_fields_count()):
            self.unsigned_varint()
            self.skip(self.unsigned_varint())


class Writer:
    """Collects the bytes of values.

    Small values gather in `buffer`; a records field of `CHUNK_THRESHOLD` bytes or more becomes a chunk of its own that is
    never copied, so its buffer must stay unchanged until the chunks are sent.
    """

    __slots__ = ("_chunks", "_flushed", "buffer")

    def __init__(self) -> None:
        self.buffer = bytearray()
        self._chunks: list[Buffer] = []
        self._flushed = 0

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._flushed + len(self.buffer)

    def to_bytes(self) -> bytes:
        """Everything written, copied into one object."""
        if not self._chunks:
            return bytes(self.buffer)
        return b"".join([*self._chunks, self.buffer])

    def chunks(self) -> list[Buffer]:
        """Everything written as buffers in order, none of them empty; the writer must not be written to afterwards."""
        if self.buffer:
            self._cut()
        return self._chunks

    def _cut(self) -> None:
        self._chunks.append(self.buffer)
        self._flushed += len(self.buffer)
        self.buffer = bytearray()

    def raw(self, value: Buffer) -> None:
        """Bytes as they are, as a chunk of their own when they are many."""
        if len(value) < CHUNK_THRESHOLD:
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
            raise WireError(f"a string of {len(encoded)} bytes is longer than {MAX_STRING_LENGTH}", self.size)
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
        self.unsigned_varint(len(encoded) + 1)
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

    def array_length(self, count: int) -> None:
        """The count of an array in the classic layout; -1 for a null array."""
        self.buffer += _INT32.pack(count)

    def compact_array_length(self, count: int) -> None:
        """The count of an array in the compact layout; -1 for a null array."""
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
        self.unsigned_varint(len(fields))
        for tag, field in fields:
            self.unsigned_varint(tag)
            self.unsigned_varint(field.size)
            self.buffer += field.to_bytes()
