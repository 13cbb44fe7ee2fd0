"""Requests that more than one module sends."""

from __future__ import annotations

from kafka_compat.protocol.messages.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic


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
