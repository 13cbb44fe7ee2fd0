"""The shards of one coordinator that a broker leads: which one a key belongs to, who leads it, when it is loaded and given up.

A key is a group id or a transactional id. The coordinator's topic is made when somebody first asks for a coordinator
(`metadata/internal_topics.py`). A shard is loaded as soon as this broker leads its partition: at start, when the topic is made,
when leadership comes. Until it is loaded its keys are refused with COORDINATOR_LOAD_IN_PROGRESS; keys of other brokers with
NOT_COORDINATOR.

Source: Kafka's GroupCoordinatorService, TransactionStateManager and AutoTopicCreationManager.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from kafka_compat.clock import Clock
from kafka_compat.coordinator.ports import StateMachine
from kafka_compat.coordinator.runtime import CoordinatorRuntime
from kafka_compat.coordinator.shard_context import MakeState
from kafka_compat.ids import BrokerId, TopicId, TopicName
from kafka_compat.log.manager import LogManager
from kafka_compat.log.partition import PartitionLog
from kafka_compat.metadata.changes import Change, PartitionChanged, TopicCreated, TopicDeleted
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import Topic
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.java_hash import java_string_hash
from kafka_compat.tasks import Supervisor

S = TypeVar("S", bound=StateMachine)


def partition_for(key: str, partitions: int) -> int:
    """The partition of an internal topic that a group id or a transactional id belongs to (Utils.abs of the hash)."""
    value = java_string_hash(key)
    return (0 if value == -(1 << 31) else abs(value)) % partitions


class LedShards(Generic[S]):
    """The shards of one internal topic on one broker.

    Args:
        topic_name: of the internal topic.
        configured_partitions: what it is made with, as long as there is none.
        make_state: a fresh state machine for a shard, given its timers and calculations.
        node_id: this broker.
        clock: for timers and timestamps.
        controller: whose image says who leads what, and whose changes are followed.
        topics: makes the topic.
        logs: the partitions' logs.
        tasks: of the broker.
        write_timeout_ms, needs_in_sync: see `CoordinatorRuntime`.

    Attributes:
        runtime: runs operations on them.
    """

    def __init__(
        self,
        topic_name: TopicName,
        configured_partitions: Callable[[], int],
        make_state: MakeState[S],
        node_id: BrokerId,
        clock: Clock,
        controller: Controller,
        topics: TopicAdmin,
        logs: LogManager,
        tasks: Supervisor,
        write_timeout_ms: Callable[[], int] | None = None,
        *,
        needs_in_sync: bool = False,
    ) -> None:
        self._topic_name = topic_name
        self._configured_partitions = configured_partitions
        self._node_id = node_id
        self._controller = controller
        self._topics = topics
        self._logs = logs
        self.runtime: CoordinatorRuntime[S] = CoordinatorRuntime(
            clock, self._find_log, make_state, tasks, write_timeout_ms, needs_in_sync=needs_in_sync
        )
        # The partition count belongs to the topic's first sight: growing the topic must not move keys.
        self._counted: tuple[TopicId, int] | None = None

    # --- life

    def start(self) -> None:
        """Follow the leadership of partitions and load the shards that this broker leads."""
        self._controller.after_apply.append(self._follow)
        self.load_led()

    def close(self) -> None:
        """Fail what clients wait for with NOT_COORDINATOR and stop every timer."""
        if self._follow in self._controller.after_apply:
            self._controller.after_apply.remove(self._follow)
        self.runtime.close()

    # --- who coordinates

    def partition_of(self, key: str) -> int:
        """The partition of the topic that has the key's records, which is the number of its shard."""
        return partition_for(key, self._partition_count())

    async def find_coordinator(self, key: str) -> BrokerId:
        """The broker that leads the key's shard; makes the topic when it is missing.

        Kafka answers COORDINATOR_NOT_AVAILABLE while the topic is being made and the client asks again; it takes no time worth
        a round trip here, so the first answer waits for it.

        Raises:
            KafkaError: COORDINATOR_NOT_AVAILABLE: the topic cannot be made, or its partition has no leader.
        """
        topic = self._topic()
        if topic is None:
            await asyncio.shield(self._topics.create_in_background(self._topic_name))
            # What was created empty is loaded in no time: clients need not see COORDINATOR_LOAD_IN_PROGRESS.
            await asyncio.gather(*self.load_led(), return_exceptions=True)
        return self.leader_of(key)

    def leader_of(self, key: str) -> BrokerId:
        """The broker that leads the key's shard now.

        Raises:
            KafkaError: COORDINATOR_NOT_AVAILABLE: there is no topic, or its partition has no leader.
        """
        topic = self._topic()
        if topic is None:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        leader = topic.partitions[self.partition_of(key)].leader
        if leader not in self._controller.image.brokers:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return leader

    def leader_epoch(self, shard_id: int) -> int:
        """Of the shard's partition; -1 when there is none."""
        partition = self._controller.image.partition(self._topic_name, shard_id)
        return -1 if partition is None else partition.leader_epoch

    # --- the shards led here

    def led(self) -> Iterator[int]:
        """The shards whose partitions this broker leads."""
        if self._topic() is None:  # and whatever number of partitions it would have, none is there
            return iter(())
        return (shard_id for shard_id in range(self._partition_count()) if self._find_log(shard_id) is not None)

    def loading(self) -> list[int]:
        """Those of them whose state is not in memory yet."""
        loaded = set(self.runtime.loaded_shards())
        return [shard_id for shard_id in self.led() if shard_id not in loaded]

    def load_led(self) -> list[asyncio.Future[None]]:
        """Load those that are not loaded; the loading of each."""
        loading = (self.runtime.load(shard_id) for shard_id in self.led())
        return [future for future in loading if future is not None]

    def max_record_bytes(self, shard_id: int) -> int:
        """What the log of a shard takes at most; no bound when it is not led here."""
        log = self._find_log(shard_id)
        return sys.maxsize if log is None else log.rules.max_message_bytes

    # --- internals

    def _topic(self) -> Topic | None:
        return self._controller.image.topics.get(self._topic_name)

    def _partition_count(self) -> int:
        topic = self._topic()
        if topic is None:
            return self._configured_partitions()
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
                case TopicCreated(name=name) if name == self._topic_name:
                    self.load_led()
                case TopicDeleted(name=name) if name == self._topic_name:
                    for shard_id in self.runtime.loaded_shards():
                        self.runtime.unload(shard_id)
                case PartitionChanged(name=name) if name == self._topic_name:
                    if change.leader == self._node_id:
                        self.runtime.load(change.partition)
                    else:
                        self.runtime.unload(change.partition)
                case _:
                    pass
