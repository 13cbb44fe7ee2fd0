"""DescribeLogDirs 1-5: the log directory and the size of each partition in it (KIP-113).

v3 has an error for the whole response, v4 the size of the file system (KIP-827), v5 whether the directory is cordoned
(KIP-1066; never here). A broker answers of the partitions it has a replica of, with how far that is behind the high watermark;
the size is that of the log, which all replicas share. There is one directory. A broker that keeps its data in memory names
log.dir and leaves the sizes of the file system out (-1).

Needs DESCRIBE on the cluster.
"""

from __future__ import annotations

import shutil

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.log_dirs import log_dir_of
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.log.partition import PartitionLog
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)
from kafka_compat.security.acl import AclOperation

_UNKNOWN_SIZE = -1


def handle(context: RequestContext, request: DescribeLogDirsRequest) -> Answer:
    """The partitions asked for, or all for null; those this broker has no log of are left out."""
    require_cluster(context, AclOperation.DESCRIBE)
    return in_slices(_response(context, request))


def refuse(request: DescribeLogDirsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error and no directories."""
    return DescribeLogDirsResponse(error_code=error_code)


def _response(context: RequestContext, request: DescribeLogDirsRequest) -> Work[Response]:
    services = context.services
    log_dir = log_dir_of(services.config)
    total_bytes = usable_bytes = _UNKNOWN_SIZE
    if services.config.text("log.dirs") is not None:
        usage = shutil.disk_usage(log_dir)
        total_bytes, usable_bytes = usage.total, usage.free
    topics: dict[str, list[DescribeLogDirsPartition]] = {}
    for log in (yield from _wanted(context, request)):
        partition = services.image.partition(*log.topic_partition)
        if partition is None or services.node_id not in partition.replicas:
            continue
        lag = 0 if log.replicas is None else max(0, log.high_watermark - log.replicas.end_offset_of(services.node_id))
        topics.setdefault(log.log_id.topic, []).append(
            DescribeLogDirsPartition(partition_index=log.log_id.partition, partition_size=log.size_in_bytes, offset_lag=lag)
        )
        yield
    return DescribeLogDirsResponse(
        results=[
            DescribeLogDirsResult(
                log_dir=log_dir,
                topics=[DescribeLogDirsTopic(name=name, partitions=partitions) for name, partitions in topics.items()],
                total_bytes=total_bytes,
                usable_bytes=usable_bytes,
            )
        ]
    )


def _wanted(context: RequestContext, request: DescribeLogDirsRequest) -> Work[list[PartitionLog]]:
    logs = context.services.logs
    if request.topics is None:
        return sorted(logs.logs, key=lambda log: log.topic_partition)
    named: dict[tuple[str, int], PartitionLog] = {}
    for topic in request.topics:
        for partition in topic.partitions:
            log = logs.get(topic.topic, partition)
            if log is not None:
                named[topic.topic, partition] = log
            yield
        yield
    return list(named.values())
