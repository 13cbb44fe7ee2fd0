"""CreateTopics 2-7: new topics with partitions, replicas and configs.

v4 takes -1 for the broker's defaults (KIP-464), v5 answers the topic's configs (KIP-525), v7 its id. Each topic succeeds or
fails alone; a name that comes twice in one request fails with INVALID_REQUEST at the end of the response, as in Kafka.
"""

from __future__ import annotations

from collections import Counter

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.deadline import check_has_time
from kafka_compat.metadata.changes import TopicCreated
from kafka_compat.metadata.topic_names import CLUSTER_METADATA
from kafka_compat.metadata.topic_plans import TopicSpec
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)


async def handle(context: RequestContext, request: CreateTopicsRequest) -> Response:
    """Create what can be created."""
    named = Counter(topic.name for topic in request.topics)
    unique = [topic for topic in request.topics if named[topic.name] == 1 and topic.name != CLUSTER_METADATA]
    if unique:
        check_has_time(request.timeout_ms)
    outcomes = await context.services.topics.create([_spec(topic) for topic in unique], validate_only=request.validate_only)
    results = [_result(context, topic, outcome) for topic, outcome in zip(unique, outcomes, strict=True)]
    for name, count in named.items():
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


def _result(context: RequestContext, topic: CreatableTopic, outcome: TopicCreated | KafkaError) -> CreatableTopicResult:
    if isinstance(outcome, KafkaError):
        return _failure(topic.name, outcome.error_code, outcome.message)
    overrides = {config.name: config.value for config in topic.configs if config.value is not None}
    return CreatableTopicResult(
        name=topic.name,
        topic_id=outcome.id,
        error_message=None,
        num_partitions=len(outcome.assignments),
        replication_factor=len(outcome.assignments[0]),
        configs=[
            CreatableTopicConfigs(
                name=config.name,
                value=config.value,
                read_only=config.read_only,
                config_source=config.source,
                is_sensitive=config.sensitive,
            )
            for config in context.services.topics.describe_configs(overrides)
        ],
    )


def _failure(name: str, error_code: ErrorCode, message: str | None) -> CreatableTopicResult:
    return CreatableTopicResult(name=name, error_code=error_code, error_message=message, configs=[])
