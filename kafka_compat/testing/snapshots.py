"""All that is in a cluster, kept to come back to."""

from __future__ import annotations

from pathlib import Path

from kafka_compat.testing.cluster import Cluster


class Snapshot:
    """What was in a cluster at one moment."""


class Snapshots:
    """Takes and restores them; only on the brokers' loop."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def take(self, folder: Path | None) -> Snapshot:
        """See `Kafka.snapshot`."""
        raise NotImplementedError

    async def restore(self, snapshot: Snapshot | Path) -> None:
        """See `Kafka.restore`."""
        raise NotImplementedError
