"""OffsetFetch 1-10: what groups have committed.

v2 asks for all partitions by null and has an error of its own, v5 adds leader epochs (KIP-320), v7 lets the client wait for the
end of transactions (KIP-447, UNSTABLE_OFFSET_COMMIT), v8 asks for several groups (KIP-709), v9 has member epochs (KIP-848), v10
topic ids in place of names. A group or an offset that is not there is no error: its offset is -1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.offset_topics import find_topic
from kafka_compat.coordinator.group.offsets import FetchedOffset
from kafka_compat.coordinator.group.shard import GroupShard
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId, TopicName
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)

_FIRST_VERSION_WITH_ERROR: Final = 2
_FIRST_VERSION_OF_SEVERAL: Final = 8
_FIRST_VERSION_BY_ID: Final = 10


async def handle(context: RequestContext, request: OffsetFetchRequest) -> Response:
    """Look up durable offsets."""
    groups = _groups(request, context.version)
    answers = await asyncio.gather(*(_fetch(context, group, request.require_stable) for group in groups))
    return _response(list(answers), context.version)


def refuse(request: OffsetFetchRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """No group was looked up because of `error_code`."""
    return _response([_refused(group, version, error_code) for group in _groups(request, version)], version)


def _groups(request: OffsetFetchRequest, version: int) -> Sequence[OffsetFetchRequestGroup]:
    if version >= _FIRST_VERSION_OF_SEVERAL:
        return request.groups
    topics = (
        None
        if request.topics is None
        else [OffsetFetchRequestTopics(name=topic.name, partition_indexes=topic.partition_indexes) for topic in request.topics]
    )
    return [OffsetFetchRequestGroup(group_id=request.group_id, topics=topics)]


async def _fetch(context: RequestContext, group: OffsetFetchRequestGroup, require_stable: bool) -> OffsetFetchResponseGroup:
    groups, group_id = context.services.groups, group.group_id
    by_id = context.version >= _FIRST_VERSION_BY_ID
    try:
        if group.topics is None:
            everything = await groups.read(
                group_id, lambda shard, _: shard.offsets.fetch_all(group_id, require_stable=require_stable)
            )
            return _all(context, group_id, everything, by_id=by_id)
        known: list[tuple[OffsetFetchRequestTopics, str]] = []
        refused: list[OffsetFetchResponseTopics] = []
        for wanted in group.topics:
            if not by_id:
                known.append((wanted, wanted.name))
                continue
            topic, unknown = find_topic(context.services.image, "", wanted.topic_id, by_id=True)
            if topic is None:
                missing = [FetchedOffset(partition, error_code=unknown) for partition in wanted.partition_indexes]
                refused.append(_topic("", wanted.topic_id, missing))
            else:
                known.append((wanted, topic.name))

        def look(shard: GroupShard, now_ms: int) -> list[list[FetchedOffset]]:
            return [
                shard.offsets.fetch(
                    group_id,
                    name,
                    wanted.partition_indexes,
                    topic_id=TopicId(wanted.topic_id),
                    require_stable=require_stable,
                )
                for wanted, name in known
            ]

        found = await groups.read(group_id, look)
    except KafkaError as error:
        return _refused(group, context.version, error.error_code)
    answers = [_topic(wanted.name, wanted.topic_id, offsets) for (wanted, _), offsets in zip(known, found, strict=True)]
    return OffsetFetchResponseGroup(group_id=group_id, topics=answers + refused)


def _all(
    context: RequestContext, group_id: str, offsets: dict[str, list[FetchedOffset]], *, by_id: bool
) -> OffsetFetchResponseGroup:
    topics = []
    for name, partitions in offsets.items():
        if not by_id:
            topics.append(_topic(name, ZERO_TOPIC_ID, partitions))
            continue
        topic = context.services.image.topics.get(TopicName(name))
        # Without an id there is nothing to call it by.
        if topic is not None:
            topics.append(_topic("", topic.id, partitions))
    return OffsetFetchResponseGroup(group_id=group_id, topics=topics)


def _topic(name: str, topic_id: bytes, offsets: Sequence[FetchedOffset]) -> OffsetFetchResponseTopics:
    return OffsetFetchResponseTopics(
        name=name,
        topic_id=topic_id,
        partitions=[
            OffsetFetchResponsePartitions(
                partition_index=offset.partition,
                committed_offset=offset.offset,
                committed_leader_epoch=offset.leader_epoch,
                metadata=offset.metadata,
                error_code=offset.error_code,
            )
            for offset in offsets
        ],
    )


def _refused(group: OffsetFetchRequestGroup, version: int, code: ErrorCode) -> OffsetFetchResponseGroup:
    # v1 has no error but that of each partition.
    topics = () if version >= _FIRST_VERSION_WITH_ERROR else group.topics or ()
    return OffsetFetchResponseGroup(
        group_id=group.group_id,
        error_code=code,
        topics=[
            _topic(topic.name, topic.topic_id, [FetchedOffset(index, error_code=code) for index in topic.partition_indexes])
            for topic in topics
        ],
    )


def _response(groups: list[OffsetFetchResponseGroup], version: int) -> Response:
    if version >= _FIRST_VERSION_OF_SEVERAL:
        return OffsetFetchResponse(groups=groups)
    (group,) = groups
    return OffsetFetchResponse(
        error_code=group.error_code if version >= _FIRST_VERSION_WITH_ERROR else ErrorCode.NONE,
        topics=[
            OffsetFetchResponseTopic(
                name=topic.name,
                partitions=[
                    OffsetFetchResponsePartition(
                        partition_index=partition.partition_index,
                        committed_offset=partition.committed_offset,
                        committed_leader_epoch=partition.committed_leader_epoch,
                        metadata=partition.metadata,
                        error_code=partition.error_code,
                    )
                    for partition in topic.partitions
                ],
            )
            for topic in group.topics
        ],
    )
