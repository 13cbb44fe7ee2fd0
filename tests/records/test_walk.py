"""The codes in here are what LogValidator of Kafka 4.3.1 answers to the same bytes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kafka_compat.records
from kafka_compat import build_info
from kafka_compat.records import walk
from kafka_compat.records.batch import HEADER_SIZE, BatchHeader, parse_header
from kafka_compat.records.builder import PlainRecord, append_record, build_batch
from kafka_compat.records.errors import InvalidRecord, UnparsableRecords
from kafka_compat.records.record import Record
from kafka_compat.records.walk import INT64_MAX, INT64_MIN, WalkResult, validate_records
from tests.support.record_strategies import INT64, plain_records

RECENT = 1_700_000_000_000


def header_for(
    count: int, *, codec: int = 0, base_timestamp_ms: int = RECENT, max_timestamp_ms: int = 0, attributes: int = 0
) -> BatchHeader:
    return BatchHeader(0, 0, -1, 2, 0, codec | attributes, count - 1, base_timestamp_ms, max_timestamp_ms, -1, -1, -1, count)


def section(*records: PlainRecord) -> bytes:
    return bytes(build_batch(records)[HEADER_SIZE:])


ONE = section((RECENT, b"k", b"v", (("h", b"x"),)))


def fields_of(result: WalkResult) -> tuple[int, int, bool, list[int], list[int]]:
    return (
        result.max_timestamp_ms,
        result.index_of_max_timestamp,
        result.has_consecutive_offsets,
        result.null_key_indexes,
        result.out_of_range_indexes,
    )


@given(plain_records(), st.booleans())
def test_what_was_built_is_valid(records: list[PlainRecord], as_view: bool) -> None:
    batch = build_batch(records)
    body = bytes(batch[HEADER_SIZE:])
    result = validate_records(parse_header(batch), memoryview(body) if as_view else body, keys_required=True)
    timestamps = [r[0] for r in records]
    assert fields_of(result) == (
        max(timestamps),
        timestamps.index(max(timestamps)),
        True,
        [i for i, r in enumerate(records) if r[1] is None],
        [],
    )


def test_first_of_equal_timestamps_is_the_maximum() -> None:
    body = section((RECENT, None, None, ()), (RECENT + 5, None, None, ()), (RECENT + 5, None, None, ()))
    assert validate_records(header_for(3), body).index_of_max_timestamp == 1


def test_without_timestamps_there_is_no_maximum() -> None:
    result = validate_records(header_for(2, base_timestamp_ms=-1), section((-1, None, None, ()), (-1, None, None, ())))
    assert (result.max_timestamp_ms, result.index_of_max_timestamp) == (-1, -1)


def test_bounds_are_inclusive_and_spare_records_without_timestamp() -> None:
    times = [RECENT, RECENT + 9, RECENT + 10, -1, RECENT + 20, RECENT + 21]
    body = section(*((t, b"k", None, ()) for t in times))
    result = validate_records(header_for(len(times)), body, lowest_timestamp_ms=RECENT + 10, highest_timestamp_ms=RECENT + 20)
    assert result.out_of_range_indexes == [0, 1, 5]


def test_bounds_outside_64_bits_bound_nothing() -> None:
    result = validate_records(header_for(1), ONE, lowest_timestamp_ms=-(1 << 80), highest_timestamp_ms=1 << 80)
    assert result.out_of_range_indexes == []


def test_a_record_without_key_is_not_out_of_range_as_well() -> None:
    """LogValidator.validateRecord returns the first error of a record; the key comes first."""
    body = section((RECENT, None, None, ()), (RECENT, b"k", None, ()))
    result = validate_records(header_for(2), body, keys_required=True, highest_timestamp_ms=RECENT - 1)
    assert (result.null_key_indexes, result.out_of_range_indexes) == ([0], [1])
    result = validate_records(header_for(2), body, highest_timestamp_ms=RECENT - 1)
    assert (result.null_key_indexes, result.out_of_range_indexes) == ([], [0, 1])


def test_log_append_time_covers_the_records_own_timestamps() -> None:
    result = validate_records(header_for(1, attributes=0x08, max_timestamp_ms=17), ONE)
    assert result.max_timestamp_ms == 17


@pytest.mark.parametrize(
    ("base", "delta", "expected"),
    [
        (INT64_MAX, 1, INT64_MIN),
        (INT64_MIN, -1, INT64_MAX),
        (1 << 62, 1 << 62, INT64_MIN),
        (RECENT, INT64_MAX, RECENT + INT64_MAX - (1 << 64)),
        (-1, INT64_MIN, INT64_MAX),
    ],
)
def test_timestamps_wrap_as_in_java(base: int, delta: int, expected: int) -> None:
    body = bytearray()
    append_record(body, 0, delta, None, None, ())
    result = validate_records(
        header_for(1, base_timestamp_ms=base), body, lowest_timestamp_ms=expected, highest_timestamp_ms=expected
    )
    assert result.out_of_range_indexes == []
    assert result.max_timestamp_ms == max(-1, expected)


def test_gaps_between_offsets_are_reported() -> None:
    batch = build_batch([Record(0, RECENT, None, None), Record(2, RECENT, None, None)])
    assert not validate_records(parse_header(batch), batch[HEADER_SIZE:]).has_consecutive_offsets


def test_more_records_than_one_varint_byte_counts() -> None:
    body = section(*((RECENT + i, b"k", b"v", ()) for i in range(9000)))
    result = validate_records(header_for(9000), body)
    assert result.has_consecutive_offsets
    assert result.index_of_max_timestamp == 8999


@pytest.mark.parametrize("codec", [0, 1])
@pytest.mark.parametrize("count", [-1, 0, 1, 3, (1 << 31) - 1])
def test_count_other_than_the_records_is_invalid(codec: int, count: int) -> None:
    body = section((RECENT, None, b"v", ()), (RECENT, None, b"v", ()))
    with pytest.raises(InvalidRecord):
        validate_records(header_for(count, codec=codec), body)


@pytest.mark.parametrize("codec", [0, 1])
def test_every_truncation_is_invalid(codec: int) -> None:
    for size in range(len(ONE)):
        with pytest.raises(InvalidRecord):
            validate_records(header_for(1, codec=codec), ONE[:size])


@pytest.mark.parametrize("codec", [0, 1])
def test_bytes_behind_the_records_are_invalid(codec: int) -> None:
    with pytest.raises(InvalidRecord, match="remaining"):
        validate_records(header_for(1, codec=codec), ONE + b"\x00")


def test_wrong_record_length_passes_only_where_kafka_skips_over_records() -> None:
    longer = bytes([ONE[0] + 2]) + ONE[1:]
    with pytest.raises(InvalidRecord):
        validate_records(header_for(1), longer)
    with pytest.raises(InvalidRecord):
        validate_records(header_for(1, codec=1), longer, is_rewritten=True)
    validate_records(header_for(1, codec=1), longer)


def test_endless_record_length_is_an_unexpected_error_unless_compressed() -> None:
    """DefaultRecord.readFrom(ByteBuffer) reads the length outside the block that catches the failure of the varint."""
    with pytest.raises(UnparsableRecords):
        validate_records(header_for(1), b"\xff" * 40)
    with pytest.raises(InvalidRecord):
        validate_records(header_for(1, codec=1), b"\xff" * 40)


@pytest.mark.parametrize("field", [2, 3, 4, 6, 8, 9, 11])
@pytest.mark.parametrize("varint", [b"\xff" * 12, b"\xfe\xff\xff\xff\x0f", b"\x80" * 4 + b"\x10", b"\xfe\xff\x7f"])
def test_absurd_fields_are_invalid_and_allocate_nothing(field: int, varint: bytes) -> None:
    """Each field in turn: timestamp, offset, key length, value length, header count, header key length, header value length."""
    body = ONE[:field] + varint + ONE[field + 1 :]
    with pytest.raises(InvalidRecord):
        validate_records(header_for(1), body)


@given(st.integers(1, 5), st.binary(max_size=200), st.sampled_from([0, 3]))
def test_garbage_raises_only_record_errors(count: int, garbage: bytes, codec: int) -> None:
    try:
        validate_records(header_for(count, codec=codec), garbage)
    except (InvalidRecord, UnparsableRecords):
        return
    assert len(garbage) >= 7 * count


def interpreted_walk() -> ModuleType:
    """The source of the walk as an interpreted module, beside the compiled one of the same wheel."""
    name = "interpreted_walk"
    if name not in sys.modules:
        source = Path(next(iter(kafka_compat.records.__path__))) / "walk.py"
        spec = importlib.util.spec_from_file_location(name, source)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def outcome(module: ModuleType, header: BatchHeader, body: bytes, **options: int) -> object:
    try:
        return fields_of(module.validate_records(header, body, keys_required=True, **options))
    except (InvalidRecord, UnparsableRecords) as error:
        return type(error), str(error)


@pytest.mark.skipif(not build_info.is_compiled(), reason="needs a compiled build: scripts/test_compiled")
@given(
    plain_records(INT64.filter(lambda t: abs(t) < 1 << 62) | INT64.map(lambda t: t >> 20)),
    st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=11), st.integers(0, 3)), max_size=3),
    INT64,
    INT64,
    INT64,
    st.sampled_from([0, 8, 1]),
)
def test_compiled_and_interpreted_agree(
    records: list[PlainRecord],
    edits: list[tuple[int, bytes, int]],
    base: int,
    lowest: int,
    highest: int,
    attributes: int,
) -> None:
    body = section(*records)
    for position, insert, removed in edits:
        body = body[:position] + insert + body[position + removed :]
    header = header_for(len(records), base_timestamp_ms=base, max_timestamp_ms=base, attributes=attributes)
    options = {"lowest_timestamp_ms": lowest, "highest_timestamp_ms": highest}
    assert outcome(walk, header, body, **options) == outcome(interpreted_walk(), header, body, **options)
