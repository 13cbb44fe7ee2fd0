"""Uvicorn's HTTP protocol for clients that nobody vouches for.

Uvicorn bounds the size of a request's head and idle connections between requests; a client that never ends its head, or opens
thousands of connections, it leaves to a proxy. There is none here.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# From the connection, or the answer before, to the end of a request's head.
HEAD_TIMEOUT_S: Final = 10.0
MAX_HEAD_BYTES: Final = 16 << 10
MAX_CONNECTIONS: Final = 100

# What uvicorn has to say is of clients, or of exceptions that `HttpServer` has logged.
_silent = logging.getLogger("kafka_compat.web.uvicorn")
_silent.setLevel(logging.CRITICAL)


class GuardedProtocol(H11Protocol):
    """Closes a connection that is one too many, or has no whole head in time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _silent
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection, and its time."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
            return
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the head's time runs for as long as it is not whole."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if self._head_timer is None:
                self._wait_for_head()
        else:
            self._forget_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        self._forget_timer()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._give_up)

    def _forget_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.abort()
