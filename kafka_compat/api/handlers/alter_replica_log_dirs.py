"""AlterReplicaLogDirs 1-2: move replicas between the log directories of this broker (KIP-113).

There is one log directory, as of a Kafka with one: a replica that is to move there is there already, and no other directory is
known. A partition that is named with several directories is to be in the last of them.
"""

from __future__ import annotations

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response, Services
from kafka_compat.api.log_dirs import log_dir_of
from kafka_compat.api.refusals import by_partition
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_replica_log_dirs import (
    AlterReplicaLogDirPartitionResult,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterReplicaLogDirTopicResult,
)
from kafka_compat.security.acl import AclOperation

# Of a directory's name, in which Kafka writes `<topic>-<partition>.<32 digits>-future` while a replica moves (KAFKA-4893).
_NAME_CHARACTERS = 255
_OF_MOVING = len(".-future") + 32


def handle(context: RequestContext, request: AlterReplicaLogDirsRequest) -> Answer:
    """Each partition that is named, once."""
    require_cluster(context, AclOperation.ALTER)
    return in_slices(_response(context, request))


def refuse(request: AlterReplicaLogDirsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every partition failed with the error."""
    return AlterReplicaLogDirsResponse(
        results=by_partition(
            ((topic, topic.partitions) for each in request.dirs for topic in each.topics),
            lambda partition: AlterReplicaLogDirPartitionResult(partition_index=partition, error_code=error_code),
            lambda topic, partitions: AlterReplicaLogDirTopicResult(topic_name=topic.name, partitions=partitions),
        )
    )


def _response(context: RequestContext, request: AlterReplicaLogDirsRequest) -> Work[Response]:
    services = context.services
    log_dir = log_dir_of(services.config)
    wanted: dict[str, dict[int, bool]] = {}  # topic -> partition -> whether the directory is ours
    for each in request.dirs:
        is_ours = each.path == log_dir
        for topic in each.topics:
            for partition in topic.partitions:
                wanted.setdefault(topic.name, {})[partition] = is_ours
                yield
            yield
    results = []
    for name, partitions in wanted.items():
        answers = []
        for partition, is_ours in partitions.items():
            error = _error(services, name, partition, is_ours=is_ours)
            answers.append(AlterReplicaLogDirPartitionResult(partition_index=partition, error_code=error))
            yield
        results.append(AlterReplicaLogDirTopicResult(topic_name=name, partitions=answers))
    return AlterReplicaLogDirsResponse(results=results)


def _error(services: Services, topic: str, partition: int, *, is_ours: bool) -> ErrorCode:
    """In the order of Kafka's `ReplicaManager.alterReplicaLogDirs`."""
    if len(f"{topic}-{partition}") + _OF_MOVING > _NAME_CHARACTERS:
        return ErrorCode.INVALID_TOPIC_EXCEPTION
    if not is_ours:
        return ErrorCode.LOG_DIR_NOT_FOUND
    known = services.image.partition(topic, partition)
    if known is None:
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    log = services.logs.get(topic, partition)
    if log is None or services.node_id not in known.replicas:
        return ErrorCode.REPLICA_NOT_AVAILABLE
    return ErrorCode.KAFKA_STORAGE_ERROR if log.is_offline else ErrorCode.NONE
