"""DescribeQuorum 0-2: the metadata quorum, of which every registered broker is a voter (KIP-595).

v1 adds fetch times (KIP-836), v2 directory ids, nodes and messages (KIP-853). Only partition 0 of the cluster metadata topic
can be asked for. The leader epoch rises with each start, and when another broker becomes the controller. Of a voter that is
down nothing is known, as after an election in Kafka.

Needs DESCRIBE on the cluster.
"""

from __future__ import annotations

from kafka_compat.api.authorization import REFUSAL_TEXTS, require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.metadata.quorum import directory_id
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import ZERO_UUID
from kafka_compat.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    DescribeQuorumResponsePartitionData,
    DescribeQuorumResponseTopicData,
    Listener,
    Node,
    ReplicaState,
)
from kafka_compat.protocol.topic_names import CLUSTER_METADATA
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_WITH_NODES = 2


def handle(context: RequestContext, request: DescribeQuorumRequest) -> Answer:
    """Answer for the metadata partition, or refuse each other one."""
    require_cluster(context, AclOperation.DESCRIBE, REFUSAL_TEXTS[AclResource.CLUSTER])
    if not _asks_for_metadata(request):
        return in_slices(_unknown_partitions(request))
    services = context.services
    image = services.image
    now_ms = services.clock.wall_ms()
    end_offset = services.controller.metadata_offset
    has_nodes = context.version >= _FIRST_VERSION_WITH_NODES
    voter_directory_id = directory_id(image.cluster_id) if has_nodes else ZERO_UUID
    partition = DescribeQuorumResponsePartitionData(
        leader_id=image.controller_id,
        leader_epoch=image.incarnation + image.controller_epoch,
        high_watermark=end_offset,
        current_voters=[
            ReplicaState(
                replica_id=broker_id,
                replica_directory_id=voter_directory_id,
                log_end_offset=end_offset if broker_id in image.brokers else -1,
                last_fetch_timestamp=now_ms if broker_id in image.brokers else -1,
                last_caught_up_timestamp=now_ms if broker_id in image.brokers else -1,
            )
            for broker_id in image.registered
        ],
    )
    return DescribeQuorumResponse(
        topics=[DescribeQuorumResponseTopicData(topic_name=CLUSTER_METADATA, partitions=[partition])],
        nodes=[
            Node(
                node_id=broker.id,
                listeners=[Listener(name=name, host=host, port=port) for name, (host, port) in broker.endpoints.items()],
            )
            for broker in (image.registered.values() if has_nodes else ())
        ],
    )


def refuse(request: DescribeQuorumRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return DescribeQuorumResponse(error_code=error_code, error_message=message)


def _asks_for_metadata(request: DescribeQuorumRequest) -> bool:
    """Whether it names the metadata log's one partition, once, and nothing else."""
    if len(request.topics) != 1 or len(request.topics[0].partitions) != 1:
        return False
    (topic,) = request.topics
    return topic.topic_name == CLUSTER_METADATA and topic.partitions[0].partition_index == 0


def _unknown_partitions(request: DescribeQuorumRequest) -> Work[Response]:
    topics = []
    for topic in request.topics:
        partitions = []
        for partition in topic.partitions:
            partitions.append(
                DescribeQuorumResponsePartitionData(
                    partition_index=partition.partition_index,
                    error_code=ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                    error_message="This server does not host this topic-partition.",
                )
            )
            yield
        topics.append(DescribeQuorumResponseTopicData(topic_name=topic.topic_name, partitions=partitions))
        yield
    return DescribeQuorumResponse(topics=topics)
