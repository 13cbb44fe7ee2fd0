"""Fetch 4-18: read batches from the log, or wait until there are enough.

v7 brings incremental sessions (KIP-227), v9 leader epoch checks (KIP-320), v12 diverging epochs (KIP-595), v13 topic ids
(KIP-516), v16 endpoints of new leaders (KIP-951). An answer goes out at once when `min_bytes` are there, a partition has an
error or a diverging epoch, or the client does not want to wait; otherwise it waits in the purgatory, and what it then answers
is read anew.

Left out: fetches from followers and preferred read replicas; a replica id is taken as a consumer's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Sequence
from typing import Final

from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.leaders import LeaderHints, find_log
from kafka_compat.api.memory import Level
from kafka_compat.ids import TopicId, TopicName
from kafka_compat.log.fetch_session import FetchContext, FetchKey
from kafka_compat.log.fetch_session import FetchPartition as WantedPartition
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.partition_view import NO_EPOCH
from kafka_compat.metadata.image import Topic
from kafka_compat.pacing import SLICE_S, Pace, first_slice, next_slice
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.fetch import (
    AbortedTransaction,
    EpochEndOffset,
    FetchableTopicResponse,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    LeaderIdAndEpoch,
    NodeEndpoint,
    PartitionData,
)
from kafka_compat.protocol.messages.fetch import FetchPartition as RequestedPartition
from kafka_compat.storage.interface import Chunk
from kafka_compat.wire.primitives import Part

_FIRST_VERSION_WITH_TOPIC_IDS: Final = 13
_FIRST_VERSION_WITH_ENDPOINTS: Final = 16
# Clients up to v5 do not know KAFKA_STORAGE_ERROR and would not retry.
_LAST_VERSION_WITHOUT_STORAGE_ERROR: Final = 5
_READ_UNCOMMITTED: Final = 0
_READ_COMMITTED: Final = 1


# With more partitions even what is looked at first is done in turns.
_PARTITIONS_AT_ONCE: Final = 512
_PARTITIONS_PER_LOOK: Final = 32


def handle(context: RequestContext, request: FetchRequest) -> Answer:
    """Answer what there is, or park the request."""
    wanted = [(topic, partition) for topic in request.topics for partition in topic.partitions]
    if len(wanted) > _PARTITIONS_AT_ONCE:
        return _in_turns(context, request, wanted)
    session = _session(context, request, _named_once([_wanted(context, *each) for each in wanted]))
    if refusal := _refused(context, request, session):
        return refusal
    reading = _Reading(context, request, session.partitions)
    if not reading.go_on():
        return _finish(context, request, session, reading)
    if not reading.must_wait:
        return _answer(context, session, reading)
    return _wait(context, request, session, reading)


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


async def _in_turns(
    context: RequestContext, request: FetchRequest, wanted: Sequence[tuple[FetchTopic, RequestedPartition]]
) -> Response | None:
    """As `handle`, for a request of so many partitions that others have to have their turn in between."""
    partitions = [_wanted(context, *each) async for each in Pace().over(wanted)]
    session = _session(context, request, _named_once(partitions))
    if refusal := _refused(context, request, session):
        return refusal
    return await _finish(context, request, session, _Reading(context, request, session.partitions))


async def _finish(context: RequestContext, request: FetchRequest, session: FetchContext, reading: _Reading) -> Response | None:
    """Read on where the medium or others have to be waited for, and answer or park the request."""
    await reading.finish()
    if reading.must_wait:
        return await _wait(context, request, session, reading)
    return await _answer_in_turns(context, session, reading)


def _refused(context: RequestContext, request: FetchRequest, session: FetchContext) -> Response | None:
    if error_code := session.begin_response():
        return FetchResponse(error_code=error_code, session_id=session.error_session_id)
    if request.isolation_level not in (_READ_UNCOMMITTED, _READ_COMMITTED):
        return refuse(request, context.version, ErrorCode.UNKNOWN_SERVER_ERROR, None)
    return None


def _wanted(context: RequestContext, topic: FetchTopic, partition: RequestedPartition) -> WantedPartition:
    by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
    return WantedPartition(
        (topic.topic_id if by_id else topic.topic, partition.partition),
        partition.fetch_offset,
        partition.partition_max_bytes,
        max(partition.current_leader_epoch, NO_EPOCH),
        max(partition.last_fetched_epoch, NO_EPOCH),
        partition.log_start_offset,
    )


def _named_once(wanted: list[WantedPartition]) -> list[WantedPartition]:
    """Of a partition that is named twice the last counts, in the place of the first."""
    return list({partition.key: partition for partition in wanted}.values()) if len(wanted) > 1 else wanted


def _session(context: RequestContext, request: FetchRequest, wanted: list[WantedPartition]) -> FetchContext:
    by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
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
    services = context.services
    return min(request.max_bytes, services.config.fetch_max_bytes, services.memory.answer_bytes)


def _topic(context: RequestContext, key: FetchKey) -> Topic | None:
    name_or_id = key[0]
    image = context.services.image
    if isinstance(name_or_id, str):
        return image.topics.get(TopicName(name_or_id))
    return image.topics_by_id.get(TopicId(name_or_id))


_Found = tuple[WantedPartition, PartitionData]


class _Reading:
    """One pass over the partitions, which can be interrupted.

    Attributes:
        partitions: what was found, in order.
        unknown_ids, unknown_names: what the cluster does not have is answered behind the rest, and does not end a wait for it.
        waits_for: logs that more may come to, with the end of what could be read of each when it was.
    """

    # A partition whose data the medium does not have at hand.
    _blocked: tuple[WantedPartition, PartitionLog] | None = None
    _has_waited = False
    _is_urgent = False
    _next = 0
    size_in_bytes = 0

    def __init__(
        self,
        context: RequestContext,
        request: FetchRequest,
        queue: Sequence[WantedPartition],
        *,
        is_after_wait: bool = False,
    ) -> None:
        self._context = context
        self._request = request
        self._queue = queue
        self._is_after_wait = is_after_wait
        self._read_committed = request.isolation_level == _READ_COMMITTED
        self._remaining_bytes = _max_bytes(context, request)
        self.partitions: list[_Found] = []
        self.unknown_ids: list[_Found] = []
        self.unknown_names: list[_Found] = []
        self.waits_for: list[tuple[PartitionLog, int]] = []

    @property
    def must_wait(self) -> bool:
        """Whether the answer has to wait for more."""
        request = self._request
        return (
            request.max_wait_ms > 0 and bool(self.waits_for) and not self._is_urgent and self.size_in_bytes < request.min_bytes
        )

    @property
    def missing_bytes(self) -> int:
        """What has to come before the answer goes out."""
        return min(self._request.min_bytes, _max_bytes(self._context, self._request)) - self.size_in_bytes

    @property
    def is_outdated(self) -> bool:
        """Whether something came to a log after it was read, and before anybody waited for it."""
        return self._has_waited and any(self._end_of(log) != end for log, end in self.waits_for)

    def wait_keys(self) -> list[Hashable]:
        """What to wait for in the purgatory."""
        return [log.wait_key(read_committed=self._read_committed) for log, _ in self.waits_for]

    def go_on(self) -> bool:
        """Read on; False when the medium has to be waited for, or it is somebody else's turn: `finish` then."""
        until_s = 0.0
        queue = self._queue
        while self._next < len(queue):
            wanted = queue[self._next]
            log = self._find(wanted)
            if log is not None and not self._read(log, wanted):
                self._blocked = (wanted, log)
                return False
            self._next += 1
            if not self._next % _PARTITIONS_PER_LOOK:
                now_s = time.perf_counter()
                if not until_s:
                    until_s = now_s + SLICE_S
                elif now_s > until_s:
                    return False
        return True

    async def finish(self) -> None:
        """Read what is left."""
        with self._context.services.memory.reading(self._remaining_bytes):
            while not self.go_on():
                self._has_waited = True
                blocked, self._blocked = self._blocked, None
                if blocked is None:
                    await next_slice()
                else:
                    await self._read_blocking(*blocked)
                    self._next += 1

    def _end_of(self, log: PartitionLog) -> int:
        return log.last_stable_offset if self._read_committed else log.high_watermark

    def _find(self, wanted: WantedPartition) -> PartitionLog | None:
        """The log to read from; None when there is none, which is noted then."""
        context = self._context
        by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
        topic = _topic(context, wanted.key)
        if topic is None:
            if by_id and wanted.topic_name is None:
                self._add_unknown(wanted, ErrorCode.UNKNOWN_TOPIC_ID)
            elif by_id and wanted.topic_name in context.services.image.topics:
                self._add_error(wanted, ErrorCode.INCONSISTENT_TOPIC_ID)
            else:
                self._add_unknown(wanted, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
            return None
        log, error_code = find_log(context, topic, wanted.key[1])
        if error_code != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
            wanted.topic_name = topic.name
        if log is not None:
            error_code = log.view.check_leader_epoch(wanted.current_leader_epoch)
            if error_code == ErrorCode.NONE:
                return log
        if error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
            self._add_unknown(wanted, error_code)
        else:
            self._add_error(wanted, error_code)
        return None

    def _read(self, log: PartitionLog, wanted: WantedPartition) -> bool:
        """Read a partition if that needs no waiting."""
        try:
            diverging = _diverging(log, wanted)
            if diverging is not None:
                self._is_urgent = True
                self._add(wanted, _found(log, self._request, wanted, None, diverging), 0)
                return True
            chunk = log.view.read_now(
                wanted.fetch_offset,
                min(wanted.partition_max_bytes, self._remaining_bytes),
                min_one=self.size_in_bytes == 0,
                isolation_read_committed=self._read_committed,
                to_socket=True,
            )
        except KafkaError as error:
            self._add_error(wanted, error.error_code)
            return True
        if chunk is None:
            return False
        self._add_chunk(log, wanted, chunk, self._end_of(log))
        return True

    async def _read_blocking(self, wanted: WantedPartition, log: PartitionLog) -> None:
        end = self._end_of(log)
        try:
            chunk = await log.view.read(
                wanted.fetch_offset,
                min(wanted.partition_max_bytes, self._remaining_bytes),
                min_one=self.size_in_bytes == 0,
                isolation_read_committed=self._read_committed,
                to_socket=True,
            )
        except KafkaError as error:
            self._add_error(wanted, error.error_code)
        else:
            self._add_chunk(log, wanted, chunk, end)

    def _add_chunk(self, log: PartitionLog, wanted: WantedPartition, chunk: Chunk, end: int) -> None:
        self._add(wanted, _found(log, self._request, wanted, chunk, None), chunk.size_in_bytes)
        self._context.services.memory.note_read(chunk.bytes_in_memory)
        self.waits_for.append((log, end))

    def _add(self, wanted: WantedPartition, answer: PartitionData, size_in_bytes: int) -> None:
        self.partitions.append((wanted, answer))
        self.size_in_bytes += size_in_bytes
        self._remaining_bytes = max(0, self._remaining_bytes - size_in_bytes)

    def _add_error(self, wanted: WantedPartition, error_code: ErrorCode) -> None:
        self._is_urgent = True
        self._add(wanted, _failed(self._context, wanted, error_code), 0)

    def _add_unknown(self, wanted: WantedPartition, error_code: ErrorCode) -> None:
        if self._is_after_wait and wanted.topic_name is not None:
            # It was there before the wait: the log is what is missing.
            self._add(wanted, _error(wanted.key[1], error_code), 0)
            return
        found = (wanted, _unknown(wanted.key[1], error_code))
        if error_code == ErrorCode.UNKNOWN_TOPIC_ID:
            self.unknown_ids.append(found)
        else:
            self.unknown_names.append(found)


def _diverging(log: PartitionLog, wanted: WantedPartition) -> tuple[int, int] | None:
    if wanted.last_fetched_epoch < 0:
        return None
    return log.view.diverging_epoch(wanted.last_fetched_epoch, wanted.fetch_offset)


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
        answer.aborted_transactions = []
        if chunk.size_in_bytes:
            # Kafka's list ends at the next entry of the offset index.
            end_offset = chunk.next_offset if chunk.next_offset >= 0 else log.last_stable_offset
            answer.aborted_transactions = [
                AbortedTransaction(producer_id=producer_id, first_offset=first_offset)
                for producer_id, first_offset in log.view.aborted_transactions(wanted.fetch_offset, end_offset)
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


def _wait(
    context: RequestContext, request: FetchRequest, session: FetchContext, reading: _Reading
) -> asyncio.Future[Response | None]:
    """Park until enough has been appended, a partition has news, or the client's patience ends."""
    services = context.services
    context.drop_on_disconnect = True
    if context.place is not None:
        context.place.leave()
    wait = services.purgatory.wait(reading.wait_keys(), timeout_ms=request.max_wait_ms, min_bytes=reading.missing_bytes)
    if reading.is_outdated:
        # What came meanwhile wakes nobody any more. It may not be enough, but then the answer is only early.
        wait.complete()
    answered: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()

    def read_again() -> None:
        if answered.done():
            return
        if services.memory.is_full:
            # An append can end the waits of all consumers.
            services.memory.wait(answered, Level.LARGE, read_again)
            return
        try:
            again = _Reading(context, request, session.partitions, is_after_wait=True)
            if len(session.partitions) <= _PARTITIONS_AT_ONCE and again.go_on():
                answered.set_result(_answer(context, session, again))
                return
        except Exception as error:
            answered.set_exception(error)
            return
        task = services.tasks.start("FETCH", _finish_after_wait(context, session, again))
        task.add_done_callback(lambda finished: _hand_over(finished, answered))

    # Dropping the answer (the client went away) drops the wait; a wait that is over does not mind.
    answered.add_done_callback(lambda _: wait.cancel())
    answered.add_done_callback(services.memory.forget)
    wait.add_done_callback(lambda _: services.turns.run(read_again))
    return answered


async def _finish_after_wait(context: RequestContext, session: FetchContext, reading: _Reading) -> Response | None:
    if context.place is not None:
        await context.place.enter()
    await first_slice()  # one append may have woken hundreds
    await reading.finish()
    return await _answer_in_turns(context, session, reading)


def _hand_over(task: asyncio.Future[Response | None], answered: asyncio.Future[Response | None]) -> None:
    if answered.done():
        return
    if task.cancelled():
        answered.cancel()
    elif (error := task.exception()) is not None:
        answered.set_exception(error)
    else:
        answered.set_result(task.result())


def _answer(context: RequestContext, session: FetchContext, reading: _Reading) -> Response:
    answer = _Answer(context, session)
    if answer.refusal is None:
        for partitions in (reading.partitions, reading.unknown_ids, reading.unknown_names):
            for wanted, found in partitions:
                answer.add(wanted, found)
    return answer.finish()


async def _answer_in_turns(context: RequestContext, session: FetchContext, reading: _Reading) -> Response:
    answer = _Answer(context, session)
    if answer.refusal is None:
        pace = Pace()
        for partitions in (reading.partitions, reading.unknown_ids, reading.unknown_names):
            async for wanted, found in pace.over(partitions):
                answer.add(wanted, found)
    return answer.finish()


class _Answer:
    """Leaves out what an incremental session does not need to hear, and groups by topic.

    Attributes:
        refusal: the error of the whole answer, when a newer request of the session overtook this one.
    """

    def __init__(self, context: RequestContext, session: FetchContext) -> None:
        self._context = context
        self._session = session
        self._hints: LeaderHints | None = None
        self._topics: list[FetchableTopicResponse] = []
        self._current: FetchKey | None = None
        error_code = session.begin_response()
        self.refusal = FetchResponse(error_code=error_code, session_id=session.error_session_id) if error_code else None

    def add(self, wanted: WantedPartition, answer: PartitionData) -> None:
        """Add what was found of a partition."""
        context = self._context
        if not self._session.include(
            wanted.key,
            has_records=bool(answer.records),
            high_watermark=answer.high_watermark,
            log_start_offset=answer.log_start_offset,
            error_code=answer.error_code,
            is_redirected=answer.diverging_epoch.epoch != -1,
        ):
            return
        if context.version >= _FIRST_VERSION_WITH_ENDPOINTS and answer.error_code in (
            ErrorCode.NOT_LEADER_OR_FOLLOWER,
            ErrorCode.FENCED_LEADER_EPOCH,
        ):
            topic = _topic(context, wanted.key)
            if topic is not None:
                if self._hints is None:
                    self._hints = LeaderHints(context)
                leader_id, leader_epoch = self._hints.add(topic, wanted.key[1])
                answer.current_leader = LeaderIdAndEpoch(leader_id=leader_id, leader_epoch=leader_epoch)
        # Partitions of one topic stay together only while they follow each other: a rotated session keeps its order.
        if self._current is None or self._current[0] != wanted.key[0]:
            self._current = wanted.key
            name_or_id = wanted.key[0]
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
        if self._hints is not None:
            response.node_endpoints = [
                NodeEndpoint(node_id=broker_id, host=host, port=port, rack=rack)
                for broker_id, host, port, rack in self._hints.endpoints()
            ]
        return response
