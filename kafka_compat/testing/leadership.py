"""Who leads and who is in sync, moved by hand; on the brokers' event loop.

What is asked for becomes a change of the metadata as the controller makes it, so that brokers and clients see what they would
see of Kafka's own elections. What cannot be is a ValueError that says what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kafka_compat.coordinator.group.service import GroupCoordinator
from kafka_compat.coordinator.transaction.service import TransactionCoordinator
from kafka_compat.ids import BrokerId, TopicName
from kafka_compat.metadata.changes import Change, PartitionChanged
from kafka_compat.metadata.elections import without
from kafka_compat.metadata.image import NO_LEADER, ClusterImage, Partition, Topic
from kafka_compat.metadata.partition_plans import ElectionType, plan_election
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.topic_names import CONSUMER_OFFSETS, TRANSACTION_STATE
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.lookups import there_is_no


class Leadership:
    """Leaders, in-sync replicas, coordinators and the controller."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def _image(self) -> ClusterImage:
        return self._cluster.state.controller.image

    # --- who it is

    def leader(self, topic: str, partition: int) -> int:
        """The leader's id; -1 when nobody leads."""
        return int(self._partition(self._image, topic, partition)[1].leader)

    def in_sync(self, topic: str, partition: int) -> tuple[int, ...]:
        """The ids of the replicas that are in sync."""
        return tuple(self._partition(self._image, topic, partition)[1].isr)

    def controller(self) -> int:
        """The controller's id; -1 when no broker runs."""
        return int(self._image.controller_id)

    async def coordinator(self, group: str | None, transactional_id: str | None) -> int:
        """The id of a coordinator; -1 when there is none now. Makes its topic when it is missing."""
        key, service, _ = self._coordinator_of(group, transactional_id)
        try:
            return int(await service.find_coordinator(key))
        except KafkaError as error:
            if error.error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE:
                return int(NO_LEADER)
            raise

    # --- leaders

    async def move_leader(self, topic: str, partition: int, to: int) -> None:
        """Let a broker lead, with a new leader epoch. One that is no replica takes the place of the leader among them."""
        broker = self._running(to)

        def change(found: Partition) -> PartitionChanged | None:
            if found.leader == broker:
                return None
            replicas, isr = list(found.replicas), list(found.isr)
            if broker not in replicas:
                leaving = found.leader if found.leader in replicas else replicas[0]
                replicas[replicas.index(leaving)] = broker
                isr = [*without(isr, leaving), broker]
            elif broker not in isr and isr:
                raise ValueError(
                    f"broker {to} is not in sync with {topic}-{partition}, {_listed(isr)} are: resume its replication, or "
                    "elect(..., unclean=True) when those are down"
                )
            return _changed(found, topic, leader=broker, replicas=replicas, isr=isr or [broker])

        await self._change_partition(topic, partition, change)

    async def no_leader(self, topic: str, partition: int) -> None:
        """Take a partition's leader away, until `elect`, or until one of its brokers is started."""

        def change(found: Partition) -> PartitionChanged | None:
            if found.leader == NO_LEADER:
                return None
            return _changed(
                found, topic, leader=NO_LEADER, isr=[], elr=sorted({*found.isr, *found.elr}), last_known_elr=[found.leader]
            )

        await self._change_partition(topic, partition, change)

    async def elect(self, topic: str, partition: int | None, *, unclean: bool) -> None:
        """Elect the preferred leader, or with `unclean` any that is up, of one partition or of all of a topic that need it.

        Raises:
            KafkaError: as ElectLeaders answers.
        """
        kind = ElectionType.UNCLEAN if unclean else ElectionType.PREFERRED
        found = self._topic(self._image, topic)
        wanted = [partition] if partition is not None else list(range(len(found.partitions)))

        def decide(image: ClusterImage) -> Sequence[Change]:
            plans = self._cluster.state.controller.plans(image)
            changes: list[Change] = []
            for number in wanted:
                try:
                    changes.append(plan_election(plans, image, topic, number, kind))
                except KafkaError as error:
                    if partition is not None or error.error_code != ErrorCode.ELECTION_NOT_NEEDED:
                        raise
            return changes

        await self._cluster.state.controller.change(decide)
        await self._cluster.state.membership.expand()

    async def bump_epoch(self, topic: str, partition: int) -> None:
        """Begin a new leader epoch with the same leader."""
        await self._change_partition(topic, partition, lambda found: _changed(found, topic, leader=found.leader, new_term=True))

    # --- replicas

    async def set_isr(self, topic: str, partition: int, isr: Iterable[int]) -> None:
        """Have these replicas, the leader among them, in sync and keep the others out of the ISR until it is set again."""
        wanted = [BrokerId(broker) for broker in isr]

        def change(found: Partition) -> PartitionChanged | None:
            strangers = without(wanted, *found.replicas)
            if strangers:
                there = _listed(found.replicas)
                raise ValueError(f"{topic}-{partition} has no replica on {_listed(strangers)}, but on {there}")
            if found.leader not in wanted:
                raise ValueError(f"the ISR of {topic}-{partition} has its leader in it, which is {found.leader}")
            down = [broker for broker in wanted if broker not in self._image.brokers]
            if down:
                raise ValueError(f"{_listed(down)} cannot be in sync: they do not run")
            if wanted == found.isr:
                return None
            return _changed(found, topic, leader=found.leader, isr=wanted)

        found_topic, found = self._partition(self._image, topic, partition)
        membership = self._cluster.state.membership
        # Before the change: they have caught up, and would come back behind it.
        kept_out = membership.keep_out(found_topic.id, partition, without(found.replicas, *wanted))
        try:
            await self._change_partition(topic, partition, change)
        except BaseException:
            membership.keep_out(found_topic.id, partition, kept_out)
            raise

    async def shrink(self, topic: str, partition: int, brokers: Iterable[int]) -> None:
        """Take replicas out of the ISR, and keep them out until it is set again."""
        gone = set(brokers)
        await self.set_isr(topic, partition, [broker for broker in self.in_sync(topic, partition) if broker not in gone])

    async def pause_replication(self, broker: int) -> None:
        """Have the replicas of a broker fetch nothing: they fall behind, and leave the ISR after replica.lag.time.max.ms."""
        state = self._cluster.state
        state.replication.pause(self._running(broker), state.clock.monotonic_ms())

    async def slow_replication(self, broker: int, every_ms: int) -> None:
        """Have the replicas of a broker fetch so often and no more."""
        self._cluster.state.slow_replication.begin(self._running(broker), every_ms)

    async def resume_replication(self, broker: int) -> None:
        """Undo `pause_replication` and `slow_replication`: they catch up at once, and come back into the ISR."""
        state = self._cluster.state
        state.slow_replication.end(BrokerId(broker))
        state.replication.resume(BrokerId(broker), state.clock.monotonic_ms())
        await state.membership.expand()

    # --- coordinators and the controller

    async def move_coordinator(self, group: str | None, transactional_id: str | None, to: int) -> None:
        """Let a broker coordinate a group, or a transactional id, and all others of the same partition."""
        self._running(to)
        key, service, topic = self._coordinator_of(group, transactional_id)
        if TopicName(topic) not in self._image.topics:
            await service.find_coordinator(key)
        await self.move_leader(topic, service.partition_of(key), to)

    async def move_controller(self, to: int) -> None:
        """Let a broker be the controller."""
        await self._cluster.state.membership.move_controller(self._running(to))

    # --- internals

    def _coordinator_of(
        self, group: str | None, transactional_id: str | None
    ) -> tuple[str, GroupCoordinator | TransactionCoordinator, str]:
        if (group is None) == (transactional_id is None):
            raise TypeError("name a group= or a transactional_id=, one of them")
        if not self._cluster.brokers:
            raise RuntimeError("no broker runs")
        services = self._cluster.brokers[0].services
        assert services is not None
        if group is not None:
            return group, services.groups, CONSUMER_OFFSETS
        assert transactional_id is not None
        return transactional_id, services.transactions, TRANSACTION_STATE

    def _running(self, broker: int) -> BrokerId:
        if BrokerId(broker) not in self._image.brokers:
            raise ValueError(f"broker {broker} does not run, {_listed(self._image.brokers)} do")
        return BrokerId(broker)

    @staticmethod
    def _topic(image: ClusterImage, topic: str) -> Topic:
        found = image.topics.get(TopicName(topic))
        if found is None:
            raise ValueError(there_is_no("topic", topic, image.topics))
        return found

    def _partition(self, image: ClusterImage, topic: str, partition: int) -> tuple[Topic, Partition]:
        found = self._topic(image, topic)
        if not 0 <= partition < len(found.partitions):
            raise ValueError(f"topic {topic!r} has no partition {partition}, but {len(found.partitions)}, from 0")
        return found, found.partitions[partition]

    async def _change_partition(
        self, topic: str, partition: int, change: Callable[[Partition], PartitionChanged | None]
    ) -> None:
        def decide(image: ClusterImage) -> Sequence[Change]:
            changed = change(self._partition(image, topic, partition)[1])
            return () if changed is None else (changed,)

        await self._cluster.state.controller.change(decide)


def _changed(
    partition: Partition,
    topic: str,
    *,
    leader: BrokerId,
    replicas: Sequence[BrokerId] | None = None,
    isr: Sequence[BrokerId] | None = None,
    elr: Sequence[BrokerId] | None = None,
    last_known_elr: Sequence[BrokerId] = (),
    new_term: bool = False,
) -> PartitionChanged:
    """The partition with another leader, or another ISR; who comes into the ISR needs not be eligible besides."""
    isr = partition.isr if isr is None else isr
    return PartitionChanged(
        TopicName(topic),
        partition.id,
        list(partition.replicas if replicas is None else replicas),
        list(isr),
        leader,
        partition.leader_epoch + int(new_term or leader != partition.leader),
        partition.partition_epoch + 1,
        without(partition.elr if elr is None else elr, *isr),
        list(last_known_elr),
        list(partition.adding),
        list(partition.removing),
    )


def _listed(brokers: Iterable[int]) -> str:
    return ", ".join(str(int(broker)) for broker in brokers) or "nobody"
