"""CRC-32C against the examples of its RFC and against its definition, in every form and size of buffer."""

from __future__ import annotations

import mmap
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_compat.checksum import crc32c

POLYNOMIAL = 0x82F63B78


def by_definition(data: bytes, initial: int = 0) -> int:
    register = initial ^ 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (POLYNOMIAL if register & 1 else 0)
    return register ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(reversed(range(32))), 0x113FDB5C),
    ],
)
def test_examples(data: bytes, checksum: int) -> None:
    """RFC 3720, B.4, and the catalogue's check value."""
    assert crc32c(data) == checksum


def test_every_size_at_every_alignment() -> None:
    """Processors take other paths from one size and address to the next."""
    data = random.Random(7).randbytes(700)
    view = memoryview(bytearray(data))
    for start in range(16):
        expected = 0
        for end in range(start, len(data)):
            assert crc32c(view[start:end]) == expected
            expected = by_definition(data[end : end + 1], expected)


@pytest.mark.parametrize("size", [4095, 16 * 1024, 16 * 1024 + 1, 70_001])
def test_large_buffers(size: int) -> None:
    data = random.Random(size).randbytes(size)
    assert crc32c(data) == by_definition(data)


@given(data=st.binary(max_size=400), cuts=st.lists(st.integers(0, 400), max_size=3))
def test_goes_on_from_what_came_before(data: bytes, cuts: list[int]) -> None:
    checksum = start = 0
    for end in [*sorted(cuts), len(data)]:
        checksum = crc32c(data[start:end], checksum)
        start = max(start, end)
    assert checksum == by_definition(data)


def test_takes_any_buffer() -> None:
    data = bytes(range(256)) * 16
    with mmap.mmap(-1, len(data)) as mapped:
        mapped[:] = data
        with memoryview(mapped) as view:
            checksums = {crc32c(buffer) for buffer in (data, bytearray(data), memoryview(bytearray(data)), view)}
    assert checksums == {by_definition(data)}
