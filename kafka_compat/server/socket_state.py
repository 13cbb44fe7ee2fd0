"""What the system knows of a connection and its transport does not say."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import struct
from typing import Final

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = termios = None  # type: ignore[assignment]

# None where a system has none of it.
_POLLRDHUP: Final[int | None] = getattr(select, "POLLRDHUP", None)


def is_plain(transport: asyncio.BaseTransport) -> bool:
    """Whether the bytes on the transport's socket are those that it is given and gives: a socket, and no TLS above it."""
    if transport.get_extra_info("sslcontext") is not None:
        return False
    try:
        return int(transport.get_extra_info("socket").fileno()) >= 0
    except (OSError, AttributeError):
        return False


def unread_bytes(transport: asyncio.Transport) -> int:
    """How much the system has received that the transport has not read; -1 where that cannot be known."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(_socket_of(transport).fileno(), termios.FIONREAD, bytes(4)))[0])
    except (OSError, AttributeError):
        return -1


def sends_no_more(transport: asyncio.Transport) -> bool:
    """Whether the client has ended its side, as far as the system tells before all is read."""
    return _POLLRDHUP is not None and bool(_events(transport, _POLLRDHUP))


def reads_no_more(transport: asyncio.Transport) -> bool:
    """Whether the client has closed its socket for certain: an answer was refused, or it reset the connection.

    One that has closed and got nothing since looks like one that has only shut down its sending side.
    """
    # Where POLLRDHUP is unknown, POLLHUP may mean no more than that.
    return _POLLRDHUP is not None and bool(_events(transport, 0))


def duplicate(transport: asyncio.Transport) -> socket.socket | None:
    """The transport's socket with a descriptor of its own; None when there is none to be had."""
    try:
        duplicated = socket.socket(fileno=os.dup(_socket_of(transport).fileno()))
    except (OSError, AttributeError):
        return None
    duplicated.setblocking(False)
    return duplicated


def _socket_of(transport: asyncio.Transport) -> socket.socket:
    found: socket.socket = transport.get_extra_info("socket")
    return found


def _events(transport: asyncio.Transport, wanted: int) -> int:
    """Which of the poll events in `wanted` there are; POLLHUP and POLLERR always are."""
    poll = select.poll()
    poll.register(_socket_of(transport).fileno(), wanted)
    return sum(events for _, events in poll.poll(0))
