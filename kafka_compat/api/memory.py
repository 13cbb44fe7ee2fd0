"""How much memory the requests and answers of one broker hold, and who waits for some of it.

Kafka's `queued.max.request.bytes` (`SimpleMemoryPool`): over it no more requests are read, and one request may exceed it. Here
it bounds what clients can make a broker hold: bytes of large frames that have really arrived, and answers that their clients
have not taken. What is small is not counted, and never waits.

Three marks, from the bottom:
- three quarters of the budget: very large frames wait, but for the oldest, so that somebody always finishes; fetches answer
  less the closer it comes. What is left is for frames and answers of an ordinary size.
- the budget: all large frames but the oldest wait, and so do requests whose answers may be large.
- five quarters: all requests wait whose answers are not known to be small.

The oldest large frame is the one request that may exceed the budget: what it holds is not counted beside the marks.

Who holds memory and does not move while others wait for it is given up: `stalled` names them.

A plain state machine: the time is an argument, and what is to run later goes through `call_soon`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Final, Protocol

# What -1, Kafka's default of `queued.max.request.bytes`, stands for here; there it is no bound.
DEFAULT_BYTES: Final = 80 << 20
# A fetch may always answer so much: a batch of the default largest size, and enough for a file region, which holds nothing.
_LEAST_ANSWER_BYTES: Final = 1 << 20
# A receive has to take something.
LEAST_RECEIVE_BYTES: Final = 16 << 10
STALL_S: Final = 10.0
# Less than this in `STALL_S` is no progress.
_LEAST_PROGRESS_BYTES: Final = 64 << 10


class Level(IntEnum):
    """How far the memory may be used for somebody to go on, in quarters of the budget."""

    HUGE = 3
    LARGE = 4
    ORDINARY = 5


class Holder(Protocol):
    """A connection that holds memory."""

    @property
    def moved_bytes(self) -> int:
        """Bytes received and sent so far."""

    @property
    def is_held_up(self) -> bool:
        """Whether it is this broker that keeps it from moving."""


def _call_soon(callback: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(callback)


class MemoryBudget:
    """The budget of one broker.

    Args:
        limit_bytes: `queued.max.request.bytes`; 0 or less stands for the default.
        call_soon: runs a function in the next turn of the event loop.
    """

    def __init__(self, limit_bytes: int = -1, call_soon: Callable[[Callable[[], None]], None] = _call_soon) -> None:
        self.limit_bytes = limit_bytes if limit_bytes > 0 else DEFAULT_BYTES
        # As of `Level.LARGE` and `Level.HUGE`; attributes, because every request looks at them.
        self.is_full = False
        self.is_tight = False
        self._used = 0
        self._counted = 0  # without what the oldest large frame holds
        self._held: dict[Holder, int] = {}
        self._receiving: dict[Holder, None] = {}  # who has a large frame under way, the oldest first
        self._waiting: dict[object, tuple[Level, Callable[[], None]]] = {}
        self._marks: dict[Holder, tuple[int, float]] = {}
        self._read_bytes = 0  # of `_used`: read for answers that are not counted as held yet
        self._is_waking = False
        self._call_soon = call_soon
        # Called when somebody begins to wait: `stalled` is to be asked now and then from now on.
        self.on_wait: Callable[[], None] = lambda: None

    @property
    def used_bytes(self) -> int:
        """What is held now."""
        return self._used

    @property
    def has_waiters(self) -> bool:
        """Whether somebody waits for memory."""
        return bool(self._waiting)

    def hold(self, holder: Holder, size: int) -> None:
        """Count `size` more bytes for `holder`."""
        self._held[holder] = self._held.get(holder, 0) + size
        self._add(size)

    def release(self, holder: Holder, size: int) -> None:
        """Count `size` bytes less for `holder`."""
        left = self._held[holder] - size
        if left:
            self._held[holder] = left
        else:
            del self._held[holder]
            self._marks.pop(holder, None)
        self._add(-size)

    def begin_frame(self, holder: Holder) -> None:
        """`holder` has begun to receive a large frame."""
        self._receiving[holder] = None
        self._note_change()

    def end_frame(self, holder: Holder) -> None:
        """The frame is whole, or will never be."""
        self._receiving.pop(holder, None)
        self._note_change()
        self._wake_soon()

    def has_room(self, key: object, level: Level) -> bool:
        """Whether somebody may go on: the oldest large frame always may."""
        return self._counted < self._mark(level) or next(iter(self._receiving), None) is key

    def receive_bytes(self, holder: Holder, level: Level) -> int:
        """How many bytes of its large frame `holder` should receive at most; it is to ask `has_room` afterwards."""
        if next(iter(self._receiving), None) is holder:
            return self.limit_bytes
        return max(LEAST_RECEIVE_BYTES, self._mark(level) - self._counted)

    def wait(self, key: object, level: Level, go_on: Callable[[], None]) -> None:
        """Call `go_on` once there is room; one wait for each `key`."""
        self._waiting[key] = (level, go_on)
        self.on_wait()
        # There may be room by now, or `key` be the oldest.
        self._wake_soon()

    def forget(self, key: object) -> None:
        """`key` waits no more."""
        self._waiting.pop(key, None)

    # --- answers

    @property
    def answer_bytes(self) -> int:
        """How many bytes of records one fetch should answer at most."""
        return max(_LEAST_ANSWER_BYTES, (self._mark(Level.HUGE) - self._counted) // 2)

    def note_read(self, size: int) -> None:
        """Count bytes that were read for an answer until its connection has it, in the next turn of the loop."""
        if not size:
            return
        if not self._read_bytes:
            self._call_soon(self._forget_read)
        self._read_bytes += size
        self._add(size)

    @contextmanager
    def reading(self, size: int) -> Iterator[None]:
        """Count bytes that are about to be read, until they are."""
        self._add(size)
        try:
            yield
        finally:
            self._add(-size)

    def _forget_read(self) -> None:
        size, self._read_bytes = self._read_bytes, 0
        self._add(-size)

    # --- waiting

    def stalled(self, now: float) -> list[Holder]:
        """Who has held memory for `STALL_S` without moving while somebody waited for it; ask about once a second.

        Args:
            now: seconds on a monotonic clock.
        """
        if not self._waiting:
            self._marks.clear()
            return []
        stalled = []
        for holder in self._held:
            moved = holder.moved_bytes
            mark = self._marks.get(holder)
            if mark is None or moved - mark[0] >= _LEAST_PROGRESS_BYTES or holder.is_held_up:
                self._marks[holder] = (moved, now)
            elif now - mark[1] >= STALL_S:
                stalled.append(holder)
        return stalled

    def _mark(self, level: Level) -> int:
        return self.limit_bytes * level // 4

    def _add(self, size: int) -> None:
        self._used += size
        self._note_change()
        if size < 0 and self._waiting:
            self._wake_soon()

    def _note_change(self) -> None:
        oldest = next(iter(self._receiving), None)
        self._counted = self._used if oldest is None else self._used - self._held.get(oldest, 0)
        self.is_full = self._counted >= self.limit_bytes
        self.is_tight = self._counted >= self._mark(Level.HUGE)

    def _wake_soon(self) -> None:
        if self._waiting and not self._is_waking:
            self._is_waking = True
            self._call_soon(self._wake)

    def _wake(self) -> None:
        """Let those go on that there is room for, in the order they came; each may use some."""
        self._is_waking = False
        oldest = next(iter(self._receiving), None)
        if oldest in self._waiting:
            self._waiting.pop(oldest)[1]()
        for key, (level, go_on) in list(self._waiting.items()):
            if self._counted >= self._mark(Level.ORDINARY):
                break
            if key in self._waiting and self._counted < self._mark(level):
                del self._waiting[key]
                go_on()
