"""What the writer writes is what the reader reads; large records pass through uncopied."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_compat.wire.errors import TooWide, WireError
from kafka_compat.wire.primitives import CHUNK_THRESHOLD, Reader, Writer
from kafka_compat.wire.types import Buffer, Part, join_parts


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1))
def test_varints_come_back(unsigned: int, signed: int, long: int) -> None:
    writer = Writer()
    writer.unsigned_varint(unsigned)
    writer.varint(signed)
    writer.varlong(long)
    reader = Reader(writer.to_bytes())
    assert (reader.unsigned_varint(), reader.varint(), reader.varlong()) == (unsigned, signed, long)
    assert reader.remaining == 0


@given(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.none() | st.binary(max_size=200))
def test_nullable_values_come_back(text: str | None, value: bytes | None) -> None:
    writer = Writer()
    writer.nullable_string(text)
    writer.compact_nullable_string(text)
    writer.nullable_bytes(value)
    writer.compact_nullable_bytes(value)
    writer.nullable_records(value)
    writer.compact_nullable_records(value)
    reader = Reader(writer.to_bytes())
    assert (reader.nullable_string(), reader.compact_nullable_string()) == (text, text)
    assert (reader.nullable_bytes(), reader.compact_nullable_bytes()) == (value, value)
    assert (reader.nullable_view(), reader.compact_nullable_view()) == (value, value)
    assert reader.remaining == 0


def test_large_records_are_chunks_of_their_own() -> None:
    large = bytearray(CHUNK_THRESHOLD)
    small = b"x" * (CHUNK_THRESHOLD - 1)
    writer = Writer()
    writer.int8(1)
    parts: list[Buffer] = [small, large]
    writer.records(parts)
    writer.int8(2)
    chunks = writer.chunks()
    assert chunks[1] is large
    assert [len(chunk) for chunk in chunks] == [1 + 4 + len(small), len(large), 1]
    assert writer.size == sum(map(len, chunks))
    assert writer.to_bytes() == join_parts(chunks)


def test_records_of_several_buffers_are_one_field() -> None:
    writer = Writer()
    writer.records((b"ab", bytearray(b"c"), memoryview(b"de")))
    writer.compact_records([])
    reader = Reader(writer.to_bytes())
    assert bytes(reader.view()) == b"abcde"
    assert bytes(reader.compact_view()) == b""


def test_what_is_not_in_memory_is_passed_on_unread() -> None:
    class Elsewhere:
        def __init__(self, size: int) -> None:
            self.size = size

        def __len__(self) -> int:
            return self.size

        def close(self) -> None:
            pass

    parts: list[Part] = [Elsewhere(3), Elsewhere(100_000)]
    writer = Writer()
    writer.records(parts)
    assert writer.size == 4 + 100_003
    assert writer.chunks() == [(100_003).to_bytes(4, "big"), *parts]
    with pytest.raises(TypeError, match="not in memory"):
        writer.to_bytes()


@pytest.mark.parametrize("text", ["a" * 32768, "é" * 16384, "\ud800"])
def test_a_string_without_bytes_is_refused(text: str) -> None:
    writer = Writer()
    writer.int8(0)
    for write in (writer.string, writer.compact_string):
        with pytest.raises(WireError) as caught:
            write(text)
        assert caught.value.position == 1


def test_an_empty_writer_has_no_chunks() -> None:
    assert Writer().chunks() == []
    assert Writer().to_bytes() == b""


def test_null_arrays_leave_no_room_for_others() -> None:
    writer = Writer()
    writer.elements_left = 10
    writer.array_length(8)
    for _ in range(8):
        writer.compact_array_length(-1)
    with pytest.raises(TooWide):
        writer.array_length(8)


def test_who_writes_in_a_thread_gives_way_now_and_then_and_stops_where_it_is_told() -> None:
    writer = Writer()
    writer.elements_left = 2000
    given: list[int] = []
    writer.share_the_interpreter(lambda: given.append(writer.elements_left))
    for _ in range(1024):
        writer.compact_array_length(1)
    assert given == [1744, 1488, 1232, 976]
    with pytest.raises(TooWide):
        writer.array_length(1000)
