"""From a partition or a key to the broker of a cluster that has it."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_compat.api.context import Services
from kafka_compat.ids import BrokerId
from kafka_compat.log.partition import PartitionLog
from kafka_compat.metadata.image import ClusterImage, Partition, Topic
from kafka_compat.testing.cluster import Cluster


class Leaders:
    """The brokers of a cluster by what they lead; only on the brokers' loop."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def image(self) -> ClusterImage:
        """The cluster as of the last committed change."""
        return self._cluster.state.controller.image

    def running(self) -> Iterator[Services]:
        """The services of each broker that runs."""
        for broker in self._cluster.brokers:
            if broker.services is not None and broker.services.node_id in self.image.brokers:
                yield broker.services

    def services(self, node_id: int) -> Services | None:
        """Those of one broker; None when it does not run."""
        for services in self.running():
            if services.node_id == BrokerId(node_id):
                return services
        return None

    def log(self, topic: Topic, partition: Partition) -> PartitionLog | None:
        """The leader's log; without a leader that of another replica; None when there is none to be had."""
        for node_id in dict.fromkeys((partition.leader, *partition.isr, *partition.replicas)):
            services = self.services(node_id)
            if services is not None:
                log = services.logs.get_by_id(topic.id, partition.id)
                if log is not None:
                    return log
        return self._cluster.state.logs.get_by_id(topic.id, partition.id)
