"""The group coordinator of one broker: which shard a group belongs to, who leads it, and operations on the shards led here.

__consumer_offsets is made when somebody first asks for a coordinator, with the configs `offsets.topic.*`. A shard is loaded as
soon as this broker leads its partition: at start, when the topic is made, when leadership comes. Until it is loaded its groups
are refused with COORDINATOR_LOAD_IN_PROGRESS; groups of other brokers with NOT_COORDINATOR.

Source: Kafka's GroupCoordinatorService and AutoTopicCreationManager.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from kafka_compat.clock import Clock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.java_hash import java_string_hash
from kafka_compat.coordinator.group.shard import GroupShard
from kafka_compat.coordinator.ports import Outcome
from kafka_compat.coordinator.runtime import CoordinatorRuntime
from kafka_compat.ids import BrokerId, TopicId
from kafka_compat.log.manager import LogManager
from kafka_compat.log.partition import PartitionLog
from kafka_compat.metadata.changes import Change, PartitionChanged, TopicCreated, TopicDeleted
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import Topic
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.metadata.topic_names import CONSUMER_OFFSETS
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

T = TypeVar("T")


def partition_for(key: str, partitions: int) -> int:
    """The partition of an internal topic that a group id or a transactional id belongs to (Utils.abs of the hash)."""
    value = java_string_hash(key)
    return (0 if value == -(1 << 31) else abs(value)) % partitions


class GroupCoordinator:
    """What API handlers use for groups and committed offsets; one per broker.

    Args:
        node_id: this broker.
        config: its configs.
        clock: for timers and timestamps.
        controller: whose image says who leads what, and whose changes are followed.
        topics: makes __consumer_offsets.
        logs: the partitions' logs.
        tasks: of the broker.
    """

    def __init__(
        self,
        node_id: BrokerId,
        config: BrokerConfig,
        clock: Clock,
        controller: Controller,
        topics: TopicAdmin,
        logs: LogManager,
        tasks: Supervisor,
    ) -> None:
        self._node_id = node_id
        self._config = config
        self._controller = controller
        self._topics = topics
        self._logs = logs
        self._runtime: CoordinatorRuntime[GroupShard] = CoordinatorRuntime(
            clock,
            self._find_log,
            lambda shard_id, timers, _: GroupShard(timers, config, partial(self._max_record_bytes, shard_id)),
            tasks,
        )
        self._tasks = tasks
        # The partition count belongs to the topic's first sight: growing the topic must not move groups.
        self._counted: tuple[TopicId, int] | None = None

    # --- life

    def start(self) -> None:
        """Follow the cluster's changes and load the shards that this broker leads."""
        self._controller.after_apply.append(self._follow)
        self._load_led_shards()

    def close(self) -> None:
        """Fail what members wait for with NOT_COORDINATOR and stop every timer."""
        if self._follow in self._controller.after_apply:
            self._controller.after_apply.remove(self._follow)
        self._runtime.close()

    # --- who coordinates

    def partition_of(self, group_id: str) -> int:
        """The partition of __consumer_offsets that has the group's records, which is the number of its shard."""
        return partition_for(group_id, self._partition_count())

    async def find_coordinator(self, group_id: str) -> BrokerId:
        """The broker that leads the group's shard; makes __consumer_offsets when it is missing.

        Kafka answers COORDINATOR_NOT_AVAILABLE while the topic is being made and the client asks again; it takes no time worth
        a round trip here, so the first answer waits for it.

        Raises:
            KafkaError: COORDINATOR_NOT_AVAILABLE: the topic cannot be made, or its partition has no leader.
        """
        topic = self._topic()
        if topic is None:
            await asyncio.shield(self._topics.create_in_background(CONSUMER_OFFSETS))
            # What was created empty is loaded in no time: members need not see COORDINATOR_LOAD_IN_PROGRESS.
            await asyncio.gather(*self._load_led_shards(), return_exceptions=True)
            topic = self._topic()
        if topic is None:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        leader = topic.partitions[self.partition_of(group_id)].leader
        if leader not in self._controller.image.brokers:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return leader

    # --- operations

    def run(self, group_id: str, operation: Callable[[GroupShard, int], Outcome[T]]) -> asyncio.Future[T]:
        """Run `operation(shard, now_ms)` on the group's shard; the future has its value when its records are durable.

        Raises (through the future):
            KafkaError: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE or the operation's own.
        """
        return self._runtime.write(self.partition_of(group_id), operation)

    def read(self, group_id: str, operation: Callable[[GroupShard, int], T]) -> asyncio.Future[T]:
        """Run a look-up that sees durable state only. Errors as in `run`."""
        return self._runtime.read(self.partition_of(group_id), operation)

    def read_all(self, operation: Callable[[GroupShard, int], T]) -> Iterator[asyncio.Future[T]]:
        """Run a look-up on every shard that this broker leads, each when it is asked for. Errors as in `run`, per shard."""
        for shard_id in self._led_shards():
            yield self._runtime.read(shard_id, operation)

    # --- internals

    def _topic(self) -> Topic | None:
        return self._controller.image.topics.get(CONSUMER_OFFSETS)

    def _partition_count(self) -> int:
        topic = self._topic()
        if topic is None:
            return self._config.offsets_topic_num_partitions
        if self._counted is None or self._counted[0] != topic.id:
            self._counted = (topic.id, len(topic.partitions))
        return self._counted[1]

    def _find_log(self, shard_id: int) -> PartitionLog | None:
        topic = self._topic()
        if topic is None or shard_id >= len(topic.partitions) or topic.partitions[shard_id].leader != self._node_id:
            return None
        return self._logs.get_by_id(topic.id, shard_id)

    def _max_record_bytes(self, shard_id: int) -> int:
        log = self._find_log(shard_id)
        return sys.maxsize if log is None else log.rules.max_message_bytes

    def _led_shards(self) -> list[int]:
        return [shard_id for shard_id in range(self._partition_count()) if self._find_log(shard_id) is not None]

    def _load_led_shards(self) -> list[asyncio.Future[None]]:
        loading = (self._runtime.load(shard_id) for shard_id in self._led_shards())
        return [future for future in loading if future is not None]

    async def _follow(self, changes: Sequence[Change]) -> None:
        """Load and give up shards with their partitions; offsets of deleted topics go."""
        gone: dict[str, TopicId] = {}
        for change in changes:
            match change:
                case TopicCreated(name=name) if name == CONSUMER_OFFSETS:
                    self._load_led_shards()
                case TopicDeleted(name=name) if name == CONSUMER_OFFSETS:
                    for shard_id in self._runtime.loaded_shards():
                        self._runtime.unload(shard_id)
                case PartitionChanged(name=name) if name == CONSUMER_OFFSETS:
                    if change.leader == self._node_id:
                        self._runtime.load(change.partition)
                    else:
                        self._runtime.unload(change.partition)
                case TopicDeleted():
                    gone[change.name] = change.id
                case _:
                    pass
        if gone:
            self._tasks.spawn("forgetting the offsets of deleted topics", self._forget_topics(gone))

    async def _forget_topics(self, gone: Mapping[str, TopicId]) -> None:
        """Delete the offsets of topics that are gone, in every group: one look at each shard, however many topics."""

        def forget(shard: GroupShard, now_ms: int) -> Outcome[None]:
            return Outcome(None, shard.offsets.delete_topics(gone), is_atomic=False)

        # A shard that is still loading would bring the offsets back.
        await asyncio.gather(*self._load_led_shards(), return_exceptions=True)
        pace = Pace()
        answers = []
        for shard_id in self._led_shards():
            answers.append(self._runtime.write(shard_id, forget))
            await pace.turn()
        for outcome in await asyncio.gather(*answers, return_exceptions=True):
            if isinstance(outcome, BaseException):
                logger.warning("offsets of %d deleted topics (%s, ...) may be left: %s", len(gone), next(iter(gone)), outcome)
