"""The cluster as one value: brokers, topics, partitions, configs, features.

The image changes only in `ClusterImage.apply`, which replays the change records of `metadata/changes.py`: at start from the
metadata log, afterwards right behind each commit. Everybody else reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kafka_compat.ids import BrokerId, PartitionId, TopicId, TopicName
from kafka_compat.metadata.changes import (
    BrokerIncarnation,
    Change,
    ClusterCreated,
    ConfigsChanged,
    FeatureChanged,
    PartitionChanged,
    ProducerIdsReserved,
    TopicCreated,
    TopicDeleted,
    TopicGrown,
)
from kafka_compat.protocol.topic_names import collision_key, may_collide

NO_LEADER = BrokerId(-1)


@dataclass(slots=True)
class Partition:
    """Who leads and holds one partition."""

    id: PartitionId
    replicas: list[BrokerId]
    isr: list[BrokerId]
    leader: BrokerId
    leader_epoch: int
    partition_epoch: int

    def has_enough_in_sync(self, min_insync_replicas: int) -> bool:
        """Whether an append that all replicas have to confirm is taken: with fewer of them than that it needs all.

        Source: Kafka's Partition.effectiveMinIsr.
        """
        return len(self.isr) >= min(min_insync_replicas, len(self.replicas))


@dataclass(slots=True)
class Topic:
    """One incarnation of a topic; a topic that is made again under the same name has another id."""

    name: TopicName
    id: TopicId
    partitions: list[Partition]


@dataclass(frozen=True, slots=True)
class RegisteredBroker:
    """A running broker and where clients reach it, by listener name."""

    id: BrokerId
    endpoints: dict[str, tuple[str, int]]
    rack: str | None = None


@dataclass(slots=True)
class ClusterImage:
    """What the metadata log says, and which brokers run now (the one part that is not stored)."""

    cluster_id: str = ""
    controller_id: BrokerId = NO_LEADER
    brokers: dict[BrokerId, RegisteredBroker] = field(default_factory=dict)
    topics: dict[TopicName, Topic] = field(default_factory=dict)
    topics_by_id: dict[TopicId, Topic] = field(default_factory=dict)
    # Collision key (`topic_names.collision_key`) -> names that have it, of those with '.' or '_'.
    colliding: dict[str, dict[TopicName, None]] = field(default_factory=dict)
    # (ConfigResource type code, resource name) -> overrides
    configs: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)
    # Feature -> level, of those that were changed since the cluster was made (`features.finalized_features`).
    feature_levels: dict[str, int] = field(default_factory=dict)
    next_producer_id: int = 0
    incarnation: int = 0

    def partition(self, topic: str, partition: int) -> Partition | None:
        """The partition, or None when the topic or the partition does not exist."""
        found = self.topics.get(TopicName(topic))
        if found is None or not 0 <= partition < len(found.partitions):
            return None
        return found.partitions[partition]

    def overrides(self, resource_type: int, name: str) -> dict[str, str]:
        """The configs set on one resource; empty when none are."""
        return self.configs.get((resource_type, name), {})

    def all_partitions(self) -> Iterator[tuple[Topic, Partition]]:
        """Every partition with its topic."""
        for topic in self.topics.values():
            for partition in topic.partitions:
                yield topic, partition

    def apply(self, change: Change) -> None:
        """Replay one change record."""
        match change:
            case ClusterCreated():
                self.cluster_id = change.cluster_id
            case BrokerIncarnation():
                self._apply_incarnation(change)
            case TopicCreated():
                self._forget(change.name)
                topic = Topic(change.name, change.id, [])
                self.topics[topic.name] = topic
                self.topics_by_id[topic.id] = topic
                if may_collide(topic.name):
                    self.colliding.setdefault(collision_key(topic.name), {})[topic.name] = None
                self._grow(topic, change.assignments, change.leader_epochs, change.partition_epochs)
            case TopicGrown():
                topic = self.topics[change.name]
                self._grow(topic, change.assignments, [0] * len(change.assignments), [0] * len(change.assignments))
            case TopicDeleted():
                self._forget(change.name)
            case PartitionChanged():
                partition = self.topics[change.name].partitions[change.partition]
                partition.replicas = list(change.replicas)
                partition.isr = list(change.isr)
                partition.leader = change.leader
                partition.leader_epoch = change.leader_epoch
                partition.partition_epoch = change.partition_epoch
            case ConfigsChanged():
                key = (change.resource_type, change.name)
                if change.configs:
                    self.configs[key] = dict(change.configs)
                else:
                    self.configs.pop(key, None)
            case FeatureChanged():
                self.feature_levels[change.name] = change.level
            case ProducerIdsReserved():
                self.next_producer_id = change.next_producer_id

    def snapshot(self) -> Iterator[Change]:
        """The changes that rebuild this image when they are replayed, over an empty image or over any earlier one."""
        yield ClusterCreated(self.cluster_id)
        yield BrokerIncarnation(self.incarnation, raise_leader_epochs_by=0)
        for topic in self.topics.values():
            yield TopicCreated(
                topic.name,
                topic.id,
                [list(p.replicas) for p in topic.partitions],
                [p.leader_epoch for p in topic.partitions],
                [p.partition_epoch for p in topic.partitions],
            )
            for partition in topic.partitions:
                if partition.leader != partition.replicas[0] or partition.isr != partition.replicas:
                    yield PartitionChanged(
                        topic.name,
                        partition.id,
                        list(partition.replicas),
                        list(partition.isr),
                        partition.leader,
                        partition.leader_epoch,
                        partition.partition_epoch,
                    )
        for (resource_type, name), configs in self.configs.items():
            yield ConfigsChanged(resource_type, name, dict(configs))
        for name, level in self.feature_levels.items():
            yield FeatureChanged(name, level)
        yield ProducerIdsReserved(self.next_producer_id)

    def _apply_incarnation(self, change: BrokerIncarnation) -> None:
        self.incarnation = change.number
        if change.raise_leader_epochs_by:
            for _, partition in self.all_partitions():
                partition.leader_epoch += change.raise_leader_epochs_by
                partition.partition_epoch += change.raise_leader_epochs_by

    def _forget(self, name: TopicName) -> None:
        topic = self.topics.pop(name, None)
        if topic is None:
            return
        del self.topics_by_id[topic.id]
        if may_collide(name):
            names = self.colliding[collision_key(name)]
            del names[name]
            if not names:
                del self.colliding[collision_key(name)]

    @staticmethod
    def _grow(topic: Topic, assignments: list[list[BrokerId]], leader_epochs: list[int], epochs: list[int]) -> None:
        for replicas, leader_epoch, epoch in zip(assignments, leader_epochs, epochs, strict=True):
            topic.partitions.append(
                Partition(PartitionId(len(topic.partitions)), list(replicas), list(replicas), replicas[0], leader_epoch, epoch)
            )
