"""What the system knows of a connection and its transport does not say."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import struct
from typing import Final, Protocol

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = termios = None  # type: ignore[assignment]

# None where a system has none of it.
_POLLRDHUP: Final[int | None] = getattr(select, "POLLRDHUP", None)


class Unread(Protocol):
    """What has arrived on a connection whose transport is gone."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill the buffer; 0 or an OSError at the end."""

    def close(self) -> None:
        """Read no more."""


class SocketState:
    """The socket of one transport. What has TLS above it has a state of its own (`tls/line.py`)."""

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    @property
    def takes_regions(self) -> bool:
        """Whether the socket's bytes are those that the transport is given: a socket, and no TLS above it."""
        if self._transport.get_extra_info("sslcontext") is not None:
            return False
        try:
            return int(self._socket().fileno()) >= 0
        except (OSError, AttributeError):
            return False

    def unread_bytes(self) -> int:
        """How much the system has received that the transport has not read; -1 where that cannot be known."""
        try:
            return int(struct.unpack("i", fcntl.ioctl(self._socket().fileno(), termios.FIONREAD, bytes(4)))[0])
        except (OSError, AttributeError):
            return -1

    def sends_no_more(self) -> bool:
        """Whether the client has ended its side, as far as the system tells before all is read."""
        return _POLLRDHUP is not None and bool(self._events(_POLLRDHUP))

    def reads_no_more(self) -> bool:
        """Whether the client has closed its socket for certain: an answer was refused, or it reset the connection.

        One that has closed and got nothing since looks like one that has only shut down its sending side.
        """
        # Where POLLRDHUP is unknown, POLLHUP may mean no more than that.
        return _POLLRDHUP is not None and bool(self._events(0))

    def unread(self) -> Unread | None:
        """What the transport, which is about to be gone, has not read; None when that is no frames, or cannot be had."""
        return self._duplicate() if self.takes_regions else None

    def close_inherited(self) -> None:
        """Give back the descriptor in a process that is a fork."""
        # asyncio hands out a view of the socket that cannot close it.
        own = getattr(self._transport.get_extra_info("socket"), "_sock", None)
        if own is not None:
            own.close()

    def _duplicate(self) -> socket.socket | None:
        """The socket with a descriptor of its own; None when there is none to be had."""
        try:
            duplicated = socket.socket(fileno=os.dup(self._socket().fileno()))
        except (OSError, AttributeError):
            return None
        duplicated.setblocking(False)
        return duplicated

    def _socket(self) -> socket.socket:
        found: socket.socket = self._transport.get_extra_info("socket")
        return found

    def _events(self, wanted: int) -> int:
        """Which of the poll events in `wanted` there are; POLLHUP and POLLERR always are."""
        poll = select.poll()
        poll.register(self._socket().fileno(), wanted)
        return sum(events for _, events in poll.poll(0))


def socket_state(transport: asyncio.BaseTransport) -> SocketState:
    """What is to know of the transport's socket."""
    own = transport.get_extra_info("socket_state")
    return own if isinstance(own, SocketState) else SocketState(transport)
