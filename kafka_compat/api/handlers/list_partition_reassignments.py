"""ListPartitionReassignments 0: the partitions whose replicas are being replaced (KIP-455).

Topics and partitions that do not exist are no error in Kafka either: they are left out, and so is a topic with nothing to list.

Needs DESCRIBE on the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.refusals import by_partition
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.ids import TopicName
from kafka_compat.metadata.image import Partition
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    OngoingPartitionReassignment,
    OngoingTopicReassignment,
)
from kafka_compat.security.acl import AclOperation


def handle(context: RequestContext, request: ListPartitionReassignmentsRequest) -> Answer:
    """Answer from the image."""
    require_cluster(context, AclOperation.DESCRIBE)
    return in_slices(_response(context, request))


def refuse(request: ListPartitionReassignmentsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, beside all partitions that were asked about by name."""
    asked = () if request.topics is None else request.topics
    return ListPartitionReassignmentsResponse(
        error_code=error_code,
        error_message=message,
        topics=by_partition(
            ((topic, topic.partition_indexes) for topic in asked),
            lambda index: OngoingPartitionReassignment(partition_index=index),
            lambda topic, partitions: OngoingTopicReassignment(name=topic.name, partitions=partitions),
        ),
    )


def _response(context: RequestContext, request: ListPartitionReassignmentsRequest) -> Work[Response]:
    image = context.services.image
    wanted: Sequence[tuple[str, Sequence[int] | None]]
    if request.topics is None:
        wanted = [(name, None) for name in image.topics]
    else:
        wanted = [(topic.name, topic.partition_indexes) for topic in request.topics]
    topics = []
    for name, indexes in wanted:
        yield
        topic = image.topics.get(TopicName(name))
        if topic is None:
            continue
        partitions = []
        for index in range(len(topic.partitions)) if indexes is None else indexes:
            if 0 <= index < len(topic.partitions) and _is_under_way(partition := topic.partitions[index]):
                partitions.append(_described(partition))
            yield
        if partitions:
            topics.append(OngoingTopicReassignment(name=name, partitions=partitions))
    return ListPartitionReassignmentsResponse(error_message=None, topics=topics)


def _is_under_way(partition: Partition) -> bool:
    return bool(partition.adding or partition.removing)


def _described(partition: Partition) -> OngoingPartitionReassignment:
    return OngoingPartitionReassignment(
        partition_index=partition.id,
        replicas=list(partition.replicas),
        adding_replicas=list(partition.adding),
        removing_replicas=list(partition.removing),
    )
