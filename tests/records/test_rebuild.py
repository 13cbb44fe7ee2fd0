"""Records that are compressed anew, against the reader and the builder of single records."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafka_compat.records.batch import HEADER_SIZE, LOG_APPEND_TIME_FLAG, BatchHeader, parse_header
from kafka_compat.records.builder import PlainRecord, append_record, append_varint, build_batch
from kafka_compat.records.errors import UnparsableRecords
from kafka_compat.records.reader import iter_batch_records, iter_outlines
from kafka_compat.records.rebuild import first_timestamp_ms, is_as_rebuilt, rebuilt_records
from kafka_compat.records.walk import INT64_MAX, validate_records
from tests.support.memory import OTHERS_BYTES
from tests.support.record_strategies import FIELDS, plain_records

T = 1_700_000_000_000
LOG_APPEND_TIME_MS = T + 77


class SentRecord(NamedTuple):
    """A record as some producer might write it. `padded` varints, by their place in the record, are longer than need be."""

    attributes: int
    timestamp_delta: int
    offset_delta: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[bytes, bytes | None], ...]
    padded: frozenset[int]

    def encode(self) -> bytes:
        place = 0

        def varint(output: bytearray, value: int) -> None:
            nonlocal place
            append_varint(output, value)
            if place in self.padded and len(output) < 5:
                output[-1] |= 0x80
                output.append(0)
            place += 1

        def field(content: bytes | None) -> bytes:
            output = bytearray()
            varint(output, -1 if content is None else len(content))
            return bytes(output + (content or b""))

        def number(value: int) -> bytes:
            output = bytearray()
            varint(output, value)
            return bytes(output)

        record = bytes([self.attributes]) + number(self.timestamp_delta) + number(self.offset_delta)
        record += field(self.key) + field(self.value) + number(len(self.headers))
        for key, value in self.headers:
            record += field(key) + field(value)
        return number(len(record)) + record


def header_of(count: int, *, base_timestamp_ms: int = T, fixed: bool = False) -> BatchHeader:
    attributes = LOG_APPEND_TIME_FLAG if fixed else 0
    return BatchHeader(0, 0, -1, 2, 0, attributes, count - 1, base_timestamp_ms, LOG_APPEND_TIME_MS, -1, -1, -1, count)


def modelled(header: BatchHeader, records: list[SentRecord]) -> bytes:
    """What reading each record and appending it to a new section makes of them."""
    fixed = LOG_APPEND_TIME_MS if header.is_log_append_time else None
    timestamps = [header.base_timestamp_ms + one.timestamp_delta if fixed is None else fixed for one in records]
    body = bytearray()
    for index, (timestamp_ms, one) in enumerate(zip(timestamps, records, strict=True)):
        headers = tuple((key.decode("utf-8", "replace"), value) for key, value in one.headers)
        append_record(body, index, timestamp_ms - timestamps[0], one.key, one.value, headers)
    return bytes(body)


def rebuilt(header: BatchHeader, body: bytes | memoryview, pause: Callable[[], None] | None = None) -> bytes:
    return b"".join(rebuilt_records(header, body, pause))


USUALLY_NONE = st.just(frozenset[int]()) | st.frozensets(st.integers(0, 11), max_size=2)
HEADER_KEYS = st.text(max_size=5).map(str.encode) | st.binary(max_size=4)
SENT = st.lists(
    st.builds(
        SentRecord,
        attributes=st.sampled_from([0, 0, 0, 0, 0, 1]),
        timestamp_delta=st.just(0) | st.integers(0, 1 << 40) | st.integers(-1000, 1000),
        offset_delta=st.just(0),
        key=FIELDS,
        value=FIELDS,
        headers=st.lists(st.tuples(HEADER_KEYS, st.none() | st.binary(max_size=70)), max_size=3).map(tuple),
        padded=USUALLY_NONE,
    ),
    min_size=1,
    max_size=6,
)
ONE = SentRecord(0, 0, 0, b"k", b"v", ((b"h", b"x"), (b"n", None)), frozenset())


@given(SENT, st.booleans(), st.booleans(), st.booleans())
@example([ONE], True, False, False)
def test_records_become_what_reading_and_appending_makes_of_them(
    sent: list[SentRecord], in_order: bool, from_zero: bool, fixed: bool
) -> None:
    if in_order:
        sent = [one._replace(offset_delta=index) for index, one in enumerate(sent)]
    if from_zero:
        sent[0] = sent[0]._replace(timestamp_delta=0)
    header = header_of(len(sent), fixed=fixed)
    body = b"".join(one.encode() for one in sent)
    validate_records(header, body, is_rewritten=True)
    expected = modelled(header, sent)
    assert rebuilt(header, body) == expected
    assert rebuilt(header, memoryview(bytearray(body))) == expected
    first_ms = LOG_APPEND_TIME_MS if fixed else T + sent[0].timestamp_delta
    assert first_timestamp_ms(header, body) == first_timestamp_ms(header, memoryview(body)) == first_ms
    # With log append time the same bytes would do as well, but for the base timestamp.
    assert is_as_rebuilt(header, body) == (body == expected and first_ms == T and not fixed)


@given(plain_records())
def test_what_was_built_stays(records: list[PlainRecord]) -> None:
    batch = build_batch(records)
    assert is_as_rebuilt(parse_header(batch), bytes(batch[HEADER_SIZE:]))


def test_what_was_built_of_many_records_stays() -> None:
    """Offset deltas of one to three bytes, and lengths of one to five."""
    records: list[PlainRecord] = [(T + n, None, b"v" * (n % 90), (("h", None),) * (n % 3)) for n in range(17_000)]
    records += [(T + (1 << 41), bytes(9000), bytes(3 << 20), (("h" * 9000, bytes(9000)),) * 70)]
    batch = build_batch(records)
    assert is_as_rebuilt(parse_header(batch), bytes(batch[HEADER_SIZE:]))
    assert rebuilt(parse_header(batch), memoryview(batch)[HEADER_SIZE:]) == batch[HEADER_SIZE:]


@pytest.mark.parametrize("place", range(10))
def test_a_varint_that_could_be_shorter_is_made_so(place: int) -> None:
    body = ONE._replace(padded=frozenset([place])).encode()
    header = header_of(1)
    assert len(body) == len(ONE.encode()) + 1
    assert not is_as_rebuilt(header, body)
    assert rebuilt(header, body) == ONE.encode()


def test_bits_beyond_an_integer_are_dropped_as_java_drops_them() -> None:
    record = b"\x00\x00\x00" + b"\x82\x80\x80\x80\x70" + b"k" + b"\x02v" + b"\x00"  # the key's length is 1 and bits above
    body = bytes([len(record) << 1]) + record
    header = header_of(1)
    validate_records(header, body, is_rewritten=True)
    assert not is_as_rebuilt(header, body)
    assert rebuilt(header, body) == modelled(header, [SentRecord(0, 0, 0, b"k", b"v", (), frozenset())])
    assert [(one.key_size, one.value_size) for one in iter_outlines(header, body)] == [(1, 1)]


def test_negative_lengths_other_than_minus_one_are_null() -> None:
    body = b"\x0c\x00\x00\x00\x03\x05\x00"
    header = header_of(1)
    validate_records(header, body, is_rewritten=True)
    assert not is_as_rebuilt(header, body)
    assert rebuilt(header, body) == modelled(header, [SentRecord(0, 0, 0, None, None, (), frozenset())])


@pytest.mark.parametrize(
    ("base_ms", "deltas", "stays"),
    [
        (-1, (0, 0), True),
        (-1, (0, T), True),
        (T, (0, -T - 1), True),
        (T, (0, -T - 2), False),
        (-2, (0, 5), False),
        (INT64_MAX, (0, -5), True),
        (INT64_MAX - 3, (0, 3), True),
        (INT64_MAX - 3, (0, 4), False),
        (5, (0, INT64_MAX), False),
        (T, (0, -(1 << 63)), False),
    ],
)
def test_timestamps_that_no_record_is_built_with(base_ms: int, deltas: tuple[int, ...], stays: bool) -> None:
    """Below -1, also by a sum that wraps around."""
    body = b"".join(ONE._replace(timestamp_delta=delta, offset_delta=n).encode() for n, delta in enumerate(deltas))
    header = header_of(len(deltas), base_timestamp_ms=base_ms)
    assert is_as_rebuilt(header, body) == stays
    if stays:
        assert rebuilt(header, body) == body
    else:
        with pytest.raises(UnparsableRecords, match="negative timestamp"):
            rebuilt(header, body)


def test_large_fields_are_parts_of_what_was_sent() -> None:
    sent = [ONE._replace(key=bytes(200_000), value=b"v" * 300_000, attributes=1), ONE._replace(offset_delta=1)]
    body = b"".join(one.encode() for one in sent)
    pieces = list(rebuilt_records(header_of(2), body))
    assert [len(piece) for piece in pieces if isinstance(piece, memoryview)] == [200_000, 300_000]
    assert b"".join(pieces) == modelled(header_of(2), sent)


def with_headers(count: int) -> bytes:
    """A record with so many empty headers."""
    return bytes(build_batch([(T, b"k", b"v", (("", None),) * count)])[HEADER_SIZE:])


def test_millions_of_headers_are_no_objects() -> None:
    body = with_headers(60_000)
    other = body.replace(b"\x00\x00\x00\x02k", b"\x00\x00\x07\x02k", 1)
    tracemalloc.start()
    try:
        assert is_as_rebuilt(header_of(1), body)
        assert [one.value_size for one in iter_outlines(header_of(1), body)] == [1]
        checked = tracemalloc.get_traced_memory()[1]
        assert sum(map(len, rebuilt_records(header_of(1), other))) == len(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # One object for each header would take 3 MB.
    assert checked < 100_000 + OTHERS_BYTES
    assert peak < 4 * len(body) + OTHERS_BYTES


def test_others_may_run_between_many_records_and_between_many_headers() -> None:
    records: list[PlainRecord] = [(T, None, None, ())] * 20_000
    batch = build_batch(records)
    calls: list[None] = []

    def pause() -> None:
        calls.append(None)

    assert is_as_rebuilt(parse_header(batch), bytes(batch[HEADER_SIZE:]), pause)
    looked_at = len(calls)
    assert rebuilt(parse_header(batch), memoryview(batch)[HEADER_SIZE:], pause) == batch[HEADER_SIZE:]
    written = len(calls) - looked_at
    assert (looked_at, written) == (2, 20)
    calls.clear()
    assert is_as_rebuilt(header_of(1), with_headers(20_000), pause)
    looked_at = len(calls)
    assert rebuilt(header_of(1), with_headers(20_000), pause) == with_headers(20_000)
    written = len(calls) - looked_at
    assert (looked_at, written) == (4, 20)


@given(plain_records(), st.integers(0, 4), st.booleans())
def test_outlines_are_those_of_the_records(records: list[PlainRecord], base_offset: int, fixed: bool) -> None:
    batch = build_batch(records, base_offset=base_offset, log_append_time_ms=T + 5 if fixed else None)
    outlines = list(iter_outlines(parse_header(batch), memoryview(batch)[HEADER_SIZE:]))
    assert outlines == [
        (
            record.offset,
            record.timestamp_ms,
            None if record.key is None else len(record.key),
            None if record.value is None else len(record.value),
        )
        for record in iter_batch_records(batch)
    ]
