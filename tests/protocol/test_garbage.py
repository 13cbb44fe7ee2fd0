"""Whatever the bytes, a decoder answers with a value or a WireError, and takes no memory for lengths it only was told."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_compat.protocol.errors import UnsupportedVersion
from kafka_compat.protocol.registry import MODULES, message_class
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Reader
from tests.support.protocol_vectors import one_vector_per_version


def decodes(name: str, version: int, encoded: bytes) -> bool:
    """Whether the bytes are a message; an error lies within them."""
    reader = Reader(encoded)
    try:
        message_class(name).decode(reader, version)
        position = reader.position
    except WireError as invalid:
        position = invalid.position
        return False
    finally:
        assert 0 <= position <= len(encoded)
    return True


def test_a_message_cut_anywhere_is_an_error() -> None:
    for vector in one_vector_per_version():
        for end in range(min(len(vector.encoded), 300)):
            assert not decodes(vector.message, vector.version, vector.encoded[:end]), (vector, end)


@pytest.mark.parametrize("byte", [0x00, 0x7F, 0x80, 0xFF])
def test_a_wrong_byte_anywhere_is_read_or_refused(byte: int) -> None:
    for vector in one_vector_per_version():
        for position in range(min(len(vector.encoded), 100)):
            encoded = bytearray(vector.encoded)
            encoded[position] = byte
            decodes(vector.message, vector.version, bytes(encoded))


@settings(max_examples=300, deadline=None, database=None)
@given(st.sampled_from(sorted(MODULES)), st.data())
def test_random_bytes_are_read_or_refused(name: str, data: st.DataObject) -> None:
    message = message_class(name)
    version = data.draw(st.integers(message.MIN_VERSION, message.MAX_VERSION))  # type: ignore[attr-defined]
    decodes(name, version, data.draw(st.binary(max_size=200)))


@pytest.mark.parametrize(
    "filling",
    [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x07", b"\x80\x00\x00\x00", b"\xff\xff\xff\xfe", b"\x00", b"\x01", b"\x02"],
    ids=lambda filling: filling.hex(),
)
def test_large_and_negative_lengths_take_no_memory(filling: bytes) -> None:
    encoded = filling * 100
    for name in MODULES:
        message_class(name)
    tracemalloc.start()
    try:
        for name in MODULES:
            message = message_class(name)
            for version in range(message.MIN_VERSION, message.MAX_VERSION + 1):  # type: ignore[attr-defined]
                decodes(name, version, encoded)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("version", [-1, 2, 14, 32767, 65536])
def test_a_version_outside_the_schema_is_refused(version: int) -> None:
    message = message_class("ProduceRequest")
    with pytest.raises(UnsupportedVersion, match=f"ProduceRequest has no version {version}"):
        message.decode(Reader(bytes(100)), version)
