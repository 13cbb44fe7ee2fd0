from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopic,
)
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import Turns, World


def delete(world: World, name: str, offset: int) -> DeleteRecordsPartitionResult:
    topic = DeleteRecordsTopic(name=name, partitions=[DeleteRecordsPartition(partition_index=0, offset=offset)])
    request = DeleteRecordsRequest(topics=[topic], timeout_ms=10_000)
    return world.call(request, 2, DeleteRecordsResponse).topics[0].partitions[0]


def earliest(world: World, name: str) -> int:
    topic = ListOffsetsTopic(name=name, partitions=[ListOffsetsPartition(partition_index=0, timestamp=-2)])
    return world.call(ListOffsetsRequest(topics=[topic]), 6, ListOffsetsResponse).topics[0].partitions[0].offset


@pytest.mark.parametrize(("offset", "low_watermark"), [(0, 0), (3, 3), (5, 5), (-1, 5)])
def test_log_start_offset_rises(world: World, offset: int, low_watermark: int) -> None:
    name = world.topic()
    world.produce(name, 5)
    assert delete(world, name, offset) == DeleteRecordsPartitionResult(partition_index=0, low_watermark=low_watermark)
    assert earliest(world, name) == low_watermark


@pytest.mark.parametrize("offset", [6, -2])
def test_offset_out_of_range(world: World, offset: int) -> None:
    name = world.topic()
    world.produce(name, 5)
    answer = delete(world, name, offset)
    assert (answer.error_code, answer.low_watermark) == (ErrorCode.OFFSET_OUT_OF_RANGE, -1)
    assert earliest(world, name) == 0


@pytest.mark.parametrize("policy", ["", "delete", "compact,delete", "delete,compact"])
def test_records_may_be_deleted_unless_they_are_only_compacted(world: World, policy: str) -> None:
    name = world.topic(configs={"cleanup.policy": policy})
    world.produce(name, 2, key=b"k")
    assert delete(world, name, 1) == DeleteRecordsPartitionResult(partition_index=0, low_watermark=1)


def test_compacted_records_cannot_be_deleted(world: World) -> None:
    answer = delete(world, world.topic(configs={"cleanup.policy": "compact"}), 0)
    assert (answer.error_code, answer.low_watermark) == (ErrorCode.POLICY_VIOLATION, -1)


@pytest.mark.parametrize("offset", [-(1 << 63), (1 << 63) - 1])
def test_offsets_at_the_edge_are_out_of_range(world: World, offset: int) -> None:
    assert delete(world, world.topic(), offset).error_code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_deletion_survives_a_restart() -> None:
    with Cluster() as cluster, World(cluster) as world:
        name = world.topic()
        world.produce(name, 5)
        delete(world, name, 3)
    with Cluster(file_system=cluster.file_system) as again, World(again) as world:
        assert earliest(world, name) == 3


def test_a_wide_request_lets_others_in_between(world: World, turns: Turns) -> None:
    name = world.topic(partitions=2)
    partitions = [DeleteRecordsPartition(partition_index=n % 1000, offset=n) for n in range(4000)]
    topics = [DeleteRecordsTopic(name=name, partitions=partitions), DeleteRecordsTopic(name="empty", partitions=[])]
    answer = world.call(DeleteRecordsRequest(topics=topics, timeout_ms=10_000), 2, DeleteRecordsResponse)
    assert [len(topic.partitions) for topic in answer.topics] == [1000]
    assert turns.count >= 5000 // 16
