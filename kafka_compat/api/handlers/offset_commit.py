"""OffsetCommit 2-10: where a group goes on, per partition.

v3 adds throttling, v5 drops the retention time, v6 adds leader epochs (KIP-320), v7 static members (KIP-345), v8 is flexible,
v9 answers GROUP_ID_NOT_FOUND for a group that is not there (KIP-848), v10 has topic ids in place of names. Topics and
partitions that do not exist are answered here; what the group allows is up to its membership.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.offset_topics import find_topic
from kafka_compat.api.refusals import by_partition
from kafka_compat.coordinator.group.offset_values import OffsetCommit, OffsetToCommit
from kafka_compat.metadata.image import Topic
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
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

_PARTITIONS_AT_ONCE: Final = 250

# A topic of the request, what the image has under its name, and the partitions named that exist.
_Valid = tuple[OffsetCommitRequestTopic, Topic, list[OffsetCommitRequestPartition]]


async def handle(context: RequestContext, request: OffsetCommitRequest) -> Response:
    """Commit what exists; the answer goes out when it is durable."""
    by_id = context.version >= _FIRST_VERSION_BY_ID
    image = context.services.image
    pace = Pace()
    answer = _Answer()
    valid: list[_Valid] = []
    async for wanted in pace.over(request.topics):
        topic, unknown = find_topic(image, wanted.name, wanted.topic_id, by_id=by_id)
        existing: list[OffsetCommitRequestPartition] = []
        refused: list[OffsetCommitResponsePartition] = []
        for start in range(0, len(wanted.partitions), _PARTITIONS_AT_ONCE):
            _sort_out(topic, unknown, wanted.partitions[start : start + _PARTITIONS_AT_ONCE], existing, refused)
            await pace.turn()
        if topic is None or refused:
            answer.add(wanted, refused)
        if topic is not None and existing:
            valid.append((wanted, topic, existing))
    if not valid:
        return answer.response()
    commit = OffsetCommit(
        group_id=request.group_id,
        member_id=request.member_id,
        instance_id=request.group_instance_id,
        generation_id=request.generation_id_or_member_epoch,
        retention_ms=request.retention_time_ms,
        offsets=_Offsets(valid),
    )
    codes = iter(_mapped(await context.services.groups.commit_offsets(commit), context.version))
    answer.keep_apart()
    for wanted, _, existing in valid:
        committed = [
            OffsetCommitResponsePartition(partition_index=partition.partition_index, error_code=code)
            for partition, code in zip(existing, codes, strict=False)
        ]
        answer.add(wanted, committed)
        await pace.turn()
    return answer.response()


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


def _sort_out(
    topic: Topic | None,
    unknown: ErrorCode,
    partitions: Sequence[OffsetCommitRequestPartition],
    existing: list[OffsetCommitRequestPartition],
    refused: list[OffsetCommitResponsePartition],
) -> None:
    """Put each partition where it belongs; those of a topic that is not there are `unknown`."""
    count = 0 if topic is None else len(topic.partitions)
    code = unknown if topic is None else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    for partition in partitions:
        index = partition.partition_index
        if 0 <= index < count:
            existing.append(partition)
        else:
            refused.append(OffsetCommitResponsePartition(partition_index=index, error_code=code))


def _mapped(codes: list[ErrorCode], version: int) -> list[ErrorCode]:
    not_found = ErrorCode.GROUP_ID_NOT_FOUND
    if version >= _FIRST_VERSION_OF_GROUP_ID_NOT_FOUND or not_found not in codes:
        return codes
    return [ErrorCode.ILLEGAL_GENERATION if code is not_found else code for code in codes]


class _Offsets:
    """The offsets of what is valid, made when somebody goes through them."""

    def __init__(self, valid: Sequence[_Valid]) -> None:
        self._valid = valid
        self._count = sum(len(existing) for _, _, existing in valid)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[OffsetToCommit]:
        return (
            OffsetToCommit(
                topic=topic.name,
                partition=partition.partition_index,
                offset=partition.committed_offset,
                leader_epoch=partition.committed_leader_epoch,
                metadata=partition.committed_metadata,
                topic_id=topic.id,
            )
            for _, topic, existing in self._valid
            for partition in existing
        )


class _Answer:
    """Partitions by topic: what was refused at once comes before what went to the coordinator, as in Kafka."""

    def __init__(self) -> None:
        self._topics: list[OffsetCommitResponseTopic] = []
        self._by_name: dict[tuple[str, bytes], OffsetCommitResponseTopic] = {}
        self._merges = True

    def keep_apart(self) -> None:
        """When nothing was refused, a topic that was named twice is answered twice."""
        self._merges = bool(self._topics)

    def add(self, wanted: OffsetCommitRequestTopic, partitions: list[OffsetCommitResponsePartition]) -> None:
        """Add partitions to their topic."""
        key = wanted.name, wanted.topic_id
        topic = self._by_name.get(key) if self._merges else None
        if topic is not None:
            topic.partitions += partitions
            return
        topic = OffsetCommitResponseTopic(name=wanted.name, topic_id=wanted.topic_id, partitions=partitions)
        self._by_name[key] = topic
        self._topics.append(topic)

    def response(self) -> Response:
        """All of it."""
        return OffsetCommitResponse(topics=self._topics)
