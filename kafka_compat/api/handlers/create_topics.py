"""CreateTopics 2-7: new topics with partitions, replicas and configs.

v4 takes -1 for the broker's defaults (KIP-464), v5 answers the topic's configs (KIP-525), v6 is refused what is above a quota
(KIP-599), v7 answers the id. Each topic succeeds or fails alone; a name that comes twice in one request fails with
INVALID_REQUEST at the end of the response, as in Kafka.

Needs CREATE on the cluster or the topic; its configs, and with them its numbers of partitions and replicas, are answered to who
has DESCRIBE_CONFIGS on it.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from kafka_compat.api.authorization import authorized_in_turns, is_authorized_for_cluster, is_authorized_this_once
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.deadline import check_has_time
from kafka_compat.api.mutations import mutations
from kafka_compat.config.describe import DescribedConfig, describe_created_topic
from kafka_compat.metadata.changes import TopicCreated
from kafka_compat.metadata.topic_plans import TopicSpec
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.topic_names import CLUSTER_METADATA
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_STRICT_VERSION: Final = 6


async def handle(context: RequestContext, request: CreateTopicsRequest) -> Response:
    """Create what can be created."""
    pace = Pace()
    named: Counter[str] = Counter()
    async for topic in pace.over(request.topics):
        named[topic.name] += 1
    unique = [topic async for topic in pace.over(request.topics) if named[topic.name] == 1 and topic.name != CLUSTER_METADATA]
    denied: list[str] = []
    if not is_authorized_for_cluster(context, AclOperation.CREATE):
        names = [topic.name async for topic in pace.over(unique)]
        may_create = await authorized_in_turns(context, AclOperation.CREATE, AclResource.TOPIC, names) or set()
        denied = [name async for name in pace.over(names) if name not in may_create]
        unique = [topic async for topic in pace.over(unique) if topic.name in may_create]
    if unique:
        check_has_time(request.timeout_ms)
    specs = [_spec(topic) async for topic in pace.over(unique)]
    with mutations(context, strict_since=_FIRST_STRICT_VERSION) as permit:
        outcomes = await context.services.topics.create(specs, validate_only=request.validate_only, permit=permit)
    describing = _Describing(context)
    results = []
    async for topic, outcome in pace.over(zip(unique, outcomes, strict=True)):
        if isinstance(outcome, KafkaError):
            results.append(_failure(topic.name, outcome.error_code, outcome.message))
        else:
            results.append(_success(topic, outcome, describing))
    async for name in pace.over(denied):
        results.append(_failure(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED, "Authorization failed."))
    async for name, count in pace.over(named.items()):
        if count > 1:
            results.append(_failure(name, ErrorCode.INVALID_REQUEST, "Duplicate topic name."))
        elif name == CLUSTER_METADATA:
            message = f"Creation of internal topic {CLUSTER_METADATA} is prohibited."
            results.append(_failure(name, ErrorCode.INVALID_REQUEST, message))
    return CreateTopicsResponse(topics=results)


def refuse(request: CreateTopicsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every topic failed with `error_code`."""
    return CreateTopicsResponse(topics=[_failure(topic.name, error_code, message) for topic in request.topics])


def _spec(topic: CreatableTopic) -> TopicSpec:
    return TopicSpec(
        name=topic.name,
        num_partitions=topic.num_partitions,
        replication_factor=topic.replication_factor,
        assignments=[(assignment.partition_index, assignment.broker_ids) for assignment in topic.assignments],
        configs={config.name: config.value for config in topic.configs},
    )


def _success(topic: CreatableTopic, created: TopicCreated, describing: _Describing) -> CreatableTopicResult:
    if not describing.may_describe(topic.name):
        return CreatableTopicResult(
            name=topic.name,
            topic_id=created.id,
            error_message=None,
            topic_config_error_code=ErrorCode.TOPIC_AUTHORIZATION_FAILED,
            configs=[],
        )
    return CreatableTopicResult(
        name=topic.name,
        topic_id=created.id,
        error_message=None,
        num_partitions=len(created.assignments),
        replication_factor=len(created.assignments[0]),
        configs=describing.configs({config.name: config.value for config in topic.configs if config.value is not None}),
    )


class _Describing:
    """The configs that one response tells of; what is equal in two topics is one object."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._config = context.services.config
        self._lists: dict[frozenset[tuple[str, str]], list[CreatableTopicConfigs]] = {}
        self._entries: dict[tuple[str, str | None, int], CreatableTopicConfigs] = {}

    def may_describe(self, name: str) -> bool:
        """Whether the client may know the topic's configs, and its numbers of partitions and replicas with them."""
        return is_authorized_this_once(self._context, AclOperation.DESCRIBE_CONFIGS, AclResource.TOPIC, name)

    def configs(self, overrides: dict[str, str]) -> list[CreatableTopicConfigs]:
        """All configs of a topic with `overrides`."""
        like = frozenset(overrides.items())
        if like not in self._lists:
            self._lists[like] = [self._entry(config) for config in describe_created_topic(self._config, overrides)]
        return self._lists[like]

    def _entry(self, config: DescribedConfig) -> CreatableTopicConfigs:
        key = config.name, config.value, int(config.source)
        if key not in self._entries:
            self._entries[key] = CreatableTopicConfigs(
                name=config.name,
                value=config.value,
                read_only=config.read_only,
                config_source=config.source,
                is_sensitive=config.sensitive,
            )
        return self._entries[key]


def _failure(name: str, error_code: ErrorCode, message: str | None) -> CreatableTopicResult:
    return CreatableTopicResult(name=name, error_code=error_code, error_message=message, configs=[])
