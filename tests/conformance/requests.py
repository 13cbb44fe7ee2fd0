"""Requests that more than one module sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from kafka_compat.protocol.messages.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic

Topics = Mapping[str, Sequence[tuple[int, int]]] | Sequence[tuple[str, Sequence[tuple[int, int]]]]


def metadata_of(*names: str | None, ids: tuple[bytes, ...] = (), create: bool = False) -> MetadataRequest:
    topics = [MetadataRequestTopic(name=name) for name in names]
    topics += [MetadataRequestTopic(topic_id=topic_id, name=None) for topic_id in ids]
    return MetadataRequest(topics=topics, allow_auto_topic_creation=create)


def delete_records(*wanted: tuple[str, int, int]) -> DeleteRecordsRequest:
    topics = [
        DeleteRecordsTopic(name=name, partitions=[DeleteRecordsPartition(partition_index=partition, offset=offset)])
        for name, partition, offset in wanted
    ]
    return DeleteRecordsRequest(topics=topics, timeout_ms=10_000)


def list_offsets(
    topics: Topics, *, epoch: int = -1, isolation: int = 0, replica_id: int = -1, timeout_ms: int = 5000
) -> Message:
    return ListOffsetsRequest(
        replica_id=replica_id,
        isolation_level=isolation,
        timeout_ms=timeout_ms,
        topics=[
            ListOffsetsTopic(
                name=name,
                partitions=[
                    ListOffsetsPartition(partition_index=index, timestamp=timestamp, current_leader_epoch=epoch)
                    for index, timestamp in partitions
                ],
            )
            for name, partitions in (topics.items() if isinstance(topics, Mapping) else topics)
        ],
    )
