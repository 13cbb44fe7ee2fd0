"""OffsetCommit 2-10: where a group goes on, per partition.

v3 adds throttling, v5 drops the retention time, v6 adds leader epochs (KIP-320), v7 static members (KIP-345), v8 is flexible,
v9 answers GROUP_ID_NOT_FOUND for a group that is not there (KIP-848), v10 has topic ids in place of names. Topics and
partitions that do not exist are answered here; what the group allows is up to its membership.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.offset_topics import find_topic
from kafka_compat.coordinator.group.offsets import OffsetCommit, OffsetToCommit
from kafka_compat.metadata.image import Topic
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)

_FIRST_VERSION_OF_GROUP_ID_NOT_FOUND: Final = 9
_FIRST_VERSION_BY_ID: Final = 10


async def handle(context: RequestContext, request: OffsetCommitRequest) -> Response:
    """Commit what exists; the answer goes out when it is durable."""
    by_id = context.version >= _FIRST_VERSION_BY_ID
    image = context.services.image
    answer = _Answer()
    valid: list[tuple[OffsetCommitRequestTopic, Topic, list[OffsetCommitRequestPartition]]] = []
    for wanted in request.topics:
        topic, unknown = find_topic(image, wanted.name, wanted.topic_id, by_id=by_id)
        existing = []
        refused: list[tuple[int, ErrorCode]] = []
        for partition in wanted.partitions:
            index = partition.partition_index
            if topic is None:
                refused.append((index, unknown))
            elif 0 <= index < len(topic.partitions):
                existing.append(partition)
            else:
                refused.append((index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
        if topic is None or refused:
            answer.add(wanted, refused)
        if topic is not None and existing:
            valid.append((wanted, topic, existing))
    if not valid:
        return answer.response()
    offsets = [
        OffsetToCommit(
            topic=topic.name,
            partition=partition.partition_index,
            offset=partition.committed_offset,
            leader_epoch=partition.committed_leader_epoch,
            metadata=partition.committed_metadata,
            topic_id=topic.id,
        )
        for _, topic, existing in valid
        for partition in existing
    ]
    codes = iter(await _commit(context, request, offsets))
    answer.keep_apart()
    for wanted, _, existing in valid:
        answer.add(wanted, [(partition.partition_index, next(codes)) for partition in existing])
    return answer.response()


def refuse(request: OffsetCommitRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """No partition was committed because of `error_code`."""
    return OffsetCommitResponse(
        topics=[
            OffsetCommitResponseTopic(
                name=topic.name,
                topic_id=topic.topic_id,
                partitions=[
                    OffsetCommitResponsePartition(partition_index=partition.partition_index, error_code=error_code)
                    for partition in topic.partitions
                ],
            )
            for topic in request.topics
        ]
    )


async def _commit(context: RequestContext, request: OffsetCommitRequest, offsets: list[OffsetToCommit]) -> list[ErrorCode]:
    commit = OffsetCommit(
        group_id=request.group_id,
        member_id=request.member_id,
        instance_id=request.group_instance_id,
        generation_id=request.generation_id_or_member_epoch,
        retention_ms=request.retention_time_ms,
        offsets=offsets,
    )
    try:
        return await context.services.groups.run(request.group_id, lambda shard, now_ms: shard.offsets.commit(commit, now_ms))
    except KafkaError as error:
        code = error.error_code
        if code == ErrorCode.GROUP_ID_NOT_FOUND and context.version < _FIRST_VERSION_OF_GROUP_ID_NOT_FOUND:
            code = ErrorCode.ILLEGAL_GENERATION
        return [code] * len(offsets)


class _Answer:
    """Partitions by topic: what was refused at once comes before what went to the coordinator, as in Kafka."""

    def __init__(self) -> None:
        self._topics: list[OffsetCommitResponseTopic] = []
        self._merges = True

    def keep_apart(self) -> None:
        """When nothing was refused, a topic that was named twice is answered twice."""
        self._merges = bool(self._topics)

    def add(self, wanted: OffsetCommitRequestTopic, partitions: list[tuple[int, ErrorCode]]) -> None:
        """Add partitions to their topic."""
        added = [OffsetCommitResponsePartition(partition_index=index, error_code=code) for index, code in partitions]
        if self._merges:
            for topic in self._topics:
                if (topic.name, topic.topic_id) == (wanted.name, wanted.topic_id):
                    topic.partitions = [*topic.partitions, *added]
                    return
        self._topics.append(OffsetCommitResponseTopic(name=wanted.name, topic_id=wanted.topic_id, partitions=added))

    def response(self) -> Response:
        """All of it."""
        return OffsetCommitResponse(topics=self._topics)
