"""What all brokers of one process share: the store, the metadata log with its image, and one log per partition.

Start order: store (`store.py`), metadata log, image, a new incarnation (leader epochs rise),
then the partition logs with recovery. A log that no topic of the image owns is what a crash left of a deletion or of a
creation that was never committed, or the metadata have lost it: with records in it, it is set aside for the operator.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kafka_compat.clock import Clock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.coordinator.transaction.peers import TransactionPeers
from kafka_compat.ids import BrokerId, TopicId, TopicName
from kafka_compat.log.manager import LogManager
from kafka_compat.log.partition import NO_LIMIT, PartitionLog
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.log.replication import Replication
from kafka_compat.metadata.changes import (
    Change,
    ClientQuotasChanged,
    ConfigsChanged,
    PartitionChanged,
    TopicCreated,
    TopicDeleted,
    TopicGrown,
    UnknownChange,
)
from kafka_compat.metadata.config_resources import BROKER_RESOURCE, TOPIC_RESOURCE
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.metadata_log import LOG_ID as METADATA_LOG_ID
from kafka_compat.metadata.metadata_log import MetadataLog
from kafka_compat.pacing import Pace
from kafka_compat.server.life import Recovery
from kafka_compat.server.membership import Membership
from kafka_compat.storage.interface import LogId, LogStore, Refused
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.api.context import Services
    from kafka_compat.server.client_quotas import ClientQuotas
    from kafka_compat.server.listener import SocketServer
    from kafka_compat.server.slow_replication import SlowReplication

logger = logging.getLogger(__name__)


class ClusterState:
    """Durable state of a cluster, opened; brokers come and go above it."""

    def __init__(self, store: LogStore, controller: Controller, logs: LogManager, purgatory: Purgatory, clock: Clock) -> None:
        self.controller = controller
        self.logs = logs
        self.purgatory = purgatory
        self.clock = clock
        self.transaction_peers = TransactionPeers()
        self.replication = Replication()
        self._slow_replication: SlowReplication | None = None
        self._quotas: ClientQuotas | None = None  # once there is one
        self._serving: list[tuple[Services, SocketServer]] = []
        self.membership: Membership
        logs.on_made = self._follow_late
        self._new_terms: list[PartitionLog] = []  # of partitions of which the image is about to show another leader
        self._store = store
        self._configs: dict[TopicName, TopicConfig] = {}
        self._config: BrokerConfig
        self._tasks: Supervisor
        # Each broker's configs and the ones above, which follow the dynamic broker configs of the image.
        self._attached: list[BrokerConfig] = []

    @classmethod
    async def open(cls, store: LogStore, config: BrokerConfig, clock: Clock, recovery: Recovery | None = None) -> ClusterState:
        """Open what lies in `store`, which is the state's from now on, recovering where the last end was not clean.

        `recovery` says meanwhile how far it has come.

        Raises:
            Refused: it is another cluster's, not whole, or was written by a newer version.
            StorageError: the metadata cannot be read.
        """
        try:
            metadata_log = await MetadataLog.open(store)
            image = await metadata_log.load()
            if image.cluster_id:
                await store.claim(image.cluster_id)
            tasks = Supervisor("the cluster")
            controller = Controller(metadata_log, image, clock, tasks)
            purgatory = Purgatory()
            state = cls(store, controller, LogManager(store, clock, purgatory, config, tasks), purgatory, clock)
            state._config = config
            state._tasks = tasks
            controller.topic_configs = state.topic_config
            state.membership = Membership(controller, state.replication, config, clock, tasks)
            await controller.start()
            await store.claim(controller.image.cluster_id)
            await state._set_min_insync_replicas()
            state.attach(config)
            if image.client_quotas:
                await state._load_quotas()
            await state._open_logs(recovery or Recovery())
        except Exception as error:
            # What is missing or damaged may be put back: a clean marker would say that there is nothing to look for.
            store.abandon()
            if isinstance(error, UnknownChange):
                raise Refused(f"{store.place}: {error}: use the newer version that wrote it") from error
            raise
        except BaseException:
            await store.close()
            raise
        controller.before_apply = state._prepare
        controller.after_apply.append(state._follow)
        state.logs.start_background()
        return state

    async def close(self) -> None:
        """Flush everything and leave the clean marker."""
        self._end_deciding()
        await self.logs.close()

    async def abandon(self) -> None:
        """Let go of everything at once: nothing is flushed, and no clean marker is left."""
        self.purgatory.complete_all()
        self._end_deciding()
        await self.logs.abandon()

    def _end_deciding(self) -> None:
        self.membership.close()
        if self._slow_replication is not None:
            self._slow_replication.close()

    @property
    def slow_replication(self) -> SlowReplication:
        """Makes followers slow, which only tests want."""
        if self._slow_replication is None:
            from kafka_compat.server.slow_replication import SlowReplication

            self._slow_replication = SlowReplication(self.replication, self.clock)
        return self._slow_replication

    def attach(self, config: BrokerConfig) -> None:
        """Let a broker's configs follow the dynamic ones of the metadata log, from now on."""
        if config not in self._attached:
            self._attached.append(config)
            self._apply_dynamic(config)

    def detach(self, config: BrokerConfig) -> None:
        """The broker is gone; its configs change no more."""
        if config is not self._config and config in self._attached:
            self._attached.remove(config)

    def serve(self, services: Services, sockets: SocketServer) -> None:
        """Let a broker hold its clients to the quotas of the image, from now on."""
        self._serving.append((services, sockets))
        if self._quotas is not None:
            self._quotas.attach(services, sockets)

    def end_serving(self, services: Services) -> None:
        """The broker is gone."""
        self._serving = [each for each in self._serving if each[0] is not services]
        if self._quotas is not None:
            self._quotas.detach(services)

    async def _load_quotas(self) -> None:
        from kafka_compat.server.client_quotas import ClientQuotas

        self._quotas = ClientQuotas(self._config, self._tasks)
        for services, sockets in self._serving:
            self._quotas.attach(services, sockets)
        await self._quotas.load(self.controller.image)

    def topic_config(self, name: TopicName) -> TopicConfig:
        """The resolved configs of a topic, as of its last change."""
        config = self._configs.get(name)
        if config is None or config.broker_version != self._config.version:
            config = TopicConfig(self._config, self.controller.image.overrides(TOPIC_RESOURCE, name))
            self._configs[name] = config
        return config

    async def _set_min_insync_replicas(self) -> None:
        """Give the cluster its own min.insync.replicas, once, from the static one.

        With eligible.leader.replicas.version 1 (KIP-966) Kafka does so when a cluster is formatted, and from then on the
        config can neither be removed from the cluster nor set on a broker.
        """
        name = "min.insync.replicas"

        def decide(image: ClusterImage) -> Sequence[Change]:
            configs = image.overrides(BROKER_RESOURCE, "")
            if name in configs:
                return ()
            return (ConfigsChanged(BROKER_RESOURCE, "", {**configs, name: str(self._config.min_insync_replicas)}),)

        await self.controller.change(decide)

    def _apply_dynamic(self, config: BrokerConfig) -> None:
        overrides = self.controller.image.overrides
        config.set_dynamic(overrides(BROKER_RESOURCE, ""), overrides(BROKER_RESOURCE, str(config.node_id)))

    async def _follow_broker_configs(self) -> None:
        for config in self._attached:
            self._apply_dynamic(config)
        # The defaults of every topic may have changed with them.
        async for log in Pace().over(list(self.logs.logs)):
            self.logs.apply_config(log, self.topic_config(TopicName(log.log_id.topic)))
            self.replication.config_changed(log)

    async def _open_logs(self, recovery: Recovery) -> None:
        image = self.controller.image
        wanted = [
            (LogId(topic.name, partition.id, topic.id), partition.leader_epoch, self.topic_config(topic.name))
            for topic, partition in image.all_partitions()
        ]
        recovery.begin(self.logs, len(wanted))
        known = {log_id for log_id, _, _ in wanted}
        for log_id in await self._store.list():
            if log_id not in known and log_id != METADATA_LOG_ID:
                await self._store.set_aside(log_id)
        for log_id, error in await self.logs.create_all(wanted):
            logger.error("the log of %s-%d cannot be opened: %s", log_id.topic, log_id.partition, error)
        for topic, partition in image.all_partitions():
            if len(partition.replicas) > 1:
                log_id = LogId(topic.name, partition.id, topic.id)
                self._follow_replicas(log_id, partition.replicas, partition.isr, partition.leader)

    async def _prepare(self, changes: Sequence[Change]) -> None:
        """Bring the partition logs in line with changes that are committed and not yet visible."""
        overrides = {change.name: change.configs for change in changes if isinstance(change, ConfigsChanged)}
        wanted: list[tuple[LogId, int, TopicConfig]] = []
        created: dict[TopicName, TopicId] = {}
        assigned: list[tuple[LogId, list[BrokerId], list[BrokerId]]] = []
        for change in changes:
            match change:
                case TopicCreated():
                    config = TopicConfig(self._config, overrides.get(change.name))
                    created[change.name] = change.id
                    log_ids = [LogId(change.name, partition, change.id) for partition in range(len(change.assignments))]
                    wanted += [(log_id, change.leader_epochs[log_id.partition], config) for log_id in log_ids]
                    assigned += zip(log_ids, change.assignments, change.in_sync or change.assignments, strict=True)
                case TopicGrown():
                    topic = self.controller.image.topics[change.name]
                    first = len(topic.partitions)
                    log_ids = [LogId(topic.name, first + number, topic.id) for number in range(len(change.assignments))]
                    wanted += [(log_id, 0, self.topic_config(topic.name)) for log_id in log_ids]
                    assigned += zip(log_ids, change.assignments, change.in_sync or change.assignments, strict=True)
                case _:
                    pass
        for log_id, error in await self.logs.create_all(wanted):
            # The topic is committed; its partition answers KAFKA_STORAGE_ERROR until the medium lets the log be made.
            logger.error("cannot create the log of %s-%d: %s", log_id.topic, log_id.partition, error)
        for log_id, replicas, isr in assigned:
            if len(replicas) > 1:
                self._follow_replicas(log_id, replicas, isr, isr[0])
        async for change in Pace().over(changes):
            if isinstance(change, PartitionChanged):
                topic_id = created.get(change.name) or self.controller.image.topics[change.name].id
                await self._move(LogId(change.name, change.partition, topic_id), change)

    async def _move(self, log_id: LogId, change: PartitionChanged) -> None:
        """Let a partition's log be its new leader's before anybody sees who that is, and be committed as far as its ISR is."""
        log = self.logs.get_by_id(log_id.topic_id, log_id.partition)
        if log is not None:
            end_offset = self.replication.limit_of_leader(log, change.leader) if change.leader >= 0 else NO_LIMIT
            if await self.logs.lead(log, change.leader_epoch, end_offset):
                self._new_terms.append(log)
            self._follow_replicas(log_id, change.replicas, change.isr, change.leader)
        elif self.logs.is_missing(log_id.topic_id, log_id.partition):
            self.logs.create_later(log_id, change.leader_epoch, self.topic_config(change.name))

    def _follow_late(self, log: PartitionLog) -> None:
        log_id = log.log_id
        partition = self.controller.image.partition(log_id.topic, log_id.partition)
        if partition is not None and len(partition.replicas) > 1:
            self._follow_replicas(log_id, partition.replicas, partition.isr, partition.leader)

    def _follow_replicas(self, log_id: LogId, replicas: Sequence[BrokerId], isr: Sequence[BrokerId], leader: BrokerId) -> None:
        log = self.logs.get_by_id(log_id.topic_id, log_id.partition)
        if log is not None:
            self.replication.follow(log, replicas, isr, leader, self.clock.monotonic_ms())

    async def _follow(self, changes: Sequence[Change]) -> None:
        """Take over what the image shows now."""
        moved, self._new_terms = self._new_terms, []
        for log in moved:
            log.wake_everybody()
        if any(isinstance(change, ClientQuotasChanged) for change in changes):
            await (self._load_quotas() if self._quotas is None else self._quotas.follow(changes))
        async for change in Pace().over(changes):
            await self._follow_one(change)

    async def _follow_one(self, change: Change) -> None:
        match change:
            case ConfigsChanged(resource_type=kind, name=name) if kind == TOPIC_RESOURCE:
                self._configs.pop(TopicName(name), None)
                if TopicName(name) in self.controller.image.topics:
                    await self.logs.set_config(name, self.topic_config(TopicName(name)))
                    for log_id in self.logs.of_topic(self.controller.image.topics[TopicName(name)].id):
                        log = self.logs.get_by_id(log_id.topic_id, log_id.partition)
                        if log is not None:
                            self.replication.config_changed(log)
            case ConfigsChanged(resource_type=kind) if kind == BROKER_RESOURCE:
                await self._follow_broker_configs()
            case TopicDeleted():
                self._configs.pop(change.name, None)
                await self._delete_logs(change)
            case _:
                pass

    async def _delete_logs(self, change: TopicDeleted) -> None:
        log_ids = self.logs.of_topic(change.id)
        for log_id in log_ids:
            log = self.logs.get_by_id(change.id, log_id.partition)
            if log is not None and log.replicas is not None:
                self.replication.forget(log)
        for log_id, error in await self.logs.delete_all(log_ids):
            # The next start finds a log without a topic and sets it aside.
            logger.error("cannot delete the log of %s-%d: %s", change.name, log_id.partition, error)
