"""The inner loops of compaction against the plain reader of records."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_compat.records.batch import HEADER_SIZE, parse_header
from kafka_compat.records.builder import PlainRecord, build_batch, rebuild_batch
from kafka_compat.records.compact import OffsetMap, index_records, select_records
from kafka_compat.records.compression import Codec
from kafka_compat.records.errors import InvalidRecord
from kafka_compat.records.reader import iter_records, records_body
from kafka_compat.records.record import Record
from tests.support.memory import OTHERS_BYTES

KEYS = st.one_of(st.none(), st.binary(max_size=40), st.sampled_from([b"a", b"b", b"sixteen bytes... and more"]))
RECORDS = st.lists(
    st.tuples(
        st.integers(min_value=-1, max_value=1 << 42),
        KEYS,
        st.one_of(st.none(), st.binary(max_size=200)),
        st.lists(st.tuples(st.text(max_size=5), st.one_of(st.none(), st.binary(max_size=5))), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=12,
)


@given(RECORDS, st.integers(0, 1 << 40), st.sampled_from(list(Codec)), st.integers(0, 14))
def test_the_map_holds_the_last_offset_of_each_key(
    records: list[PlainRecord], base_offset: int, codec: Codec, skipped: int
) -> None:
    batch = build_batch(records, base_offset=base_offset, codec=codec)
    header = parse_header(batch)
    offsets = OffsetMap(1 << 20)
    assert index_records(header, records_body(header, batch), offsets, base_offset + skipped, may_overflow=False)
    wanted = {key: base_offset + n for n, (_, key, _, _) in enumerate(records) if key is not None and n >= skipped}
    assert {key: offsets.get(key) for key in wanted} == wanted
    assert len(offsets) == len(wanted)


@given(RECORDS, st.sampled_from(list(Codec)), st.booleans(), st.booleans(), st.sampled_from([None, 777]))
def test_what_is_kept_is_as_it_was(
    records: list[PlainRecord], codec: Codec, log_append_time: bool, keeps_tombstones: bool, horizon_ms: int | None
) -> None:
    batch = build_batch(records, base_offset=100, codec=codec, log_append_time_ms=5_000 if log_append_time else None)
    header = parse_header(batch)
    body = records_body(header, batch)
    offsets = OffsetMap(1 << 20)
    index_records(header, body, offsets, 0, may_overflow=False)
    offsets.latest_offset = 100 + len(records) - 3
    kept = select_records(header, body, offsets, keeps_tombstones=keeps_tombstones)
    newest = {record.key: record.offset for record in iter_records(batch)}
    wanted: list[Record] = [
        record
        for record in iter_records(batch)
        if record.offset > offsets.latest_offset
        or (record.key is not None and newest[record.key] == record.offset and (record.value is not None or keeps_tombstones))
    ]
    assert kept.count == len(wanted)
    assert kept.has_tombstone == any(record.value is None for record in wanted)
    if not wanted:
        return
    base_ms = kept.timestamps_ms[0] if horizon_ms is None else horizon_ms
    rebuilt = rebuild_batch(
        header,
        kept.encode(base_ms),
        kept.count,
        base_timestamp_ms=base_ms,
        max_timestamp_ms=kept.max_timestamp_ms,
        delete_horizon=horizon_ms is not None,
    )
    assert list(iter_records(rebuilt)) == wanted
    again = build_batch(
        wanted,
        base_offset=100,
        last_offset=header.last_offset,
        codec=codec,
        log_append_time_ms=5_000 if log_append_time else None,
        delete_horizon_ms=horizon_ms,
    )
    assert rebuilt == again


def test_a_full_map_says_so_unless_it_may_overflow() -> None:
    batch = build_batch([(1, b"a", b"", ()), (1, b"b", b"", ())])
    header, body = parse_header(batch), bytes(batch[HEADER_SIZE:])
    offsets = OffsetMap(1)
    assert not index_records(header, body, offsets, 0, may_overflow=False)
    assert index_records(header, body, offsets, 0, may_overflow=True)
    assert len(offsets) == 2


@pytest.mark.parametrize("cut", range(1, 30))
def test_records_that_end_early_are_refused(cut: int) -> None:
    batch = build_batch([(1, b"a", b"value", (("h", b"x"),)), (2, b"b", b"value", ())])
    header, body = parse_header(batch), bytes(batch[HEADER_SIZE:-cut])
    with pytest.raises(InvalidRecord):
        select_records(header, body, None, keeps_tombstones=True)
    with pytest.raises(InvalidRecord):
        index_records(header, body, OffsetMap(1 << 20), 0, may_overflow=False)


def test_the_map_keeps_within_its_memory() -> None:
    budget = 4 << 20
    tracemalloc.start()
    offsets = OffsetMap(budget)
    number = 0
    while not offsets.is_full:
        offsets.put(b"a rather long key, number %d" % number, number)
        number += 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(offsets) == number > 10_000
    assert peak <= budget + OTHERS_BYTES
    assert offsets.get(b"a rather long key, number 3") == 3
    assert offsets.get(b"another") == -1
