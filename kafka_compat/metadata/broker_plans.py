"""What brokers that come, go and fall behind mean for the partitions: decisions over the image.

Source: Kafka's `ReplicationControlManager`: handleBrokerUnfenced, handleBrokerFenced, handleBrokerInControlledShutdown,
handleBrokerUncleanShutdown, handleBrokerUnregistered, alterPartition, maybeElectUncleanLeaders, maybeBalancePartitionLeaders.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Container, Iterable, Sequence

from kafka_compat.config.topic import TopicConfig
from kafka_compat.ids import BrokerId, TopicName
from kafka_compat.metadata.changes import (
    BrokerFenced,
    BrokerRegistered,
    BrokerUnregistered,
    Change,
    ControllerMoved,
    PartitionChanged,
)
from kafka_compat.metadata.elections import Election, PartitionPlan, without
from kafka_compat.metadata.features import ELIGIBLE_LEADER_REPLICAS, finalized_level
from kafka_compat.metadata.image import NO_LEADER, ClusterImage, Partition, RegisteredBroker, Topic
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

TopicConfigs = Callable[[TopicName], TopicConfig]


class PartitionPlans:
    """Makes plans for the partitions of one image.

    Args:
        image: the cluster before the change.
        configs: the configs in effect for a topic.
        leaving: brokers that are up and may not lead any more.
        coming: brokers that are not up yet and may lead.
    """

    def __init__(
        self,
        image: ClusterImage,
        configs: TopicConfigs,
        *,
        leaving: Container[BrokerId] = (),
        coming: Container[BrokerId] = (),
    ) -> None:
        self._image = image
        self._configs = configs
        self._leaving = leaving
        self._coming = coming
        self._has_elr = finalized_level(image.feature_levels, ELIGIBLE_LEADER_REPLICAS) > 0

    def is_active(self, broker_id: BrokerId) -> bool:
        """Whether a broker may lead."""
        return broker_id not in self._leaving and (broker_id in self._image.brokers or broker_id in self._coming)

    def plan(self, topic: Topic, partition: Partition, election: Election | None = None) -> PartitionPlan:
        """A plan for a partition; without an `election`, leaders are elected as the topic's configs allow."""
        config = self._configs(topic.name)
        plan = PartitionPlan(
            topic, partition, self.is_active, min_insync_replicas=config.min_insync_replicas, has_elr=self._has_elr
        )
        if election is not None:
            plan.election = election
        elif config.unclean_leader_election_enable:
            plan.election = Election.UNCLEAN
        return plan

    async def without_broker(
        self, broker_id: BrokerId, *, is_unclean: bool = False, also_eligible: bool = False
    ) -> list[PartitionChanged]:
        """The broker leaves each ISR that it is in, and leads nothing.

        With `is_unclean` it may have lost records, and is eligible for nothing either; with `also_eligible` partitions that it
        is only eligible for are looked at, too.
        """
        changes = []
        async for topic, partition in _paced(self._image):
            is_concerned = broker_id in partition.isr or (also_eligible and broker_id in partition.elr)
            if not is_concerned and partition.leader != broker_id:
                continue
            plan = self.plan(topic, partition)
            plan.isr = without(partition.isr, broker_id)
            if is_unclean:
                plan.unclean = (broker_id,)
            change = plan.build()
            if change is not None:
                changes.append(change)
        return changes

    async def leaderless(self, *, unclean_only: bool = False) -> list[PartitionChanged]:
        """Leaders for the partitions that have none; with `unclean_only` only of topics that allow unclean elections."""
        changes = []
        async for topic, partition in _paced(self._image):
            if partition.leader != NO_LEADER:
                continue
            if unclean_only and not self._configs(topic.name).unclean_leader_election_enable:
                continue
            change = self.plan(topic, partition).build()
            if change is not None:
                changes.append(change)
        return changes

    async def imbalanced(self) -> list[PartitionChanged]:
        """Preferred leaders for the partitions that others lead."""
        changes = []
        async for topic, partition in _paced(self._image):
            if partition.leader == partition.replicas[0]:
                continue
            change = self.plan(topic, partition, Election.PREFERRED).build()
            if change is not None:
                changes.append(change)
        return changes


async def plan_broker_up(image: ClusterImage, broker: RegisteredBroker, configs: TopicConfigs) -> list[Change]:
    """A broker comes up: it is registered, and leads what nobody could lead without it.

    Into ISRs it comes as soon as it has caught up, which `plan_isr` decides.
    """
    changes: list[Change] = [BrokerRegistered(broker.id, dict(broker.endpoints), broker.rack)]
    if broker.id not in image.brokers:
        changes += await PartitionPlans(image, configs, coming={broker.id}).leaderless()
    return changes


async def plan_unclean_shutdown(image: ClusterImage, broker_id: BrokerId, configs: TopicConfigs) -> list[Change]:
    """A broker that died registers again: it may have lost records, so it is eligible for nothing any more."""
    plans = PartitionPlans(image, configs, leaving={broker_id})
    return list(await plans.without_broker(broker_id, is_unclean=True, also_eligible=True))


async def plan_controlled_shutdown(image: ClusterImage, broker_id: BrokerId, configs: TopicConfigs) -> list[Change]:
    """A broker that is still up gives up what it leads, and leaves each ISR."""
    return list(await PartitionPlans(image, configs, leaving={broker_id}).without_broker(broker_id))


async def plan_broker_down(image: ClusterImage, broker_id: BrokerId, configs: TopicConfigs) -> list[Change]:
    """A broker is down: others lead in its place, and it is fenced. A no-op when it is so already."""
    changes = await plan_controlled_shutdown(image, broker_id, configs)
    if broker_id in image.brokers:
        changes.append(BrokerFenced(broker_id))
        changes += plan_controller(image, without(list(image.brokers), broker_id))
    return changes


async def plan_unregistration(image: ClusterImage, broker_id: BrokerId, configs: TopicConfigs) -> list[Change]:
    """A broker that is down is gone for good: it is eligible for nothing, and registered no more.

    Raises:
        KafkaError: BROKER_ID_NOT_REGISTERED; INVALID_REQUEST: it is up.
    """
    if broker_id not in image.registered:
        raise KafkaError(ErrorCode.BROKER_ID_NOT_REGISTERED, f"Broker ID {broker_id} is not currently registered")
    if broker_id in image.brokers:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Broker {broker_id} is running")
    plans = PartitionPlans(image, configs, leaving={broker_id})
    return [*await plans.without_broker(broker_id, also_eligible=True), BrokerUnregistered(broker_id)]


def plan_controller(image: ClusterImage, candidates: Sequence[BrokerId]) -> list[ControllerMoved]:
    """The first of the candidates becomes the controller, unless it is one of them."""
    if image.controller_id in candidates:
        return []
    return [ControllerMoved(candidates[0] if candidates else NO_LEADER, image.controller_epoch + 1)]


def plan_isr(
    plans: PartitionPlans,
    topic: Topic,
    partition: Partition,
    *,
    caught_up: Collection[BrokerId] = (),
    behind: Collection[BrokerId] = (),
) -> PartitionChanged | None:
    """The leader reports which followers have caught up with it, and which are too far behind; None changes nothing.

    Only brokers that are up and hold a replica come into the ISR; its leader never leaves it, and reports only while it is up.
    """
    if not plans.is_active(partition.leader):
        return None
    isr = [each for each in partition.isr if each not in behind or each == partition.leader]
    new = [each for each in caught_up if each not in isr and each in partition.replicas and plans.is_active(each)]
    if not new and len(isr) == len(partition.isr):
        return None
    plan = plans.plan(topic, partition)
    # Those that come are sorted in, as in the reference; those that go leave the order as it is.
    plan.isr = sorted([*isr, *new]) if new else isr
    return plan.build()


async def _paced(image: ClusterImage) -> AsyncIterator[tuple[Topic, Partition]]:
    partitions: Iterable[tuple[Topic, Partition]] = list(image.all_partitions())
    async for each in Pace().over(partitions):
        yield each
