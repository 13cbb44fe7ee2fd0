"""DeleteTopics 1-6: topics by name, from v6 also by id (KIP-516).

v3 answers TOPIC_DELETION_DISABLED (73) where older versions get INVALID_REQUEST, v5 carries messages and is refused what is
above a quota (KIP-599). Each topic succeeds or fails alone. Needs DELETE on the cluster, or on each topic, and tells nobody of
topics that he may not describe: such a name is refused in its place, there or not, where Kafka shuffles all results.
"""

from __future__ import annotations

from collections import Counter

from kafka_compat.api.authorization import is_authorized_for_cluster, is_authorized_this_once, refusal
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.deadline import check_has_time
from kafka_compat.api.mutations import mutations
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId, TopicName
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.delete_topics import DeletableTopicResult, DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_WITH_DISABLED_CODE = 3
_FIRST_STRICT_VERSION = 5
_FIRST_VERSION_BY_ID = 6


async def handle(context: RequestContext, request: DeleteTopicsRequest) -> Response:
    """Delete what can be deleted; a deleted topic is gone for every client when this answers."""
    if not context.services.config.delete_topic_enable:
        has_code = context.version >= _FIRST_VERSION_WITH_DISABLED_CODE
        raise KafkaError(ErrorCode.TOPIC_DELETION_DISABLED if has_code else ErrorCode.INVALID_REQUEST)
    pace = Pace()
    results, names, ids = await _requested(request, pace)
    if names or ids:
        check_has_time(request.timeout_ms)
    deletable = await _resolve(context, names, ids, results, pace)
    with mutations(context, strict_since=_FIRST_STRICT_VERSION) as permit:
        outcomes = await context.services.topics.delete(list(deletable), permit=permit)
    async for topic_id, error in pace.over(outcomes.items()):
        results.append(_result(deletable[topic_id], topic_id, error))
    return DeleteTopicsResponse(responses=results)


def refuse(request: DeleteTopicsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every topic failed with `error_code`."""
    error = KafkaError(error_code, message)
    if version >= _FIRST_VERSION_BY_ID:
        results = [_result(topic.name, TopicId(topic.topic_id), error) for topic in request.topics]
    else:
        results = [_result(name, ZERO_TOPIC_ID, error) for name in request.topic_names]
    return DeleteTopicsResponse(responses=results)


async def _requested(request: DeleteTopicsRequest, pace: Pace) -> tuple[list[DeletableTopicResult], list[str], list[TopicId]]:
    """The refusals of malformed entries, and the names and ids that came once."""
    results: list[DeletableTopicResult] = []
    names: Counter[str] = Counter()
    ids: Counter[TopicId] = Counter()
    async for name in pace.over(request.topic_names):
        names[name] += 1
    async for topic in pace.over(request.topics):
        topic_id = TopicId(topic.topic_id)
        if topic.name is None and topic_id == ZERO_TOPIC_ID:
            results.append(_refused(None, ZERO_TOPIC_ID, "Neither topic name nor id were specified."))
        elif topic.name is None:
            ids[topic_id] += 1
        elif topic_id == ZERO_TOPIC_ID:
            names[topic.name] += 1
        else:
            results.append(_refused(topic.name, topic_id, "You may not specify both topic name and topic id."))
    named_once, ids_once = [], []
    async for name, count in pace.over(names.items()):
        if count == 1:
            named_once.append(name)
        else:
            results.append(_refused(name, ZERO_TOPIC_ID, "Duplicate topic name."))
    async for topic_id, count in pace.over(ids.items()):
        if count == 1:
            ids_once.append(topic_id)
        else:
            results.append(_refused(None, topic_id, "Duplicate topic id."))
    return results, named_once, ids_once


async def _resolve(
    context: RequestContext, names: list[str], ids: list[TopicId], results: list[DeletableTopicResult], pace: Pace
) -> dict[TopicId, TopicName]:
    """The topics to delete; what may not be deleted, does not exist, or is named by id and by name, is added to `results`."""
    image = context.services.image
    rights = _Rights(context)
    deletable: dict[TopicId, TopicName] = {}
    named_twice: set[TopicId] = set()
    async for topic_id in pace.over(ids):
        topic = image.topics_by_id.get(topic_id)
        if topic is None:
            error = KafkaError(ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.")
            results.append(_result(None, topic_id, error))
        elif not rights.may(AclOperation.DELETE, topic.name):
            known = topic.name if rights.may(AclOperation.DESCRIBE, topic.name) else None
            results.append(_result(known, topic_id, refusal(AclResource.TOPIC)))
        else:
            deletable[topic_id] = topic.name
    async for name in pace.over(names):
        if not rights.may(AclOperation.DESCRIBE, name):
            results.append(_result(name, ZERO_TOPIC_ID, refusal(AclResource.TOPIC)))
            continue
        topic = image.topics.get(TopicName(name))
        if topic is None:
            error = KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.")
            results.append(_result(name, ZERO_TOPIC_ID, error))
        elif not rights.may(AclOperation.DELETE, name):
            results.append(_result(name, ZERO_TOPIC_ID, refusal(AclResource.TOPIC)))
        elif topic.id in deletable or topic.id in named_twice:
            named_twice.add(topic.id)
            deletable.pop(topic.id, None)
            message = "The provided topic name maps to an ID that was already supplied."
            results.append(_refused(name, topic.id, message))
        else:
            deletable[topic.id] = topic.name
    return deletable


class _Rights:
    """What the client may do to topics; everything, if it may delete the cluster."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._has_all = is_authorized_for_cluster(context, AclOperation.DELETE)

    def may(self, operation: AclOperation, name: str) -> bool:
        return self._has_all or is_authorized_this_once(self._context, operation, AclResource.TOPIC, name)


def _result(name: str | None, topic_id: TopicId, error: KafkaError | None) -> DeletableTopicResult:
    return DeletableTopicResult(
        name=name,
        topic_id=topic_id,
        error_code=ErrorCode.NONE if error is None else error.error_code,
        error_message=None if error is None else error.message,
    )


def _refused(name: str | None, topic_id: TopicId, message: str) -> DeletableTopicResult:
    return _result(name, topic_id, KafkaError(ErrorCode.INVALID_REQUEST, message))
