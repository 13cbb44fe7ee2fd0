from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
)
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import World


def grow(
    world: World, name: str, count: int, assignments: list[list[int]] | None = None, *, validate_only: bool = False
) -> int:
    given = None if assignments is None else [CreatePartitionsAssignment(broker_ids=ids) for ids in assignments]
    topic = CreatePartitionsTopic(name=name, count=count, assignments=given)
    request = CreatePartitionsRequest(topics=[topic], timeout_ms=10_000, validate_only=validate_only)
    return world.call(request, 3, CreatePartitionsResponse).results[0].error_code


def test_new_partitions_take_records_at_once(world: World) -> None:
    name = world.topic()
    assert grow(world, name, 3) == ErrorCode.NONE
    world.produce(name, partition=2)
    assert len(world.metadata(name).partitions) == 3


def test_validate_only_changes_nothing(world: World) -> None:
    name = world.topic()
    assert grow(world, name, 3, validate_only=True) == ErrorCode.NONE
    assert len(world.metadata(name).partitions) == 1


def test_partitions_survive_a_restart() -> None:
    with Cluster() as cluster, World(cluster) as world:
        name = world.topic()
        grow(world, name, 3)
        world.produce(name, partition=2)
    with Cluster(file_system=cluster.file_system) as again, World(again) as world:
        epochs = [partition.leader_epoch for partition in world.metadata(name).partitions]
        # The reference raises leader epochs by two at each start, orderly or not.
        assert epochs == [2, 2, 2]
        world.produce(name, partition=2)


@pytest.mark.kafka(brokers=3)
def test_assignments_choose_the_brokers(world: World) -> None:
    name = world.topic(assignments=[[1, 2]])
    assert grow(world, name, 2, [[3]]) == ErrorCode.INVALID_REPLICA_ASSIGNMENT
    assert grow(world, name, 2, [[3, 1]]) == ErrorCode.NONE
    added = next(partition for partition in world.metadata(name).partitions if partition.partition_index == 1)
    assert (added.leader_id, added.replica_nodes, added.isr_nodes) == (3, [3, 1], [3, 1])
    world.produce(name, partition=1, broker=2)


def test_more_topics_than_the_controller_lists_are_refused_together(world: World) -> None:
    """Kafka's list of results holds 10,000; topics that come twice never get there."""
    for count, code in ((10_000, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION), (10_001, ErrorCode.POLICY_VIOLATION)):
        topics = [CreatePartitionsTopic(name=f"unknown-{n}", count=2) for n in range(count)]
        answer = world.call(CreatePartitionsRequest(topics=topics, timeout_ms=10_000), 3, CreatePartitionsResponse)
        assert [result.error_code for result in answer.results] == [code] * count
