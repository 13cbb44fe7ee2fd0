from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import World


def end_of(world: World, name: str, epoch: int, current: int = -1) -> EpochEndOffset:
    wanted = OffsetForLeaderPartition(partition=0, current_leader_epoch=current, leader_epoch=epoch)
    request = OffsetForLeaderEpochRequest(replica_id=-1, topics=[OffsetForLeaderTopic(topic=name, partitions=[wanted])])
    return world.call(request, 4, OffsetForLeaderEpochResponse).topics[0].partitions[0]


def test_each_epoch_ends_where_the_next_began() -> None:
    with Cluster() as cluster, World(cluster) as world:
        name = world.topic()
        world.produce(name, 3)
    with Cluster(file_system=cluster.file_system) as again, World(again) as world:
        world.produce(name, 2)
        assert end_of(world, name, 0) == EpochEndOffset(partition=0, leader_epoch=0, end_offset=3)
        assert end_of(world, name, 1) == EpochEndOffset(partition=0, leader_epoch=0, end_offset=3)
        assert end_of(world, name, 2) == EpochEndOffset(partition=0, leader_epoch=2, end_offset=5)
        assert end_of(world, name, 3) == EpochEndOffset(partition=0, leader_epoch=-1, end_offset=-1)


def test_current_leader_epoch_is_checked(world: World) -> None:
    name = world.topic()
    assert end_of(world, name, 0, current=0).error_code == ErrorCode.NONE
    assert end_of(world, name, 0, current=1).error_code == ErrorCode.UNKNOWN_LEADER_EPOCH
    assert end_of(world, name, 0, current=-2).error_code == ErrorCode.FENCED_LEADER_EPOCH
