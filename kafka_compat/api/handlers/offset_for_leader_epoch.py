"""OffsetForLeaderEpoch 2-4: where a leader epoch ended, for consumers that check for truncation (KIP-101, KIP-320).

v3 carries a replica id, which followers set; both get the same answer here. Only the leader is asked (ReplicaManager.
lastOffsetForLeaderEpoch). Needs DESCRIBE on each topic, or CLUSTER_ACTION, as followers have; topics without come last.
"""

from __future__ import annotations

from kafka_compat.api.authorization import is_authorized, is_authorized_for_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.leaders import find_log
from kafka_compat.api.refusals import by_partition
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.ids import TopicName
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopicResult,
)
from kafka_compat.security.acl import AclOperation, AclResource


def handle(context: RequestContext, request: OffsetForLeaderEpochRequest) -> Answer:
    """Look up each partition."""
    return in_slices(_response(context, request))


def refuse(request: OffsetForLeaderEpochRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every partition failed with `error_code`."""
    return OffsetForLeaderEpochResponse(
        topics=by_partition(
            ((topic, topic.partitions) for topic in request.topics),
            lambda asked: EpochEndOffset(error_code=error_code, partition=asked.partition),
            lambda topic, partitions: OffsetForLeaderTopicResult(topic=topic.topic, partitions=partitions),
        )
    )


def _response(context: RequestContext, request: OffsetForLeaderEpochRequest) -> Work[Response]:
    topics = []
    denied = []
    may_all = is_authorized_for_cluster(context, AclOperation.CLUSTER_ACTION)
    for topic in request.topics:
        partitions = []
        if not may_all and not is_authorized(context, AclOperation.DESCRIBE, AclResource.TOPIC, topic.topic):
            for partition in topic.partitions:
                code = ErrorCode.TOPIC_AUTHORIZATION_FAILED
                partitions.append(EpochEndOffset(error_code=code, partition=partition.partition))
                yield
            denied.append(OffsetForLeaderTopicResult(topic=topic.topic, partitions=partitions))
            continue
        for partition in topic.partitions:
            partitions.append(_look_up(context, topic.topic, partition))
            yield
        topics.append(OffsetForLeaderTopicResult(topic=topic.topic, partitions=partitions))
        yield
    return OffsetForLeaderEpochResponse(topics=topics + denied)


def _look_up(context: RequestContext, topic_name: str, partition: OffsetForLeaderPartition) -> EpochEndOffset:
    topic = context.services.image.topics.get(TopicName(topic_name))
    log, error_code = find_log(context, topic, partition.partition)
    if log is not None:
        if log.is_offline:
            error_code = ErrorCode.KAFKA_STORAGE_ERROR
        else:
            error_code = log.view.check_leader_epoch(partition.current_leader_epoch)
    if log is None or error_code != ErrorCode.NONE:
        return EpochEndOffset(error_code=error_code, partition=partition.partition)
    epoch, end_offset = log.view.end_offset_for_epoch(partition.leader_epoch)
    return EpochEndOffset(partition=partition.partition, leader_epoch=epoch, end_offset=end_offset)
