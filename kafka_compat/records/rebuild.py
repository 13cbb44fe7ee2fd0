"""The records of a batch that is compressed anew, as Kafka's MemoryRecordsBuilder writes them.

Kafka reads each record and appends it to a new batch: attributes 0, the timestamp relative to that of the first record, offsets
from 0 on, every varint as short as it can be, header keys as Java's strings have them. Producers write records just so, and
then their bytes can stay, which `is_as_rebuilt` finds out; `rebuilt_records` writes the others.

The form of a record is in `walk.py`, and whatever is given here has passed `validate_records` as a batch that is rewritten.
This module is compiled by mypyc where a C compiler is at hand, and runs uncompiled elsewhere with the same results; one- and
two-byte varints are written out as they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from kafka_compat.records.batch import NO_TIMESTAMP, BatchHeader
from kafka_compat.records.builder import append_varint
from kafka_compat.records.errors import UnparsableRecords
from kafka_compat.records.walk import INT64_MAX, next_varint, next_varlong, wrapped_sum
from kafka_compat.wire.types import Buffer

if TYPE_CHECKING:
    from mypy_extensions import i64


# Records, or headers of one, between two pauses: looked at, and written.
_AT_ONCE: Final = 8192
_WRITTEN_AT_ONCE: Final = 1024
# What is rebuilt is given out when it has become so large; longer keys and values are given out as they are.
_PIECE: Final = 64 << 10
_LONGEST_VARINT: Final = 5
# A record up to its key.
_LONGEST_HEAD: Final = 5 + 1 + 10 + 5 + 5


def first_timestamp_ms(header: BatchHeader, body: Buffer) -> int:
    """The timestamp of the first record, to which those of rebuilt ones are relative."""
    if header.is_log_append_time:
        return header.max_timestamp_ms
    head = bytes(memoryview(body)[:_LONGEST_HEAD])
    _, at = next_varint(head, 0)
    delta, _ = next_varlong(head, at + 1)
    return wrapped_sum(header.base_timestamp_ms, delta)


def is_as_rebuilt(header: BatchHeader, body: bytes, pause: Callable[[], None] | None = None) -> bool:
    """Whether the records of `body`, the decompressed record section, are byte for byte what they would be rebuilt to.

    `pause` is called every few thousand records and headers: compiled code does not let go of the interpreter by itself.
    """
    if header.is_log_append_time or header.base_timestamp_ms < NO_TIMESTAMP:
        return False
    try:
        return _is_as_rebuilt(header.base_timestamp_ms, header.record_count, body, pause)
    except UnicodeDecodeError:  # of a header's key
        return False


def _is_as_rebuilt(base_timestamp: i64, count: i64, body: bytes, pause: Callable[[], None] | None) -> bool:
    # Deltas within these make a timestamp that a record can be rebuilt with.
    lowest: i64 = NO_TIMESTAMP - base_timestamp
    highest: i64 = INT64_MAX if base_timestamp < 0 else INT64_MAX - base_timestamp
    next_pause: i64 = _AT_ONCE
    position: i64 = 0
    index: i64 = 0
    field: i64 = 0
    value: i64 = 0
    byte: i64 = 0
    while index < count:
        value = body[position]
        position += 1
        if value > 127:
            byte = body[position]
            if 0 < byte < 128:
                position += 1
            else:
                value, position = _shortest_varint(body, position - 1)
                if value < 0:
                    return False

        if body[position]:  # the attributes
            return False
        position += 1

        value = body[position]
        position += 1
        if value > 127:
            byte = body[position]
            if 0 < byte < 128:
                value += (byte << 7) - 128
                position += 1
                value = (value >> 1) ^ -(value & 1)
            else:
                value, position = _shortest_varlong(body, position - 1)
                if position < 0:
                    return False
        else:
            value = (value >> 1) ^ -(value & 1)
        if value < lowest or value > highest or (value != 0 and index == 0):
            return False

        value = body[position]
        position += 1
        if value > 127:
            byte = body[position]
            if 0 < byte < 128:
                value += (byte << 7) - 128
                position += 1
            else:
                value, position = _shortest_varint(body, position - 1)
        if value != index << 1:
            return False

        field = 0
        while field < 2:  # key and value
            value = body[position]
            position += 1
            if value > 127:
                byte = body[position]
                if 0 < byte < 128:
                    value += (byte << 7) - 128
                    position += 1
                else:
                    value, position = _shortest_varint(body, position - 1)
            if value & 1 == 0:
                position += value >> 1
            elif value != 1:
                return False
            field += 1

        value = body[position]
        position += 1
        if value:
            position = _skip_shortest_headers(body, position - 1, pause)
            if position < 0:
                return False
        index += 1
        if index == next_pause:
            next_pause += _AT_ONCE
            if pause is not None:
                pause()
    return True


def _skip_shortest_headers(body: bytes, begin: i64, pause: Callable[[], None] | None) -> i64:
    """The position behind the headers whose count is at `begin`; -1 when they would be rebuilt differently."""
    fields: i64 = 0  # twice the headers: the count is in zig-zag form, and each header is a key and a value
    position: i64 = 0
    value: i64 = 0
    field: i64 = 0
    next_pause: i64 = _AT_ONCE
    fields, position = _shortest_varint(body, begin)
    while field < fields:
        value = body[position]
        position += 1
        if value > 127:
            value, position = _shortest_varint(body, position - 1)
        if value & 1 == 0:
            if value and field & 1 == 0:
                body[position : position + (value >> 1)].decode()
            position += value >> 1
        elif value != 1:
            return -1
        field += 1
        if field == next_pause:
            next_pause += _AT_ONCE
            if pause is not None:
                pause()
    return position if fields >= 0 else -1


def _shortest_varint(body: bytes, begin: i64) -> tuple[i64, i64]:
    """As `next_varint`; -1 as the value of one that could be shorter, or has bits above the 32nd."""
    value: i64 = 0
    position: i64 = 0
    last: i64 = 0
    value, position = next_varint(body, begin)
    last = body[position - 1]
    if position - begin > 1 and (last == 0 or (position - begin == 5 and last > 0x0F)):
        return -1, position
    return value, position


def _shortest_varlong(body: bytes, begin: i64) -> tuple[i64, i64]:
    """As `next_varlong`; -1 as the position behind one that could be shorter, or has bits above the 64th."""
    value: i64 = 0
    position: i64 = 0
    last: i64 = 0
    value, position = next_varlong(body, begin)
    last = body[position - 1]
    if position - begin > 1 and (last == 0 or (position - begin == 10 and last > 0x01)):
        return value, -1
    return value, position


def rebuilt_records(header: BatchHeader, body: Buffer, pause: Callable[[], None] | None = None) -> Iterator[Buffer]:
    """The record section as it is rebuilt, in pieces; the longest of them are parts of `body`. `pause` as in `is_as_rebuilt`.

    Raises:
        UnparsableRecords: a timestamp below -1, which no record is built with (MemoryRecordsBuilder).
    """
    view = memoryview(body)
    fixed_timestamp_ms = header.max_timestamp_ms if header.is_log_append_time else None
    base_timestamp_ms = first_timestamp_ms(header, body)
    output = bytearray()
    position = 0
    for index in range(header.record_count):
        head = bytes(view[position : position + _LONGEST_HEAD])
        _, at = next_varint(head, 0)
        delta, at = next_varlong(head, at + 1)
        _, at = next_varint(head, at)
        raw_size, at = next_varint(head, at)
        timestamp_ms = wrapped_sum(header.base_timestamp_ms, delta) if fixed_timestamp_ms is None else fixed_timestamp_ms
        if timestamp_ms < NO_TIMESTAMP:
            raise UnparsableRecords(f"Invalid negative timestamp {timestamp_ms}")
        key = position + at
        key_size = -1 if raw_size & 1 else raw_size >> 1
        value_size, value = _varint_at(view, key + max(key_size, 0))
        position = value + max(value_size, 0)
        headers = bytearray()
        position = _append_headers(headers, view, position, pause)

        before_key = bytearray(1)  # the attributes
        append_varint(before_key, timestamp_ms - base_timestamp_ms)
        append_varint(before_key, index)
        append_varint(before_key, key_size)
        before_value = bytearray()
        append_varint(before_value, value_size)
        append_varint(output, len(before_key) + max(key_size, 0) + len(before_value) + max(value_size, 0) + len(headers))
        for varints, size, start in ((before_key, key_size, key), (before_value, value_size, value)):
            output += varints
            if size > _PIECE:
                yield output
                yield view[start : start + size]
                output = bytearray()
            elif size > 0:
                output += view[start : start + size]
        output += headers
        if len(output) > _PIECE:
            yield output
            output = bytearray()
        if pause is not None and not index % _WRITTEN_AT_ONCE:
            pause()
    yield output


def _append_headers(output: bytearray, view: memoryview, begin: int, pause: Callable[[], None] | None) -> int:
    """Append the headers whose count is at `begin` as they are rebuilt; the position behind them."""
    if not view[begin]:
        output.append(0)
        return begin + 1
    count, position = _varint_at(view, begin)
    append_varint(output, count)
    for index in range(count):
        size, start = _varint_at(view, position)
        position = start + size
        key = bytes(view[start:position]).decode("utf-8", "replace").encode()
        append_varint(output, len(key))
        output += key
        size, start = _varint_at(view, position)
        position = start + max(size, 0)
        append_varint(output, size)
        output += view[start:position]
        if pause is not None and index and not index % _WRITTEN_AT_ONCE:
            pause()
    return position


def _varint_at(view: memoryview, position: int) -> tuple[int, int]:
    """The value of the 32-bit varint at `position`, -1 for any that is negative, and the position behind it."""
    value, size = next_varint(bytes(view[position : position + _LONGEST_VARINT]), 0)
    return -1 if value & 1 else value >> 1, position + size
