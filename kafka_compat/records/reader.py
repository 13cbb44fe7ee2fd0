"""Records of stored batches, one by one: for coordinators, offset look-ups by timestamp, tests and dumps.

Everything here trusts the batch to have been validated when it was appended, but still raises rather than reading past its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.records.batch import CURRENT_MAGIC, HEADER_SIZE, NO_TIMESTAMP, BatchHeader, iter_batches, parse_header
from kafka_compat.records.compression import decompress
from kafka_compat.records.errors import CorruptBatch, InvalidRecord
from kafka_compat.records.record import Headers, Record
from kafka_compat.records.walk import CUT_SHORT, INT64_MAX, INT64_MIN, next_varint, next_varlong, skip_headers, wrapped_sum
from kafka_compat.wire.types import Buffer

if TYPE_CHECKING:
    from mypy_extensions import i64


DEFAULT_MAX_OUTPUT_BYTES: Final = 1 << 30


class RecordOutline(NamedTuple):
    """What can be said of a record without reading its key, value and headers. Sizes in bytes, None for null."""

    offset: int
    timestamp_ms: int
    key_size: int | None
    value_size: int | None


def records_body(
    header: BatchHeader, buffer: Buffer, position: int = 0, max_output_bytes: int = DEFAULT_MAX_OUTPUT_BYTES
) -> bytes:
    """The decompressed record section of the batch with `header` at `position` of `buffer`.

    Raises:
        CorruptBatch: the batch reaches over the end of `buffer`.
        UnparsableRecords: it does not decompress.
        DecompressionTooLarge: it decompresses to more than `max_output_bytes`.
    """
    end = position + header.size_in_bytes
    if end > len(buffer):
        raise CorruptBatch(f"the batch ends at {end}, the buffer at {len(buffer)}")
    body = decompress(header.compression, memoryview(buffer)[position + HEADER_SIZE : end], max_output_bytes)
    return body if isinstance(body, bytes) else bytes(body)


def iter_records(buffer: Buffer, max_output_bytes: int = DEFAULT_MAX_OUTPUT_BYTES) -> Iterator[Record]:
    """Every record of every whole batch in `buffer`, control records included.

    Raises:
        RecordsError: a batch is corrupt, in an old format, or its records cannot be read.
    """
    for position, _ in iter_batches(buffer):
        yield from iter_batch_records(buffer, position, max_output_bytes)


def iter_batch_records(
    buffer: Buffer,
    position: int = 0,
    max_output_bytes: int = DEFAULT_MAX_OUTPUT_BYTES,
    *,
    ignores_lengths: bool = False,
) -> Iterator[Record]:
    """Every record of the batch at `position`. Raises as `iter_records`.

    With `ignores_lengths` a record's own length counts for nothing: validation accepts a compressed batch where it is wrong.
    """
    header = parse_header(buffer, position)
    if header.magic != 2:
        raise CorruptBatch(f"magic {header.magic} is not supported")
    body = records_body(header, buffer, position, max_output_bytes)
    cursor = _Cursor(body)
    append_time_ms = header.max_timestamp_ms if header.is_log_append_time else None
    for _ in range(header.record_count):
        record_end = cursor.varint() + cursor.position
        cursor.position += 1  # the attributes
        timestamp_ms = _wrapped_to_int64(header.base_timestamp_ms + cursor.varint())
        offset = header.base_offset + cursor.varint()
        key = cursor.nullable_bytes()
        value = cursor.nullable_bytes()
        headers = _read_headers(cursor)
        if cursor.position != record_end and not ignores_lengths:
            raise InvalidRecord(f"the record ends at {cursor.position}, its length says {record_end}")
        yield Record(offset, timestamp_ms if append_time_ms is None else append_time_ms, key, value, headers)


def iter_outlines(header: BatchHeader, body: Buffer, *, ignores_lengths: bool = False) -> Iterator[RecordOutline]:
    """The outlines of the records in `body`, the decompressed record section of the batch with `header`.

    No object is made of keys, values and headers, of which a record of a few megabytes may have millions. `ignores_lengths` as
    in `iter_batch_records`.

    Raises:
        InvalidRecord: the records reach over the end, a varint never ends, or a length is wrong.
    """
    plain = body if isinstance(body, bytes) else bytes(body)
    append_time_ms = header.max_timestamp_ms if header.is_log_append_time else None
    position: i64 = 0
    value: i64 = 0
    delta: i64 = 0
    offset_delta: i64 = 0
    record_end: i64 = 0
    for _ in range(header.record_count):
        try:
            value, position = next_varint(plain, position)
            record_end = position + ((value >> 1) ^ -(value & 1))
            delta, position = next_varlong(plain, position + 1)
            offset_delta, position = next_varint(plain, position)
            value, position = next_varint(plain, position)
            key_size = None if value & 1 else value >> 1
            position += 0 if key_size is None else key_size
            value, position = next_varint(plain, position)
            value_size = None if value & 1 else value >> 1
            position += 0 if value_size is None else value_size
            value = plain[position]
            position += 1
            if value:
                position = skip_headers(plain, value, position, ignores_lengths)
        except IndexError as error:
            raise InvalidRecord(CUT_SHORT) from error
        if position > len(plain):
            raise InvalidRecord(CUT_SHORT)
        if position != record_end and not ignores_lengths:
            raise InvalidRecord(f"the record ends at {position}, its length says {record_end}")
        timestamp_ms = wrapped_sum(header.base_timestamp_ms, delta) if append_time_ms is None else append_time_ms
        offset = header.base_offset + ((offset_delta >> 1) ^ -(offset_delta & 1))
        yield RecordOutline(offset, timestamp_ms, key_size, value_size)


def find_first_at_or_after_timestamp(
    buffer: Buffer, timestamp_ms: int, start_offset: int = 0, position: int = 0
) -> tuple[int, int] | None:
    """Offset and timestamp of the first record at or above `start_offset` whose timestamp is at least `timestamp_ms`.

    Looks at one batch; None when it has no such record (FileRecords.searchForTimestamp).
    """
    for record in _batch_outlines(parse_header(buffer, position), buffer, position):
        if record.timestamp_ms >= timestamp_ms and record.offset >= start_offset:
            return record.offset, record.timestamp_ms
    return None


def offset_of_max_timestamp(buffer: Buffer, position: int = 0) -> int | None:
    """Offset of the first record that carries the batch's max timestamp, None without one (KIP-734).

    With log append time all records carry it, and Kafka names the last (RecordBatch.offsetOfMaxTimestamp).
    """
    header = parse_header(buffer, position)
    if header.max_timestamp_ms == NO_TIMESTAMP:
        return None
    if header.is_log_append_time:
        return header.last_offset
    for record in _batch_outlines(header, buffer, position):
        if record.timestamp_ms == header.max_timestamp_ms:
            return record.offset
    return None


def _batch_outlines(header: BatchHeader, buffer: Buffer, position: int) -> Iterator[RecordOutline]:
    if header.magic != CURRENT_MAGIC:
        raise CorruptBatch(f"magic {header.magic} is not supported")
    return iter_outlines(header, records_body(header, buffer, position))


def _wrapped_to_int64(value: int) -> int:
    """`value` as Java's 64 bits have it."""
    return value if INT64_MIN <= value <= INT64_MAX else ((value - INT64_MIN) & 0xFFFF_FFFF_FFFF_FFFF) + INT64_MIN


class _Cursor:
    """Reads zig-zag varints and the bytes they measure."""

    __slots__ = ("body", "position")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.position = 0

    def varint(self) -> int:
        raw = 0
        shift = 0
        while True:
            if self.position >= len(self.body):
                raise InvalidRecord("the records end early")
            byte = self.body[self.position]
            self.position += 1
            raw |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (raw >> 1) ^ -(raw & 1)
            shift += 7
            if shift > 63:
                raise InvalidRecord("a variable-length integer never ends")

    def nullable_bytes(self) -> bytes | None:
        length = self.varint()
        if length < 0:
            return None
        start = self.position
        if length > len(self.body) - start:
            raise InvalidRecord(f"a field claims {length} bytes, {len(self.body) - start} are left")
        self.position = start + length
        return self.body[start : self.position]


def _read_headers(cursor: _Cursor) -> Headers:
    count = cursor.varint()
    if count == 0:
        return ()
    if not 0 <= count <= len(cursor.body) - cursor.position:
        raise InvalidRecord(f"invalid number of record headers: {count}")
    headers: list[tuple[str, bytes | None]] = []
    for _ in range(count):
        key = cursor.nullable_bytes()
        if key is None:
            raise InvalidRecord("a header has no key")
        headers.append((key.decode("utf-8", "replace"), cursor.nullable_bytes()))
    return tuple(headers)
