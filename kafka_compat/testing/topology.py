"""Which brokers a cluster has, which of them run, and who leads what."""

from __future__ import annotations

from collections.abc import Mapping

from kafka_compat.testing.cluster import Cluster


class BrokerHandle:
    """One broker of a cluster, running or not."""


class Topology:
    """See `Kafka.topology`. Its methods may be called in any thread but the brokers'."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def brokers(self) -> Mapping[int, BrokerHandle]:
        """See `Kafka.brokers`."""
        raise NotImplementedError
