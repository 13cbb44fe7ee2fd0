"""The group coordinator of a broker in its surroundings: topic, shards, leadership, time, restarts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.coordinator.led_shards import partition_for
from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.ids import BrokerId
from kafka_compat.metadata.changes import PartitionChanged
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchResponse
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.manual_clock import ManualClock
from tests.support.group_wire import OFFSETS_TOPIC, Connect

MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("group", "partition"),
    # From Kafka's Utils.abs(group.hashCode()) % 50; of the hashes two are negative, one is the least int, which has no abs.
    [("", 0), ("g", 3), ("my-group", 12), ("größer", 15), ("polygenelubricants", 0), ("console", 9)],
)
def test_a_group_belongs_to_the_partition_that_java_hashes_it_to(group: str, partition: int) -> None:
    assert partition_for(group, 50) == partition


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(topics={"orders": 1, "payments": 1}, configs={"offsets.topic.num.partitions": "4"}) as cluster:
        yield cluster


def test_the_first_search_for_a_coordinator_makes_its_topic(cluster: Cluster, connect: Connect) -> None:
    """The answer is final, and the group's first request is served: no COORDINATOR_LOAD_IN_PROGRESS."""
    wire = connect(cluster)
    (found,) = wire.find("g")
    assert (found.error_code, found.node_id) == (0, 1)
    image = cluster.brokers[0].services
    assert image is not None
    assert len(image.image.topics[OFFSETS_TOPIC].partitions) == 4
    assert image.image.overrides(2, OFFSETS_TOPIC) == {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": "104857600",
    }
    request = OffsetFetchRequest(group_id="g", topics=None)
    assert wire.client.call(request, 5, OffsetFetchResponse).error_code == 0


def test_a_topic_that_cannot_be_made_has_no_coordinator(connect: Connect) -> None:
    with Cluster(configs={"offsets.topic.replication.factor": "3"}) as cluster:
        (found,) = connect(cluster).find("g")
        assert (found.error_code, found.node_id) == (ErrorCode.COORDINATOR_NOT_AVAILABLE, -1)


def test_without_its_topic_no_broker_coordinates(cluster: Cluster, connect: Connect) -> None:
    assert connect(cluster).commit(5) == ErrorCode.NOT_COORDINATOR


def test_each_broker_coordinates_the_groups_whose_partitions_it_leads(connect: Connect) -> None:
    with Cluster(brokers=3, topics={"orders": 1}, configs={"offsets.topic.num.partitions": "6"}) as cluster:
        wires = [connect(cluster, broker) for broker in range(3)]
        groups = [f"group-{number}" for number in range(12)]
        found = {coordinator.key: coordinator.node_id for coordinator in wires[0].find(*groups)}
        assert set(found.values()) == {1, 2, 3}
        for group, node_id in found.items():
            codes = [wire.commit(7, group=group) for wire in wires]
            expected = [ErrorCode.NOT_COORDINATOR] * 3
            expected[node_id - 1] = ErrorCode.NONE
            assert codes == expected
            assert wires[node_id - 1].committed(group=group) == 7
        assert sorted(group for wire in wires for group in wire.groups()) == sorted(groups)


def test_offsets_and_groups_are_there_after_a_restart(connect: Connect) -> None:
    file_system = MemoryFileSystem()
    with Cluster(topics={"orders": 1}, file_system=file_system) as cluster:
        wire = connect(cluster)
        wire.find("g")
        assert wire.commit(41) == ErrorCode.NONE
        assert wire.commit(42) == ErrorCode.NONE
    with Cluster(file_system=file_system) as cluster:
        wire = connect(cluster)
        assert wire.committed() == 42
        assert wire.groups() == ["g"]


def test_offsets_of_a_deleted_topic_go(cluster: Cluster, connect: Connect) -> None:
    wire = connect(cluster)
    wire.find("g")
    wire.commit(5)
    wire.commit(6, topic="payments")
    request = DeleteTopicsRequest(topic_names=["orders"], timeout_ms=10_000)
    assert wire.client.call(request, 5, DeleteTopicsResponse).responses[0].error_code == 0
    for _ in range(1000):  # in the background, as in Kafka
        if wire.committed() == -1:
            break
    assert (wire.committed(), wire.committed(topic="payments")) == (-1, 6)


def test_offsets_expire_after_their_retention_and_the_group_with_them(connect: Connect) -> None:
    """Looked for every offsets.retention.check.interval.ms."""
    configs = {"offsets.retention.minutes": "30", "offsets.retention.check.interval.ms": str(10 * MINUTE_MS)}
    clock = ManualClock()
    with Cluster(topics={"orders": 2}, configs=configs, clock=clock) as cluster:
        wire = connect(cluster)
        wire.find("g")
        wire.commit(5)
        cluster.advance(15 * MINUTE_MS)
        wire.commit(6, partition=1)
        cluster.advance(14 * MINUTE_MS)
        assert (wire.committed(), wire.committed(partition=1)) == (5, 6)
        cluster.advance(2 * MINUTE_MS)
        assert (wire.committed(), wire.committed(partition=1)) == (-1, 6)
        assert wire.groups() == ["g"]
        cluster.advance(20 * MINUTE_MS)
        assert wire.committed(partition=1) == -1
        assert wire.groups() == []


def test_shards_follow_the_deletion_of_their_topic(cluster: Cluster, connect: Connect) -> None:
    wire = connect(cluster)
    wire.find("g")
    wire.commit(5)
    request = DeleteTopicsRequest(topic_names=[OFFSETS_TOPIC], timeout_ms=10_000)
    wire.client.call(request, 5, DeleteTopicsResponse)
    assert wire.commit(6) == ErrorCode.NOT_COORDINATOR
    wire.find("g")
    assert wire.committed() == -1


def test_a_shard_moves_with_the_leadership_of_its_partition(connect: Connect) -> None:
    """The new coordinator knows what the old one wrote, also when the shard comes back."""
    with Cluster(brokers=2, topics={"orders": 1}) as cluster:
        (found,) = connect(cluster).find("g")
        here, there = BrokerId(found.node_id), BrokerId(3 - found.node_id)
        wires = {node: connect(cluster, node - 1) for node in (here, there)}

        async def lead(leader: BrokerId) -> None:
            services = cluster.brokers[0].services
            assert services is not None
            partition = services.image.topics[OFFSETS_TOPIC].partitions[services.groups.partition_of("g")]
            change = PartitionChanged(
                OFFSETS_TOPIC,
                partition.id,
                partition.replicas,
                partition.isr,
                leader,
                partition.leader_epoch + 1,
                partition.partition_epoch + 1,
            )
            await services.controller.change(lambda _: [change])

        assert wires[here].commit(3) == ErrorCode.NONE
        cluster.run(lead(there))
        assert wires[here].commit(4) == ErrorCode.NOT_COORDINATOR
        assert wires[there].committed() == 3
        assert wires[there].commit(5) == ErrorCode.NONE
        cluster.run(lead(here))
        assert wires[there].commit(6) == ErrorCode.NOT_COORDINATOR
        assert wires[here].committed() == 5


@pytest.mark.timeout(20)
def test_a_start_without_the_topic_does_not_count_its_partitions() -> None:
    configs = {"offsets.topic.num.partitions": str(2**31 - 1), "transaction.state.log.num.partitions": str(2**31 - 1)}
    with Cluster(configs=configs) as cluster:
        assert cluster.bootstrap
