"""CreatePartitions 0-3: more partitions for existing topics (KIP-195).

Versions differ in encoding only, and v3 is refused what is above a quota (KIP-599). Each topic succeeds or fails alone; a name
that comes twice in one request fails with INVALID_REQUEST in front of the others, as in Kafka.

Needs ALTER on each topic; what may not be altered is refused behind the duplicates.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from kafka_compat.api.authorization import authorized_in_turns
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.deadline import check_has_time
from kafka_compat.api.mutations import mutations
from kafka_compat.metadata.topic_plans import GrowthSpec
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_STRICT_VERSION: Final = 3


async def handle(context: RequestContext, request: CreatePartitionsRequest) -> Response:
    """Grow what can grow; new partitions have their leader and log when this answers."""
    pace = Pace()
    named: Counter[str] = Counter()
    async for topic in pace.over(request.topics):
        named[topic.name] += 1
    duplicate = KafkaError(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")
    results = [_result(name, duplicate) async for name, count in pace.over(named.items()) if count > 1]
    unique = [topic async for topic in pace.over(request.topics) if named[topic.name] == 1]
    names = [topic.name async for topic in pace.over(unique)]
    may_alter = await authorized_in_turns(context, AclOperation.ALTER, AclResource.TOPIC, names)
    if may_alter is not None:
        denied = KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        results += [_result(name, denied) async for name in pace.over(names) if name not in may_alter]
        unique = [topic async for topic in pace.over(unique) if topic.name in may_alter]
    if unique:
        check_has_time(request.timeout_ms)
    specs = [_spec(topic) async for topic in pace.over(unique)]
    with mutations(context, strict_since=_FIRST_STRICT_VERSION) as permit:
        outcomes = await context.services.topics.grow(specs, validate_only=request.validate_only, permit=permit)
    async for topic, outcome in pace.over(zip(unique, outcomes, strict=True)):
        results.append(_result(topic.name, outcome))
    return CreatePartitionsResponse(results=results)


def refuse(request: CreatePartitionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every topic failed with `error_code`."""
    error = KafkaError(error_code, message)
    return CreatePartitionsResponse(results=[_result(topic.name, error) for topic in request.topics])


def _spec(topic: CreatePartitionsTopic) -> GrowthSpec:
    return GrowthSpec(
        name=topic.name,
        total=topic.count,
        assignments=None if topic.assignments is None else [assignment.broker_ids for assignment in topic.assignments],
    )


def _result(name: str, error: KafkaError | None) -> CreatePartitionsTopicResult:
    return CreatePartitionsTopicResult(
        name=name,
        error_code=ErrorCode.NONE if error is None else error.error_code,
        error_message=None if error is None else error.message,
    )
