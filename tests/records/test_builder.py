from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_compat.records.batch import HEADER_SIZE, MAGIC, parse_header, verify_crc
from kafka_compat.records.builder import PlainRecord, build_batch
from kafka_compat.records.errors import CorruptBatch, InvalidRecord
from kafka_compat.records.reader import find_first_at_or_after_timestamp, iter_records, offset_of_max_timestamp
from kafka_compat.records.record import Record
from tests.support.memory import OTHERS_BYTES
from tests.support.record_strategies import plain_records

T = 1_700_000_000_000


@given(plain_records(), st.integers(0, 4), st.integers(0, 1 << 40))
def test_round_trip(records: list[PlainRecord], codec: int, base_offset: int) -> None:
    batch = build_batch(records, base_offset=base_offset, codec=codec)
    verify_crc(batch, 0, len(batch))
    assert parse_header(batch).size_in_bytes == len(batch)
    assert list(iter_records(batch)) == [Record(base_offset + i, *r) for i, r in enumerate(records)]


def test_gaps_stay_and_the_last_offset_outlives_its_record() -> None:
    """Compaction keeps the range a batch was written with, for the producer's sequence numbers."""
    records = [Record(12, T, b"a", b"1"), Record(15, T, b"b", None)]
    batch = build_batch(records, base_offset=10, last_offset=19, base_sequence=3, producer_id=1, producer_epoch=0)
    header = parse_header(batch)
    assert (header.base_offset, header.last_offset, header.last_sequence, header.record_count) == (10, 19, 12, 2)
    assert list(iter_records(batch)) == records


def test_empty_batch_preserves_producer_state() -> None:
    batch = build_batch([], base_offset=10, last_offset=14, codec=4, producer_id=7, producer_epoch=2, base_sequence=100)
    header = parse_header(batch)
    assert len(batch) == HEADER_SIZE
    assert (header.compression, header.record_count, header.last_sequence, header.base_timestamp_ms) == (0, 0, 104, -1)
    assert list(iter_records(batch)) == []


def test_delete_horizon_takes_the_base_timestamp() -> None:
    batch = build_batch([Record(0, T, b"k", None)], delete_horizon_ms=T + 500)
    header = parse_header(batch)
    assert header.has_delete_horizon
    assert (header.base_timestamp_ms, header.max_timestamp_ms) == (T + 500, T)
    assert [r.timestamp_ms for r in iter_records(batch)] == [T]


@pytest.mark.parametrize("offset", [9, 10 + (1 << 31)])
def test_offsets_outside_a_batch_are_refused(offset: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        build_batch([Record(offset, T, None, None)], base_offset=10)


def test_last_offset_below_a_record_is_refused() -> None:
    with pytest.raises(ValueError, match="below"):
        build_batch([Record(12, T, None, None)], base_offset=10, last_offset=11)


TIMES = [T + 5, T, T + 9, T + 7, T + 9]


@pytest.mark.parametrize("codec", range(5))
@pytest.mark.parametrize(
    ("timestamp_ms", "start_offset", "expected"),
    [(T - 1, 0, (100, T + 5)), (T + 5, 0, (100, T + 5)), (T + 6, 0, (102, T + 9)), (T, 103, (103, T + 7)), (T + 10, 0, None)],
)
def test_search_by_timestamp(codec: int, timestamp_ms: int, start_offset: int, expected: tuple[int, int] | None) -> None:
    batch = build_batch([(t, None, b"v", ()) for t in TIMES], base_offset=100, codec=codec)
    assert find_first_at_or_after_timestamp(batch, timestamp_ms, start_offset) == expected


def test_offset_of_max_timestamp() -> None:
    records: list[PlainRecord] = [(t, None, b"v", ()) for t in TIMES]
    assert offset_of_max_timestamp(build_batch(records, base_offset=100)) == 102
    assert offset_of_max_timestamp(build_batch(records, base_offset=100, log_append_time_ms=T)) == 104
    assert offset_of_max_timestamp(build_batch([(-1, None, b"v", ())])) is None


def test_look_ups_by_timestamp_make_nothing_of_headers() -> None:
    """A small compressed batch may have millions."""
    records: list[PlainRecord] = [(T + n, b"k", b"v", (("", None),) * 30_000) for n in range(2)]
    batch = build_batch(records, base_offset=100)
    tracemalloc.start()
    try:
        assert find_first_at_or_after_timestamp(batch, T + 1) == (101, T + 1)
        assert offset_of_max_timestamp(batch) == 101
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(batch) + OTHERS_BYTES  # one object for each header would take 3 MB


def test_look_ups_by_timestamp_refuse_what_is_no_batch() -> None:
    batch = build_batch([(T, None, b"v", ())])
    for length in (8, 12):
        batch[HEADER_SIZE] = length
        with pytest.raises(InvalidRecord):
            find_first_at_or_after_timestamp(batch, T + 1)
    batch[MAGIC] = 1
    with pytest.raises(CorruptBatch, match="magic 1"):
        find_first_at_or_after_timestamp(batch, T + 1)
