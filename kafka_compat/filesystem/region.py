"""Bytes of a file that go to a socket without passing through this process."""

from __future__ import annotations

import errno
import os
import sys
from collections import deque
from typing import Final

# Elsewhere sendfile has other arguments, or needs a socket of another kind.
HAS_SENDFILE: Final = sys.platform == "linux" and hasattr(os, "sendfile")
# Each region has a descriptor of its own, so that closing or removing the file does not cut what is being sent; clients that do
# not read would otherwise use up all that the process has. A deque, because `__del__` may give back in any line of any thread.
_MAX_OPEN: Final = 256
_free: Final = deque([None] * _MAX_OPEN)


def allow_regions(count: int) -> None:
    """Have no more than `count` regions open; before the first one is."""
    while len(_free) > count:
        _free.pop()


class FileRegion:
    """What is left to send of a range of a file."""

    __slots__ = ("_descriptor", "_offset", "_size")

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        """Own `descriptor`; `open` is for everybody else."""
        self._descriptor = descriptor
        self._offset = offset
        self._size = size

    @classmethod
    def open(cls, descriptor: int, offset: int, size: int) -> FileRegion | None:
        """The `size` bytes from `offset` of an open file that stays the caller's; None when too many regions are open."""
        try:
            _free.pop()
        except IndexError:
            return None
        try:
            return cls(os.dup(descriptor), offset, size)
        except OSError:
            _free.append(None)
            return None

    def __len__(self) -> int:
        return self._size

    def send(self, socket: int, limit: int) -> int:
        """Send up to `limit` bytes from the front to a socket's descriptor; how many left the region.

        Raises:
            BlockingIOError: the socket takes none now.
            OSError: the socket is closed, or the file cannot be read.
        """
        return self._advance(os.sendfile(socket, self._descriptor, self._offset, min(limit, self._size)))

    def take(self, limit: int) -> bytes:
        """Read up to `limit` bytes from the front; they leave the region.

        Raises:
            OSError: the file cannot be read.
        """
        taken = os.pread(self._descriptor, min(limit, self._size), self._offset)
        self._advance(len(taken))
        return taken

    def take_all(self) -> bytes:
        """Read all that is left.

        Raises:
            OSError: the file cannot be read.
        """
        pieces: list[bytes] = []
        while self._size:
            pieces.append(self.take(self._size))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Give the descriptor back; idempotent."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)
            _free.append(None)

    def __del__(self) -> None:
        self.close()

    def _advance(self, size: int) -> int:
        if size == 0 and self._size:
            raise OSError(errno.EIO, "a file was cut short while it was being sent")
        self._offset += size
        self._size -= size
        return size
