"""Tells whoever waits in a test that something has happened in the cluster, whatever it was.

Something happens when a request begins, waits or ends, a partition's offsets move, a timer of a coordinator fires, or the
cluster's metadata change. Who waits looks again then, so that one count is enough for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kafka_compat.api.context import RequestContext
from kafka_compat.api.observers import End
from kafka_compat.metadata.changes import Change
from kafka_compat.protocol.message import Message
from kafka_compat.server.broker import Broker
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.positions import Positions


class Changes:
    """Counts what happens in a cluster; a `BeginningObserver` of all its brokers.

    Attributes:
        count: only rises; may be read in any thread.
        positions: what clients have learnt of where to begin.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.count = 0
        self.positions = Positions()
        self._waiting: set[asyncio.Future[None]] = set()
        cluster.on_broker(self._attach)
        cluster.on_reset(self.positions.clear)

    def happened(self) -> None:
        """Something has happened."""
        self.count += 1
        if self._waiting:
            waiting, self._waiting = self._waiting, set()
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    async def after(self, seen: int) -> None:
        """Return when the count is above `seen`; at once when it is. Nothing is left of it when it is cancelled."""
        if self.count > seen:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    def began(self, context: RequestContext, /) -> None:
        """See `BeginningObserver`."""
        self.positions.began(context)
        self.happened()

    def ended(
        self, context: RequestContext, end: End, answer_bytes: int, duration_ns: int, response: Message | None, /
    ) -> None:
        """See `Observer`."""
        self.positions.ended(context, response)
        self.happened()

    async def _metadata_changed(self, changes: Sequence[Change]) -> None:
        self.happened()

    def _attach(self, broker: Broker) -> None:
        services = broker.services
        assert services is not None
        services.observers.add(self)
        if self._metadata_changed not in services.controller.after_apply:
            services.controller.after_apply.append(self._metadata_changed)
        services.purgatory.watch(self.happened)
        services.groups.watch(self.happened)
        services.transactions.watch(self.happened)
        self.happened()
