"""Frames come out whole, whatever the pieces a stream arrives in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_compat.wire.errors import WireError
from kafka_compat.wire.framing import FrameSplitter, read_frame_size


@given(st.lists(st.binary(max_size=20), max_size=5), st.integers(1, 30))
def test_any_split_gives_the_same_frames(frames: list[bytes], piece: int) -> None:
    stream = b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)
    splitter = FrameSplitter(max_size=20)
    found: list[bytes] = []
    for start in range(0, len(stream), piece):
        found += splitter.feed(stream[start : start + piece])
    assert found == frames
    assert splitter.pending == 0


@pytest.mark.parametrize("size", ["ffffffff", "80000000", "00000065", "7fffffff"])
def test_a_negative_or_large_size_is_refused_before_its_bytes_come(size: str) -> None:
    with pytest.raises(WireError, match="frame size"):
        FrameSplitter(max_size=100).feed(bytes.fromhex(size))


def test_the_largest_size_is_allowed() -> None:
    assert read_frame_size(b"\x00\x00\x00\x64", 0, 100) == 100
