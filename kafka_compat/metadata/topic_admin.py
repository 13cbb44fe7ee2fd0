"""Creates, grows and deletes topics: what CreateTopics, auto-creation and the coordinators' internal topics have in common."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.topic import validate_topic_overrides
from kafka_compat.ids import TopicId, TopicName
from kafka_compat.metadata.changes import Change, ConfigsChanged, TopicCreated, TopicDeleted
from kafka_compat.metadata.config_resources import TOPIC_RESOURCE
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.internal_topics import auto_created_topic
from kafka_compat.metadata.request_limits import (
    MAX_RECORDS_PER_REQUEST,
    check_partition_count,
    check_record_count,
    refuse_if_too_many,
)
from kafka_compat.metadata.topic_plans import GrowthSpec, TopicSpec, check_new_name, partition_count, plan_growth, plan_topic
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

# Is told of partitions that are about to be created or deleted, and raises KafkaError when the client must not do that now.
Permit = Callable[[int], None]

# Why a topic was not auto-created, of which nobody has to be told.
_EXPECTED: Final = (ErrorCode.TOPIC_ALREADY_EXISTS, ErrorCode.THROTTLING_QUOTA_EXCEEDED)
# No request could create more of them at once.
_MAX_BEING_CREATED: Final = MAX_RECORDS_PER_REQUEST


class TopicAdmin:
    """Decides topic changes under the broker's defaults; one per broker."""

    def __init__(self, controller: Controller, config: BrokerConfig, tasks: Supervisor) -> None:
        self._controller = controller
        self._tasks = tasks
        self._config = config
        self._being_created: dict[TopicName, asyncio.Future[None]] = {}

    async def create(
        self, specs: Sequence[TopicSpec], *, validate_only: bool = False, permit: Permit | None = None
    ) -> list[TopicCreated | KafkaError]:
        """One outcome per spec, in order; what succeeds is committed together, and its logs exist when this returns.

        `permit` is asked about each topic that can be created, also when that is only validated.

        Raises:
            KafkaError: POLICY_VIOLATION: too much for one request.
        """
        outcomes: list[TopicCreated | KafkaError] = []
        pace = Pace()

        async def decide(image: ClusterImage) -> Sequence[Change]:
            check_partition_count(sum(partition_count(spec, self._config.num_partitions) for spec in specs))
            changes: list[Change] = []
            async for spec in pace.over(specs):
                try:
                    created, configs = self._plan(image, spec)
                    if permit is not None:
                        permit(len(created.assignments))
                except KafkaError as error:
                    outcomes.append(error)
                    continue
                outcomes.append(created)
                changes.append(created)
                if configs:
                    changes.append(ConfigsChanged(TOPIC_RESOURCE, spec.name, configs))
            check_record_count(changes)
            return () if validate_only else changes

        await self._controller.change(decide)
        return outcomes

    async def grow(
        self, specs: Sequence[GrowthSpec], *, validate_only: bool = False, permit: Permit | None = None
    ) -> list[KafkaError | None]:
        """Add partitions; one outcome per spec, in order. Their logs exist when this returns.

        `permit` is asked as by `create`.

        Raises:
            KafkaError: POLICY_VIOLATION: too much for one request.
        """
        refuse_if_too_many(len(specs))
        outcomes: list[KafkaError | None] = []
        pace = Pace()

        async def decide(image: ClusterImage) -> Sequence[Change]:
            changes: list[Change] = []
            room = MAX_RECORDS_PER_REQUEST
            async for spec in pace.over(specs):
                try:
                    change = plan_growth(image, spec, first_broker=len(image.topics), room=room)
                    if permit is not None:
                        permit(len(change.assignments))
                except KafkaError as error:
                    outcomes.append(error)
                else:
                    outcomes.append(None)
                    changes.append(change)
                    room -= len(change.assignments)
            return () if validate_only else changes

        await self._controller.change(decide)
        return outcomes

    async def delete(self, ids: Sequence[TopicId], permit: Permit | None = None) -> dict[TopicId, KafkaError | None]:
        """Delete topics with their configs; one outcome per id. Nobody finds them any more when this returns.

        `permit` is asked about each topic that is there.

        Raises:
            KafkaError: POLICY_VIOLATION: too much for one request.
        """
        refuse_if_too_many(len(ids))
        outcomes: dict[TopicId, KafkaError | None] = {}
        pace = Pace()

        async def decide(image: ClusterImage) -> Sequence[Change]:
            changes: list[Change] = []
            async for topic_id in pace.over(ids):
                topic = image.topics_by_id.get(topic_id)
                if topic is None:
                    outcomes[topic_id] = KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)
                    continue
                try:
                    if permit is not None:
                        permit(len(topic.partitions))
                except KafkaError as error:
                    outcomes[topic_id] = error
                    continue
                outcomes[topic_id] = None
                changes.append(TopicDeleted(topic.name, topic_id))
                if image.overrides(TOPIC_RESOURCE, topic.name):
                    changes.append(ConfigsChanged(TOPIC_RESOURCE, topic.name, {}))
            return changes

        await self._controller.change(decide)
        return outcomes

    def create_in_background(self, name: TopicName) -> asyncio.Future[None]:
        """Begin to create a topic with the configs that belong to its name; a no-op while that is under way."""
        task = self._being_created.get(name)
        return self._start_creating([name]) if task is None else task

    def auto_create(self, names: Sequence[TopicName], permit: Permit | None = None) -> None:
        """Begin to create the topics that one client misses, all in one request to the controller as in Kafka.

        Names that are being created are left out (`AutoTopicCreationManager.filterCreatableTopics`). Those for which there is
        no room are too, and those that `permit` does not allow: clients ask again.
        """
        room = _MAX_BEING_CREATED - len(self._being_created)
        wanted = [name for name in names if name not in self._being_created]
        if len(wanted) > room:
            logger.warning("%d topics are being created, %d more have to wait", len(self._being_created), len(wanted))
        elif wanted:
            self._start_creating(wanted, permit)

    def _start_creating(self, names: Sequence[TopicName], permit: Permit | None = None) -> asyncio.Future[None]:
        task = self._tasks.start(f"creating {_in_words(names)}", self._create_all(names, permit))
        self._being_created.update(dict.fromkeys(names, task))
        task.add_done_callback(lambda done: self._are_created(names, done))
        return task

    def _are_created(self, names: Sequence[TopicName], done: asyncio.Future[None]) -> None:
        for name in names:
            self._being_created.pop(name, None)
        if not done.cancelled() and (error := done.exception()) is not None:
            logger.error("creating %s failed", _in_words(names), exc_info=error)

    async def _create_all(self, names: Sequence[TopicName], permit: Permit | None) -> None:
        try:
            outcomes = await self.create([auto_created_topic(name, self._config) for name in names], permit=permit)
        except KafkaError as error:
            logger.warning("could not create %s: %s", _in_words(names), error)
        else:
            failed = [
                (name, outcome)
                for name, outcome in zip(names, outcomes, strict=True)
                if isinstance(outcome, KafkaError) and outcome.error_code not in _EXPECTED
            ]
            if failed:
                logger.warning("could not create %s: %s", _in_words([name for name, _ in failed]), failed[0][1])

    def _plan(self, image: ClusterImage, spec: TopicSpec) -> tuple[TopicCreated, dict[str, str]]:
        """The topic's change and its configs, checked in Kafka's order: name, configs, then partitions."""
        check_new_name(image, spec.name)
        without_value = [name for name, value in spec.configs.items() if value is None]
        if without_value:
            raise KafkaError(ErrorCode.INVALID_CONFIG, f"Null value not supported for topic configs: {','.join(without_value)}")
        configs = {name: value for name, value in spec.configs.items() if value is not None}
        if configs:
            try:
                validate_topic_overrides(configs, self._config)
            except InvalidConfig as error:
                raise KafkaError(ErrorCode.INVALID_CONFIG, str(error)) from error
        created = plan_topic(
            image,
            spec,
            default_partitions=self._config.num_partitions,
            default_replication_factor=self._config.default_replication_factor,
            first_broker=len(image.topics),
        )
        return created, configs


def _in_words(names: Sequence[str]) -> str:
    return f"topic {names[0]}" if len(names) == 1 else f"topic {names[0]} and {len(names) - 1} more"
