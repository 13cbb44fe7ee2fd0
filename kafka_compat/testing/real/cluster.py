"""Stands where `Cluster` stands: the event loop in its thread, with connections in place of brokers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.real.connections import Connections


class RealCluster(Cluster):
    """Runs coroutines as a cluster does; what would touch brokers is refused."""

    def __init__(self, bootstrap_servers: str, refuse: Callable[[str], NoReturn]) -> None:
        super().__init__()
        self._bootstrap_servers = bootstrap_servers
        self._refuse = refuse
        self.connections = Connections(bootstrap_servers)

    @property
    def bootstrap(self) -> str:
        """The address that was given."""
        self._running_loop()
        return self._bootstrap_servers

    @property
    def brokers(self) -> NoReturn:
        """Refused."""
        self._refuse("touches the inside of brokers")

    @property
    def state(self) -> NoReturn:
        """Refused."""
        self._refuse("touches the inside of brokers")

    def on_broker(self, hook: object) -> NoReturn:
        """Refused."""
        self._refuse("touches the inside of brokers")

    def intercept(self, hook: object) -> NoReturn:
        """Refused."""
        self._refuse("intercepts requests")

    def advance(self, by_ms: int, timeout_s: float = 30.0) -> NoReturn:
        """Refused."""
        self._refuse("moves the clock")

    async def _start(self) -> None:
        await self.connections.metadata(())

    async def _stop(self) -> None:
        await self.connections.close()
