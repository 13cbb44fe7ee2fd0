from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterReplicaLogDirTopic,
)
from kafka_compat.testing import Cluster
from tests.api.worlds import World

OURS = "/tmp/kafka-logs"


def errors(world: World, path: str, topic: str, partitions: list[int], *, broker: int = 0) -> list[ErrorCode]:
    topics = [AlterReplicaLogDirTopic(name=topic, partitions=partitions)]
    request = AlterReplicaLogDirsRequest(dirs=[AlterReplicaLogDir(path=path, topics=topics)])
    (result,) = world.call(request, 2, AlterReplicaLogDirsResponse, broker=broker).results
    assert result.topic_name == topic
    return [ErrorCode(partition.error_code) for partition in result.partitions]


def test_replica_is_there_already(world: World) -> None:
    name = world.topic("dirs", 2)
    assert errors(world, OURS, name, [0, 1, 2]) == [
        ErrorCode.NONE,
        ErrorCode.NONE,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]


def test_another_directory_is_not_known(world: World) -> None:
    assert errors(world, "/elsewhere", world.topic("dirs"), [0]) == [ErrorCode.LOG_DIR_NOT_FOUND]


def test_broker_without_a_replica_has_none_to_move() -> None:
    with Cluster(brokers=2, topics={"one": 2}) as cluster, World(cluster) as world:
        assert sorted(errors(world, OURS, "one", [0, 1], broker=1)) == [ErrorCode.NONE, ErrorCode.REPLICA_NOT_AVAILABLE]


def test_whole_request_is_refused_by_partition() -> None:
    from kafka_compat.api.handlers import alter_replica_log_dirs

    topics = [AlterReplicaLogDirTopic(name="t", partitions=[0, 1])]
    request = AlterReplicaLogDirsRequest(dirs=[AlterReplicaLogDir(path=OURS, topics=topics)])
    response = alter_replica_log_dirs.refuse(request, 2, ErrorCode.CLUSTER_AUTHORIZATION_FAILED, None)
    assert isinstance(response, AlterReplicaLogDirsResponse)
    (result,) = response.results
    assert [(each.partition_index, each.error_code) for each in result.partitions] == [(0, 31), (1, 31)]
