"""Handlers whose work grows with their request: done at once while it is little, in slices when it is much.

A handler that has nothing to wait for is written as a generator that yields after each piece of work and returns the response.
A small request is answered in the same turn of the event loop and costs no task; a wide one goes on in a coroutine that lets
other clients in between. What holds over a `yield` is what holds over an await: look things up again behind it.

The dispatcher begins the work, and decides how much of it is done at once and when the rest has its turn.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Final, Generic, TypeVar

from kafka_compat import pacing
from kafka_compat.pacing import Pace

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Work = Generator[None, None, T]

_PIECES_PER_LOOK: Final = 16


class Sliced(Generic[T_co]):
    """Work that can be begun at once; whoever awaits it instead, or what is left of it, gets the result in slices.

    Attributes:
        result: once all is done at once.
    """

    __slots__ = ("_work", "result")

    def __init__(self, work: Work[T_co]) -> None:
        self._work = work
        self.result: T_co

    def begin(self, *, briefly: bool = False) -> bool:
        """Do as much as a slice has time for, or a tenth of that; whether that was all of it."""
        until_s = time.perf_counter() + (pacing.SLICE_S / 10 if briefly else pacing.SLICE_S)
        pieces = range(1 if briefly else _PIECES_PER_LOOK)
        try:
            while True:
                for _ in pieces:
                    next(self._work)
                if time.perf_counter() >= until_s:
                    return False
        except StopIteration as done:
            self.result = done.value
            return True

    def __await__(self) -> Generator[Any, None, T_co]:
        return _finish(self._work).__await__()


def in_slices(work: Work[T]) -> Sliced[T]:
    """What a handler returns whose answer is made by `work`."""
    return Sliced(work)


async def _finish(work: Work[T]) -> T:
    pace = Pace()
    try:
        while True:
            await pace.turn()
            for _ in range(_PIECES_PER_LOOK):
                next(work)
    except StopIteration as done:
        result: T = done.value
        return result


class Repeats:
    """Bounds what a request gets by naming things again, or things that need not exist: an answer must not outgrow memory.

    What exists is answered once whatever its size. Everything else shares `ROOM_BYTES` per response, which no client that asks
    for each thing once comes near; the reference answers as long as its heap lasts.
    """

    __slots__ = ("_room_bytes",)

    ROOM_BYTES: Final = 32 * 1024 * 1024

    def __init__(self) -> None:
        self._room_bytes = self.ROOM_BYTES

    def take(self, size_bytes: int) -> bool:
        """Whether there is room for so many more bytes of answer; takes it."""
        if size_bytes > self._room_bytes:
            return False
        self._room_bytes -= size_bytes
        return True
