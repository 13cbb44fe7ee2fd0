"""The shards of groups that one broker leads: which one a group belongs to, who leads it, when it is loaded and given up.

__consumer_offsets is made when somebody first asks for a coordinator, with the configs `offsets.topic.*`. A shard is loaded as
soon as this broker leads its partition: at start, when the topic is made, when leadership comes. Until it is loaded its groups
are refused with COORDINATOR_LOAD_IN_PROGRESS; groups of other brokers with NOT_COORDINATOR.

Source: Kafka's GroupCoordinatorService and AutoTopicCreationManager.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from functools import partial

from kafka_compat.clock import Clock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.java_hash import java_string_hash
from kafka_compat.coordinator.group.shard import GroupPorts, GroupShard
from kafka_compat.coordinator.ports import Calculations, Timers, TopicsView
from kafka_compat.coordinator.runtime import CoordinatorRuntime
from kafka_compat.ids import BrokerId, TopicId
from kafka_compat.log.manager import LogManager
from kafka_compat.log.partition import PartitionLog
from kafka_compat.metadata.changes import Change, PartitionChanged, TopicCreated, TopicDeleted
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import Topic
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.topic_names import CONSUMER_OFFSETS
from kafka_compat.tasks import Supervisor


def partition_for(key: str, partitions: int) -> int:
    """The partition of an internal topic that a group id or a transactional id belongs to (Utils.abs of the hash)."""
    value = java_string_hash(key)
    return (0 if value == -(1 << 31) else abs(value)) % partitions


class LedShards:
    """The shards of one broker.

    Args:
        node_id: this broker.
        config: its configs.
        clock: for timers and timestamps.
        controller: whose image says who leads what, and whose changes are followed.
        topics: makes __consumer_offsets.
        logs: the partitions' logs.
        image_topics: what shards see of other topics.
        tasks: of the broker.

    Attributes:
        runtime: runs operations on them.
    """

    def __init__(
        self,
        node_id: BrokerId,
        config: BrokerConfig,
        clock: Clock,
        controller: Controller,
        topics: TopicAdmin,
        logs: LogManager,
        image_topics: TopicsView,
        tasks: Supervisor,
    ) -> None:
        self._node_id = node_id
        self._config = config
        self._controller = controller
        self._topics = topics
        self._logs = logs
        self._image_topics = image_topics
        self.runtime: CoordinatorRuntime[GroupShard] = CoordinatorRuntime(
            clock,
            self._find_log,
            self._make_shard,
            tasks,
        )
        # The partition count belongs to the topic's first sight: growing the topic must not move groups.
        self._counted: tuple[TopicId, int] | None = None

    # --- life

    def start(self) -> None:
        """Follow the leadership of partitions and load the shards that this broker leads."""
        self._controller.after_apply.append(self._follow)
        self.load_led()

    def close(self) -> None:
        """Fail what members wait for with NOT_COORDINATOR and stop every timer."""
        if self._follow in self._controller.after_apply:
            self._controller.after_apply.remove(self._follow)
        self.runtime.close()

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
            await asyncio.gather(*self.load_led(), return_exceptions=True)
            topic = self._topic()
        if topic is None:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        leader = topic.partitions[self.partition_of(group_id)].leader
        if leader not in self._controller.image.brokers:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return leader

    # --- the shards led here

    def led(self) -> Iterator[int]:
        """The shards whose partitions this broker leads."""
        return (shard_id for shard_id in range(self._partition_count()) if self._find_log(shard_id) is not None)

    def load_led(self) -> list[asyncio.Future[None]]:
        """Load those that are not loaded; the loading of each."""
        loading = (self.runtime.load(shard_id) for shard_id in self.led())
        return [future for future in loading if future is not None]

    def max_record_bytes(self, shard_id: int) -> int:
        """What the log of a shard takes at most; no bound when it is not led here."""
        log = self._find_log(shard_id)
        return sys.maxsize if log is None else log.rules.max_message_bytes

    # --- internals

    def _make_shard(self, shard_id: int, timers: Timers[GroupShard], calculations: Calculations[GroupShard]) -> GroupShard:
        return GroupShard(
            GroupPorts(
                config=self._config,
                timers=timers,
                calculations=calculations,
                topics=self._image_topics,
                max_record_bytes=partial(self.max_record_bytes, shard_id),
            )
        )

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

    async def _follow(self, changes: Sequence[Change]) -> None:
        """Load and give up shards with their partitions."""
        for change in changes:
            match change:
                case TopicCreated(name=name) if name == CONSUMER_OFFSETS:
                    self.load_led()
                case TopicDeleted(name=name) if name == CONSUMER_OFFSETS:
                    for shard_id in self.runtime.loaded_shards():
                        self.runtime.unload(shard_id)
                case PartitionChanged(name=name) if name == CONSUMER_OFFSETS:
                    if change.leader == self._node_id:
                        self.runtime.load(change.partition)
                    else:
                        self.runtime.unload(change.partition)
                case _:
                    pass
