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
from tests.api.worlds import World


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


def test_deletion_survives_a_restart() -> None:
    with Cluster() as cluster, World(cluster) as world:
        name = world.topic()
        world.produce(name, 5)
        delete(world, name, 3)
    with Cluster(file_system=cluster.file_system) as again, World(again) as world:
        assert earliest(world, name) == 3
