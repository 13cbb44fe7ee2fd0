"""AlterReplicaLogDirs against Apache Kafka with one log directory."""

from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from kafka_compat.protocol.messages.describe_log_dirs import DescribeLogDirsRequest, DescribeLogDirsResponse
from tests.conformance.both import Both, Request, Side

VERSIONS = (1, 2)
ELSEWHERE = "/nowhere"
UNORDERED = ("results", "partitions")

Topics = list[tuple[str, list[int]]]


def alter(*dirs: tuple[str | None, Topics]) -> Request:
    """A path of None is the directory that the side has; one that begins with + is put behind it."""

    def request(side: Side) -> AlterReplicaLogDirsRequest:
        (own,) = side.call(DescribeLogDirsRequest(topics=[]), 4, DescribeLogDirsResponse).results
        return AlterReplicaLogDirsRequest(
            dirs=[
                AlterReplicaLogDir(
                    path=own.log_dir if path is None else own.log_dir + path[1:] if path.startswith("+") else path,
                    topics=[AlterReplicaLogDirTopic(name=name, partitions=partitions) for name, partitions in topics],
                )
                for path, topics in dirs
            ]
        )

    return request


def test_replicas_that_are_there_already(both: Both) -> None:
    one, two = both.create_topic(both.name("dirs"), 3), both.create_topic(both.name("dirs"))
    for label, request in {
        "two topics": alter((None, [(one, [0, 2]), (two, [0])])),
        "twice": alter((None, [(one, [0, 0]), (one, [1, 0])])),
        "no topics": alter((None, [])),
        "no partitions": alter((None, [(one, [])])),
        "nothing": alter(),
        "elsewhere before": alter((ELSEWHERE, [(one, [0])]), (None, [(one, [0])])),
    }.items():
        both.compare(label, request, VERSIONS, unordered=UNORDERED)


def test_directories_that_are_not_there(both: Both) -> None:
    name = both.create_topic(both.name("dirs"))
    for path in (ELSEWHERE, "", "relative", "+/", "+/.", "+/" + name + "-0"):
        request = alter((path, [(name, [0]), ("nope", [0])]))
        both.compare(f"path {path[:3]!r}", request, VERSIONS, unordered=UNORDERED, expect={ErrorCode.LOG_DIR_NOT_FOUND})
    request = alter((None, [(name, [0])]), (ELSEWHERE, [(name, [0])]))
    both.compare("elsewhere behind", request, VERSIONS, unordered=UNORDERED, expect={ErrorCode.LOG_DIR_NOT_FOUND})


def test_partitions_that_are_not_there(both: Both) -> None:
    name = both.create_topic(both.name("dirs"))
    wanted: Topics = [(name, [1, -1, 2**31 - 1]), ("nope", [0]), ("", [0]), ("a/b", [0]), ("__cluster_metadata", [0])]
    expect = {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    both.compare("unknown", alter((None, wanted)), VERSIONS, unordered=UNORDERED, expect=expect)
    both.compare(
        "just short enough", alter((None, [("x" * 213, [0]), ("y" * 212, [10])])), VERSIONS, unordered=UNORDERED, expect=expect
    )
    expect = {ErrorCode.INVALID_TOPIC_EXCEPTION}
    long: Topics = [("x" * 214, [0]), ("y" * 213, [10, -1]), ("z" * 249, [0])]
    both.compare("too long", alter((None, long)), VERSIONS, unordered=UNORDERED, expect=expect)
    both.compare("too long, elsewhere", alter((ELSEWHERE, long)), VERSIONS, unordered=UNORDERED, expect=expect)
