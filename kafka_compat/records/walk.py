"""The walk over the records of a batch: one pass, one call, no object per record.

A record, behind the header of its batch and after decompression (zig-zag varints):

    length             varint   bytes that follow this field
    attributes         int8     unused
    timestamp delta    varlong  to the batch's base timestamp
    offset delta       varint   to the batch's base offset
    key length         varint   negative: null
    key
    value length       varint   negative: null
    value
    header count       varint
    headers                     key length and key, value length (negative: null) and value

This module is compiled by mypyc where a C compiler is at hand, and runs uncompiled elsewhere with the same results. `i64` is a
machine integer in compiled code and plain `int` otherwise, hence the explicit wrapping of 64-bit sums in `wrapped_sum`.
The one- and two-byte varints are written out because a call costs more than the rest of a record's parsing when uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from kafka_compat.records.batch import NO_TIMESTAMP, BatchHeader
from kafka_compat.records.errors import InvalidRecord, UnparsableRecords

if TYPE_CHECKING:
    from mypy_extensions import i64

INT64_MIN: Final = -(1 << 63)
INT64_MAX: Final = (1 << 63) - 1

CUT_SHORT: Final = "Incorrect declared batch size, premature EOF reached"
_OVERLONG: Final = "a variable-length integer never ends"

# Of the records that are wrong in one way so many are named; a small batch can decompress to millions.
MAX_INDEXES: Final = 1000
# Records between two pauses.
_RECORDS_AT_ONCE: Final = 8192

# Two numbers within this can be added without leaving 64 bits.
_SAFE_TIMESTAMP: Final = 1 << 62


class WalkResult:
    """What validation and offset assignment need to know of a batch's records. Indexes count from 0."""

    __slots__ = (
        "has_consecutive_offsets",
        "index_of_max_timestamp",
        "max_timestamp_ms",
        "null_key_count",
        "null_key_indexes",
        "out_of_range_count",
        "out_of_range_indexes",
    )

    def __init__(
        self,
        max_timestamp_ms: int,
        index_of_max_timestamp: int,
        has_consecutive_offsets: bool,
        null_key_indexes: list[int],
        null_key_count: int,
        out_of_range_indexes: list[int],
        out_of_range_count: int,
    ) -> None:
        self.max_timestamp_ms = max_timestamp_ms
        """The largest timestamp, -1 when no record has one above."""
        self.index_of_max_timestamp = index_of_max_timestamp
        """The first record with it, -1 when there is none."""
        self.has_consecutive_offsets = has_consecutive_offsets
        """Whether the offset deltas are 0, 1, 2, … Kafka stores an uncompressed batch where they are not, fails with
        UNKNOWN_SERVER_ERROR for a compressed one that keeps its codec, and assigns new offsets in one it rewrites."""
        self.null_key_indexes = null_key_indexes
        """The first `MAX_INDEXES` records without key; filled only with `keys_required`."""
        self.null_key_count = null_key_count
        self.out_of_range_indexes = out_of_range_indexes
        """The first `MAX_INDEXES` records whose timestamp lies outside the bounds; one without key is not among them."""
        self.out_of_range_count = out_of_range_count


def validate_records(
    header: BatchHeader,
    body: bytes | bytearray | memoryview,
    *,
    is_rewritten: bool = False,
    keys_required: bool = False,
    lowest_timestamp_ms: int = INT64_MIN,
    highest_timestamp_ms: int = INT64_MAX,
    pause: Callable[[], None] | None = None,
) -> WalkResult:
    """Parse every record of `body`, the decompressed record section of the batch with `header`.

    The limits are inclusive; a record without timestamp (-1) is never out of range (LogValidator.validateTimestamp). In a batch
    with the log-append-time bit every record has the batch's max timestamp, whatever its delta. Only `bytes` are walked without
    a copy.

    For a compressed batch that will be stored as it is Kafka skips over keys, values and headers without comparing a record's
    length with what it skipped (DefaultRecord.readPartiallyFrom); such a batch is accepted. When the batch `is_rewritten`,
    because the topic has another codec, every length counts.

    `pause` is called every few thousand records: compiled code does not let go of the interpreter by itself.

    Raises:
        InvalidRecord: a record reaches over the end, a length is wrong, or the header's record count is not what is there.
        UnparsableRecords: a varint of an uncompressed record's length never ends.
    """
    fixed = header.is_log_append_time
    return _walk(
        body if isinstance(body, bytes) else bytes(body),
        header.record_count,
        header.max_timestamp_ms if fixed else header.base_timestamp_ms,
        fixed,
        header.compression != 0,
        header.compression != 0 and not is_rewritten,
        keys_required,
        max(lowest_timestamp_ms, INT64_MIN),
        min(highest_timestamp_ms, INT64_MAX),
        pause,
    )


def _walk(
    body: bytes,
    count: i64,
    base_timestamp: i64,
    is_fixed: bool,
    is_compressed: bool,
    ignores_lengths: bool,
    keys_required: bool,
    lowest: i64,
    highest: i64,
    pause: Callable[[], None] | None,
) -> WalkResult:
    end: i64 = len(body)
    position: i64 = 0
    index: i64 = 0
    max_timestamp: i64 = NO_TIMESTAMP
    index_of_max: i64 = -1
    consecutive = True
    null_keys: list[int] = []
    null_key_count: i64 = 0
    out_of_range: list[int] = []
    out_of_range_count: i64 = 0
    next_pause: i64 = _RECORDS_AT_ONCE
    has_safe_base = -_SAFE_TIMESTAMP < base_timestamp < _SAFE_TIMESTAMP
    timestamp: i64 = base_timestamp
    byte: i64 = 0
    value: i64 = 0
    start: i64 = 0
    length: i64 = 0
    headers: i64 = 0
    if count <= 0:
        raise InvalidRecord(f"Invalid reported count for record batch: {count}")
    try:
        while index < count:
            value = body[position]
            position += 1
            if value > 127:
                byte = body[position]
                if byte < 128:
                    value += (byte << 7) - 128
                    position += 1
                else:
                    value, position = _finish_varint(body, value, position)
                    if value < 0:
                        raise _overlong_record_length(is_compressed)
            length = (value >> 1) ^ -(value & 1)
            start = position
            if length > end - position and not ignores_lengths:
                raise InvalidRecord(f"Invalid record size: expected {length} bytes, but only {end - position} are left")

            position += 1  # the attributes
            value = body[position]
            position += 1
            if value > 127:
                byte = body[position]
                if byte < 128:
                    value += (byte << 7) - 128
                    position += 1
                    value = (value >> 1) ^ -(value & 1)
                else:
                    value, position = _finish_varlong(body, value, position)
            else:
                value = (value >> 1) ^ -(value & 1)
            if not is_fixed:
                if has_safe_base and -_SAFE_TIMESTAMP < value < _SAFE_TIMESTAMP:
                    timestamp = base_timestamp + value
                else:
                    timestamp = wrapped_sum(base_timestamp, value)
            if timestamp > max_timestamp:
                max_timestamp = timestamp
                index_of_max = index

            value = body[position]
            position += 1
            if value > 127:
                byte = body[position]
                if byte < 128:
                    value += (byte << 7) - 128
                    position += 1
                else:
                    value, position = _finish_varint(body, value, position)
                    if value < 0:
                        raise InvalidRecord(_OVERLONG)
            if value != index << 1:
                consecutive = False

            value = body[position]
            position += 1
            if value > 127:
                value, position = _finish_varint(body, value, position)
                if value < 0:
                    raise InvalidRecord(_OVERLONG)
            if value & 1 == 0:
                position += value >> 1
                if timestamp != NO_TIMESTAMP and (timestamp < lowest or timestamp > highest):
                    out_of_range_count += 1
                    if out_of_range_count <= MAX_INDEXES:
                        out_of_range.append(index)
            elif keys_required:
                null_key_count += 1
                if null_key_count <= MAX_INDEXES:
                    null_keys.append(index)
            elif timestamp != NO_TIMESTAMP and (timestamp < lowest or timestamp > highest):
                out_of_range_count += 1
                if out_of_range_count <= MAX_INDEXES:
                    out_of_range.append(index)

            value = body[position]
            position += 1
            if value > 127:
                byte = body[position]
                if byte < 128:
                    value += (byte << 7) - 128
                    position += 1
                else:
                    value, position = _finish_varint(body, value, position)
                    if value < 0:
                        raise InvalidRecord(_OVERLONG)
            if value & 1 == 0:
                position += value >> 1

            headers = body[position]
            position += 1
            if headers:
                position = skip_headers(body, headers, position, ignores_lengths)
            if position - start != length and not ignores_lengths:
                raise InvalidRecord(f"Invalid record size: expected {length} bytes, but instead read {position - start}")
            index += 1
            if index == next_pause:
                next_pause += _RECORDS_AT_ONCE
                if pause is not None:
                    pause()
    except IndexError as error:
        raise InvalidRecord(CUT_SHORT) from error
    if position > end:
        raise InvalidRecord(CUT_SHORT)
    if position < end:
        raise InvalidRecord("Incorrect declared batch size, records still remaining in file")
    return WalkResult(max_timestamp, index_of_max, consecutive, null_keys, null_key_count, out_of_range, out_of_range_count)


def next_varint(body: bytes, position: i64) -> tuple[i64, i64]:
    """The unsigned value of the 32-bit varint at `position`, and the position behind it."""
    value: i64 = body[position]
    position += 1
    if value > 127:
        value, position = _finish_varint(body, value, position)
        if value < 0:
            raise InvalidRecord(_OVERLONG)
    return value, position


def next_varlong(body: bytes, position: i64) -> tuple[i64, i64]:
    """The signed value of the 64-bit varint at `position`, and the position behind it."""
    value: i64 = body[position]
    position += 1
    if value > 127:
        return _finish_varlong(body, value, position)
    return (value >> 1) ^ -(value & 1), position


def _finish_varint(body: bytes, first: i64, position: i64) -> tuple[i64, i64]:
    """The unsigned value of a 32-bit varint whose `first` byte was read, and the position behind it; -1 when it never ends.

    Bits above the 32nd are dropped, as in Java.
    """
    value: i64 = first & 0x7F
    shift: i64 = 7
    byte: i64 = 0x80
    while byte > 127:
        if shift > 28:
            return -1, position
        byte = body[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
    return value & 0xFFFFFFFF, position


def _finish_varlong(body: bytes, first: i64, position: i64) -> tuple[i64, i64]:
    """The signed value of a 64-bit zig-zag varint whose `first` byte was read, and the position behind it."""
    # Plain ints: the tenth byte reaches over 64 bits.
    raw: int = first & 0x7F
    shift: int = 7
    byte: int = 0x80
    while byte > 127:
        if shift > 63:
            raise InvalidRecord(_OVERLONG)
        byte = body[position]
        position += 1
        raw |= (byte & 0x7F) << shift
        shift += 7
    raw &= 0xFFFF_FFFF_FFFF_FFFF
    return (raw >> 1) ^ -(raw & 1), position


def wrapped_sum(base: int, delta: int) -> int:
    """The sum of two 64-bit integers as Java has it."""
    return ((base + delta + (1 << 63)) & 0xFFFF_FFFF_FFFF_FFFF) - (1 << 63)


def skip_headers(body: bytes, first: i64, position: i64, ignores_lengths: bool) -> i64:
    """The position behind the headers, whose count's `first` byte was read."""
    count: i64 = first
    value: i64 = 0
    field: i64 = 0
    if count > 127:
        count, position = _finish_varint(body, count, position)
        if count < 0:
            raise InvalidRecord(_OVERLONG)
    if count & 1:
        raise InvalidRecord("Found invalid number of record headers")
    # Twice the headers: the count is still in zig-zag form, and each header is a key and a value.
    if count >> 1 > len(body) - position and not ignores_lengths:
        raise InvalidRecord(f"Found invalid number of record headers: {count >> 1} is more than the bytes left")
    while field < count:
        value = body[position]
        position += 1
        if value > 127:
            value, position = _finish_varint(body, value, position)
            if value < 0:
                raise InvalidRecord(_OVERLONG)
        if value & 1 == 0:
            position += value >> 1
        elif field & 1 == 0:
            raise InvalidRecord("Invalid negative header key size")
        field += 1
    return position


def _overlong_record_length(is_compressed: bool) -> Exception:
    """Kafka reads the length of an uncompressed record outside the block that turns such an error into INVALID_RECORD."""
    return InvalidRecord(_OVERLONG) if is_compressed else UnparsableRecords(_OVERLONG)
