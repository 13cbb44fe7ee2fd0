"""WriteTxnMarkers 1-2: end transactions in the partitions that this broker leads (KIP-98).

Sent by transaction coordinators, and by operators to end one that hangs (`kafka-transactions abort`, KIP-664). v2 adds
the transaction's version, by which partitions check the marker's epoch (KIP-1228): up to 1 it must not be below the producer's,
from 2 on it must be above, unless the marker is a repeated one.

Each marker is its own append, and markers of one producer are one result. A marker without partitions has none. Needs ALTER on
the cluster, or CLUSTER_ACTION.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from kafka_compat.api.authorization import is_authorized_for_cluster, require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator.transaction.ports import EndMarker, TopicPartition
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from kafka_compat.security.acl import AclOperation

_Codes = Mapping[TopicPartition, ErrorCode]


async def handle(context: RequestContext, request: WriteTxnMarkersRequest) -> Response:
    """Write each marker into each of its partitions; one that has none keeps its own code."""
    if not is_authorized_for_cluster(context, AclOperation.ALTER):
        require_cluster(context, AclOperation.CLUSTER_ACTION)
    writer = context.services.markers
    pace = Pace()
    writing: list[tuple[int, asyncio.Future[_Codes]]] = []
    async for marker in pace.over(request.markers):
        partitions = [(topic.name, index) for topic in marker.topics for index in topic.partition_indexes]
        if partitions:
            writing.append((marker.producer_id, writer.write(_end_marker(marker), partitions)))
    results: dict[int, dict[TopicPartition, ErrorCode]] = {}
    async for producer_id, codes in pace.over(writing):
        results.setdefault(producer_id, {}).update(await codes)
    return WriteTxnMarkersResponse(
        markers=[_result(producer_id, codes) async for producer_id, codes in pace.over(results.items())]
    )


def refuse(request: WriteTxnMarkersRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every partition failed with `error_code`."""
    results: dict[int, dict[TopicPartition, ErrorCode]] = {}
    for marker in request.markers:
        results[marker.producer_id] = {
            (topic.name, index): error_code for topic in marker.topics for index in topic.partition_indexes
        }
    return WriteTxnMarkersResponse(markers=[_result(producer_id, codes) for producer_id, codes in results.items()])


def _end_marker(marker: WritableTxnMarker) -> EndMarker:
    return EndMarker(
        producer_id=marker.producer_id,
        producer_epoch=marker.producer_epoch,
        coordinator_epoch=marker.coordinator_epoch,
        is_commit=marker.transaction_result,
        transaction_version=marker.transaction_version,
    )


def _result(producer_id: int, codes: _Codes) -> WritableTxnMarkerResult:
    topics: dict[str, WritableTxnMarkerTopicResult] = {}
    for (name, index), code in codes.items():
        topic = topics.get(name)
        if topic is None:
            topic = topics[name] = WritableTxnMarkerTopicResult(name=name, partitions=[])
        topic.partitions.append(WritableTxnMarkerPartitionResult(partition_index=index, error_code=code))
    return WritableTxnMarkerResult(producer_id=producer_id, topics=list(topics.values()))
