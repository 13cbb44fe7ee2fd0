"""From a scrape to Prometheus's text, family by family: a thread makes a piece of it, and the next when that has been sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from kafka_compat.server.broker import Broker
from kafka_compat.tasks import Supervisor
from kafka_compat.web.loop_watch import LoopWatch
from kafka_compat.web.metrics import exporter, jmx, own
from kafka_compat.web.metrics.disk import disk_bytes
from kafka_compat.web.metrics.lag_times import LagTimes
from kafka_compat.web.metrics.latencies import Recent
from kafka_compat.web.metrics.scrape import Scrape, look

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_PIECE_BYTES: Final = 256 << 10
_LOOKS_AT_ONCE: Final = 2


class Metrics:
    """The one collector of a broker; each of its registry's families is made when its turn to be written has come.

    Args:
        broker: in whatever state.
        watch: of its event loop.
        tasks: runs the threads.
    """

    def __init__(self, broker: Broker, watch: LoopWatch, tasks: Supervisor) -> None:
        self._broker = broker
        self._watch = watch
        self._tasks = tasks
        self._recent = Recent()
        self._lag_times = LagTimes()
        self._looks = asyncio.Semaphore(_LOOKS_AT_ONCE)
        # They look at the process, not at us.
        nowhere = CollectorRegistry(auto_describe=False)
        self._process: tuple[Collector, ...] = (
            ProcessCollector(registry=nowhere),
            PlatformCollector(registry=nowhere),
            GCCollector(registry=nowhere),
        )

    async def pieces(self) -> AsyncIterator[bytes]:
        """The text of one scrape."""
        async with self._looks:
            scrape = await look(self._broker, self._watch, self._lag_times)
        families = self._families(scrape)
        while piece := await self._tasks.in_thread(lambda: _piece(families)):
            yield piece
        self._recent.note(scrape.requests)

    def _families(self, scrape: Scrape) -> Iterator[Metric]:
        yield from own.families(scrape)
        yield from jmx.families(scrape, self._recent)
        yield from exporter.families(scrape)
        yield from disk_bytes()
        services = self._broker.services
        if services is not None and services.telemetry is not None:
            # Only where clients push: it takes a moment to import.
            from kafka_compat.web.metrics import client_telemetry

            yield from client_telemetry.families(services.telemetry, services.clock.wall_ms())
        for collector in self._process:
            yield from collector.collect()


class _Only:
    """A registry of one family."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def collect(self) -> Iterable[Metric]:
        return (self._metric,)


def _piece(families: Iterator[Metric]) -> bytes:
    """The text of the next families, whole; empty behind the last."""
    parts: list[bytes] = []
    size = 0
    for metric in families:
        parts.append(generate_latest(_Only(metric)))
        size += len(parts[-1])
        if size >= _PIECE_BYTES:
            break
    return b"".join(parts)
