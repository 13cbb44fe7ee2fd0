"""Sockets of addresses that connect too often: they are kept, unread, and closed when their time is over (KIP-612).

A client that was closed at once would be back at once. Nothing is kept of it but its socket.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

# Of more than so many the newest are closed at once.
_MAX_KEPT: Final = 1024


class ThrottledSockets:
    """Those of one broker.

    Args:
        closed: is called for each when it is closed.
    """

    def __init__(self, closed: Callable[[], None]) -> None:
        self._closed = closed
        self._kept: dict[socket.socket, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, connected: socket.socket, throttle_ms: int) -> None:
        """Close it after so long."""
        if len(self._kept) >= _MAX_KEPT:
            self._close(connected)
        else:
            self._kept[connected] = asyncio.get_running_loop().call_later(throttle_ms / 1000, self._end, connected)

    def close(self) -> None:
        """Close all now."""
        for connected, timer in list(self._kept.items()):
            timer.cancel()
            self._end(connected)

    def _end(self, connected: socket.socket) -> None:
        del self._kept[connected]
        self._close(connected)

    def _close(self, connected: socket.socket) -> None:
        connected.close()
        self._closed()
