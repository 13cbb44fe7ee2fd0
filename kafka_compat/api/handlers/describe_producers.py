"""DescribeProducers 0: the idempotent and transactional producers that wrote to a partition (KIP-664).

A producer stays listed after its commit or abort, until it expires.

Needs READ on each topic.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import is_authorized, refusal
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.leaders import find_log
from kafka_compat.api.refusals import by_partition
from kafka_compat.api.slices import Repeats, Work, in_slices
from kafka_compat.ids import TopicName
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    PartitionResponse,
    ProducerState,
    TopicResponse,
)
from kafka_compat.protocol.topic_names import why_invalid
from kafka_compat.security.acl import AclOperation, AclResource

# A producer in the answer.
_PRODUCER_BYTES: Final = 40


def handle(context: RequestContext, request: DescribeProducersRequest) -> Answer:
    """Answer from the producer state of each partition's log."""
    return in_slices(_response(context, request))


def refuse(request: DescribeProducersRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every partition failed with `error_code`."""
    return DescribeProducersResponse(
        topics=by_partition(
            ((topic, topic.partition_indexes) for topic in request.topics),
            lambda index: PartitionResponse(partition_index=index, error_code=error_code, error_message=message),
            lambda topic, partitions: TopicResponse(name=topic.name, partitions=partitions),
        )
    )


def _response(context: RequestContext, request: DescribeProducersRequest) -> Work[Response]:
    described: dict[tuple[str, int], PartitionResponse] = {}
    repeats = Repeats()
    topics = []
    for topic in request.topics:
        partitions = []
        for index in topic.partition_indexes:
            answer = described.get((topic.name, index))
            if answer is None:
                answer = yield from _describe(context, topic.name, index)
                described[topic.name, index] = answer
            elif not repeats.take(_PRODUCER_BYTES * len(answer.active_producers)):
                message = "The response has grown too large to repeat partitions."
                answer = PartitionResponse(partition_index=index, error_code=ErrorCode.INVALID_REQUEST, error_message=message)
            partitions.append(answer)
            yield
        topics.append(TopicResponse(name=topic.name, partitions=partitions))
        yield
    return DescribeProducersResponse(topics=topics)


def _describe(context: RequestContext, name: str, partition: int) -> Work[PartitionResponse]:
    reason = why_invalid(name)
    if reason is not None:
        return PartitionResponse(
            partition_index=partition,
            error_code=ErrorCode.INVALID_TOPIC_EXCEPTION,
            error_message=f"Topic name is invalid: {reason}",
        )
    if not is_authorized(context, AclOperation.READ, AclResource.TOPIC, name):
        error = refusal(AclResource.TOPIC)
        return PartitionResponse(partition_index=partition, error_code=error.error_code, error_message=error.message)
    topic = context.services.image.topics.get(TopicName(name))
    if topic is None:
        return PartitionResponse(
            partition_index=partition,
            error_code=ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            error_message="This server does not host this topic-partition.",
        )
    log, error_code = find_log(context, topic, partition)
    if log is None:
        return PartitionResponse(partition_index=partition, error_code=error_code)
    producers = []
    for producer in log.active_producers(context.services.clock.wall_ms()):
        producers.append(
            ProducerState(
                producer_id=producer.producer_id,
                producer_epoch=producer.producer_epoch,
                last_sequence=producer.last_sequence,
                last_timestamp=producer.last_timestamp_ms,
                coordinator_epoch=producer.coordinator_epoch,
                current_txn_start_offset=producer.current_txn_start_offset,
            )
        )
        yield
    return PartitionResponse(partition_index=partition, active_producers=producers)
