"""OffsetDelete 0: forget committed offsets of topics that no member of the group consumes (KIP-496).

Needs DELETE on the group, and READ on each topic.
"""

from __future__ import annotations

from kafka_compat.api.authorization import is_authorized, require
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)
from kafka_compat.security.acl import AclOperation, AclResource


async def handle(context: RequestContext, request: OffsetDeleteRequest) -> Response:
    """Delete what exists; the answer goes out when it is durable."""
    require(context, AclOperation.DELETE, AclResource.GROUP, request.group_id)
    if not request.group_id:
        raise KafkaError(ErrorCode.INVALID_GROUP_ID)
    image = context.services.image
    pace = Pace()
    refused: dict[str, OffsetDeleteResponseTopic] = {}
    wanted: list[tuple[str, list[int]]] = []
    async for topic in pace.over(request.topics):
        existing: list[int] = []
        unknown: list[OffsetDeleteResponsePartition] = []
        is_denied = not is_authorized(context, AclOperation.READ, AclResource.TOPIC, topic.name)
        code = ErrorCode.TOPIC_AUTHORIZATION_FAILED if is_denied else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        async for partition in pace.over(topic.partitions):
            index = partition.partition_index
            if is_denied or image.partition(topic.name, index) is None:
                unknown.append(OffsetDeleteResponsePartition(partition_index=index, error_code=code))
            else:
                existing.append(index)
        if unknown or is_denied or topic.name not in image.topics:
            answer = refused.setdefault(topic.name, OffsetDeleteResponseTopic(name=topic.name, partitions=[]))
            answer.partitions += unknown
        if existing:
            wanted.append((topic.name, existing))
    partitions = ((name, index) for name, indexes in wanted for index in indexes)
    codes = iter(await context.services.groups.delete_offsets(request.group_id, partitions))
    topics = list(refused.values())
    async for name, indexes in pace.over(wanted):
        deleted = [OffsetDeleteResponsePartition(partition_index=index, error_code=next(codes)) for index in indexes]
        answer_of_refused = refused.get(name)
        if answer_of_refused is not None:
            answer_of_refused.partitions += deleted
            continue
        answer = OffsetDeleteResponseTopic(name=name, partitions=deleted)
        topics.append(answer)
        if refused:
            # Kafka merges by name only when it has answered something already, as in OffsetCommit.
            refused[name] = answer
    return OffsetDeleteResponse(topics=topics)


def refuse(request: OffsetDeleteRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Nothing was deleted because of `error_code`."""
    return OffsetDeleteResponse(error_code=error_code)
