"""DescribeQuorum 0-2: the metadata quorum, of which this node is the only voter (KIP-595).

v1 adds fetch times (KIP-836), v2 directory ids, nodes and messages (KIP-853). Only partition 0 of the cluster metadata topic
can be asked for. The leader epoch is the incarnation: it rises with each start, as an election does in Kafka.
"""

from __future__ import annotations

import hashlib

from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
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

_FIRST_VERSION_WITH_NODES = 2


def handle(context: RequestContext, request: DescribeQuorumRequest) -> Answer:
    """Answer for the metadata partition, or refuse each other one."""
    if not _asks_for_metadata(request):
        return in_slices(_unknown_partitions(request))
    services = context.services
    image = services.image
    now_ms = services.clock.wall_ms()
    end_offset = services.controller.metadata_offset
    leader = image.controller_id
    partition = DescribeQuorumResponsePartitionData(
        leader_id=leader,
        leader_epoch=image.incarnation,
        high_watermark=end_offset,
        current_voters=[
            ReplicaState(
                replica_id=leader,
                replica_directory_id=ZERO_UUID
                if context.version < _FIRST_VERSION_WITH_NODES
                else _directory_id(image.cluster_id),
                log_end_offset=end_offset,
                last_fetch_timestamp=now_ms,
                last_caught_up_timestamp=now_ms,
            )
        ],
    )
    return DescribeQuorumResponse(
        topics=[DescribeQuorumResponseTopicData(topic_name=CLUSTER_METADATA, partitions=[partition])],
        nodes=[]
        if context.version < _FIRST_VERSION_WITH_NODES
        else [
            Node(
                node_id=broker.id,
                listeners=[Listener(name=name, host=host, port=port) for name, (host, port) in broker.endpoints.items()],
            )
            for broker in image.brokers.values()
            if broker.id == leader
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


def _directory_id(cluster_id: str) -> bytes:
    """A stable id of the one metadata directory; there is no file that keeps one, as Kafka's meta.properties does."""
    return hashlib.sha256(cluster_id.encode()).digest()[:16]
