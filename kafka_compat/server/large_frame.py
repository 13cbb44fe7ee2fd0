"""The buffer of a frame too large for the backlog: it costs what really arrives, and not much more."""

from __future__ import annotations

import mmap
from typing import Final

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
