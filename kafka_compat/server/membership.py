"""Brokers of one cluster come and go: what the controller decides then, and what the replicas of partitions learn of it.

Theory of operation. Each step is one change of the metadata; when it returns, leaders are elected and their logs are theirs.

    up          registered; leads what nobody could lead without it; its replicas catch up and come back into the ISRs
    leave       still up: others lead in its place, and it is in no ISR any more (a controlled shutdown)
    down        fenced: as `leave`, but its replicas stand still first, so that what they lack is lost with an unclean election

Replicas that fall behind for longer than replica.lag.time.max.ms leave the ISR; those that have caught up come back. Kafka's
controller learns of a dead broker when its session ends, broker.session.timeout.ms after its last heartbeat; here at once.

Source: Kafka's BrokerHeartbeatManager, Partition.maybeShrinkIsr and maybeExpandIsr, and QuorumController's periodic tasks.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from heapq import heappop, heappush
from typing import Final

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.ids import BrokerId, TopicId
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.replication import Replication
from kafka_compat.metadata.broker_plans import (
    PartitionPlans,
    plan_broker_down,
    plan_broker_up,
    plan_controlled_shutdown,
    plan_controller,
    plan_isr,
    plan_unclean_shutdown,
    plan_unregistration,
)
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import ClusterImage, Partition, RegisteredBroker, Topic
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

# When the metadata could not be written.
_AGAIN_MS: Final = 1_000

_ReplicaOf = tuple[PartitionLog, BrokerId]


class Membership:
    """Who is up, and what follows from it for leaders and ISRs.

    Args:
        controller: decides.
        replication: knows where replicas stand.
        config: of the cluster.
        clock: for replicas that lag and for periodic elections.
        tasks: run what the clock and replicas set in motion.
    """

    def __init__(
        self, controller: Controller, replication: Replication, config: BrokerConfig, clock: Clock, tasks: Supervisor
    ) -> None:
        self._controller = controller
        self._replication = replication
        self._config = config
        self._clock = clock
        self._tasks = tasks
        # Up, and about to leave: they come into no ISR and lead nothing new.
        self._leaving: set[BrokerId] = set()
        self._died: set[BrokerId] = set()
        # Of partitions: who is to stay out of the ISR though it has caught up.
        self._kept_out: dict[tuple[TopicId, int], frozenset[BrokerId]] = {}
        self._caught_up: dict[_ReplicaOf, None] = {}
        # When replicas that are behind will have been so for too long: a heap, of the monotonic clock.
        self._lags_due_ms: list[int] = []
        self._lag_timer: TimerHandle | None = None
        self._periodic: dict[str, TimerHandle] = {}
        self._is_closed = False
        replication.on_behind = self._on_behind
        replication.on_caught_up = self._on_caught_up

    def close(self) -> None:
        """Decide nothing any more by itself."""
        self._is_closed = True
        for timer in (*self._periodic.values(), self._lag_timer):
            if timer is not None:
                timer.cancel()
        self._periodic.clear()
        self._lags_due_ms.clear()
        self._lag_timer = None

    # --- brokers

    async def up(self, broker: RegisteredBroker) -> None:
        """A broker is up, at these addresses; when this returns it is in sync wherever it can be.

        Raises:
            KafkaError: as `Controller.change`.
        """
        self._leaving.discard(broker.id)
        configs = self._controller.topic_configs
        if broker.id in self._died:
            await self._change(lambda image: plan_unclean_shutdown(image, broker.id, configs))
            self._died.discard(broker.id)
        self._replication.broker_up(broker.id, self._clock.monotonic_ms())
        await self._change(lambda image: plan_broker_up(image, broker, configs))
        await self.expand()
        if len(self._controller.image.registered) > 1:
            self._begin_periodic()

    async def leave(self, broker_id: BrokerId) -> None:
        """A broker that is up is about to stop: nothing is led by it when this returns, as long as others can lead.

        When the metadata cannot be written it stops all the same, as in Kafka, and its partitions move when it is down.
        """
        self._leaving.add(broker_id)
        configs = self._controller.topic_configs
        await self._decide(lambda image: plan_controlled_shutdown(image, broker_id, configs))

    async def down(self, broker_id: BrokerId, *, died: bool = False) -> None:
        """A broker is down; one that has not left in order `died`: it may have lost records (KIP-966).

        When the metadata cannot be written it is fenced as soon as they can.
        """
        if died:
            self._died.add(broker_id)
        self._replication.broker_down(broker_id, self._clock.monotonic_ms())
        await self._fence(broker_id)

    async def _fence(self, broker_id: BrokerId) -> None:
        configs = self._controller.topic_configs
        try:
            await self._change(lambda image: plan_broker_down(image, broker_id, configs))
        except KafkaError as error:
            logger.warning("broker %d is down and cannot be fenced: %s", broker_id, error)
            self._clock.call_at(self._clock.monotonic_ms() + _AGAIN_MS, lambda: self._fence_again(broker_id))
        self._leaving.discard(broker_id)
        # Others may have had nobody to catch up with.
        await self.expand()

    def _fence_again(self, broker_id: BrokerId) -> None:
        if self._replication.is_down(broker_id):  # it may have come back
            self._tasks.spawn(f"fencing broker {broker_id}", self._fence(broker_id))

    async def fence_absent(self) -> None:
        """Those that are registered and have not come up since the process began are down."""
        image = self._controller.image
        for broker_id in [broker_id for broker_id in image.registered if broker_id not in image.brokers]:
            await self.down(broker_id)

    def keep_out(self, topic_id: TopicId, partition: int, broker_ids: Iterable[BrokerId]) -> Collection[BrokerId]:
        """Let these brokers, and only these, stay out of a partition's ISR though they catch up: for tests.

        Returns:
            Those that stayed out until now.
        """
        before = self._kept_out.pop((topic_id, partition), frozenset())
        if kept_out := frozenset(broker_ids):
            self._kept_out[topic_id, partition] = kept_out
        return before

    async def unregister(self, broker_id: BrokerId) -> None:
        """A broker that is down is gone for good.

        Raises:
            KafkaError: BROKER_ID_NOT_REGISTERED, INVALID_REQUEST; and as `Controller.change`.
        """
        configs = self._controller.topic_configs
        await self._change(lambda image: plan_unregistration(image, broker_id, configs))

    async def expand(self) -> None:
        """Bring who has caught up into the ISRs, now; when the metadata cannot be written, as soon as they can."""
        self._caught_up |= dict.fromkeys(self._replication.caught_up())
        await self._expand()

    async def move_controller(self, broker_id: BrokerId) -> None:
        """That broker is the controller from now on.

        Raises:
            KafkaError: as `Controller.change`.
        """
        await self._controller.change(lambda image: plan_controller(image, [broker_id]))

    async def _change(self, plan: Callable[[ClusterImage], Awaitable[Sequence[Change]]]) -> None:
        await self._controller.change(plan)

    # --- replicas that fall behind and catch up

    def _on_behind(self, log: PartitionLog, broker_id: BrokerId, since_ms: int) -> None:
        heappush(self._lags_due_ms, since_ms + self._config.replica_lag_time_max_ms + 1)
        self._arm_lag_timer()

    def _arm_lag_timer(self) -> None:
        if not self._lags_due_ms or self._is_closed:
            return
        # A timer that is armed may be for a later one: those stopped earlier may be told later.
        if self._lag_timer is not None:
            self._lag_timer.cancel()
        due_ms = max(self._lags_due_ms[0], self._clock.monotonic_ms())
        self._lag_timer = self._clock.call_at(due_ms, self._look_for_lag)

    def _look_for_lag(self) -> None:
        self._lag_timer = None
        now_ms = self._clock.monotonic_ms()
        while self._lags_due_ms and self._lags_due_ms[0] <= now_ms:
            heappop(self._lags_due_ms)
        self._tasks.spawn("shrinking ISRs", self._shrink())
        self._arm_lag_timer()

    async def _shrink(self) -> None:
        behind = self._replication.out_of_sync(self._clock.monotonic_ms(), self._config.replica_lag_time_max_ms)

        def decide(image: ClusterImage) -> Sequence[Change]:
            plans = self._plans(image)
            changes: list[Change] = []
            for log, broker_ids in _by_log(behind).items():
                found = _partition_of(image, log)
                change = None if found is None else plan_isr(plans, *found, behind=broker_ids)
                if change is not None:
                    logger.info("%s: %s left the ISR", log.name, broker_ids)
                    changes.append(change)
            return changes

        if not await self._decide(decide):
            heappush(self._lags_due_ms, self._clock.monotonic_ms() + _AGAIN_MS)
            self._arm_lag_timer()

    def _on_caught_up(self, log: PartitionLog, broker_id: BrokerId) -> None:
        if not self._caught_up:
            self._tasks.spawn("expanding ISRs", self._expand())
        self._caught_up[log, broker_id] = None

    async def _expand(self) -> None:
        proposed: list[PartitionLog] = []

        def decide(image: ClusterImage) -> Sequence[Change]:
            # Here and not before: whatever is told until the decision is part of it.
            caught_up, self._caught_up = self._caught_up, {}
            plans = self._plans(image)
            changes: list[Change] = []
            for log, broker_ids in _by_log(caught_up).items():
                found = _partition_of(image, log)
                kept_out = self._kept_out.get((log.log_id.topic_id, log.log_id.partition), ())
                coming = [each for each in broker_ids if each not in kept_out and self._replication.propose(log, each)]
                change = None if found is None else plan_isr(plans, *found, caught_up=coming)
                if change is not None:
                    changes.append(change)
                    proposed.append(log)
                else:
                    self._replication.withdraw(log)
            return changes

        if not await self._decide(decide):
            for log in proposed:
                self._replication.withdraw(log)
            self._clock.call_at(self._clock.monotonic_ms() + _AGAIN_MS, self._expand_again)

    def _expand_again(self) -> None:
        if not self._is_closed:
            self._tasks.spawn("expanding ISRs", self.expand())

    def _plans(self, image: ClusterImage) -> PartitionPlans:
        return PartitionPlans(image, self._controller.topic_configs, leaving=self._leaving)

    async def _decide(self, decide: Callable[[ClusterImage], Sequence[Change] | Awaitable[Sequence[Change]]]) -> bool:
        """Whether it was decided: the metadata may not be written."""
        try:
            await self._controller.change(decide)
        except KafkaError as error:
            logger.warning("who is in sync, or leads, stays as it was: %s", error)
            return False
        return True

    # --- elections now and then

    def _begin_periodic(self) -> None:
        if self._periodic:
            return
        config = self._config
        self._every("balance", config.leader_imbalance_check_interval_seconds * 1000, self._balance)
        self._every("unclean", config.unclean_leader_election_interval_ms, self._elect_unclean)

    def _every(self, name: str, interval_ms: int, work: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await work()

        def fire() -> None:
            self._tasks.spawn(f"elections ({name})", run())
            self._every(name, interval_ms, work)

        self._periodic[name] = self._clock.call_at(self._clock.monotonic_ms() + interval_ms, fire)

    async def _balance(self) -> None:
        if self._config.auto_leader_rebalance_enable:
            await self._decide(lambda image: self._plans(image).imbalanced())

    async def _elect_unclean(self) -> None:
        await self._decide(lambda image: self._plans(image).leaderless(unclean_only=True))


def _by_log(replicas: Sequence[_ReplicaOf] | dict[_ReplicaOf, None]) -> dict[PartitionLog, list[BrokerId]]:
    grouped: dict[PartitionLog, list[BrokerId]] = {}
    for log, broker_id in replicas:
        grouped.setdefault(log, []).append(broker_id)
    return grouped


def _partition_of(image: ClusterImage, log: PartitionLog) -> tuple[Topic, Partition] | None:
    topic = image.topics_by_id.get(log.log_id.topic_id)
    number = log.log_id.partition
    return None if topic is None or number >= len(topic.partitions) else (topic, topic.partitions[number])
