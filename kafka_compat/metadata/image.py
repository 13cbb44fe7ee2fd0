"""The cluster as one value: brokers, topics, partitions, configs, features.

The image changes only in `ClusterImage.apply`, which replays the change records of `metadata/changes.py`: at start from the
metadata log, afterwards right behind each commit. Everybody else reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kafka_compat.ids import BrokerId, PartitionId, TopicId, TopicName
from kafka_compat.metadata.changes import (
    AclAdded,
    AclRemoved,
    BrokerFenced,
    BrokerIncarnation,
    BrokerRegistered,
    BrokerUnregistered,
    Change,
    ClientQuotasChanged,
    ClusterCreated,
    ConfigsChanged,
    ControllerMoved,
    DelegationTokenRemoved,
    DelegationTokenSet,
    FeatureChanged,
    PartitionChanged,
    ProducerIdsReserved,
    ScramCredentialRemoved,
    ScramCredentialSet,
    TopicCreated,
    TopicDeleted,
    TopicGrown,
)
from kafka_compat.protocol.topic_names import collision_key, may_collide

NO_LEADER = BrokerId(-1)


@dataclass(slots=True)
class Partition:
    """Who leads and holds one partition.

    Attributes:
        id: its number within the topic.
        replicas: the brokers that hold it, the preferred leader first.
        isr: those of them that are in sync.
        leader: one of `isr`; NO_LEADER when none can lead.
        leader_epoch: rises with each new leader, also with NO_LEADER.
        partition_epoch: rises with each change.
        elr: eligible to lead though not in the ISR: they have all that was committed, since the ISR has had too few members
            to commit anything from when they left it (KIP-966).
        last_known_elr: of a partition without ISR and ELR, or that has no leader: the last leader.
        adding: replicas that a reassignment is adding; they are among `replicas`.
        removing: replicas that it will remove when those are in sync.
    """

    id: PartitionId
    replicas: list[BrokerId]
    isr: list[BrokerId]
    leader: BrokerId
    leader_epoch: int
    partition_epoch: int
    elr: Sequence[BrokerId] = ()
    last_known_elr: Sequence[BrokerId] = ()
    adding: Sequence[BrokerId] = ()
    removing: Sequence[BrokerId] = ()

    @property
    def is_as_created(self) -> bool:
        """Whether nothing but its epochs has changed since it was made with all its replicas up."""
        return (
            self.leader == self.replicas[0]
            and self.isr == self.replicas
            and not (self.elr or self.last_known_elr or self.adding or self.removing)
        )

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


class RegisteredBroker(NamedTuple):
    """A broker and where clients reach it, by listener name."""

    id: BrokerId
    endpoints: dict[str, tuple[str, int]]
    rack: str | None = None


class Acl(NamedTuple):
    """An access control entry (KIP-11): codes are those of `security/acl.py`, `principal` is `type:name`, `host` may be `*`."""

    resource_type: int
    resource_name: str
    pattern_type: int
    principal: str
    host: str
    operation: int
    permission: int


# Pairs of type and name, sorted; None is the default's name.
QuotaEntity = tuple[tuple[str, str | None], ...]


@dataclass(slots=True)
class ClusterImage:
    """What the metadata log says.

    `registered` are all brokers that the cluster has, `brokers` those of them that are up (not fenced), both by rising id.
    """

    cluster_id: str = ""
    controller_id: BrokerId = NO_LEADER
    controller_epoch: int = 0
    registered: dict[BrokerId, RegisteredBroker] = field(default_factory=dict)
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
    # User -> code of the SCRAM mechanism -> credential
    scram_credentials: dict[str, dict[int, ScramCredentialSet]] = field(default_factory=dict)
    acls: dict[bytes, Acl] = field(default_factory=dict)  # by id
    client_quotas: dict[QuotaEntity, dict[str, float]] = field(default_factory=dict)
    delegation_tokens: dict[str, DelegationTokenSet] = field(default_factory=dict)  # by token id

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
            case BrokerRegistered():
                broker = RegisteredBroker(change.id, change.endpoints, change.rack)
                if self.controller_id not in self.brokers:
                    self.controller_id = broker.id
                self.registered = _sorted(self.registered | {broker.id: broker})
                self.brokers = _sorted(self.brokers | {broker.id: broker})
            case BrokerFenced():
                self.brokers = _without(self.brokers, change.id)
            case BrokerUnregistered():
                self.brokers = _without(self.brokers, change.id)
                self.registered = _without(self.registered, change.id)
            case ControllerMoved():
                self.controller_id = change.id
                self.controller_epoch = change.epoch
            case TopicCreated():
                self._forget(change.name)
                topic = Topic(change.name, change.id, [])
                self.topics[topic.name] = topic
                self.topics_by_id[topic.id] = topic
                if may_collide(topic.name):
                    self.colliding.setdefault(collision_key(topic.name), {})[topic.name] = None
                in_sync = change.assignments if change.in_sync is None else change.in_sync
                self._grow(topic, change.assignments, in_sync, change.leader_epochs, change.partition_epochs)
            case TopicGrown():
                topic = self.topics[change.name]
                in_sync = change.assignments if change.in_sync is None else change.in_sync
                zeros = [0] * len(change.assignments)
                self._grow(topic, change.assignments, in_sync, zeros, zeros)
            case TopicDeleted():
                self._forget(change.name)
            case PartitionChanged():
                partition = self.topics[change.name].partitions[change.partition]
                partition.replicas = list(change.replicas)
                partition.isr = list(change.isr)
                partition.leader = change.leader
                partition.leader_epoch = change.leader_epoch
                partition.partition_epoch = change.partition_epoch
                # Mostly there are none: a partition has no list of its own for that.
                partition.elr = tuple(change.elr)
                partition.last_known_elr = tuple(change.last_known_elr)
                partition.adding = tuple(change.adding)
                partition.removing = tuple(change.removing)
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
            case ScramCredentialSet():
                self.scram_credentials.setdefault(change.user, {})[change.mechanism] = change
            case ScramCredentialRemoved():
                of_user = self.scram_credentials.get(change.user, {})
                of_user.pop(change.mechanism, None)
                if not of_user:
                    self.scram_credentials.pop(change.user, None)
            case AclAdded():
                self.acls[change.id] = Acl(*change[1:])
            case AclRemoved():
                self.acls.pop(change.id, None)
            case ClientQuotasChanged():
                entity = tuple(change.entity)
                if change.quotas:
                    self.client_quotas[entity] = dict(change.quotas)
                else:
                    self.client_quotas.pop(entity, None)
            case DelegationTokenSet():
                self.delegation_tokens[change.token_id] = change
            case DelegationTokenRemoved():
                self.delegation_tokens.pop(change.token_id, None)

    def snapshot(self) -> Iterator[Change]:
        """The changes that rebuild this image when they are replayed, over an empty image or over any earlier one."""
        yield ClusterCreated(self.cluster_id)
        yield BrokerIncarnation(self.incarnation, raise_leader_epochs_by=0)
        for broker in self.registered.values():
            yield BrokerRegistered(broker.id, broker.endpoints, broker.rack)
            if broker.id not in self.brokers:
                yield BrokerFenced(broker.id)
        yield ControllerMoved(self.controller_id, self.controller_epoch)
        for topic in self.topics.values():
            yield TopicCreated(
                topic.name,
                topic.id,
                [list(p.replicas) for p in topic.partitions],
                [p.leader_epoch for p in topic.partitions],
                [p.partition_epoch for p in topic.partitions],
            )
            for partition in topic.partitions:
                if not partition.is_as_created:
                    yield PartitionChanged(
                        topic.name,
                        partition.id,
                        list(partition.replicas),
                        list(partition.isr),
                        partition.leader,
                        partition.leader_epoch,
                        partition.partition_epoch,
                        list(partition.elr),
                        list(partition.last_known_elr),
                        list(partition.adding),
                        list(partition.removing),
                    )
        for (resource_type, name), configs in self.configs.items():
            yield ConfigsChanged(resource_type, name, dict(configs))
        for name, level in self.feature_levels.items():
            yield FeatureChanged(name, level)
        yield ProducerIdsReserved(self.next_producer_id)
        for of_user in self.scram_credentials.values():
            yield from of_user.values()
        for acl_id, acl in self.acls.items():
            yield AclAdded(acl_id, *acl)
        for entity, quotas in self.client_quotas.items():
            yield ClientQuotasChanged(entity, dict(quotas))
        yield from self.delegation_tokens.values()

    def _apply_incarnation(self, change: BrokerIncarnation) -> None:
        self.incarnation = change.number
        self.brokers = {}
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
    def _grow(
        topic: Topic,
        assignments: list[list[BrokerId]],
        in_sync: list[list[BrokerId]],
        leader_epochs: list[int],
        epochs: list[int],
    ) -> None:
        for replicas, isr, leader_epoch, epoch in zip(assignments, in_sync, leader_epochs, epochs, strict=True):
            topic.partitions.append(
                Partition(PartitionId(len(topic.partitions)), list(replicas), list(isr), isr[0], leader_epoch, epoch)
            )


def _sorted(brokers: dict[BrokerId, RegisteredBroker]) -> dict[BrokerId, RegisteredBroker]:
    return dict(sorted(brokers.items()))


def _without(brokers: dict[BrokerId, RegisteredBroker], broker_id: BrokerId) -> dict[BrokerId, RegisteredBroker]:
    return {each: broker for each, broker in brokers.items() if each != broker_id}
