"""What `serve --http` serves: `/metrics`, `/health/live` and `/health/ready`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from kafka_compat.config.listeners import join_address
from kafka_compat.server.broker import Broker
from kafka_compat.tasks import Supervisor
from kafka_compat.web.health import missing
from kafka_compat.web.http_server import HttpServer
from kafka_compat.web.loop_watch import LoopWatch
from kafka_compat.web.metrics.exposition import CONTENT_TYPE, Metrics

# Of a scrape; Prometheus gives up after ten seconds unless it is told otherwise.
_ANSWER_S: Final = 60.0
# Each holds some megabytes where there are many partitions, for as long as its client takes to read.
_SCRAPES: Final = 8

_LINKS: Final = "kafka-compat\n\n/metrics\n/health/live\n/health/ready\n"


class BrokerHttp:
    """Metrics and health of one broker, also while it starts and stops.

    Args:
        broker: need not have been started.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._watch = LoopWatch()
        self._tasks = Supervisor("metrics")
        self._metrics = Metrics(broker, self._watch, self._tasks)
        self._scrapes = 0
        routes = [
            Route("/", self._index),
            Route("/metrics", self._scrape),
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
        ]
        self._server = HttpServer(Starlette(routes=routes), answer_s=_ANSWER_S)

    @property
    def url(self) -> str:
        """Where it is, once it has started."""
        return f"http://{join_address(*self._server.address)}"

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Serve; where. Raises OSError."""
        address = await self._server.start(host, port)
        self._watch.start()
        return address

    async def stop(self) -> None:
        """Serve no more."""
        self._watch.stop()
        await self._server.stop()
        await self._tasks.close()

    async def _index(self, request: Request) -> Response:
        return PlainTextResponse(_LINKS)

    async def _live(self, request: Request) -> Response:
        """Whoever reads this sees that the process and its event loop answer."""
        return JSONResponse({"live": True, "state": self._broker.life.name})

    async def _ready(self, request: Request) -> Response:
        lacking = missing(self._broker)
        body = {"ready": not lacking, "state": self._broker.life.name, "missing": lacking}
        return JSONResponse(body, status_code=503 if lacking else 200)

    async def _scrape(self, request: Request) -> Response:
        if self._scrapes >= _SCRAPES:
            return PlainTextResponse(f"{_SCRAPES} scrapes are under way\n", status_code=503)
        return StreamingResponse(self._pieces(), media_type=CONTENT_TYPE)

    async def _pieces(self) -> AsyncIterator[bytes]:
        self._scrapes += 1
        try:
            async for piece in self._metrics.pieces():
                yield piece
        finally:
            self._scrapes -= 1
