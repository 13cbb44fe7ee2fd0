"""The control plane of a running `Kafka`: an HTTP server with an event loop and a thread of its own.

Not the loop of the brokers: that has to become quiet when time is moved, and here somebody may wait for minutes.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Final, Self

from kafka_compat.config.listeners import join_address
from kafka_compat.testing.kafka import Kafka
from kafka_compat.web.control.app import ControlApp, is_loopback
from kafka_compat.web.control.content_verbs import MAX_WAIT_S
from kafka_compat.web.extra import require
from kafka_compat.web.http_server import HttpServer

_GRACE_S: Final = 30.0


class ControlServer:
    """Serves the verbs of `kafka` from `start` to `stop`; a context manager.

    Args:
        kafka: running.
        host, port: where; port 0 is a free one.
        token: that requests have to carry, as `Authorization: Bearer TOKEN`.

    Raises:
        ValueError: others than this machine could reach it, and there is no token.
        MissingExtra: the libraries are not installed.
    """

    def __init__(self, kafka: Kafka, host: str = "127.0.0.1", port: int = 0, *, token: str | None = None) -> None:
        require("the control plane")
        if token is None and not is_loopback(host):
            raise ValueError(f"the control plane on {host or '*'} can be reached by others: it needs a token")
        if token is not None and not token:
            raise ValueError("the token of the control plane is empty")
        self._kafka = kafka
        self._host, self._port, self._token = host, port, token
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: HttpServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it is, once it has started."""
        assert self._server is not None
        return f"http://{join_address(*self._server.address)}"

    def start(self) -> None:
        """Serve. Raises OSError when the address cannot be had."""
        loop = self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="kafka-compat-control", daemon=True)
        self._thread.start()
        self._server = HttpServer(ControlApp(self._kafka, self._token).asgi, answer_s=MAX_WAIT_S + _GRACE_S, name="control")
        try:
            asyncio.run_coroutine_threadsafe(self._server.start(self._host, self._port), loop).result()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Serve no more; a no-op when it is stopped. Waits that are under way get no answer."""
        loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        assert self._server is not None
        asyncio.run_coroutine_threadsafe(self._server.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        loop.close()
