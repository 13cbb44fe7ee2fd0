"""Values come off a buffer as Kafka writes them; what cannot be read says where it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_compat.wire.errors import TooWide, WireError
from kafka_compat.wire.primitives import Buffer, Reader

Method = Callable[[Reader], object]


@pytest.mark.parametrize(
    ("encoded", "read", "value"),
    [
        ("80", Reader.int8, -128),
        ("fffe", Reader.int16, -2),
        ("00010000", Reader.int32, 65536),
        ("8000000000000000", Reader.int64, -(2**63)),
        ("00", Reader.unsigned_varint, 0),
        ("7f", Reader.unsigned_varint, 127),
        ("8001", Reader.unsigned_varint, 128),
        ("ac02", Reader.unsigned_varint, 300),
        ("ffffffff0f", Reader.unsigned_varint, 2**32 - 1),
        ("01", Reader.varint, -1),
        ("ffffffff0f", Reader.varint, -(2**31)),
        ("feffffff0f", Reader.varint, 2**31 - 1),
        ("ffffffffffffffffff01", Reader.varlong, -(2**63)),
        ("feffffffffffffffff01", Reader.varlong, 2**63 - 1),
        ("0003c3a961", Reader.string, "éa"),
        ("0000", Reader.string, ""),
        ("ffff", Reader.nullable_string, None),
        ("04e6bca2", Reader.compact_string, "漢"),
        ("00", Reader.compact_nullable_string, None),
        ("000000020102", Reader.bytes_, b"\1\2"),
        ("ffffffff", Reader.nullable_bytes, None),
        ("030102", Reader.compact_bytes, b"\1\2"),
        ("00", Reader.compact_nullable_bytes, None),
        ("000000020102", Reader.nullable_view, b"\1\2"),
        ("030102", Reader.compact_nullable_view, b"\1\2"),
        ("00", Reader.compact_nullable_view, None),
        ("ffffffff", lambda reader: reader.nullable_array_length(4), -1),
        ("00", lambda reader: reader.compact_nullable_array_length(4), -1),
        ("0001ffff", lambda reader: reader.int16s(2), [1, -1]),
        ("01", Reader.is_present, True),
        ("ff", Reader.is_present, False),
    ],
)
def test_values_are_read(encoded: str, read: Method, value: object) -> None:
    for buffer in (bytes.fromhex(encoded), bytearray.fromhex(encoded), memoryview(bytes.fromhex(encoded))):
        reader = Reader(buffer)
        assert read(reader) == value
        assert reader.remaining == 0


@pytest.mark.parametrize(
    ("encoded", "read", "message"),
    [
        ("00", Reader.int16, "ends early"),
        ("808080808001", Reader.unsigned_varint, "more than five bytes"),
        ("ffffffff1f", Reader.unsigned_varint, "more than 32 bits"),
        ("8080", Reader.unsigned_varint, "ends early"),
        ("8080808080808080808001", Reader.varlong, "more than ten bytes"),
        ("ffffffffffffffffff03", Reader.varlong, "more than 64 bits"),
        ("80", Reader.varlong, "ends early"),
        ("000461", Reader.string, "length 4 with 1 bytes left"),
        ("fffe", Reader.nullable_string, "negative length -2"),
        ("ffff", Reader.string, "cannot be null"),
        ("00", Reader.compact_string, "cannot be null"),
        ("0561", Reader.compact_string, "length 4 with 1 bytes left"),
        ("7fffffff61", Reader.bytes_, "length 2147483647 with 1 bytes left"),
        ("80000000", Reader.nullable_bytes, "negative length"),
        ("ffffffff", Reader.bytes_, "cannot be null"),
        ("00", Reader.compact_bytes, "cannot be null"),
        ("ffffffff", Reader.view, "cannot be null"),
        ("00", Reader.compact_view, "cannot be null"),
        ("ffffffff", lambda reader: reader.array_length(1), "cannot be null"),
        ("00", lambda reader: reader.compact_array_length(1), "cannot be null"),
        ("000000020000000000", lambda reader: reader.array_length(4), "2 elements with 5 bytes left"),
        ("7fffffff00", lambda reader: reader.array_length(1), "length 2147483647"),
        ("030000000000", lambda reader: reader.compact_array_length(4), "2 elements with 5 bytes left"),
        ("ffffffff0f00", lambda reader: reader.compact_array_length(1), "left"),
        ("02000000", Reader.tagged_fields_count, "2 elements with 3 bytes left"),
        ("0000", lambda reader: reader.skip(3), "ends early"),
        ("0000", lambda reader: reader.skip(-1), "ends early"),
    ],
)
def test_what_cannot_be_read_is_an_error_where_it_stands(encoded: str, read: Method, message: str) -> None:
    reader = Reader(b"\x00" + bytes.fromhex(encoded), 1)
    with pytest.raises(WireError, match=message) as caught:
        read(reader)
    assert caught.value.position == 1
    assert reader.position == 1


def test_invalid_utf8_is_reported_at_its_byte() -> None:
    with pytest.raises(WireError, match="invalid UTF-8") as caught:
        Reader(b"\x00\x03ab\xff").string()
    assert caught.value.position == 4


def test_a_compact_string_is_no_longer_than_a_classic_one() -> None:
    encoded = b"\x81\x80\x02" + b"a" * 32768
    with pytest.raises(WireError, match="a string of 32768 bytes"):
        Reader(encoded).compact_string()


def test_unknown_tagged_fields_are_skipped() -> None:
    reader = Reader(bytes.fromhex("02" + "0003aabbcc" + "8101" + "00" + "2a"))
    reader.skip_tagged_fields()
    assert reader.int8() == 42


def test_records_are_a_view_of_the_frame() -> None:
    frame = bytearray.fromhex("000000020102")
    view = Reader(frame).view()
    frame[4] = 9
    assert bytes(view) == b"\x09\x02"


@given(st.binary(max_size=20), st.sampled_from([bytes, bytearray, memoryview]))
def test_any_bytes_give_a_value_or_an_error(encoded: bytes, kind: Callable[[bytes], Buffer]) -> None:
    for read in (
        Reader.unsigned_varint, Reader.varint, Reader.varlong, Reader.string, Reader.compact_nullable_string,
        Reader.compact_bytes, Reader.nullable_view, Reader.skip_tagged_fields, Reader.tagged_fields_count,
    ):  # fmt: skip
        reader = Reader(kind(encoded))
        try:
            read(reader)
        except WireError:
            continue
        assert 0 < reader.position <= len(encoded)


def test_who_reads_in_a_thread_gives_way_now_and_then_and_stops_where_it_is_told() -> None:
    reader = Reader(b"\x02\x01" * 1024)
    reader.elements_left = 1000
    given: list[int] = []
    reader.share_the_interpreter(lambda: given.append(reader.elements_left))
    for _ in range(512):
        reader.compact_array_length(1)
        reader.compact_nullable_array_length(1)
    assert given == [872, 744, 616, 488]
    reader.elements_left = 0
    with pytest.raises(TooWide):
        reader.compact_array_length(1)
