"""ListOffsets 1-11: the offset at a place in time.

Besides a timestamp: -1 latest (high watermark, or last stable offset for read_committed), -2 earliest, -3 the record with the
largest timestamp (v7, KIP-734), -4 earliest local (v8, KIP-405), -5 latest tiered (v9, KIP-1005), -6 earliest pending upload
(v11, KIP-1023). There is no tiered storage here, and a log without it answers what the reference answers: earliest local is
earliest, the other two are unknown (-1). v4 adds the leader epoch and its check (KIP-320), v10 a timeout for remote look-ups,
which do not exist here.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.leaders import find_log
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
_UNKNOWN: Final = (-1, -1, -1)


async def handle(context: RequestContext, request: ListOffsetsRequest) -> Response:
    """Look up each partition on its own; one that is named twice is refused, and answered once."""
    if request.isolation_level not in (_READ_UNCOMMITTED, _READ_COMMITTED):
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    # Replicas, which say their id, read everything.
    is_committed = request.isolation_level == _READ_COMMITTED and request.replica_id == _CONSUMER
    pace = Pace()
    # None for a partition that is named twice.
    named: dict[str, dict[int, ListOffsetsPartition | None]] = {}
    async for topic in pace.over(request.topics):
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
                found = await _look_up(context, name, asked, is_committed)
                partitions.append(_answer(context, index, ErrorCode.NONE, found))
            except KafkaError as error:
                partitions.append(_answer(context, index, error.error_code))
        if partitions:
            topics.append(ListOffsetsTopicResponse(name=name, partitions=partitions))
    return ListOffsetsResponse(topics=topics)


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
    context: RequestContext, topic_name: str, partition: ListOffsetsPartition, read_committed: bool
) -> tuple[int, int, int]:
    """(offset, timestamp, leader epoch), -1 for what is not known."""
    timestamp = partition.timestamp
    if context.version < _FIRST_VERSION.get(timestamp, 0) or timestamp < EARLIEST_PENDING_UPLOAD:
        raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
    topic = context.services.image.topics.get(TopicName(topic_name))
    log, error_code = find_log(context, topic, partition.partition_index)
    if log is None:
        raise KafkaError(error_code)
    if error_code := log.view.check_leader_epoch(partition.current_leader_epoch):
        raise KafkaError(error_code)
    if log.is_offline:
        raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
    return await _find(log, timestamp, read_committed)


async def _find(log: PartitionLog, timestamp: int, read_committed: bool) -> tuple[int, int, int]:
    if timestamp == LATEST:
        offset, epoch = log.view.latest_offset(read_committed=read_committed)
        return offset, -1, epoch
    if timestamp in (EARLIEST, EARLIEST_LOCAL):
        offset, epoch = log.view.earliest_offset()
        return offset, -1, epoch
    if timestamp in (LATEST_TIERED, EARLIEST_PENDING_UPLOAD):
        return _UNKNOWN
    if timestamp == MAX_TIMESTAMP:
        return await log.view.offset_of_max_timestamp(read_committed=read_committed) or _UNKNOWN
    return await log.view.offset_for_timestamp(timestamp, read_committed=read_committed) or _UNKNOWN


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
