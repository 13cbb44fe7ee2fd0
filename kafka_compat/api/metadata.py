"""Metadata 0-13: brokers, topics, leaders; creates what is missing when both sides allow it.

v0 asks for all topics by an empty list, v1 by null. v4 lets a client forbid auto-creation, v8 asks for authorised operations
(KIP-430), v10 carries topic ids (KIP-516), v12 asks by id. A topic that is being created is answered
UNKNOWN_TOPIC_OR_PARTITION, as in Kafka: the broker only starts the creation and the client asks again.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorized import CLUSTER_OPERATIONS, TOPIC_OPERATIONS
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId, TopicName
from kafka_compat.metadata.image import NO_LEADER, Partition, Topic
from kafka_compat.metadata.topic_names import is_internal, why_invalid
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.metadata import (
    MetadataRequest,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)

_FIRST_VERSION_BY_ID: Final = 12
_NOT_ASKED: Final = -(1 << 31)


def handle(context: RequestContext, request: MetadataRequest) -> Response:
    """Answer from the image; at most start the creation of topics."""
    image = context.services.image
    version = context.version
    if request.topics is None or (version == 0 and not request.topics):
        topics = [_describe(context, topic) for topic in image.topics.values()]
    else:
        if version < _FIRST_VERSION_BY_ID:
            for wanted in request.topics:
                if wanted.name is None:
                    raise KafkaError(ErrorCode.INVALID_REQUEST, f"Topic name can not be null for version {version}")
                if wanted.topic_id != ZERO_TOPIC_ID:
                    raise KafkaError(
                        ErrorCode.INVALID_REQUEST, f"Topic IDs are not supported in requests for version {version}"
                    )
        ids = dict.fromkeys(TopicId(t.topic_id) for t in request.topics if t.topic_id != ZERO_TOPIC_ID)
        if ids:
            topics = [_by_id(context, topic_id) for topic_id in ids]
        else:
            topics = _by_name(context, request)
    if request.include_topic_authorized_operations:
        for answer in topics:
            if answer.name is not None:
                answer.topic_authorized_operations = TOPIC_OPERATIONS
    return MetadataResponse(
        brokers=[
            MetadataResponseBroker(node_id=broker.id, host=host, port=port, rack=broker.rack)
            for broker in image.brokers.values()
            # A broker without the client's listener cannot be reached by it.
            if context.peer.listener in broker.endpoints
            for host, port in (broker.endpoints[context.peer.listener],)
        ],
        cluster_id=image.cluster_id,
        controller_id=image.controller_id,
        topics=topics,
        cluster_authorized_operations=CLUSTER_OPERATIONS if request.include_cluster_authorized_operations else _NOT_ASKED,
    )


def refuse(request: MetadataRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Each topic asked for failed with `error_code`; from v13 also the response itself."""
    return MetadataResponse(
        error_code=error_code,
        topics=[
            MetadataResponseTopic(
                error_code=error_code,
                name=topic.name or "",
                topic_id=topic.topic_id,
            )
            for topic in request.topics or ()
        ],
    )


def _by_id(context: RequestContext, topic_id: TopicId) -> MetadataResponseTopic:
    topic = context.services.image.topics_by_id.get(topic_id)
    if topic is None:
        return MetadataResponseTopic(error_code=ErrorCode.UNKNOWN_TOPIC_ID, name=None, topic_id=topic_id)
    return _describe(context, topic)


def _by_name(context: RequestContext, request: MetadataRequest) -> list[MetadataResponseTopic]:
    services = context.services
    may_create = request.allow_auto_topic_creation and services.config.auto_create_topics_enable
    answers = []
    missing: list[str] = []
    for name in dict.fromkeys(topic.name for topic in request.topics or ()):
        if name is None:
            # Neither name nor id: the reference runs into a NullPointerException here.
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        topic = services.image.topics.get(TopicName(name))
        if topic is not None:
            answers.append(_describe(context, topic))
        else:
            missing.append(name)
    for name in missing:
        code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        if why_invalid(name) is not None:
            code = ErrorCode.INVALID_TOPIC_EXCEPTION
        elif may_create:
            services.topics.create_in_background(TopicName(name))
        answers.append(MetadataResponseTopic(error_code=code, name=name, is_internal=is_internal(name)))
    return answers


def _describe(context: RequestContext, topic: Topic) -> MetadataResponseTopic:
    return MetadataResponseTopic(
        name=topic.name,
        topic_id=topic.id,
        is_internal=is_internal(topic.name),
        partitions=[_describe_partition(context, partition) for partition in topic.partitions],
    )


def _describe_partition(context: RequestContext, partition: Partition) -> MetadataResponsePartition:
    brokers = context.services.image.brokers
    has_leader = partition.leader in brokers
    alive = [replica for replica in partition.replicas if replica in brokers]
    in_sync = [replica for replica in partition.isr if replica in brokers]
    # v0 has no way to say that a broker is down but to leave it out.
    replicas = alive if context.version == 0 else partition.replicas
    return MetadataResponsePartition(
        error_code=ErrorCode.NONE if has_leader else ErrorCode.LEADER_NOT_AVAILABLE,
        partition_index=partition.id,
        leader_id=partition.leader if has_leader else NO_LEADER,
        leader_epoch=partition.leader_epoch,
        replica_nodes=list(replicas),
        isr_nodes=list(in_sync if context.version == 0 else partition.isr),
        offline_replicas=[replica for replica in partition.replicas if replica not in brokers],
    )
