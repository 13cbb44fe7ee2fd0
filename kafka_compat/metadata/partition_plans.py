"""Decides what clients ask for of existing partitions: elections and reassignments.

Order of checks and messages: Kafka's `ReplicationControlManager.electLeader`, `alterPartitionReassignment`. A reassignment adds
the new replicas at once, and takes the old ones away when those that stay are in sync (`elections.PartitionPlan`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from kafka_compat.ids import TopicName
from kafka_compat.metadata.broker_plans import PartitionPlans
from kafka_compat.metadata.changes import PartitionChanged
from kafka_compat.metadata.elections import Election, without
from kafka_compat.metadata.image import NO_LEADER, ClusterImage, Partition, Topic
from kafka_compat.metadata.replica_placement import check_assignment
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError


class ElectionType(IntEnum):
    """Which replica shall lead, numbered as in the protocol."""

    PREFERRED = 0
    """The first of the replicas."""
    UNCLEAN = 1
    """Any replica that is up, when nobody leads."""


def plan_election(
    plans: PartitionPlans, image: ClusterImage, topic_name: str, partition_id: int, kind: ElectionType
) -> PartitionChanged:
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
    wants_preferred = kind is ElectionType.PREFERRED
    if partition.leader == partition.replicas[0] if wants_preferred else partition.leader != NO_LEADER:
        raise KafkaError(ErrorCode.ELECTION_NOT_NEEDED, "Leader election not needed for topic partition.")
    change = plans.plan(topic, partition, Election.PREFERRED if wants_preferred else Election.UNCLEAN).build()
    if change is not None:
        return change
    if wants_preferred:
        raise KafkaError(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, "The preferred leader was not available.")
    raise KafkaError(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, "Eligible topic partition leaders are not available.")


def plan_reassignment(
    plans: PartitionPlans,
    image: ClusterImage,
    topic_name: str,
    partition_id: int,
    replicas: Sequence[int] | None,
    *,
    may_change_factor: bool = True,
) -> PartitionChanged | None:
    """The change that begins to put the partition on `replicas`; None when it is there already.

    Args:
        plans: for this image.
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
    partition = topic.partitions[partition_id]
    if replicas is None:
        return _cancellation(plans, topic, partition)
    target = check_assignment(image, replicas, None)
    current = without(partition.replicas, *partition.removing)
    if not may_change_factor and len(replicas) != len(current):
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"The replication factor is changed from {len(current)} to {len(replicas)}",
        )
    plan = plans.plan(topic, partition, Election.ONLINE)
    removing = sorted(set(partition.replicas) - set(target))
    adding = sorted(set(target) - set(partition.replicas))
    plan.replicas = [*target, *removing]
    # Those of a reassignment that is under way stay, unless there are others.
    plan.removing = removing or plan.removing
    plan.adding = adding or plan.adding
    return plan.build()


def _cancellation(plans: PartitionPlans, topic: Topic, partition: Partition) -> PartitionChanged | None:
    if not partition.adding and not partition.removing:
        raise KafkaError(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
    plan = plans.plan(topic, partition)
    plan.replicas = without(partition.replicas, *partition.adding)
    plan.isr = without(partition.isr, *partition.adding)
    plan.adding, plan.removing = [], []
    if not plan.isr:
        if plan.election is not Election.UNCLEAN:
            raise KafkaError(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                f"Unable to revert partition assignment for {topic.name}:{partition.id} because it would require an unclean "
                "leader election.",
            )
        plan.isr = plan.replicas[:1]
    return plan.build()
