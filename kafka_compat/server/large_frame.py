"""Frames too large for the backlog: each has a buffer that costs what really arrives, and not much more.

What the buffer takes counts in the broker's budget (`api/memory.py`) until the request is answered; without room no more of the
frame is received.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import Final

from kafka_compat.api.memory import LEAST_RECEIVE_BYTES, Holder, Level, MemoryBudget

# What a buffer begins with at least: a thousand clients that announce a large frame must not cost a gigabyte.
_FIRST_GROWTH_BYTES: Final = 16 * 1024
# A produce request of 1 MiB of which a good part came with the first receive gets its whole buffer at once.
_FIRST_GROWTH_FACTOR: Final = 4
# A frame above the first gets memory from the system, for all of it, when the second has arrived. The system finds the pages as
# bytes arrive, in the large pages asked for hardly slower than memory in use before, and takes all back at once.
_HUGE_BYTES: Final = 5 << 18
_MAPPED_AFTER_BYTES: Final = 1 << 20
_PAGE_BYTES: Final = 2 << 20


def _mapped(size: int) -> mmap.mmap:
    if not hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size)
    # Where a size is no multiple, large pages may not be used at all.
    size = -(-size // _PAGE_BYTES) * _PAGE_BYTES
    # Shared memory, the default, has no large pages.
    mapped = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        mapped.madvise(mmap.MADV_HUGEPAGE)
    return mapped


class LargeFrame:
    """A frame, without its length prefix, that is being received.

    Args:
        received: what has arrived of it.
        size: of the whole frame.
        is_tight: take no more memory than for these.
    """

    __slots__ = ("_buffer", "filled", "size")

    def __init__(self, received: memoryview, size: int, *, is_tight: bool = False) -> None:
        self.size = size
        first = len(received) if is_tight else max(_FIRST_GROWTH_BYTES, _FIRST_GROWTH_FACTOR * len(received))
        self._buffer: bytearray | mmap.mmap = bytearray(min(self._most_unmapped, first))
        self.filled = len(received)
        self._buffer[: self.filled] = received

    @property
    def is_huge(self) -> bool:
        """Whether it is larger than frames usually are."""
        return self.size >= _HUGE_BYTES

    @property
    def is_whole(self) -> bool:
        """Whether all of it has arrived."""
        return self.filled == self.size

    @property
    def held_bytes(self) -> int:
        """The memory it takes; never falls."""
        if isinstance(self._buffer, bytearray):
            return len(self._buffer)
        return min(self.size, self.filled + _PAGE_BYTES)

    def free(self, limit: int, *, is_tight: bool = False) -> memoryview:
        """Where the next bytes go, up to `limit` of them; `filled` is to be raised by how many came.

        With `is_tight` it takes no more memory than for these.

        Raises:
            OSError: the system has no memory for the frame.
        """
        if self.filled == len(self._buffer):
            grown: bytearray | mmap.mmap
            if is_tight:
                grown = bytearray(min(self.size, self.filled + limit))
            elif self.is_huge and self.filled >= _MAPPED_AFTER_BYTES:
                grown = _mapped(self.size)
            else:
                grown = bytearray(min(self._most_unmapped, 2 * self.filled))
            grown[: self.filled] = self._buffer
            self._buffer = grown
        return memoryview(self._buffer)[self.filled : min(self.size, self.filled + limit)]

    @property
    def _most_unmapped(self) -> int:
        return _MAPPED_AFTER_BYTES if self.is_huge else self.size

    def view(self) -> memoryview:
        """The whole frame, writable; the memory lives as long as a view of it."""
        return memoryview(self._buffer)[: self.size]


class LargeFrames:
    """The large frames of one connection, one after the other.

    Args:
        memory: the broker's budget.
        holder: the connection.
        wait: called when no more is to be received.
        go_on: called when there is room again.
    """

    __slots__ = ("_go_on", "_held", "_holder", "_memory", "_wait", "frame", "is_waiting", "received_bytes")

    def __init__(self, memory: MemoryBudget, holder: Holder, wait: Callable[[], None], go_on: Callable[[], None]) -> None:
        self._memory = memory
        self._holder = holder
        self._wait = wait
        self._go_on = go_on
        self._held = 0  # bytes of the budget: of the frame that arrives, or is being handled
        self.frame: LargeFrame | None = None  # that arrives
        self.is_waiting = False  # for room to receive more of it
        self.received_bytes = 0  # of all so far

    def begin(self, received: memoryview, size: int) -> None:
        """Receive a frame of `size` bytes, of which some have come."""
        memory = self._memory
        memory.begin_frame(self._holder)
        self.frame = LargeFrame(received, size, is_tight=memory.is_tight)
        self._count(self.frame, len(received))

    def free(self, frame: LargeFrame) -> memoryview:
        """Where the next bytes of the frame that arrives go."""
        memory, level = self._memory, _level_of(frame)
        return frame.free(memory.receive_bytes(self._holder, level), is_tight=not memory.has_room(self._holder, level))

    def receive(self, frame: LargeFrame, size: int) -> None:
        """Bytes of the frame have come, perhaps the last; it is held until `release`."""
        frame.filled += size
        self._count(frame, size)
        if frame.is_whole:
            self.frame = None
            self._memory.end_frame(self._holder)

    def release(self) -> None:
        """The frame has been handled."""
        if self._held:
            held, self._held = self._held, 0
            self._memory.release(self._holder, held)

    def drop(self) -> None:
        """Nothing more will come, or be handled."""
        self.frame = None
        self._memory.end_frame(self._holder)
        self.release()

    def waits_for_room(self) -> bool:
        """Whether more of a frame is to be received and there is no room; `go_on` follows when there is."""
        frame = self.frame
        if frame is None or self._memory.has_room(self._holder, _level_of(frame)):
            return False
        self.is_waiting = True
        self._wait()
        self._memory.wait(self._holder, _level_of(frame), self._receive_on)
        return True

    def _count(self, frame: LargeFrame, size: int) -> None:
        self.received_bytes += size
        # The first receive is as small as what else is not counted, where there is no room: else a crowd that begins large
        # requests would take what is left for ordinary ones.
        grown = frame.held_bytes - LEAST_RECEIVE_BYTES - self._held
        if grown > 0:
            self._held += grown
            self._memory.hold(self._holder, grown)
        if not frame.is_whole:
            self.waits_for_room()

    def _receive_on(self) -> None:
        self.is_waiting = False
        self._go_on()


def _level_of(frame: LargeFrame) -> Level:
    return Level.HUGE if frame.is_huge else Level.LARGE
