"""OffsetCommit 2-10: where a group goes on, per partition.

v3 adds throttling, v5 drops the retention time, v6 adds leader epochs (KIP-320), v7 static members (KIP-345), v8 is flexible,
v9 answers GROUP_ID_NOT_FOUND for a group that is not there (KIP-848), v10 has topic ids in place of names. Topics and
partitions that do not exist are answered here; what the group allows is up to its membership. Needs READ on the group, and on
each topic.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import is_authorized, require
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.offset_commits import commit_what_exists
from kafka_compat.api.offset_topics import find_topic
from kafka_compat.api.refusals import by_partition
from kafka_compat.coordinator.group.offset_values import OffsetCommit, OffsetsToCommit
from kafka_compat.metadata.image import Topic
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_OF_GROUP_ID_NOT_FOUND: Final = 9
_FIRST_VERSION_BY_ID: Final = 10


async def handle(context: RequestContext, request: OffsetCommitRequest) -> Response:
    """Commit what exists; the answer goes out when it is durable."""
    by_id = context.version >= _FIRST_VERSION_BY_ID
    require(context, AclOperation.READ, AclResource.GROUP, request.group_id)
    image = context.services.image
    pace = Pace()

    def find(wanted: OffsetCommitRequestTopic) -> tuple[Topic | None, ErrorCode]:
        topic, unknown = find_topic(image, wanted.name, wanted.topic_id, by_id=by_id)
        if topic is None and by_id:
            return None, unknown
        if not is_authorized(context, AclOperation.READ, AclResource.TOPIC, wanted.name if topic is None else topic.name):
            return None, ErrorCode.TOPIC_AUTHORIZATION_FAILED
        return topic, unknown

    async def commit(offsets: OffsetsToCommit) -> list[ErrorCode]:
        commit = OffsetCommit(
            group_id=request.group_id,
            member_id=request.member_id,
            instance_id=request.group_instance_id,
            generation_id=request.generation_id_or_member_epoch,
            retention_ms=request.retention_time_ms,
            offsets=offsets,
        )
        return _mapped(await context.services.groups.commit_offsets(commit), context.version)

    committed = await commit_what_exists(
        request.topics,
        find,
        commit,
        pace,
        with_topic_ids=True,
    )
    topics = []
    async for wanted, outcomes in pace.over(committed):
        partitions = [
            OffsetCommitResponsePartition(partition_index=index, error_code=code) async for index, code in pace.over(outcomes)
        ]
        topics.append(OffsetCommitResponseTopic(name=wanted.name, topic_id=wanted.topic_id, partitions=partitions))
    return OffsetCommitResponse(topics=topics)


def refuse(request: OffsetCommitRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """No partition was committed because of `error_code`."""
    return OffsetCommitResponse(
        topics=by_partition(
            ((topic, topic.partitions) for topic in request.topics),
            lambda asked: OffsetCommitResponsePartition(partition_index=asked.partition_index, error_code=error_code),
            lambda topic, partitions: OffsetCommitResponseTopic(
                name=topic.name, topic_id=topic.topic_id, partitions=partitions
            ),
        )
    )


def _mapped(codes: list[ErrorCode], version: int) -> list[ErrorCode]:
    not_found = ErrorCode.GROUP_ID_NOT_FOUND
    if version >= _FIRST_VERSION_OF_GROUP_ID_NOT_FOUND or not_found not in codes:
        return codes
    return [ErrorCode.ILLEGAL_GENERATION if code is not_found else code for code in codes]
