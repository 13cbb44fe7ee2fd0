"""Metadata 0-13: brokers, topics, leaders; creates what is missing when both sides allow it.

v0 asks for all topics by an empty list, v1 by null. v4 lets a client forbid auto-creation, v8 asks for authorised operations
(KIP-430), v10 carries topic ids (KIP-516), v12 asks by id. A topic that is being created is answered
UNKNOWN_TOPIC_OR_PARTITION, as in Kafka: the broker only starts the creation and the client asks again.

Topics that the client may not describe are left out of all, and refused by name or id; whether there are such is not looked at.
To create one takes CREATE on the cluster or the topic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from kafka_compat.api.authorization import is_authorized_for_cluster, is_authorized_this_once
from kafka_compat.api.authorized import authorized_cluster_operations, authorized_operations
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId, TopicName
from kafka_compat.metadata.image import NO_LEADER, Partition, Topic
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from kafka_compat.protocol.topic_names import is_internal, why_invalid
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_BY_ID: Final = 12
_FIRST_VERSION_OF_LISTENER_ERROR: Final = 6

# A topic that is to be described, or the answer for one that is not there.
_LookedUp = Topic | MetadataResponseTopic


def handle(context: RequestContext, request: MetadataRequest) -> Answer:
    """Answer from the image; at most start the creation of topics."""
    return in_slices(_response(context, request))


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


def _response(context: RequestContext, request: MetadataRequest) -> Work[Response | None]:
    image = context.services.image
    looked_up: Sequence[_LookedUp]
    if request.topics is None or (context.version == 0 and not request.topics):
        everything = list(image.topics.values())
        looked_up = everything if context.services.authorizer is None else (yield from _describable(context, everything))
    else:
        looked_up = yield from _named(context, request.topics, may_create=request.allow_auto_topic_creation)
    # What is to be created is under way: the rest changes nothing, and is for a client that reads it.
    context.drop_on_disconnect = True
    if context.session.is_gone:
        return None
    describe = _Description(context)
    topics = []
    for topic in looked_up:
        if isinstance(topic, Topic):
            answer = yield from describe.topic(topic)
        else:
            answer = topic
            yield
        if (
            request.include_topic_authorized_operations
            and answer.name is not None
            and answer.error_code != ErrorCode.TOPIC_AUTHORIZATION_FAILED
        ):
            answer.topic_authorized_operations = authorized_operations(context, AclResource.TOPIC, answer.name)
        topics.append(answer)
    return MetadataResponse(
        brokers=[
            MetadataResponseBroker(node_id=broker.id, host=host, port=port, rack=broker.rack)
            for broker in image.brokers.values()
            # A broker without the client's listener cannot be reached by it.
            if context.session.listener in broker.endpoints
            for host, port in (broker.endpoints[context.session.listener],)
        ],
        cluster_id=image.cluster_id,
        controller_id=image.controller_id,
        topics=topics,
        cluster_authorized_operations=authorized_cluster_operations(
            context, is_asked=request.include_cluster_authorized_operations
        ),
    )


def _describable(context: RequestContext, topics: Iterable[Topic]) -> Work[list[Topic]]:
    found = []
    for topic in topics:
        if is_authorized_this_once(context, AclOperation.DESCRIBE, AclResource.TOPIC, topic.name):
            found.append(topic)
        yield
    return found


def _named(context: RequestContext, wanted: Sequence[MetadataRequestTopic], *, may_create: bool) -> Work[list[_LookedUp]]:
    ids: dict[TopicId, None] = {}
    for topic in wanted:
        if context.version < _FIRST_VERSION_BY_ID:
            if topic.name is None:
                raise KafkaError(ErrorCode.INVALID_REQUEST, f"Topic name can not be null for version {context.version}")
            if topic.topic_id != ZERO_TOPIC_ID:
                raise KafkaError(
                    ErrorCode.INVALID_REQUEST, f"Topic IDs are not supported in requests for version {context.version}"
                )
        elif topic.topic_id != ZERO_TOPIC_ID:
            ids[TopicId(topic.topic_id)] = None
        yield
    if ids:
        return (yield from _by_id(context, ids))
    names: dict[str, None] = {}
    for topic in wanted:
        if topic.name is None:
            # Neither name nor id: the reference runs into a NullPointerException here.
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        names[topic.name] = None
        yield
    return (yield from _by_name(context, names, may_create=may_create))


def _by_id(context: RequestContext, ids: Iterable[TopicId]) -> Work[list[_LookedUp]]:
    topics: list[_LookedUp] = []
    for topic_id in ids:
        topic = context.services.image.topics_by_id.get(topic_id)
        if topic is None:
            topics.append(MetadataResponseTopic(error_code=ErrorCode.UNKNOWN_TOPIC_ID, name=None, topic_id=topic_id))
        elif is_authorized_this_once(context, AclOperation.DESCRIBE, AclResource.TOPIC, topic.name):
            topics.append(topic)
        else:
            # That there is such an id is no secret in Kafka.
            topics.append(MetadataResponseTopic(error_code=ErrorCode.TOPIC_AUTHORIZATION_FAILED, name=None, topic_id=topic_id))
        yield
    return topics


def _by_name(context: RequestContext, names: Iterable[str], *, may_create: bool) -> Work[list[_LookedUp]]:
    """What is there, then what is missing, then what is not told; starts the creation of what may be created."""
    services = context.services
    topics: list[_LookedUp] = []
    missing: list[MetadataResponseTopic] = []
    denied: list[MetadataResponseTopic] = []
    to_create: list[TopicName] = []
    may_create = may_create and services.config.auto_create_topics_enable
    has_rights = services.authorizer is not None
    may_create_all = not (has_rights and may_create) or is_authorized_for_cluster(context, AclOperation.CREATE)
    for name in names:
        if has_rights and not is_authorized_this_once(context, AclOperation.DESCRIBE, AclResource.TOPIC, name):
            denied.append(_denied(name))
        elif (topic := services.image.topics.get(TopicName(name))) is not None:
            topics.append(topic)
        elif not may_create_all and not is_authorized_this_once(context, AclOperation.CREATE, AclResource.TOPIC, name):
            denied.append(_denied(name, is_internal=is_internal(name)))
        else:
            code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            if why_invalid(name) is not None:
                code = ErrorCode.INVALID_TOPIC_EXCEPTION
            elif may_create:
                to_create.append(TopicName(name))
            missing.append(MetadataResponseTopic(error_code=code, name=name, is_internal=is_internal(name)))
        yield
    if to_create:
        # Kafka asks its controller for them with a CreateTopics request of its newest version.
        quota = None if services.quotas is None else services.quotas.mutations_of(context, strict_since=0)
        services.topics.auto_create(to_create, None if quota is None else quota.take)
    topics += missing
    topics += denied
    return topics


def _denied(name: str, *, is_internal: bool = False) -> MetadataResponseTopic:
    return MetadataResponseTopic(error_code=ErrorCode.TOPIC_AUTHORIZATION_FAILED, name=name, is_internal=is_internal)


class _Description:
    """Describes topics as one client sees them. Partitions that are alike are one object: most of a cluster's are."""

    __slots__ = ("_alike", "_brokers", "_error_of_unreachable", "_leaves_out_dead", "_listener")

    def __init__(self, context: RequestContext) -> None:
        self._brokers = context.services.image.brokers
        self._listener = context.session.listener
        self._error_of_unreachable = (
            ErrorCode.LISTENER_NOT_FOUND
            if context.version >= _FIRST_VERSION_OF_LISTENER_ERROR
            else ErrorCode.LEADER_NOT_AVAILABLE
        )
        # v0 has no way to say that a broker is down but to leave it out.
        self._leaves_out_dead = context.version == 0
        self._alike: dict[tuple[object, ...], MetadataResponsePartition] = {}

    def topic(self, topic: Topic) -> Work[MetadataResponseTopic]:
        partitions = []
        for partition in topic.partitions:
            key = (partition.id, partition.leader, partition.leader_epoch, *partition.replicas, None, *partition.isr)
            described = self._alike.get(key)
            if described is None:
                described = self._alike[key] = self._partition(partition)
            partitions.append(described)
            yield
        return MetadataResponseTopic(
            name=topic.name, topic_id=topic.id, is_internal=is_internal(topic.name), partitions=partitions
        )

    def _partition(self, partition: Partition) -> MetadataResponsePartition:
        brokers = self._brokers
        leader = brokers.get(partition.leader)
        error_code = ErrorCode.NONE
        if leader is None:
            error_code = ErrorCode.LEADER_NOT_AVAILABLE
        elif self._listener not in leader.endpoints:
            error_code = self._error_of_unreachable
        replicas, in_sync = partition.replicas, partition.isr
        if self._leaves_out_dead:
            replicas, in_sync = ([replica for replica in nodes if replica in brokers] for nodes in (replicas, in_sync))
        return MetadataResponsePartition(
            error_code=error_code,
            partition_index=partition.id,
            leader_id=NO_LEADER if error_code else partition.leader,
            leader_epoch=partition.leader_epoch,
            replica_nodes=list(replicas),
            isr_nodes=list(in_sync),
            offline_replicas=[replica for replica in partition.replicas if replica not in brokers],
        )
