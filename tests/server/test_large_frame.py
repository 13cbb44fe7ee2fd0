"""The buffer of a large frame: whatever its size and the pieces it comes in, its bytes are those that came, and writable."""

from __future__ import annotations

import random

import pytest

from kafka_compat.server.large_frame import LargeFrame


@pytest.mark.parametrize("size", [65_537, 1 << 20, (5 << 18) - 1, 5 << 18, 3_000_001, 9 << 20])
@pytest.mark.parametrize("piece", [1000, 65_536, 1 << 20])
def test_pieces_come_together(size: int, piece: int) -> None:
    content = random.Random(size).randbytes(size)
    frame = LargeFrame(memoryview(content)[:piece], size)
    while not frame.is_whole:
        free = frame.free(piece)
        assert 0 < len(free) <= piece
        count = min(len(free), size - frame.filled)
        free[:count] = content[frame.filled : frame.filled + count]
        del free
        frame.filled += count
    view = frame.view()
    assert view == content
    del frame
    view[5:7] = b"ab"
    assert view[4:8] == content[4:5] + b"ab" + content[7:8]


def test_a_frame_that_is_only_announced_costs_nothing() -> None:
    frames = [LargeFrame(memoryview(b"x"), 100 << 20) for _ in range(200)]
    assert {frame.filled for frame in frames} == {1}


def test_a_tight_frame_takes_what_it_needs_and_goes_on_later() -> None:
    content = random.Random(1).randbytes(6 << 20)
    frame = LargeFrame(memoryview(content)[:1000], len(content))
    tight = False
    while not frame.is_whole:
        before = frame.held_bytes
        free = frame.free(300_000, is_tight=tight)
        received = len(free)
        free[:] = content[frame.filled : frame.filled + len(free)]
        frame.filled += len(free)
        del free
        if tight:
            assert before <= frame.held_bytes <= before + received
        tight = not tight
    assert frame.view() == content


def test_it_holds_little_more_than_what_has_arrived() -> None:
    frame = LargeFrame(memoryview(bytes(1000)), 50 << 20)
    held = []
    while not frame.is_whole:
        free = frame.free(300_000)
        frame.filled += len(free)
        del free
        held.append(frame.held_bytes)
        assert frame.filled <= frame.held_bytes <= max(2 * frame.filled, frame.filled + (2 << 20))
    assert held == sorted(held)
    assert held[-1] == frame.size
