"""Decides what a request to create, grow or delete topics changes; pure functions over the image.

Order of checks and messages: Kafka's `ReplicationControlManager.createTopics`, `createPartitions`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from kafka_compat.ids import ZERO_TOPIC_ID, BrokerId, TopicId, TopicName
from kafka_compat.metadata.changes import TopicCreated, TopicGrown
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.replica_placement import check_assignment, check_is_up, in_sync_of, place_replicas
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.topic_names import CLUSTER_METADATA, collision_key, may_collide, why_invalid

USE_DEFAULT = -1


class TopicSpec(NamedTuple):
    """What a client asks for when it creates a topic; -1 means the broker's default."""

    name: str
    num_partitions: int = USE_DEFAULT
    replication_factor: int = USE_DEFAULT
    assignments: Sequence[tuple[int, Sequence[int]]] = ()
    configs: Mapping[str, str | None] = MappingProxyType({})


class GrowthSpec(NamedTuple):
    """What a client asks for when it adds partitions to a topic."""

    name: str
    total: int
    assignments: Sequence[Sequence[int]] | None = None


def new_topic_id() -> TopicId:
    """A random version-4 UUID whose text does not begin with '-', as Kafka avoids for command lines."""
    while True:
        raw = bytearray(os.urandom(16))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        # The first base64url character is '-' when the top six bits are 62.
        if raw[0] >> 2 != 62 and bytes(raw) != ZERO_TOPIC_ID:
            return TopicId(bytes(raw))


def plan_topic(
    image: ClusterImage, spec: TopicSpec, *, default_partitions: int, default_replication_factor: int, first_broker: int
) -> TopicCreated:
    """The change that creates the topic; its configs are checked elsewhere.

    Args:
        image: the cluster before the change.
        spec: what the client asks for.
        default_partitions: for a partition count of -1.
        default_replication_factor: for a replication factor of -1.
        first_broker: rotates placement, so that topics do not all begin at one broker.

    Raises:
        KafkaError: INVALID_REQUEST, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR, INVALID_PARTITIONS.
    """
    if spec.assignments:
        replicas = _manual_assignments(image, spec)
    else:
        if spec.replication_factor < USE_DEFAULT or spec.replication_factor == 0:
            raise KafkaError(
                ErrorCode.INVALID_REPLICATION_FACTOR,
                "Replication factor must be larger than 0, or -1 to use the default value.",
            )
        if spec.num_partitions < USE_DEFAULT or spec.num_partitions == 0:
            raise KafkaError(ErrorCode.INVALID_PARTITIONS, "Number of partitions was set to an invalid non-positive value.")
        count = default_partitions if spec.num_partitions == USE_DEFAULT else spec.num_partitions
        factor = default_replication_factor if spec.replication_factor == USE_DEFAULT else spec.replication_factor
        replicas = place_replicas(image, count, factor, first_broker)
    zeros = [0] * len(replicas)
    return TopicCreated(TopicName(spec.name), new_topic_id(), replicas, zeros, list(zeros), in_sync_of(image, replicas))


def check_new_name(image: ClusterImage, name: str) -> None:
    """Refuse an illegal name, one that collides in '.' and '_' with a topic that is there, or one that is taken.

    Names that collide with each other within one request are no problem to Kafka.

    Raises:
        KafkaError: INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, or INVALID_REQUEST: the name of the metadata log.
    """
    if name == CLUSTER_METADATA:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Creation of internal topic {CLUSTER_METADATA} is prohibited.")
    if TopicName(name) in image.topics:
        raise KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, f"Topic '{name}' already exists.")
    if may_collide(name) and (others := image.colliding.get(collision_key(name))):
        other = next(iter(others))
        raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, f"Topic '{name}' collides with existing topic: {other}")
    check_topic_name(name)


def check_topic_name(name: str) -> None:
    """Refuse an illegal name with INVALID_TOPIC_EXCEPTION, as `Topic.validate` does."""
    reason = why_invalid(name)
    if reason is not None:
        raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, f"Topic name is invalid: {reason}")


def plan_growth(image: ClusterImage, spec: GrowthSpec, *, first_broker: int, room: int) -> TopicGrown:
    """The change that raises a topic's partition count.

    Args:
        image: the cluster before the change.
        spec: what the client asks for.
        first_broker: rotates placement.
        room: how many partitions the request may still add.

    Raises:
        KafkaError: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT; UNKNOWN_SERVER_ERROR when there
            is not enough room, which is what Kafka's BoundedListTooLongException comes to here.
    """
    topic = image.topics.get(TopicName(spec.name))
    if topic is None:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    total, assignments = spec.total, spec.assignments
    current = len(topic.partitions)
    if total < current:
        raise KafkaError(
            ErrorCode.INVALID_PARTITIONS,
            f"The topic {topic.name} currently has {current} partition(s); {total} would not be an increase.",
        )
    if total == current:
        raise KafkaError(ErrorCode.INVALID_PARTITIONS, f"Topic already has {current} partition(s).")
    additional = total - current
    factor = len(topic.partitions[0].replicas)
    if assignments is None:
        if additional > room:
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        placed = place_replicas(image, additional, factor, first_broker)
        return TopicGrown(topic.name, placed, in_sync_of(image, placed))
    if len(assignments) != additional:
        raise KafkaError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            f"Attempted to add {additional} additional partition(s), but only {len(assignments)} assignment(s) were specified.",
        )
    known: dict[tuple[int, ...], list[BrokerId]] = {}
    checked = []
    for number, replicas in enumerate(assignments):
        # There are few brokers, so few lists that differ.
        key = tuple(replicas)
        if key not in known:
            known[key] = check_assignment(image, replicas, factor)
            check_is_up(image, known[key], current + number)
        checked.append(known[key])
    if additional > room:
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    return TopicGrown(topic.name, checked, in_sync_of(image, checked))


def partition_count(spec: TopicSpec, default_partitions: int) -> int:
    """How many partitions are asked for; not checked."""
    if spec.assignments:
        return len(spec.assignments)
    return default_partitions if spec.num_partitions == USE_DEFAULT else spec.num_partitions


def _manual_assignments(image: ClusterImage, spec: TopicSpec) -> list[list[BrokerId]]:
    if spec.replication_factor != USE_DEFAULT:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            "A manual partition assignment was specified, but replication factor was not set to -1.",
        )
    if spec.num_partitions != USE_DEFAULT:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            "A manual partition assignment was specified, but numPartitions was not set to -1.",
        )
    chosen: dict[int, list[BrokerId]] = {}
    factor: int | None = None
    for partition, replicas in spec.assignments:
        if partition in chosen:
            raise KafkaError(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                f"Found multiple manual partition assignments for partition {partition}",
            )
        chosen[partition] = check_assignment(image, replicas, factor)
        check_is_up(image, chosen[partition], partition)
        factor = len(replicas)
    if any(partition not in chosen for partition in range(len(chosen))):
        raise KafkaError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, "partitions should be a consecutive 0-based integer sequence")
    return [chosen[partition] for partition in range(len(chosen))]
