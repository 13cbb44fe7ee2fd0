"""Which brokers hold the replicas of new partitions: chosen here, or by the client and checked."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.ids import BrokerId
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError


def place_replicas(image: ClusterImage, count: int, factor: int, first_broker: int) -> list[list[BrokerId]]:
    """Replicas for `count` partitions, round robin over the brokers that are up; those that are down come last, if at all.

    Raises:
        KafkaError: INVALID_REPLICATION_FACTOR when there are too few brokers, none is up, or a configured default is not
            positive.
    """
    if factor <= 0:
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"Invalid replication factor {factor}: the replication factor must be positive.",
        )
    if factor > len(image.registered):
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"Unable to replicate the partition {factor} time(s): The target replication factor of {factor} cannot be "
            f"reached because only {len(image.registered)} broker(s) are registered or some brokers have all their log "
            "directories cordoned.",
        )
    up = list(image.brokers)
    if not up:
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"Unable to replicate the partition {factor} time(s): All brokers are currently fenced.",
        )
    down = [broker for broker in image.registered if broker not in image.brokers]
    return [
        [
            up[(first_broker + p + r) % len(up)] if r < len(up) else down[(first_broker + p + r) % len(down)]
            for r in range(factor)
        ]
        for p in range(count)
    ]


def in_sync_of(image: ClusterImage, assignments: Sequence[Sequence[BrokerId]]) -> list[list[BrokerId]] | None:
    """The replicas of new partitions that are up, each with one at least; None when all are."""
    if len(image.registered) == len(image.brokers):
        return None
    return [[replica for replica in replicas if replica in image.brokers] for replicas in assignments]


def check_is_up(image: ClusterImage, replicas: Sequence[BrokerId], partition: int) -> None:
    """Refuse replicas for a new partition of which none is up.

    Raises:
        KafkaError: INVALID_REPLICA_ASSIGNMENT.
    """
    if not any(replica in image.brokers for replica in replicas):
        raise KafkaError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            f"All brokers specified in the manual partition assignment for partition {partition} are fenced or in controlled "
            "shutdown.",
        )


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
        if BrokerId(replica) not in image.registered:
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
