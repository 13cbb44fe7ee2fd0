"""ListOffsets 1-11: the offset at a place in time.

Besides a timestamp: -1 latest (high watermark, or last stable offset for read_committed), -2 earliest, -3 the record with the
largest timestamp (v7, KIP-734), -4 earliest local (v8, KIP-405), -5 latest tiered (v9, KIP-1005), -6 earliest pending upload
(v11, KIP-1023). There is no tiered storage here, and a log without it answers what the reference answers: earliest local is
earliest, the other two are unknown (-1). v4 adds the leader epoch and its check (KIP-320), v10 a timeout for remote look-ups,
which do not exist here.

Replicas, which say their id, see all of the leader's log; a debugging replica (-2) may ask a follower, too, and sees its
part of it. While the high watermark is below the beginning of its leader's term, what a consumer is told of the end of the log
might go back: OFFSET_NOT_AVAILABLE (v5, KIP-207; LEADER_NOT_AVAILABLE before).

Needs DESCRIBE on each topic; those without come behind the others.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import is_authorized
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.leaders import find_log, find_replica
from kafka_compat.api.refusals import by_partition
from kafka_compat.ids import TopicName
from kafka_compat.log.partition import PartitionLog
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopicResponse,
)
from kafka_compat.security.acl import AclOperation, AclResource

LATEST: Final = -1
EARLIEST: Final = -2
MAX_TIMESTAMP: Final = -3
EARLIEST_LOCAL: Final = -4
LATEST_TIERED: Final = -5
EARLIEST_PENDING_UPLOAD: Final = -6

_FIRST_VERSION: Final = {MAX_TIMESTAMP: 7, EARLIEST_LOCAL: 8, LATEST_TIERED: 9, EARLIEST_PENDING_UPLOAD: 11}
_READ_UNCOMMITTED: Final = 0
_READ_COMMITTED: Final = 1
_CONSUMER: Final = -1
_DEBUGGING: Final = -2
_FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE: Final = 5
_UNKNOWN: Final = (-1, -1, -1)


async def handle(context: RequestContext, request: ListOffsetsRequest) -> Response:
    """Look up each partition on its own; one that is named twice is refused, and answered once."""
    if request.isolation_level not in (_READ_UNCOMMITTED, _READ_COMMITTED):
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    pace = Pace()
    # None for a partition that is named twice.
    named: dict[str, dict[int, ListOffsetsPartition | None]] = {}
    denied = []
    async for topic in pace.over(request.topics):
        if not is_authorized(context, AclOperation.DESCRIBE, AclResource.TOPIC, topic.name):
            code = ErrorCode.TOPIC_AUTHORIZATION_FAILED
            answers = [_answer(context, asked.partition_index, code) async for asked in pace.over(topic.partitions)]
            denied.append(ListOffsetsTopicResponse(name=topic.name, partitions=answers))
            continue
        wanted = named.setdefault(topic.name, {})
        async for partition in pace.over(topic.partitions):
            index = partition.partition_index
            wanted[index] = None if index in wanted else partition
    topics = []
    async for name, wanted in pace.over(named.items()):
        partitions = []
        async for index, asked in pace.over(wanted.items()):
            if asked is None:
                partitions.append(_answer(context, index, ErrorCode.INVALID_REQUEST))
                continue
            try:
                found = await _look_up(context, name, asked, request)
                partitions.append(_answer(context, index, ErrorCode.NONE, found))
            except KafkaError as error:
                partitions.append(_answer(context, index, error.error_code))
        if partitions:
            topics.append(ListOffsetsTopicResponse(name=name, partitions=partitions))
    return ListOffsetsResponse(topics=topics + denied)


def refuse(request: ListOffsetsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every partition failed with `error_code`."""
    return ListOffsetsResponse(
        topics=by_partition(
            ((topic, topic.partitions) for topic in request.topics),
            lambda asked: ListOffsetsPartitionResponse(partition_index=asked.partition_index, error_code=error_code),
            lambda topic, partitions: ListOffsetsTopicResponse(name=topic.name, partitions=partitions),
        )
    )


async def _look_up(
    context: RequestContext, topic_name: str, partition: ListOffsetsPartition, request: ListOffsetsRequest
) -> tuple[int, int, int]:
    """(offset, timestamp, leader epoch), -1 for what is not known."""
    timestamp = partition.timestamp
    if context.version < _FIRST_VERSION.get(timestamp, 0) or timestamp < EARLIEST_PENDING_UPLOAD:
        raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
    topic = context.services.image.topics.get(TopicName(topic_name))
    log, error_code = find_log(context, topic, partition.partition_index)
    is_debugging = request.replica_id == _DEBUGGING
    if error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER and is_debugging and topic is not None:
        log = find_replica(context, topic, partition.partition_index)
    if log is None:
        raise KafkaError(error_code)
    if error_code := log.view.check_leader_epoch(partition.current_leader_epoch):
        raise KafkaError(error_code)
    if log.is_offline:
        raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
    if request.replica_id != _CONSUMER:
        replicas = log.replicas
        end = log.log_end_offset if replicas is None else replicas.end_offset_of(context.services.node_id)
        return await _find(log, timestamp, end)
    end = log.view.end_for(request.isolation_level == _READ_COMMITTED)
    is_lagging = log.is_high_watermark_limited and log.view.is_below_leader_epoch
    if is_lagging and timestamp == LATEST:
        raise _not_available(context.version)
    found = await _find(log, timestamp, end)
    if is_lagging and found == _UNKNOWN and (timestamp == MAX_TIMESTAMP or timestamp >= 0):
        raise _not_available(context.version)
    return found


def _not_available(version: int) -> KafkaError:
    if version >= _FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE:
        return KafkaError(ErrorCode.OFFSET_NOT_AVAILABLE)
    return KafkaError(ErrorCode.LEADER_NOT_AVAILABLE)


async def _find(log: PartitionLog, timestamp: int, end: int) -> tuple[int, int, int]:
    """As `_look_up`, of what lies below `end`."""
    if timestamp == LATEST:
        return end, -1, log.view.leader_epoch
    if timestamp in (EARLIEST, EARLIEST_LOCAL):
        offset, epoch = log.view.earliest_offset()
        return offset, -1, epoch
    if timestamp in (LATEST_TIERED, EARLIEST_PENDING_UPLOAD):
        return _UNKNOWN
    if timestamp == MAX_TIMESTAMP:
        return await log.view.offset_of_max_timestamp(end=end) or _UNKNOWN
    return await log.view.offset_for_timestamp(timestamp, end=end) or _UNKNOWN


def _answer(
    context: RequestContext, partition_index: int, error_code: ErrorCode, found: tuple[int, int, int] = _UNKNOWN
) -> ListOffsetsPartitionResponse:
    offset, timestamp, leader_epoch = found
    return ListOffsetsPartitionResponse(
        partition_index=partition_index,
        error_code=error_code,
        timestamp=timestamp,
        offset=offset,
        leader_epoch=leader_epoch if context.version >= 4 else -1,
    )
