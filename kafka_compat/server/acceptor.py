"""Listening sockets, and connections taken from them a few at a time.

The event loops' own servers take all that waits in one turn, and when the process has no descriptor left one closes new
connections without a word and another logs thousands of errors; ours says so, waits a little and goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import time
from collections.abc import Callable
from typing import Final

from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

_BACKLOG: Final = 1024
_ACCEPTS_PER_TURN: Final = 16
_PAUSE_S: Final = 0.1
_COMPLAINT_INTERVAL_S: Final = 10.0
_FREE_PORT_ATTEMPTS: Final = 20
_ANY_ADDRESSES: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 (what they mean is the operator's wish)
_NO_SUCH_FAMILY: Final = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})

Address = tuple[socket.AddressFamily, str]


async def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on `host` and `port`, one for each address of a name.

    All interfaces (an empty host, 0.0.0.0 or ::) are IPv4 and IPv6, as in Java. Port 0 is a free one, the same for all.

    Raises:
        OSError: the name has no address, or the first one is in use or not this machine's.
    """
    addresses = await _addresses(host)
    for attempt in range(_FREE_PORT_ATTEMPTS):
        sockets: list[socket.socket] = []
        try:
            for address in addresses:
                _listen(sockets, address, sockets[0].getsockname()[1] if sockets else port)
        except OSError as error:
            for each in sockets:
                each.close()
            # The free port of one address may be taken at the other.
            if port == 0 and sockets and error.errno == errno.EADDRINUSE and attempt < _FREE_PORT_ATTEMPTS - 1:
                continue
            raise
        if sockets:
            return sockets
    raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))


async def _addresses(host: str) -> list[Address]:
    everywhere: list[Address] = [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]  # noqa: S104 (as above)
    if not host:
        return everywhere
    if host not in _ANY_ADDRESSES and _is_ipv4(host):
        return [(socket.AF_INET, host)]  # for which no thread has to be started
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    addresses: dict[Address, None] = {}
    for family, _, _, _, name in found:
        text = str(name[0])
        if text in _ANY_ADDRESSES:
            return everywhere
        if text.startswith("::ffff:") and "." in text:
            addresses[socket.AF_INET, text.removeprefix("::ffff:")] = None
        elif family == socket.AF_INET6 and len(name) > 3 and name[3] and "%" not in text:
            addresses[family, f"{text}%{name[3]}"] = None
        elif family in (socket.AF_INET, socket.AF_INET6):
            addresses[family, text] = None
    return list(addresses)


def _is_ipv4(host: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, host)
    except OSError:
        return False
    return True


def _listen(sockets: list[socket.socket], address: Address, port: int) -> None:
    """Add a socket; none for an address that is not the first and that this machine does not have."""
    family, host = address
    try:
        # With the protocol named, event loops know that TCP_NODELAY is to be set.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        if error.errno in _NO_SUCH_FAMILY:
            return  # IPv6, or IPv4, is switched off
        raise
    try:
        if os.name == "posix":  # elsewhere it lets two processes have one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # Two sockets instead of one for both: the addresses of IPv4 peers keep their form.
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.setblocking(False)
        # In bytes: for a text the idna codec would be imported, for an address that has nothing of a name.
        listening.bind(socket.getaddrinfo(host.encode(), port, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0][4])
        # Here and not when it is served: only now it is certain that the port is nobody else's.
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno in _NO_SUCH_FAMILY and (sockets or host in _ANY_ADDRESSES):
            return
        raise
    sockets.append(listening)


class Acceptor:
    """Takes connections from a listening socket, which is its own from then on.

    Args:
        listening: the socket.
        accepted: takes a connected, non-blocking socket.
        tasks: own the one that accepts where the event loop cannot watch sockets.
        delay_s: how long the socket that has just come, and all behind it, have to wait before it is passed on.
    """

    def __init__(
        self,
        listening: socket.socket,
        accepted: Callable[[socket.socket], None],
        tasks: Supervisor,
        delay_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._socket = listening
        self._accepted = accepted
        self._delay_s = delay_s
        self._delayed: socket.socket | None = None
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._resume: asyncio.TimerHandle | None = None
        self._complaint = Complaint()

    def start(self) -> None:
        """Begin to accept."""
        self._resume = None
        delayed, self._delayed = self._delayed, None
        if delayed is not None:
            self._accepted(delayed)
        try:
            self._loop.add_reader(self._socket.fileno(), self._accept)
        except NotImplementedError:  # Windows' own loop
            self._tasks.spawn("accepting", self._accept_one_by_one())

    def close(self) -> None:
        """Accept no more and close the socket."""
        if self._socket.fileno() >= 0:
            self.release().close()

    def close_inherited(self) -> None:
        """Give back the descriptor in a process that is a fork: the event loop is not this one's."""
        self._socket.close()

    def release(self) -> socket.socket:
        """Accept no more; the socket, which listens on, is the caller's."""
        if self._resume is not None:
            self._resume.cancel()
        if self._delayed is not None:
            self._delayed.close()
            self._delayed = None
        with contextlib.suppress(NotImplementedError):
            self._loop.remove_reader(self._socket.fileno())
        return self._socket

    def _accept(self) -> None:
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                connected = self._socket.accept()[0]
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:  # gone before its turn came
                continue
            except OSError as error:
                # Those who connect wait in the backlog meanwhile.
                self._complain(error)
                self._pause(_PAUSE_S)
                return
            connected.setblocking(False)
            if (delay_s := self._delay_s()) > 0:
                self._delayed = connected
                self._pause(delay_s)
                return
            self._accepted(connected)

    def _pause(self, pause_s: float) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._resume = self._loop.call_later(pause_s, self.start)

    async def _accept_one_by_one(self) -> None:
        while self._socket.fileno() >= 0:
            try:
                connected = (await self._loop.sock_accept(self._socket))[0]
            except OSError as error:
                if self._socket.fileno() >= 0:
                    self._complain(error)
                    await asyncio.sleep(_PAUSE_S)
            else:
                if (delay_s := self._delay_s()) > 0:
                    await asyncio.sleep(delay_s)
                self._accepted(connected)
                await asyncio.sleep(0)  # what waits in the backlog comes without a turn of the loop

    def _complain(self, error: OSError) -> None:
        # No descriptor or no memory left, mostly.
        if self._complaint.is_due():
            logger.error("cannot accept connections, trying again: %s", error.strerror or error)


class Complaint:
    """Says when a line about something that goes on is due: at once, and then every ten seconds."""

    def __init__(self) -> None:
        self._last = -_COMPLAINT_INTERVAL_S

    def is_due(self) -> bool:
        """Whether to say it now."""
        now = time.monotonic()
        if now - self._last < _COMPLAINT_INTERVAL_S:
            return False
        self._last = now
        return True
