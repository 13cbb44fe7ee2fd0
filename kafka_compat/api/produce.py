"""Produce 3-13: append one batch per partition.

v8 answers record errors (KIP-467), v10 leader hints (KIP-951), v13 takes topic ids (KIP-516).

One partition's error leaves the others alone. acks=0 gets no answer; when anything went wrong the connection is closed
instead, so that the client refreshes its metadata. acks=1 and acks=all are the same here: a partition has one copy, and the
answer waits for whatever durability the topic's flush settings ask for. Versions 0-2 are listed but not served, as in Kafka.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from kafka_compat.api.context import Answer, CloseConnection, RequestContext, Response
from kafka_compat.api.leaders import LeaderHints, find_log
from kafka_compat.ids import TopicId, TopicName
from kafka_compat.log.partition import AppendError, PartitionLog
from kafka_compat.log.validation import is_transactional, only_batch
from kafka_compat.metadata.image import Partition, Topic
from kafka_compat.metadata.topic_names import is_internal
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.produce import (
    BatchIndexAndErrorMessage,
    LeaderIdAndEpoch,
    NodeEndpoint,
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
    TopicProduceResponse,
)
from kafka_compat.records.batch import parse_header
from kafka_compat.storage.interface import StorageError
from kafka_compat.wire.primitives import Buffer

# Kafka's AdminUtils.ADMIN_CLIENT_ID: the one client that may write to internal topics.
_ADMIN_CLIENT_ID: Final = "__admin_client"
_FIRST_VERSION_WITH_TOPIC_IDS: Final = 13
_FIRST_VERSION_WITH_LEADERS: Final = 10

# Kafka asks the transaction coordinator whether the partition was added (KIP-890). There is none here yet, and a batch that was
# let in would hold the last stable offset for ever; this is what Kafka answers while it finds no coordinator.
_UNVERIFIED: Final = (
    "Unable to verify the partition has been added to the transaction. Underlying error: COORDINATOR_NOT_AVAILABLE"
)

_Waits = list[tuple[PartitionProduceResponse, asyncio.Future[None]]]


def handle(context: RequestContext, request: ProduceRequest) -> Answer:
    """Append what can be appended and answer, when all of it is as durable as its topic wants."""
    try:
        is_any_transactional = any(
            is_transactional(partition.records) for topic in request.topic_data for partition in topic.partition_data
        )
    except AppendError as error:
        return _refuse_all(context, request, error.error_code, error.message)
    if is_any_transactional and request.transactional_id is None:
        return _refuse_all(context, request, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, None)
    hints = LeaderHints(context)
    waits: _Waits = []
    now_ms = context.services.clock.wall_ms()
    responses = []
    for wanted in _named_once(request.topic_data):
        topic = _topic(context, wanted)
        partitions = [
            _append(context, request, topic, wanted, partition, hints, waits, now_ms) for partition in wanted.partition_data
        ]
        if partitions:  # a topic without partitions is not answered
            responses.append(TopicProduceResponse(name=wanted.name, topic_id=wanted.topic_id, partition_responses=partitions))
    response = ProduceResponse(responses=responses)
    if waits:
        return _when_durable(request, response, hints, waits)
    return _answer(request, response, hints)


def refuse(request: ProduceRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every partition failed with `error_code`."""
    return ProduceResponse(
        responses=[
            TopicProduceResponse(
                name=topic.name,
                topic_id=topic.topic_id,
                partition_responses=[_error(partition.index, error_code, message) for partition in topic.partition_data],
            )
            for topic in request.topic_data
        ]
    )


def _refuse_all(context: RequestContext, request: ProduceRequest, error_code: ErrorCode, message: str | None) -> Response:
    if request.acks == 0:
        raise CloseConnection(f"produce with acks=0 refused: {error_code.name}")
    return refuse(request, context.version, error_code, message)


def _named_once(topics: Sequence[TopicProduceData]) -> Sequence[TopicProduceData]:
    """Of a partition that is named twice the last counts, and it is answered once."""
    if len(topics) == 1 and len(topics[0].partition_data) == 1:
        return topics
    merged: dict[tuple[str, bytes], dict[int, PartitionProduceData]] = {}
    count = 0
    for topic in topics:
        partitions = merged.setdefault((topic.name, topic.topic_id), {})
        count += len(topic.partition_data)
        partitions.update((partition.index, partition) for partition in topic.partition_data)
    if len(merged) == len(topics) and sum(map(len, merged.values())) == count:
        return topics
    return [
        TopicProduceData(name=name, topic_id=topic_id, partition_data=list(partitions.values()))
        for (name, topic_id), partitions in merged.items()
    ]


def _topic(context: RequestContext, wanted: TopicProduceData) -> Topic | None:
    image = context.services.image
    if context.version >= _FIRST_VERSION_WITH_TOPIC_IDS:
        return image.topics_by_id.get(TopicId(wanted.topic_id))
    return image.topics.get(TopicName(wanted.name))


def _append(
    context: RequestContext,
    request: ProduceRequest,
    topic: Topic | None,
    wanted: TopicProduceData,
    partition: PartitionProduceData,
    hints: LeaderHints,
    waits: _Waits,
    now_ms: int,
) -> PartitionProduceResponse:
    index = partition.index
    if topic is None:
        is_by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
        return _error(index, ErrorCode.UNKNOWN_TOPIC_ID if is_by_id else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    log, error_code = find_log(context, topic, index)
    if log is None:
        response = _error(index, error_code)
        if error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER and context.version >= _FIRST_VERSION_WITH_LEADERS:
            leader_id, leader_epoch = hints.add(topic, index)
            response.current_leader = LeaderIdAndEpoch(leader_id=leader_id, leader_epoch=leader_epoch)
        return response
    refusal = ErrorCode.NONE
    if request.acks not in (-1, 0, 1):
        refusal = ErrorCode.INVALID_REQUIRED_ACKS
    elif is_internal(topic.name) and context.header.client_id != _ADMIN_CLIENT_ID:
        refusal = ErrorCode.INVALID_TOPIC_EXCEPTION
    elif request.acks == -1 and not _is_enough_in_sync(topic.partitions[index], log.config.min_insync_replicas):
        refusal = ErrorCode.NOT_ENOUGH_REPLICAS
    try:
        if refusal:
            only_batch(partition.records, context.version)
            return _error(index, refusal)
        # Without a transactional id no batch here is transactional: `handle` has refused the request.
        may_be_transactional = request.transactional_id is not None and is_transactional(partition.records)
        if may_be_transactional and not _is_in_transaction(log, partition.records):
            only_batch(partition.records, context.version)
            return _error(index, ErrorCode.NOT_ENOUGH_REPLICAS, _UNVERIFIED)
        appended = log.append_as_leader(
            partition.records, now_ms=now_ms, required_acks=request.acks, request_version=context.version
        )
    except AppendError as error:
        return PartitionProduceResponse(
            index=index,
            error_code=error.error_code,
            base_offset=-1,
            log_start_offset=error.log_start_offset,
            record_errors=[
                BatchIndexAndErrorMessage(batch_index=i, batch_index_error_message=text) for i, text in error.record_errors
            ],
            error_message=error.message,
        )
    response = PartitionProduceResponse(
        index=index,
        base_offset=appended.base_offset,
        log_append_time_ms=appended.log_append_time_ms,
        log_start_offset=appended.log_start_offset,
    )
    if appended.done is not None and request.acks != 0:
        waits.append((response, appended.done))
    return response


def _is_in_transaction(log: PartitionLog, records: Buffer | None) -> bool:
    """Whether the batch needs no verification: its producer has an open transaction here, or it has no producer id."""
    assert records is not None
    header = parse_header(records)
    return header.producer_id < 0 or log.has_ongoing_transaction(header.producer_id, header.producer_epoch)


def _is_enough_in_sync(partition: Partition, min_insync_replicas: int) -> bool:
    """A partition with fewer replicas than min.insync.replicas needs all of them (`Partition.effectiveMinIsr`)."""
    return len(partition.isr) >= min(min_insync_replicas, len(partition.replicas))


async def _when_durable(
    request: ProduceRequest, response: ProduceResponse, hints: LeaderHints, waits: _Waits
) -> Response | None:
    """Answer after the group commits that the appends wait for; a failed one turns into its partition's error."""
    outcomes = await asyncio.gather(*(done for _, done in waits), return_exceptions=True)
    for (partition, _), outcome in zip(waits, outcomes, strict=True):
        if isinstance(outcome, StorageError):
            partition.error_code = ErrorCode.KAFKA_STORAGE_ERROR
            partition.base_offset = partition.log_append_time_ms = partition.log_start_offset = -1
        elif outcome is not None:
            raise outcome
    return _answer(request, response, hints)


def _answer(request: ProduceRequest, response: ProduceResponse, hints: LeaderHints) -> Response | None:
    if request.acks == 0:
        for topic in response.responses:
            for partition in topic.partition_responses:
                if partition.error_code:
                    raise CloseConnection(
                        f"produce with acks=0 to {topic.name}-{partition.index} failed: {ErrorCode(partition.error_code).name}"
                    )
        return None
    response.node_endpoints = [
        NodeEndpoint(node_id=broker_id, host=host, port=port, rack=rack) for broker_id, host, port, rack in hints.endpoints()
    ]
    return response


def _error(index: int, error_code: ErrorCode, message: str | None = None) -> PartitionProduceResponse:
    return PartitionProduceResponse(index=index, error_code=error_code, base_offset=-1, error_message=message)
