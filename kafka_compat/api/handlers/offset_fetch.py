"""OffsetFetch 1-10: what groups have committed.

v2 asks for all partitions by null and has an error of its own, v5 adds leader epochs (KIP-320), v7 lets the client wait for the
end of transactions (KIP-447, UNSTABLE_OFFSET_COMMIT), v8 asks for several groups (KIP-709), v9 has member epochs (KIP-848), v10
topic ids in place of names. A group or an offset that is not there is no error: its offset is -1.

Needs DESCRIBE on the group, and on each topic: who asks for all is told of those that he may describe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafka_compat.api.authorization import is_authorized
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.offset_topics import find_topic
from kafka_compat.api.refusals import by_partition
from kafka_compat.api.slices import Repeats
from kafka_compat.coordinator.group.offset_values import FetchedOffset
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId, TopicName
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_WITH_ERROR: Final = 2
_FIRST_VERSION_OF_SEVERAL: Final = 8
_FIRST_VERSION_BY_ID: Final = 10

_PARTITIONS_AT_ONCE: Final = 500
_TOO_LARGE: Final = ErrorCode.INVALID_REQUEST


async def handle(context: RequestContext, request: OffsetFetchRequest) -> Response:
    """Look up durable offsets."""
    pace = Pace()
    repeats = Repeats()
    everything: dict[str, tuple[OffsetFetchResponseGroup, int]] = {}
    answers: list[OffsetFetchResponseGroup] = []
    if context.version >= _FIRST_VERSION_OF_SEVERAL:
        groups = request.groups
    else:
        groups = [OffsetFetchRequestGroup(group_id=request.group_id, topics=None)]
        if request.topics is not None:
            groups[0].topics = [_as_of_several(topic) async for topic in pace.over(request.topics)]
    async for group in pace.over(groups):
        if not is_authorized(context, AclOperation.DESCRIBE, AclResource.GROUP, group.group_id):
            answers.append(_refused(group, context.version, ErrorCode.GROUP_AUTHORIZATION_FAILED))
            continue
        fetch = _Fetch(context, group, pace, repeats, require_stable=request.require_stable)
        if group.topics is not None:
            answers.append(await fetch.named(group.topics))
        elif group.group_id not in everything:
            answer = await fetch.everything()
            everything[group.group_id] = answer, fetch.size_bytes
            answers.append(answer)
        else:
            answer, size_bytes = everything[group.group_id]
            answers.append(answer if repeats.take(size_bytes) else _refused(group, context.version, _TOO_LARGE))
    if context.version >= _FIRST_VERSION_OF_SEVERAL:
        return OffsetFetchResponse(groups=answers)
    (only,) = answers
    topics = []
    async for topic in pace.over(only.topics):
        partitions = [_as_of_one(partition) async for partition in pace.over(topic.partitions)]
        topics.append(OffsetFetchResponseTopic(name=topic.name, partitions=partitions))
    return _response_of_one(only, topics, context.version)


def refuse(request: OffsetFetchRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """No group was looked up because of `error_code`."""
    if version >= _FIRST_VERSION_OF_SEVERAL:
        return OffsetFetchResponse(groups=[_refused(group, version, error_code) for group in request.groups])
    asked = None if request.topics is None else [_as_of_several(topic) for topic in request.topics]
    only = _refused(OffsetFetchRequestGroup(group_id=request.group_id, topics=asked), version, error_code)
    topics = by_partition(
        ((topic.name, topic.partitions) for topic in only.topics),
        _as_of_one,
        lambda name, partitions: OffsetFetchResponseTopic(name=name, partitions=partitions),
    )
    return _response_of_one(only, topics, version)


def _as_of_several(topic: OffsetFetchRequestTopic) -> OffsetFetchRequestTopics:
    return OffsetFetchRequestTopics(name=topic.name, partition_indexes=topic.partition_indexes)


def _as_of_one(partition: OffsetFetchResponsePartitions) -> OffsetFetchResponsePartition:
    return OffsetFetchResponsePartition(
        partition_index=partition.partition_index,
        committed_offset=partition.committed_offset,
        committed_leader_epoch=partition.committed_leader_epoch,
        metadata=partition.metadata,
        error_code=partition.error_code,
    )


def _response_of_one(group: OffsetFetchResponseGroup, topics: list[OffsetFetchResponseTopic], version: int) -> Response:
    error_code = group.error_code if version >= _FIRST_VERSION_WITH_ERROR else ErrorCode.NONE
    return OffsetFetchResponse(error_code=error_code, topics=topics)


class _Fetch:
    """Looks up the offsets of one group, some at a time, so that a wide look-up shows each partition as it is at its turn."""

    def __init__(
        self, context: RequestContext, group: OffsetFetchRequestGroup, pace: Pace, repeats: Repeats, *, require_stable: bool
    ) -> None:
        self._context = context
        self._groups = context.services.groups
        self._group = group
        self._pace = pace
        self._repeats = repeats
        self._require_stable = require_stable
        self._by_id = context.version >= _FIRST_VERSION_BY_ID
        # Of the answer, roughly.
        self.size_bytes = 0

    async def everything(self) -> OffsetFetchResponseGroup:
        """All that the group has committed."""
        group_id = self._group.group_id
        try:
            committed = await self._groups.committed_partitions(group_id)
            topics = []
            async for name, partitions in self._pace.over(committed):
                if not self._may_describe(name):
                    continue
                topic_id = ZERO_TOPIC_ID
                if self._by_id:
                    topic = self._context.services.image.topics.get(TopicName(name))
                    if topic is None:
                        continue  # without an id there is nothing to call it by
                    topic_id = topic.id
                offsets = await self._look(name, partitions, ZERO_TOPIC_ID)
                topics.append(self._topic("" if self._by_id else name, topic_id, offsets))
        except KafkaError as error:
            return _refused(self._group, self._context.version, error.error_code)
        return OffsetFetchResponseGroup(group_id=group_id, topics=topics)

    async def named(self, wanted: Sequence[OffsetFetchRequestTopics]) -> OffsetFetchResponseGroup:
        """What the request names; topics whose id is unknown, and those not to be described, come behind the others."""
        topics: list[OffsetFetchResponseTopics] = []
        refused: list[OffsetFetchResponseTopics] = []
        try:
            # An error of the coordinator counts even when nothing is left to look up.
            await self._groups.check_coordinator(self._group.group_id)
            async for asked in self._pace.over(wanted):
                name, unknown = asked.name, ErrorCode.NONE
                if self._by_id:
                    topic, unknown = find_topic(self._context.services.image, "", asked.topic_id, by_id=True)
                    if topic is None:
                        refused.append(await self._missing(asked, unknown))
                        continue
                    name = topic.name
                if not self._may_describe(name):
                    refused.append(await self._missing(asked, ErrorCode.TOPIC_AUTHORIZATION_FAILED))
                    continue
                offsets = await self._look(name, asked.partition_indexes, TopicId(asked.topic_id))
                topics.append(self._topic(asked.name, asked.topic_id, offsets))
        except KafkaError as error:
            return _refused(self._group, self._context.version, error.error_code)
        return OffsetFetchResponseGroup(group_id=self._group.group_id, topics=topics + refused)

    def _may_describe(self, topic: str) -> bool:
        return is_authorized(self._context, AclOperation.DESCRIBE, AclResource.TOPIC, topic)

    async def _look(self, name: str, partitions: Sequence[int], topic_id: TopicId) -> list[OffsetFetchResponsePartitions]:
        found = await self._groups.fetch_offsets(
            self._group.group_id, name, partitions, topic_id=topic_id, require_stable=self._require_stable
        )
        answers: list[OffsetFetchResponsePartitions] = []
        for start in range(0, len(found), _PARTITIONS_AT_ONCE):
            part = found[start : start + _PARTITIONS_AT_ONCE]
            answers += (_partition(offset if self._has_room(offset) else _without_room(offset)) for offset in part)
            await self._pace.turn()
        return answers

    def _has_room(self, offset: FetchedOffset) -> bool:
        """Whether the answer may have one more piece of metadata: a partition of four bytes may bring thousands."""
        self.size_bytes += 32 + len(offset.metadata)
        return self._group.topics is None or not offset.metadata or self._repeats.take(len(offset.metadata))

    async def _missing(self, asked: OffsetFetchRequestTopics, code: ErrorCode) -> OffsetFetchResponseTopics:
        partitions = [
            _partition(FetchedOffset(index, error_code=code)) async for index in self._pace.over(asked.partition_indexes)
        ]
        return self._topic(asked.name, asked.topic_id, partitions)

    def _topic(self, name: str, topic_id: bytes, partitions: list[OffsetFetchResponsePartitions]) -> OffsetFetchResponseTopics:
        return OffsetFetchResponseTopics(name=name, topic_id=topic_id, partitions=partitions)


def _without_room(offset: FetchedOffset) -> FetchedOffset:
    return FetchedOffset(offset.partition, error_code=_TOO_LARGE)


def _partition(offset: FetchedOffset) -> OffsetFetchResponsePartitions:
    return OffsetFetchResponsePartitions(
        partition_index=offset.partition,
        committed_offset=offset.offset,
        committed_leader_epoch=offset.leader_epoch,
        metadata=offset.metadata,
        error_code=offset.error_code,
    )


def _refused(group: OffsetFetchRequestGroup, version: int, code: ErrorCode) -> OffsetFetchResponseGroup:
    # v1 has no error but that of each partition.
    topics = () if version >= _FIRST_VERSION_WITH_ERROR else group.topics or ()
    return OffsetFetchResponseGroup(
        group_id=group.group_id,
        error_code=code,
        topics=by_partition(
            ((topic, topic.partition_indexes) for topic in topics),
            lambda index: _partition(FetchedOffset(index, error_code=code)),
            lambda topic, partitions: OffsetFetchResponseTopics(
                name=topic.name, topic_id=topic.topic_id, partitions=partitions
            ),
        ),
    )
