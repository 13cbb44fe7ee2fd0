"""DescribeTopicPartitions 0: topics page by page, with eligible leader replicas (KIP-966).

Topics come in the order of their names, whatever the order asked for. A response has at most the smaller of the client's limit
and max.request.partition.size.limit partitions, and one at least; when more are left, the cursor says where to go on. Without
a list of topics all are described, and those that vanish between two pages are left out instead of being an error.

Topics that the client may not describe are left out of all; of those named each page refuses them from the cursor on, behind
its topics.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Final

from kafka_compat.api.authorization import is_authorized_this_once
from kafka_compat.api.authorized import authorized_operations
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.ids import ZERO_TOPIC_ID, TopicName
from kafka_compat.metadata.image import NO_LEADER, Partition, Topic
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsRequestCursor,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponseCursor,
    DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
)
from kafka_compat.protocol.topic_names import is_internal, why_invalid
from kafka_compat.security.acl import AclOperation, AclResource

_NAMES_PER_RUN: Final = 2000


def handle(context: RequestContext, request: DescribeTopicPartitionsRequest) -> Answer:
    """Answer one page from the image."""
    return in_slices(_response(context, request))


def refuse(request: DescribeTopicPartitionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every topic asked for failed with `error_code`."""
    return DescribeTopicPartitionsResponse(
        topics=[DescribeTopicPartitionsResponseTopic(error_code=error_code, name=topic.name) for topic in request.topics]
    )


def _response(context: RequestContext, request: DescribeTopicPartitionsRequest) -> Work[Response]:
    image = context.services.image
    cursor = request.cursor
    names = yield from _names(context, request, cursor)
    limit = min(context.services.config.max_request_partition_size_limit, request.response_partition_limit)
    remaining = max(limit, 1)
    response = DescribeTopicPartitionsResponse()
    denied = []
    for name in names:
        yield
        if not is_authorized_this_once(context, AclOperation.DESCRIBE, AclResource.TOPIC, name):
            if request.topics:
                denied.append(DescribeTopicPartitionsResponseTopic(error_code=ErrorCode.TOPIC_AUTHORIZATION_FAILED, name=name))
            continue
        if not name:
            # The reference runs into an exception when it looks up what may be done to a topic without a name.
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        if response.next_cursor is not None:
            if context.services.authorizer is None:
                break
            continue  # of what follows only the refusals are told
        if remaining == 0:
            response.next_cursor = DescribeTopicPartitionsResponseCursor(topic_name=name, partition_index=0)
            continue
        topic = image.topics.get(TopicName(name))
        if topic is None:
            if request.topics:
                response.topics.append(_unknown(context, name))
            continue
        first = cursor.partition_index if cursor is not None and cursor.topic_name == name else 0
        page = topic.partitions[first : first + remaining]
        response.topics.append(_describe(context, topic, page))
        end = min(first + remaining, len(topic.partitions))
        if end < len(topic.partitions):
            response.next_cursor = DescribeTopicPartitionsResponseCursor(topic_name=name, partition_index=end)
        remaining -= len(page)
    response.topics += denied
    return response


def _names(
    context: RequestContext, request: DescribeTopicPartitionsRequest, cursor: DescribeTopicPartitionsRequestCursor | None
) -> Work[Iterable[str]]:
    """The topics from the cursor on, sorted.

    Raises:
        KafkaError: INVALID_REQUEST: the cursor does not belong to the request.
    """
    names: set[str] = set()
    for topic in request.topics:
        names.add(topic.name)
        yield
    names = names or set(context.services.image.topics)
    if cursor is not None:
        if request.topics and cursor.topic_name not in names:
            raise KafkaError(
                ErrorCode.INVALID_REQUEST,
                f"DescribeTopicPartitionsRequest topic list should contain the cursor topic: {cursor.topic_name}",
            )
        if cursor.partition_index < 0:
            raise KafkaError(ErrorCode.INVALID_REQUEST, "DescribeTopicPartitionsRequest cursor partition must be valid")
        names = {name for name in names if name >= cursor.topic_name}
    # Sorting many at once would hold up others.
    unsorted = list(names)
    runs = []
    for start in range(0, len(unsorted), _NAMES_PER_RUN):
        runs.append(sorted(unsorted[start : start + _NAMES_PER_RUN]))
        yield
    return heapq.merge(*runs)


def _unknown(context: RequestContext, name: str) -> DescribeTopicPartitionsResponseTopic:
    error_code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if why_invalid(name) is None else ErrorCode.INVALID_TOPIC_EXCEPTION
    return DescribeTopicPartitionsResponseTopic(
        error_code=error_code,
        name=name,
        topic_id=ZERO_TOPIC_ID,
        is_internal=is_internal(name),
        topic_authorized_operations=authorized_operations(context, AclResource.TOPIC, name),
    )


def _describe(context: RequestContext, topic: Topic, page: list[Partition]) -> DescribeTopicPartitionsResponseTopic:
    brokers = context.services.image.brokers
    return DescribeTopicPartitionsResponseTopic(
        name=topic.name,
        topic_id=topic.id,
        is_internal=is_internal(topic.name),
        partitions=[
            DescribeTopicPartitionsResponsePartition(
                partition_index=partition.id,
                leader_id=partition.leader if partition.leader in brokers else NO_LEADER,
                leader_epoch=partition.leader_epoch,
                replica_nodes=list(partition.replicas),
                isr_nodes=list(partition.isr),
                eligible_leader_replicas=list(partition.elr),
                last_known_elr=list(partition.last_known_elr),
                offline_replicas=[replica for replica in partition.replicas if replica not in brokers],
            )
            for partition in page
        ],
        topic_authorized_operations=authorized_operations(context, AclResource.TOPIC, topic.name),
    )
