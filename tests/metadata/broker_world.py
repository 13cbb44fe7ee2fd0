"""An image whose brokers stop, die, start and catch up by the controller's decisions, without logs, clocks or sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.ids import BrokerId, TopicId, TopicName
from kafka_compat.metadata.broker_plans import (
    PartitionPlans,
    plan_broker_down,
    plan_broker_up,
    plan_controlled_shutdown,
    plan_isr,
    plan_unclean_shutdown,
)
from kafka_compat.metadata.changes import Change, ConfigsChanged, FeatureChanged, TopicCreated
from kafka_compat.metadata.config_resources import TOPIC_RESOURCE
from kafka_compat.metadata.image import ClusterImage, Partition, RegisteredBroker
from kafka_compat.metadata.partition_plans import ElectionType, plan_election, plan_reassignment
from kafka_compat.protocol.errors import KafkaError


class BrokerWorld:
    """A cluster of brokers 1, 2, ..., all up in the beginning."""

    def __init__(self, brokers: int = 3, *, has_elr: bool = True) -> None:
        self.image = ClusterImage()
        self.died: set[int] = set()
        self._config = BrokerConfig({"node.id": "1"})
        if not has_elr:
            self.apply([FeatureChanged("eligible.leader.replicas.version", 0)])
        self._brokers = [BrokerId(number) for number in range(1, brokers + 1)]

    async def begin(self) -> None:
        for broker in self._brokers:
            await self.up(broker)

    def configs(self, name: TopicName) -> TopicConfig:
        return TopicConfig(self._config, self.image.overrides(TOPIC_RESOURCE, name))

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.image.apply(change)

    def create(self, name: str, assignments: Sequence[Sequence[int]], configs: Mapping[str, str] | None = None) -> None:
        zeros = [0] * len(assignments)
        replicas = [[BrokerId(broker) for broker in one] for one in assignments]
        self.apply([TopicCreated(TopicName(name), TopicId(name.encode().ljust(16)), replicas, zeros, zeros)])
        if configs:
            self.apply([ConfigsChanged(TOPIC_RESOURCE, name, dict(configs))])

    # --- brokers

    async def stop(self, broker: int) -> None:
        self.apply(await plan_controlled_shutdown(self.image, BrokerId(broker), self.configs))
        self.apply(await plan_broker_down(self.image, BrokerId(broker), self.configs))

    async def kill(self, broker: int) -> None:
        self.apply(await plan_broker_down(self.image, BrokerId(broker), self.configs))
        self.died.add(broker)

    async def up(self, broker: int) -> None:
        """Start, without catching up."""
        if broker in self.died:
            self.apply(await plan_unclean_shutdown(self.image, BrokerId(broker), self.configs))
            self.died.discard(broker)
        self.apply(await plan_broker_up(self.image, RegisteredBroker(BrokerId(broker), {}), self.configs))

    def catch_up(self) -> None:
        """All that are up are in sync where somebody leads."""
        plans = self.plans()
        for topic, partition in self.image.all_partitions():
            change = plan_isr(plans, topic, partition, caught_up=list(partition.replicas))
            if change is not None:
                self.apply([change])

    async def start(self, broker: int) -> None:
        """Start and catch up."""
        await self.up(broker)
        self.catch_up()

    # --- what clients ask for

    def plans(self) -> PartitionPlans:
        return PartitionPlans(self.image, self.configs)

    def elect(self, kind: ElectionType, topic: str | None = None) -> dict[str, int]:
        """Elect in all partitions, or those of one topic; the errors."""
        errors = {}
        for found, partition in list(self.image.all_partitions()):
            if topic is not None and found.name != topic:
                continue
            try:
                self.apply([plan_election(self.plans(), self.image, found.name, partition.id, kind)])
            except KafkaError as error:
                errors[f"{found.name}{partition.id}"] = int(error.error_code)
        return errors

    def reassign(self, topic: str, partition: int, replicas: Sequence[int] | None) -> None:
        change = plan_reassignment(self.plans(), self.image, topic, partition, replicas)
        if change is not None:
            self.apply([change])

    # --- what is there

    def partition(self, topic: str, partition: int = 0) -> Partition:
        found = self.image.partition(topic, partition)
        assert found is not None
        return found

    def state(self) -> dict[str, str]:
        """Partition to `leader/leader epoch, ISR, ELR, last known ELR`, with '-' for an empty list."""
        return {f"{topic.name}{found.id}": _described(found) for topic, found in self.image.all_partitions()}


def _described(partition: Partition) -> str:
    in_sync, eligible, last_known = _text(partition.isr), _text(partition.elr), _text(partition.last_known_elr)
    return f"{partition.leader}/{partition.leader_epoch} {in_sync} {eligible} {last_known}"


def _text(brokers: Sequence[int]) -> str:
    return "".join(map(str, brokers)) or "-"


def states(text: str) -> dict[str, str]:
    """The reverse of `BrokerWorld.state`, of lines with states that are parted by semicolons."""
    lines = (line.strip().partition(" ") for line in text.replace("\n", " ").split(";") if line.strip())
    return {name: state for name, _, state in lines}
