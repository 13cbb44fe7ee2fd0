from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignableTopic,
)
from kafka_compat.protocol.messages.elect_leaders import ElectLeadersRequest, ElectLeadersResponse, TopicPartitions
from kafka_compat.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)
from kafka_compat.protocol.messages.metadata import MetadataResponsePartition
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import World


@pytest.fixture(scope="module")
def three() -> Iterator[World]:
    with Cluster(brokers=3) as cluster, World(cluster) as world:
        yield world


def reassign(world: World, name: str, replicas: list[int] | None, *, may_change: bool = True) -> ErrorCode:
    partition = ReassignablePartition(partition_index=0, replicas=replicas)
    request = AlterPartitionReassignmentsRequest(
        timeout_ms=10_000,
        allow_replication_factor_change=may_change,
        topics=[ReassignableTopic(name=name, partitions=[partition])],
    )
    answer = world.call(request, 1, AlterPartitionReassignmentsResponse)
    assert answer.allow_replication_factor_change is may_change
    while world.call(ListPartitionReassignmentsRequest(topics=None), 0, ListPartitionReassignmentsResponse).topics:
        pass  # the new replicas come into the ISR right behind the answer
    return ErrorCode(answer.responses[0].partitions[0].error_code)


def state(world: World, name: str) -> MetadataResponsePartition:
    return world.metadata(name).partitions[0]


def test_records_move_with_the_leader(three: World) -> None:
    name = three.topic(assignments=[[1, 2]])
    three.produce(name, 2)
    assert reassign(three, name, [3]) == ErrorCode.NONE
    partition = state(three, name)
    assert (partition.leader_id, partition.replica_nodes, partition.leader_epoch) == (3, [3], 1)
    three.produce(name, broker=2)


def test_leader_that_stays_keeps_its_epoch_unless_replicas_go(three: World) -> None:
    name = three.topic(assignments=[[1]])
    reassign(three, name, [2, 1])
    partition = state(three, name)
    assert (partition.leader_id, partition.replica_nodes, partition.leader_epoch) == (1, [2, 1], 0)
    reassign(three, name, [1])
    assert state(three, name).leader_epoch == 1


def test_preferred_election_follows_a_reassignment(three: World) -> None:
    name = three.topic(assignments=[[1]])
    reassign(three, name, [2, 1])
    wanted = [TopicPartitions(topic=name, partitions=[0])]
    request = ElectLeadersRequest(election_type=0, topic_partitions=wanted, timeout_ms=10_000)
    for expected in (ErrorCode.NONE, ErrorCode.ELECTION_NOT_NEEDED):
        answer = three.call(request, 2, ElectLeadersResponse).replica_election_results[0].partition_result[0]
        assert answer.error_code == expected
    assert (state(three, name).leader_id, state(three, name).leader_epoch) == (2, 1)


def test_number_of_replicas_can_be_held(three: World) -> None:
    name = three.topic(assignments=[[1, 2]])
    assert reassign(three, name, [3], may_change=False) == ErrorCode.INVALID_REPLICATION_FACTOR
    assert reassign(three, name, [3, 1], may_change=False) == ErrorCode.NONE


def test_nothing_to_cancel(three: World) -> None:
    assert reassign(three, three.topic(), None) == ErrorCode.NO_REASSIGNMENT_IN_PROGRESS
