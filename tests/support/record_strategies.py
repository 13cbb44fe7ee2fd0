"""Hypothesis strategies for records."""

from __future__ import annotations

from hypothesis import strategies as st

from kafka_compat.records.builder import PlainRecord

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
RECENT = st.integers(1_700_000_000_000, 1_700_000_100_000)

# Lengths around 64 and 8192 are where a varint grows by a byte.
FIELDS = st.none() | st.binary(max_size=10) | st.integers(60, 70).map(bytes) | st.integers(8190, 8194).map(bytes)
HEADERS = st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=70)), max_size=3).map(tuple)


def plain_records(timestamps: st.SearchStrategy[int] = RECENT) -> st.SearchStrategy[list[PlainRecord]]:
    return st.lists(st.tuples(timestamps, FIELDS, FIELDS, HEADERS), min_size=1, max_size=8)
