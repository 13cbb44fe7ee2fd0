"""The answer to a Fetch: what of the partitions read goes into it, and in which form."""

from __future__ import annotations

from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.leaders import LeaderHints
from kafka_compat.ids import TopicId, TopicName
from kafka_compat.log.fetch_session import FetchContext, FetchKey, WantedPartition
from kafka_compat.log.reading import PartitionRead
from kafka_compat.metadata.image import Topic
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import (
    AbortedTransaction,
    EpochEndOffset,
    FetchableTopicResponse,
    FetchResponse,
    LeaderIdAndEpoch,
    NodeEndpoint,
    PartitionData,
)
from kafka_compat.wire.types import close_parts

_FIRST_VERSION_WITH_ENDPOINTS: Final = 16
# Clients up to v5 do not know KAFKA_STORAGE_ERROR and would not retry.
_LAST_VERSION_WITHOUT_STORAGE_ERROR: Final = 5


def find_topic(context: RequestContext, key: FetchKey) -> Topic | None:
    """The topic that a fetch names by name or, from v13 on, by id."""
    name_or_id = key[0]
    image = context.services.image
    if isinstance(name_or_id, str):
        return image.topics.get(TopicName(name_or_id))
    return image.topics_by_id.get(TopicId(name_or_id))


def unknown_partition(partition: int, error_code: ErrorCode) -> PartitionData:
    """An error found before the log was asked (FetchResponse.partitionResponse): its list of transactions is not null."""
    answer = _error(partition, error_code)
    answer.aborted_transactions = []
    return answer


def _error(partition: int, error_code: ErrorCode) -> PartitionData:
    return PartitionData(
        partition_index=partition, error_code=error_code, high_watermark=-1, aborted_transactions=None, records=b""
    )


def drop_answer(response: Response | None) -> None:
    """Nobody takes the answer any more."""
    if isinstance(response, FetchResponse):
        for topic in response.responses:
            for partition in topic.partitions:
                if isinstance(partition.records, list):
                    close_parts(partition.records)


class FetchAnswer:
    """Leaves out what an incremental session does not need to hear, and groups by topic.

    Attributes:
        refusal: the error of the whole answer, when a newer request of the session overtook this one.
    """

    def __init__(self, context: RequestContext, session: FetchContext, read_committed: bool, is_for_replica: bool) -> None:
        self._context = context
        self._session = session
        self._read_committed = read_committed
        self._is_for_replica = is_for_replica  # who knows brokers by other listeners
        self._hints: LeaderHints | None = None
        self._topics: list[FetchableTopicResponse] = []
        self._current: FetchKey | None = None
        self._unknown_ids: list[tuple[FetchKey, ErrorCode]] = []
        self._unknown_names: list[tuple[FetchKey, ErrorCode]] = []
        error_code = session.begin_response()
        self.refusal = FetchResponse(error_code=error_code, session_id=session.error_session_id) if error_code else None

    def add(self, wanted: WantedPartition, read: PartitionRead) -> None:
        """Add what was found of a partition."""
        key = wanted.key
        log = read.log
        if log is None:
            error_code = read.error_code
            if read.ends_wait:
                self._add_error(key, error_code)
            elif error_code == ErrorCode.UNKNOWN_TOPIC_ID:
                self._unknown_ids.append((key, error_code))
            else:
                self._unknown_names.append((key, error_code))
            return
        chunk = read.chunk
        has_records = chunk is not None
        log.traffic.fetches += 1
        diverging = read.diverging
        if not self._session.include(
            key,
            has_records=has_records,
            high_watermark=read.high_watermark,
            log_start_offset=read.log_start_offset,
            error_code=ErrorCode.NONE,
            is_redirected=diverging is not None or read.preferred_replica >= 0,
        ):
            return
        if chunk is not None:
            log.traffic.bytes_out += chunk.size_in_bytes
        answer = PartitionData(
            partition_index=key[1],
            high_watermark=read.high_watermark,
            last_stable_offset=read.last_stable_offset,
            log_start_offset=read.log_start_offset,
            records=read.take_parts(),
            aborted_transactions=None,
            preferred_read_replica=read.preferred_replica,
        )
        if diverging is not None:
            answer.diverging_epoch = EpochEndOffset(epoch=diverging[0], end_offset=diverging[1])
        elif self._read_committed:
            answer.aborted_transactions = []
            if chunk is not None:
                # Kafka's list ends at the next entry of the offset index.
                end_offset = chunk.next_offset if chunk.next_offset >= 0 else read.last_stable_offset
                answer.aborted_transactions = [
                    AbortedTransaction(producer_id=producer_id, first_offset=first_offset)
                    for producer_id, first_offset in log.view.aborted_transactions(read.offset, end_offset)
                ]
        self._add(key, answer)

    def unknown(self) -> list[tuple[FetchKey, ErrorCode]]:
        """What the cluster does not have, which stands behind the rest: first the ids, then the names."""
        return self._unknown_ids + self._unknown_names

    def add_unknown(self, key: FetchKey, error_code: ErrorCode) -> None:
        """Add what the cluster does not have."""
        self._add_failed(key, error_code, unknown_partition(key[1], error_code))

    def _add_error(self, key: FetchKey, error_code: ErrorCode) -> None:
        context = self._context
        if error_code == ErrorCode.KAFKA_STORAGE_ERROR and context.version <= _LAST_VERSION_WITHOUT_STORAGE_ERROR:
            error_code = ErrorCode.NOT_LEADER_OR_FOLLOWER
        answer = _error(key[1], error_code)
        if context.version >= _FIRST_VERSION_WITH_ENDPOINTS and error_code in (
            ErrorCode.NOT_LEADER_OR_FOLLOWER,
            ErrorCode.FENCED_LEADER_EPOCH,
        ):
            topic = find_topic(context, key)
            if topic is not None:
                if self._hints is None:
                    self._hints = LeaderHints(context)
                leader_id, leader_epoch = self._hints.add(topic, key[1])
                answer.current_leader = LeaderIdAndEpoch(leader_id=leader_id, leader_epoch=leader_epoch)
        self._add_failed(key, error_code, answer)

    def _add_failed(self, key: FetchKey, error_code: ErrorCode, answer: PartitionData) -> None:
        if error_code == ErrorCode.UNKNOWN_SERVER_ERROR:
            topic = find_topic(self._context, key)
            log = None if topic is None else self._context.services.logs.get_by_id(topic.id, key[1])
            if log is not None:
                log.traffic.failed_fetches += 1
        # An error is always told.
        self._session.include(key, has_records=False, high_watermark=-1, log_start_offset=-1, error_code=error_code)
        self._add(key, answer)

    def _add(self, key: FetchKey, answer: PartitionData) -> None:
        # Partitions of one topic stay together only while they follow each other: a rotated session keeps its order.
        if self._current is None or self._current[0] != key[0]:
            self._current = key
            name_or_id = key[0]
            if isinstance(name_or_id, bytes):
                self._topics.append(FetchableTopicResponse(topic_id=name_or_id, partitions=[]))
            else:
                self._topics.append(FetchableTopicResponse(topic=name_or_id, partitions=[]))
        self._topics[-1].partitions.append(answer)

    def finish(self) -> Response:
        """The response."""
        if self.refusal is not None:
            return self.refusal
        session_id = self._session.finish(self._context.services.clock.monotonic_ms())
        response = FetchResponse(responses=self._topics, session_id=session_id)
        if self._hints is not None and not self._is_for_replica:
            response.node_endpoints = [
                NodeEndpoint(node_id=broker_id, host=host, port=port, rack=rack)
                for broker_id, host, port, rack in self._hints.endpoints()
            ]
        return response
