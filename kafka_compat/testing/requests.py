"""What clients have asked a cluster, as a test sees it."""

from __future__ import annotations

from kafka_compat.testing.cluster import Cluster


class Request:
    """One request; see `RequestLog`."""


class RequestLog:
    """The last requests of all brokers, in the order they ended. Its methods may be called in any thread."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
