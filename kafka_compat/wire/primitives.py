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

Stricter than Kafka's own reader (ByteBufferAccessor and the generated classes), which no correct client notices: a length
below -1 is an error, where Kafka takes it for null; invalid UTF-8 is an error, where Kafka puts U+FFFD; bits above the 32nd
of a varint are an error, where Kafka drops them.
"""

from __future__ import annotations

from kafka_compat.wire.reader import Reader
from kafka_compat.wire.types import CHUNK_THRESHOLD, MAX_STRING_LENGTH, Buffer, Part, Records, StructError, Unread
from kafka_compat.wire.writer import Writer

__all__ = ["CHUNK_THRESHOLD", "MAX_STRING_LENGTH", "Buffer", "Part", "Reader", "Records", "StructError", "Unread", "Writer"]
