"""DeleteRecords 0-2: raise the log start offset of partitions (KIP-107).

Offset -1 stands for the high watermark. One replica has nobody to wait for, so the timeout never runs. Records of the
coordinators' topics are refused (INVALID_TOPIC_EXCEPTION), those of a topic that is only compacted as well
(POLICY_VIOLATION). Of a partition that comes twice the last offset counts, as in Kafka's map. Needs DELETE on
each topic.
"""

from __future__ import annotations

from kafka_compat.api.authorization import is_authorized
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.leaders import find_log
from kafka_compat.api.refusals import by_partition
from kafka_compat.ids import TopicName
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.delete_records import (
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopicResult,
)
from kafka_compat.protocol.topic_names import is_internal
from kafka_compat.security.acl import AclOperation, AclResource

_NO_LOW_WATERMARK = -1


async def handle(context: RequestContext, request: DeleteRecordsRequest) -> Response:
    """Delete in each partition on its own."""
    pace = Pace()
    wanted: dict[str, dict[int, int]] = {}
    async for topic in pace.over(request.topics):
        offsets = wanted.setdefault(topic.name, {})
        async for partition in pace.over(topic.partitions):
            offsets[partition.partition_index] = partition.offset
    topics = []
    async for name, offsets in pace.over(wanted.items()):
        results = []
        is_denied = not is_authorized(context, AclOperation.DELETE, AclResource.TOPIC, name)
        async for partition_index, offset in pace.over(offsets.items()):
            if is_denied:
                results.append(_result(partition_index, _NO_LOW_WATERMARK, ErrorCode.TOPIC_AUTHORIZATION_FAILED))
                continue
            try:
                low_watermark = await _delete(context, name, partition_index, offset)
                error_code = ErrorCode.NONE
            except KafkaError as error:
                low_watermark, error_code = _NO_LOW_WATERMARK, error.error_code
            results.append(_result(partition_index, low_watermark, error_code))
        if results:
            topics.append(DeleteRecordsTopicResult(name=name, partitions=results))
    return DeleteRecordsResponse(topics=topics)


def refuse(request: DeleteRecordsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every partition failed with `error_code`."""
    return DeleteRecordsResponse(
        topics=by_partition(
            ((topic, topic.partitions) for topic in request.topics),
            lambda partition: _result(partition.partition_index, _NO_LOW_WATERMARK, error_code),
            lambda topic, partitions: DeleteRecordsTopicResult(name=topic.name, partitions=partitions),
        )
    )


def _result(partition_index: int, low_watermark: int, error_code: ErrorCode) -> DeleteRecordsPartitionResult:
    return DeleteRecordsPartitionResult(partition_index=partition_index, low_watermark=low_watermark, error_code=error_code)


async def _delete(context: RequestContext, name: str, partition: int, offset: int) -> int:
    """The partition's low watermark afterwards."""
    topic = context.services.image.topics.get(TopicName(name))
    if topic is not None and 0 <= partition < len(topic.partitions) and is_internal(name):
        raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, f"Cannot delete records of internal topic {name}")
    log, error_code = find_log(context, topic, partition)
    if log is None:
        raise KafkaError(error_code)
    return await log.delete_records_before(offset)
