"""Decides who leads and holds existing partitions: elections and reassignments; pure functions over the image.

Order of checks and messages: Kafka's `ReplicationControlManager.electLeader`, `alterPartitionReassignment`. All brokers of one
process share a partition's log, so a new replica is in sync at once and a reassignment is over when it begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from kafka_compat.ids import BrokerId, TopicName
from kafka_compat.metadata.changes import PartitionChanged
from kafka_compat.metadata.image import ClusterImage, Partition, Topic
from kafka_compat.metadata.replica_placement import check_assignment
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError


class ElectionType(IntEnum):
    """Which replica shall lead."""

    PREFERRED = 0
    """The first of the replicas."""
    UNCLEAN = 1
    """Any replica that is up, when nobody leads."""


def plan_election(image: ClusterImage, topic_name: str, partition_id: int, kind: ElectionType) -> PartitionChanged:
    """The change that makes the wanted replica the leader.

    Raises:
        KafkaError: UNKNOWN_TOPIC_OR_PARTITION, ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE,
            ELIGIBLE_LEADERS_NOT_AVAILABLE.
    """
    topic = image.topics.get(TopicName(topic_name))
    if topic is None:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"No such topic as {topic_name}")
    if not 0 <= partition_id < len(topic.partitions):
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"No such partition as {topic_name}-{partition_id}")
    partition = topic.partitions[partition_id]
    has_leader = partition.leader in image.brokers
    if kind is ElectionType.PREFERRED:
        preferred = partition.replicas[0]
        if has_leader and partition.leader == preferred:
            raise _not_needed()
        if preferred not in image.brokers:
            raise KafkaError(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, "The preferred leader was not available.")
        return _changed(topic, partition, partition.replicas, preferred)
    if has_leader:
        raise _not_needed()
    alive = [replica for replica in partition.replicas if replica in image.brokers]
    if not alive:
        raise KafkaError(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, "Eligible topic partition leaders are not available.")
    return _changed(topic, partition, partition.replicas, alive[0])


def plan_reassignment(
    image: ClusterImage, topic_name: str, partition_id: int, replicas: Sequence[int] | None, *, may_change_factor: bool = True
) -> PartitionChanged | None:
    """The change that puts the partition on `replicas`; None when it is there already.

    Args:
        image: the cluster before the change.
        topic_name: of the partition.
        partition_id: within the topic.
        replicas: the brokers, the preferred leader first; None cancels a reassignment under way.
        may_change_factor: whether the number of replicas may be another (KIP-860).

    Raises:
        KafkaError: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR,
            NO_REASSIGNMENT_IN_PROGRESS.
    """
    topic = image.topics.get(TopicName(topic_name))
    if topic is None:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"Unable to find a topic named {topic_name}.")
    if not 0 <= partition_id < len(topic.partitions):
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"Unable to find partition {topic_name}:{partition_id}.")
    if replicas is None:
        raise KafkaError(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
    partition = topic.partitions[partition_id]
    target = check_assignment(image, replicas, None)
    if not may_change_factor and len(replicas) != len(partition.replicas):
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"The replication factor is changed from {len(partition.replicas)} to {len(replicas)}",
        )
    if target == partition.replicas:
        return None
    leader = partition.leader if partition.leader in target else target[0]
    return _changed(topic, partition, target, leader)


def _not_needed() -> KafkaError:
    return KafkaError(ErrorCode.ELECTION_NOT_NEEDED, "Leader election not needed for topic partition.")


def _changed(topic: Topic, partition: Partition, replicas: Sequence[BrokerId], leader: BrokerId) -> PartitionChanged:
    """Everybody in `replicas` is in sync; a new leader, or fewer replicas, begin a new leader epoch."""
    is_new_term = leader != partition.leader or not set(partition.replicas) <= set(replicas)
    return PartitionChanged(
        topic.name,
        partition.id,
        list(replicas),
        list(replicas),
        leader,
        partition.leader_epoch + int(is_new_term),
        partition.partition_epoch + 1,
    )
