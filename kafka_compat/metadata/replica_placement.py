"""Which brokers hold the replicas of new partitions: chosen here, or by the client and checked."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.ids import BrokerId
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError


def place_replicas(image: ClusterImage, count: int, factor: int, first_broker: int) -> list[list[BrokerId]]:
    """Replicas for `count` partitions, round robin over the running brokers.

    Raises:
        KafkaError: INVALID_REPLICATION_FACTOR when there are too few brokers, or a configured default is not positive.
    """
    if factor <= 0:
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"Invalid replication factor {factor}: the replication factor must be positive.",
        )
    brokers = sorted(image.brokers)
    if factor > len(brokers):
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"Unable to replicate the partition {factor} time(s): The target replication factor of {factor} cannot be "
            f"reached because only {len(brokers)} broker(s) are registered or some brokers have all their log directories "
            "cordoned.",
        )
    return [[brokers[(first_broker + p + r) % len(brokers)] for r in range(factor)] for p in range(count)]


def check_assignment(image: ClusterImage, replicas: Sequence[int], factor: int | None) -> list[BrokerId]:
    """The replicas a client chose, as broker ids (Kafka: ReplicationControlManager.validateManualPartitionAssignment).

    Args:
        image: the cluster before the change.
        replicas: broker ids, the preferred leader first.
        factor: how many there have to be; None leaves that open.

    Raises:
        KafkaError: INVALID_REPLICA_ASSIGNMENT.
    """
    if not replicas:
        raise KafkaError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT, "The manual partition assignment includes an empty replica list."
        )
    ordered = sorted(replicas)
    for previous, replica in zip([None, *ordered], ordered, strict=False):
        if BrokerId(replica) not in image.brokers:
            raise KafkaError(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                f"The manual partition assignment includes broker {replica}, but no such broker is registered.",
            )
        if replica == previous:
            raise KafkaError(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                f"The manual partition assignment includes the broker {replica} more than once.",
            )
    if factor is not None and len(replicas) != factor:
        raise KafkaError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            f"The manual partition assignment includes a partition with {len(replicas)} replica(s), but this is not "
            f"consistent with previous partitions, which have {factor} replica(s).",
        )
    return [BrokerId(r) for r in replicas]
