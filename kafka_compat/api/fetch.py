"""Fetch 4-18: read batches from the log, or wait until there are enough.

v7 brings incremental sessions (KIP-227), v9 leader epoch checks (KIP-320), v12 diverging epochs (KIP-595), v13 topic ids
(KIP-516), v16 endpoints of new leaders (KIP-951). An answer goes out at once when `min_bytes` are there, a partition has an
error or a diverging epoch, or the client does not want to wait; otherwise it waits in the purgatory, and what it then answers
is read anew.

Left out: fetches from followers and preferred read replicas; a replica id is taken as a consumer's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Final

from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.leaders import LeaderHints, find_log
from kafka_compat.ids import TopicId, TopicName
from kafka_compat.log.fetch_session import FetchContext, FetchKey
from kafka_compat.log.fetch_session import FetchPartition as WantedPartition
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.partition_view import NO_EPOCH
from kafka_compat.log.purgatory import Wait
from kafka_compat.metadata.image import Topic
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.fetch import (
    AbortedTransaction,
    EpochEndOffset,
    FetchableTopicResponse,
    FetchRequest,
    FetchResponse,
    LeaderIdAndEpoch,
    NodeEndpoint,
    PartitionData,
)
from kafka_compat.storage.interface import Chunk
from kafka_compat.wire.primitives import Part

_FIRST_VERSION_WITH_TOPIC_IDS: Final = 13
_FIRST_VERSION_WITH_ENDPOINTS: Final = 16
# Clients up to v5 do not know KAFKA_STORAGE_ERROR and would not retry.
_LAST_VERSION_WITHOUT_STORAGE_ERROR: Final = 5
_READ_UNCOMMITTED: Final = 0
_READ_COMMITTED: Final = 1


class _Read:
    """What one pass over the partitions found."""

    __slots__ = (
        "blocked",
        "is_after_wait",
        "is_urgent",
        "partitions",
        "remaining_bytes",
        "size_in_bytes",
        "unknown_ids",
        "unknown_names",
        "waiting_keys",
    )

    def __init__(self, max_bytes: int, is_after_wait: bool) -> None:
        self.is_after_wait = is_after_wait
        self.partitions: list[tuple[WantedPartition, PartitionData]] = []
        # What the cluster does not have is answered behind the rest, and does not end a wait for the rest.
        self.unknown_ids: list[tuple[WantedPartition, PartitionData]] = []
        self.unknown_names: list[tuple[WantedPartition, PartitionData]] = []
        self.remaining_bytes = max_bytes
        self.size_in_bytes = 0
        self.is_urgent = False
        self.waiting_keys: list[Hashable] = []
        # A partition whose data the medium does not have at hand: reading goes on in a coroutine from there.
        self.blocked = False

    def add(self, wanted: WantedPartition, answer: PartitionData, size_in_bytes: int) -> None:
        self.partitions.append((wanted, answer))
        self.size_in_bytes += size_in_bytes
        self.remaining_bytes = max(0, self.remaining_bytes - size_in_bytes)

    def add_unknown(self, wanted: WantedPartition, error_code: ErrorCode) -> None:
        if self.is_after_wait and wanted.topic_name is not None:
            # It was there before the wait: the log is what is missing.
            self.add(wanted, _error(wanted.key[1], error_code), 0)
            return
        unknown = self.unknown_ids if error_code == ErrorCode.UNKNOWN_TOPIC_ID else self.unknown_names
        unknown.append((wanted, _unknown(wanted.key[1], error_code)))


def handle(context: RequestContext, request: FetchRequest) -> Answer:
    """Answer what there is, or park the request."""
    session = _session(context, request)
    if error_code := session.begin_response():
        return FetchResponse(error_code=error_code, session_id=session.error_session_id)
    if request.isolation_level not in (_READ_UNCOMMITTED, _READ_COMMITTED):
        return refuse(request, context.version, ErrorCode.UNKNOWN_SERVER_ERROR, None)
    read = _read(context, request, session.partitions)
    if read.blocked:
        return _finish_blocked(context, request, session)
    if not _must_wait(request, read):
        return _answer(context, session, read)
    return _wait(context, request, session, read)


def refuse(request: FetchRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """One error for the whole response, which v4-6 cannot carry, and below v13 the same on each partition."""
    if version >= _FIRST_VERSION_WITH_TOPIC_IDS:
        return FetchResponse(error_code=error_code)
    return FetchResponse(
        error_code=error_code,
        responses=[
            FetchableTopicResponse(
                topic=topic.topic,
                topic_id=topic.topic_id,
                partitions=[_unknown(partition.partition, error_code) for partition in topic.partitions],
            )
            for topic in request.topics
        ],
    )


def _session(context: RequestContext, request: FetchRequest) -> FetchContext:
    by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
    wanted = [
        WantedPartition(
            (topic.topic_id if by_id else topic.topic, partition.partition),
            partition.fetch_offset,
            partition.partition_max_bytes,
            max(partition.current_leader_epoch, NO_EPOCH),
            max(partition.last_fetched_epoch, NO_EPOCH),
            partition.log_start_offset,
        )
        for topic in request.topics
        for partition in topic.partitions
    ]
    if len(wanted) > 1:
        # Of a partition that is named twice the last counts, in the place of the first.
        wanted = list({partition.key: partition for partition in wanted}.values())
    forgotten: list[FetchKey] = [
        (topic.topic_id if by_id else topic.topic, partition)
        for topic in request.forgotten_topics_data
        for partition in topic.partitions
    ]
    return context.services.fetch_sessions.begin(
        version=context.version,
        session_id=request.session_id,
        session_epoch=request.session_epoch,
        partitions=wanted,
        forgotten=forgotten,
        is_follower=False,
        now_ms=context.services.clock.monotonic_ms(),
    )


def _max_bytes(context: RequestContext, request: FetchRequest) -> int:
    return min(request.max_bytes, context.services.config.fetch_max_bytes)


def _topic(context: RequestContext, key: FetchKey) -> Topic | None:
    name_or_id = key[0]
    image = context.services.image
    if isinstance(name_or_id, str):
        return image.topics.get(TopicName(name_or_id))
    return image.topics_by_id.get(TopicId(name_or_id))


def _read(
    context: RequestContext, request: FetchRequest, partitions: Sequence[WantedPartition], *, is_after_wait: bool = False
) -> _Read:
    """Read all partitions without blocking; stops with `blocked` where that is not possible."""
    read = _Read(_max_bytes(context, request), is_after_wait)
    for wanted in partitions:
        log = _check(context, wanted, read)
        if log is None:
            continue
        chunk: Chunk | None
        try:
            if (diverging := _diverging(log, wanted)) is not None:
                read.add(wanted, _found(log, request, wanted, None, diverging), 0)
                read.is_urgent = True
                continue
            chunk = log.read_now(
                wanted.fetch_offset,
                min(wanted.partition_max_bytes, read.remaining_bytes),
                min_one=read.size_in_bytes == 0,
                isolation_read_committed=request.isolation_level == _READ_COMMITTED,
                to_socket=True,
            )
        except KafkaError as error:
            read.add(wanted, _failed(context, wanted, error.error_code), 0)
            read.is_urgent = True
            continue
        if chunk is None:
            read.blocked = True
            return read
        read.add(wanted, _found(log, request, wanted, chunk, None), chunk.size_in_bytes)
        read.waiting_keys.append(log.wait_key(read_committed=request.isolation_level == _READ_COMMITTED))
    return read


async def _read_blocking(
    context: RequestContext, request: FetchRequest, partitions: Sequence[WantedPartition], *, is_after_wait: bool
) -> _Read:
    """As `_read`, waiting for the medium partition by partition."""
    read = _Read(_max_bytes(context, request), is_after_wait)
    for wanted in partitions:
        log = _check(context, wanted, read)
        if log is None:
            continue
        try:
            diverging = _diverging(log, wanted)
            chunk = None
            if diverging is None:
                chunk = await log.read(
                    wanted.fetch_offset,
                    min(wanted.partition_max_bytes, read.remaining_bytes),
                    min_one=read.size_in_bytes == 0,
                    isolation_read_committed=request.isolation_level == _READ_COMMITTED,
                    to_socket=True,
                )
        except KafkaError as error:
            read.add(wanted, _failed(context, wanted, error.error_code), 0)
            read.is_urgent = True
            continue
        read.is_urgent |= diverging is not None
        read.add(wanted, _found(log, request, wanted, chunk, diverging), chunk.size_in_bytes if chunk else 0)
        read.waiting_keys.append(log.wait_key(read_committed=request.isolation_level == _READ_COMMITTED))
    return read


def _check(context: RequestContext, wanted: WantedPartition, read: _Read) -> PartitionLog | None:
    """The log to read from; None when there is none, which `read` has noted then."""
    by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
    topic = _topic(context, wanted.key)
    if topic is None:
        if by_id and wanted.topic_name is None:
            read.add_unknown(wanted, ErrorCode.UNKNOWN_TOPIC_ID)
        elif by_id and wanted.topic_name in context.services.image.topics:
            read.add(wanted, _failed(context, wanted, ErrorCode.INCONSISTENT_TOPIC_ID), 0)
            read.is_urgent = True
        else:
            read.add_unknown(wanted, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        return None
    log, error_code = find_log(context, topic, wanted.key[1])
    if error_code != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
        wanted.topic_name = topic.name
    if log is not None:
        error_code = log.check_leader_epoch(wanted.current_leader_epoch)
        if error_code == ErrorCode.NONE:
            return log
    if error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
        read.add_unknown(wanted, error_code)
    else:
        read.add(wanted, _failed(context, wanted, error_code), 0)
        read.is_urgent = True
    return None


def _diverging(log: PartitionLog, wanted: WantedPartition) -> tuple[int, int] | None:
    if wanted.last_fetched_epoch < 0:
        return None
    return log.diverging_epoch(wanted.last_fetched_epoch, wanted.fetch_offset)


def _found(
    log: PartitionLog, request: FetchRequest, wanted: WantedPartition, chunk: Chunk | None, diverging: tuple[int, int] | None
) -> PartitionData:
    records: list[Part] = [*chunk.parts] if chunk is not None else []
    answer = PartitionData(
        partition_index=wanted.key[1],
        high_watermark=log.high_watermark,
        last_stable_offset=log.last_stable_offset,
        log_start_offset=log.log_start_offset,
        records=records,
        aborted_transactions=None,
    )
    if diverging is not None:
        answer.diverging_epoch = EpochEndOffset(epoch=diverging[0], end_offset=diverging[1])
    if request.isolation_level == _READ_COMMITTED and chunk is not None:
        answer.aborted_transactions = [
            AbortedTransaction(producer_id=producer_id, first_offset=first_offset)
            for producer_id, first_offset in log.aborted_transactions(wanted.fetch_offset, log.last_stable_offset)
        ]
    return answer


def _failed(context: RequestContext, wanted: WantedPartition, error_code: ErrorCode) -> PartitionData:
    if error_code == ErrorCode.KAFKA_STORAGE_ERROR and context.version <= _LAST_VERSION_WITHOUT_STORAGE_ERROR:
        error_code = ErrorCode.NOT_LEADER_OR_FOLLOWER
    return _error(wanted.key[1], error_code)


def _unknown(partition: int, error_code: ErrorCode) -> PartitionData:
    """An error found before the log was asked (FetchResponse.partitionResponse): its list of transactions is not null."""
    answer = _error(partition, error_code)
    answer.aborted_transactions = []
    return answer


def _error(partition: int, error_code: ErrorCode) -> PartitionData:
    return PartitionData(
        partition_index=partition, error_code=error_code, high_watermark=-1, aborted_transactions=None, records=b""
    )


def _must_wait(request: FetchRequest, read: _Read) -> bool:
    return request.max_wait_ms > 0 and bool(read.waiting_keys) and not read.is_urgent and read.size_in_bytes < request.min_bytes


def _wait(
    context: RequestContext, request: FetchRequest, session: FetchContext, read: _Read
) -> asyncio.Future[Response | None]:
    """Park until enough has been appended, a partition has news, or the client's patience ends."""
    context.drop_on_disconnect = True
    missing = min(request.min_bytes, _max_bytes(context, request)) - read.size_in_bytes
    wait = context.services.purgatory.wait(read.waiting_keys, timeout_ms=request.max_wait_ms, min_bytes=missing)
    answered: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()

    def wake(done: Wait) -> None:
        if answered.done():
            return
        try:
            again = _read(context, request, session.partitions, is_after_wait=True)
            if not again.blocked:
                answered.set_result(_answer(context, session, again))
                return
        except Exception as error:
            answered.set_exception(error)
            return
        task = context.services.tasks.start("FETCH", _finish_blocked(context, request, session, may_wait=False))
        task.add_done_callback(lambda finished: _hand_over(finished, answered))

    wait.add_done_callback(wake)
    # Dropping the answer (the client went away) drops the wait; a wait that is over does not mind.
    answered.add_done_callback(lambda _: wait.cancel())
    return answered


def _hand_over(task: asyncio.Future[Response | None], answered: asyncio.Future[Response | None]) -> None:
    if answered.done():
        return
    if task.cancelled():
        answered.cancel()
    elif (error := task.exception()) is not None:
        answered.set_exception(error)
    else:
        answered.set_result(task.result())


async def _finish_blocked(
    context: RequestContext, request: FetchRequest, session: FetchContext, *, may_wait: bool = True
) -> Response | None:
    read = await _read_blocking(context, request, session.partitions, is_after_wait=not may_wait)
    if may_wait and _must_wait(request, read):
        return await _wait(context, request, session, read)
    return _answer(context, session, read)


def _answer(context: RequestContext, session: FetchContext, read: _Read) -> Response:
    """Leave out what an incremental session does not need to hear, and group by topic."""
    if error_code := session.begin_response():
        return FetchResponse(error_code=error_code, session_id=session.error_session_id)
    by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
    hints = LeaderHints(context)
    topics: list[FetchableTopicResponse] = []
    current: FetchKey | None = None
    for wanted, answer in (*read.partitions, *read.unknown_ids, *read.unknown_names):
        if not session.include(
            wanted.key,
            has_records=bool(answer.records),
            high_watermark=answer.high_watermark,
            log_start_offset=answer.log_start_offset,
            error_code=answer.error_code,
            is_redirected=answer.diverging_epoch.epoch != -1,
        ):
            continue
        if context.version >= _FIRST_VERSION_WITH_ENDPOINTS and answer.error_code in (
            ErrorCode.NOT_LEADER_OR_FOLLOWER,
            ErrorCode.FENCED_LEADER_EPOCH,
        ):
            topic = _topic(context, wanted.key)
            assert topic is not None
            leader_id, leader_epoch = hints.add(topic, wanted.key[1])
            answer.current_leader = LeaderIdAndEpoch(leader_id=leader_id, leader_epoch=leader_epoch)
        # Partitions of one topic stay together only while they follow each other: a rotated session keeps its order.
        if current is None or current[0] != wanted.key[0]:
            current = wanted.key
            if by_id:
                assert isinstance(current[0], bytes)
                topics.append(FetchableTopicResponse(topic_id=current[0], partitions=[]))
            else:
                assert isinstance(current[0], str)
                topics.append(FetchableTopicResponse(topic=current[0], partitions=[]))
        topics[-1].partitions.append(answer)
    return FetchResponse(
        responses=topics,
        session_id=session.finish(context.services.clock.monotonic_ms()),
        node_endpoints=[
            NodeEndpoint(node_id=broker_id, host=host, port=port, rack=rack)
            for broker_id, host, port, rack in hints.endpoints()
        ],
    )
