"""An HTTP server inside the broker's event loop: uvicorn, without its signals, its logs and its exit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from kafka_compat.server.acceptor import listening_sockets
from kafka_compat.tasks import Supervisor
from kafka_compat.web.guarded_protocol import MAX_HEAD_BYTES, GuardedProtocol

_KEEP_ALIVE_S: Final = 5
# What uvicorn takes at the stop comes on top; a broker's own stop allows its clients two seconds.
_STOP_S: Final = 1


class _Server(uvicorn.Server):
    """One that leaves the process's signals alone, and says when it serves or cannot."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        try:
            await super().startup(sockets)
        finally:
            self.is_up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def quiet() -> None:
    """Let uvicorn log nothing, such as that it cuts who is still reading; of the process, so for whoever owns that."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)


class HttpServer:
    """Serves an application from `start` to `stop`.

    Args:
        app: what answers.
        answer_s: how long a request may take, until its answer has been taken.
        name: for log lines.
    """

    def __init__(self, app: ASGIApp, *, answer_s: float, name: str = "http") -> None:
        self._app = app
        self._answer_s = answer_s
        self._tasks = Supervisor(name)
        self._server: _Server | None = None
        self._serving: asyncio.Future[None] | None = None
        self.address: tuple[str, int] = ("", -1)

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen, port 0 on a free one, and serve; where.

        Raises:
            OSError: the address is in use or not this machine's.
        """
        sockets = await listening_sockets(host, port)
        name = sockets[0].getsockname()
        self.address = (name[0], name[1])
        config = uvicorn.Config(
            self._answer,
            loop="none",
            http=GuardedProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_STOP_S,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        )
        self._server = _Server(config)
        self._serving = self._tasks.start("serving", self._server.serve(sockets))
        await self._server.is_up.wait()
        if not self._server.started:
            for each in sockets:
                each.close()
            await self._serving
        return self.address

    async def stop(self) -> None:
        """Answer what is under way for a second, cut the rest, and close the port."""
        server, self._server = self._server, None
        if server is None or self._serving is None:
            return
        server.should_exit = True
        await asyncio.gather(self._serving, return_exceptions=True)
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await self._tasks.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application's answer; a client that does not take it in time, or whose answer fails, loses its connection."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._answer_s):
                try:
                    await self._app(scope, receive, send)
                except TimeoutError:
                    raise
                except Exception as error:
                    self._tasks.report(f"answering {scope.get('path', '')}", error)
                    raise
