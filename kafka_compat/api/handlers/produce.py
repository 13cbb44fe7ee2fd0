"""Produce 3-13: append one batch per partition.

v8 answers record errors (KIP-467), v10 leader hints (KIP-951), v11 may answer TRANSACTION_ABORTABLE (KIP-890), v12 adds the
partitions of transactional batches to their transaction, v13 takes topic ids (KIP-516).

One partition's error leaves the others alone. acks=0 gets no answer; when anything went wrong the connection is closed
instead, so that the client refreshes its metadata. The answer waits for whatever durability the topic's flush settings ask for,
with acks=all until the high watermark is above the batch, for as long as the request allows. That takes no time while all
in-sync replicas move with the log (`log/replication.py`). Versions 0-2 are listed but not served, as in Kafka.

Needs WRITE on each topic. A batch that is transactional, whatever the request says of itself, needs WRITE on the request's
transactional id as well, or all is refused; an idempotent one needs nothing more since KIP-679.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from inspect import isawaitable
from typing import Final

from kafka_compat.api.authorization import is_authorized
from kafka_compat.api.context import Answer, CloseConnection, RequestContext, Response
from kafka_compat.api.leaders import LeaderHints, find_log
from kafka_compat.api.verification import ProduceVerification
from kafka_compat.ids import TopicId, TopicName
from kafka_compat.log.allowance import Allowance
from kafka_compat.log.errors import AppendError, TooMuchAtOnce
from kafka_compat.log.inspection import inspect, is_transactional, only_batch
from kafka_compat.log.partition import STAGED_BYTES, PartitionLog
from kafka_compat.log.validation import ValidationRules, ValidBatch
from kafka_compat.log.verification import Verification
from kafka_compat.metadata.image import Topic
from kafka_compat.pacing import SLICE_S, Pace, next_slice
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
from kafka_compat.protocol.topic_names import is_internal
from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.storage.interface import Fenced, Staged, StorageError

# Kafka's AdminUtils.ADMIN_CLIENT_ID: the one client that may write to internal topics.
_ADMIN_CLIENT_ID: Final = "__admin_client"
_FIRST_VERSION_WITH_TOPIC_IDS: Final = 13
_FIRST_VERSION_WITH_LEADERS: Final = 10
_FIRST_VERSION_WITH_ZSTD: Final = 7
# Refusals that do not count as failures of the broker (ReplicaManager.appendToLocalLog); those before a log is found neither.
_EXPECTED: Final = frozenset(
    {
        ErrorCode.CORRUPT_MESSAGE,
        ErrorCode.KAFKA_STORAGE_ERROR,
        ErrorCode.MESSAGE_TOO_LARGE,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.RECORD_LIST_TOO_LARGE,
    }
)

# With more, not even what is looked at first is done at once.
_PARTITIONS_AT_ONCE: Final = 256
_PARTITIONS_PER_LOOK: Final = 16

_Named = tuple[TopicProduceData, PartitionProduceData]


def handle(context: RequestContext, request: ProduceRequest) -> Answer:
    """Append what can be appended and answer, when all of it is as durable as its topic wants."""
    work = _Appending(context, request)
    if len(work.queue) > _PARTITIONS_AT_ONCE:
        work.keep_records()
        return _in_turns(work)
    try:
        for topic, data in work.queue:
            if is_transactional(data.records):
                work.add_transactional(topic, data)
    except AppendError as refusal:
        return work.refuse_all(refusal)
    work.is_looked_at = True
    if work.verification is not None and not work.verification.begin():
        work.keep_records()
        return _in_turns(work)
    if not work.go_on():
        work.keep_records()
        return _in_turns(work)
    return work.finish()


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


async def _in_turns(work: _Appending) -> Response | None:
    """Answer a request that costs more than one client may take of the event loop at a time."""
    if not work.is_looked_at:
        try:
            async for topic, data in Pace().over(work.queue):
                if is_transactional(data.records):
                    work.add_transactional(topic, data)
        except AppendError as refusal:
            return work.refuse_all(refusal)
    if work.verification is not None:
        await work.verify(work.verification)
    try:
        while not work.go_on():
            if work.is_too_much:
                await work.inspect_in_thread()
            else:
                await next_slice()
    finally:
        work.drop_staged()
    answer = work.finish()
    return await answer if isawaitable(answer) else answer


class _Appending:
    """The appends of one request, partition by partition.

    Attributes:
        queue: what to append. Of a partition that is named twice the last counts, in the place of the first.
        has_begun: something was appended or refused, or would have been at less cost.
        is_looked_at: it is known which batches are transactional.
        is_too_much: the next partition has to be inspected in a thread.
        request: that they belong to.
        verification: what the coordinator is asked, when there is a transactional batch.
    """

    def __init__(self, context: RequestContext, request: ProduceRequest) -> None:
        version = context.version
        self._context = context
        self.request = request
        # What a thread found of the next partition: its batch, or why it is refused.
        self._inspected: ValidBatch | AppendError | None = None
        # And if that is large, what the log's store has of it already.
        self._staged: Staged | None = None
        self._hints: LeaderHints | None = None
        self.has_begun = False
        self.is_looked_at = False
        self.is_too_much = False
        self.verification: ProduceVerification | None = None
        self._is_by_id = version >= _FIRST_VERSION_WITH_TOPIC_IDS
        self._may_be_zstd = version >= _FIRST_VERSION_WITH_ZSTD
        self._has_authorizer = context.services.authorizer is not None
        self._now_ms = context.services.clock.wall_ms()
        self._allowance = Allowance(context.size_in_bytes)
        self._waits: list[tuple[PartitionProduceResponse, asyncio.Future[None], TopicProduceData]] = []
        self._waits_for_replicas = False
        self._responses: list[PartitionProduceResponse] = []
        topics = request.topic_data
        if len(topics) == 1 and len(topics[0].partition_data) == 1:
            self.queue: list[_Named] = [(topics[0], topics[0].partition_data[0])]
        else:
            self.queue = [(topic, data) for topic in topics for data in topic.partition_data]
            named = {(topic.name, topic.topic_id, data.index): (topic, data) for topic, data in self.queue}
            if len(named) < len(self.queue):
                self.queue = list(named.values())

    def refuse_all(self, refusal: AppendError) -> Response:
        """The answer when nothing is appended."""
        if self.request.acks == 0:
            raise CloseConnection(f"produce with acks=0 refused: {refusal.error_code.name}")
        return refuse(self.request, self._context.version, refusal.error_code, refusal.message)

    def add_transactional(self, wanted: TopicProduceData, data: PartitionProduceData) -> None:
        """Have the coordinator asked about a transactional batch, unless it will be refused anyway.

        Raises:
            AppendError: of the whole request: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, INVALID_PRODUCER_ID_MAPPING.
        """
        transactional_id = self.request.transactional_id
        if transactional_id is None or (
            self._has_authorizer
            and not is_authorized(self._context, AclOperation.WRITE, AclResource.TRANSACTIONAL_ID, transactional_id)
        ):
            raise AppendError(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, None)
        topic = self._topic(wanted)
        log, _ = find_log(self._context, topic, data.index)
        if log is None or topic is None or (self._has_authorizer and not self._may_write(topic.name)):
            return
        try:
            header, _ = only_batch(data.records, may_be_zstd=self._may_be_zstd)
        except AppendError:
            return
        if header.producer_id >= 0:
            if self.verification is None:
                self.verification = ProduceVerification(self._context, transactional_id)
            self.verification.add(log, header)

    async def verify(self, verification: ProduceVerification) -> None:
        """Wait for the coordinator's answer."""
        await verification.finish()
        self._now_ms = self._context.services.clock.wall_ms()

    def keep_records(self) -> None:
        """Copy what is left to append, unless the frame stays: it is another request's as soon as the handler has returned."""
        if not self._context.keeps_frame:
            for _, data in self.queue[len(self._responses) :]:
                if data.records is not None:
                    data.records = memoryview(bytearray(data.records))

    def go_on(self) -> bool:
        """Append for a turn of the event loop; False when something is left, for a thread if `is_too_much`."""
        if self.has_begun:
            self._allowance.begin_turn()
        self.has_begun = True
        self.is_too_much = False
        until_s = 0.0
        for number in range(len(self._responses), len(self.queue)):
            if not (number + 1) % _PARTITIONS_PER_LOOK:
                now_s = time.perf_counter()
                if not until_s:
                    until_s = now_s + SLICE_S
                elif now_s > until_s:
                    return False
            topic, data = self.queue[number]
            try:
                self._responses.append(self._append(topic, data))
            except TooMuchAtOnce:
                self.is_too_much = True
                return False
            if self._inspected is not None:
                self._inspected = None  # the partition went meanwhile; it says nothing of the next
            if self._staged is not None:
                self.drop_staged()
        return True

    async def inspect_in_thread(self) -> None:
        """Let a thread inspect the next partition."""
        topic, data = self.queue[len(self._responses)]
        services = self._context.services
        async with services.inspecting:
            log, _ = find_log(self._context, self._topic(topic), data.index)
            if log is not None:
                self._allowance.begin_turn(in_thread=True)
                self.drop_staged()
                inspected = await services.tasks.in_thread(partial(self._inspect, data, log.rules))
                if isinstance(inspected, ValidBatch):
                    self._staged = await log.stage(inspected)
                self._inspected = inspected

    def drop_staged(self) -> None:
        """What is staged has been appended, or will not be."""
        staged, self._staged = self._staged, None
        if staged is not None:
            staged.close()

    def finish(self) -> Answer:
        """Answer when what was appended is durable."""
        return self._when_durable() if self._waits else self._answer()

    def _topic(self, wanted: TopicProduceData) -> Topic | None:
        image = self._context.services.image
        if self._is_by_id:
            return image.topics_by_id.get(TopicId(wanted.topic_id))
        return image.topics.get(TopicName(wanted.name))

    def _may_write(self, topic_name: str) -> bool:
        return is_authorized(self._context, AclOperation.WRITE, AclResource.TOPIC, topic_name)

    def _inspect(self, data: PartitionProduceData, rules: ValidationRules) -> ValidBatch | AppendError:
        try:
            return inspect(data.records, rules, self._now_ms, self._allowance, may_be_zstd=self._may_be_zstd)
        except AppendError as error:
            # What it was raised from holds on to the records.
            error.__cause__ = error.__context__ = None
            return error.with_traceback(None)

    def _append(self, wanted: TopicProduceData, data: PartitionProduceData) -> PartitionProduceResponse:
        index = data.index
        topic = self._topic(wanted)
        if topic is None and self._is_by_id:
            return _error(index, ErrorCode.UNKNOWN_TOPIC_ID)
        # Whether a topic exists is nobody's business who may not write to it.
        if self._has_authorizer and not self._may_write(wanted.name if topic is None else topic.name):
            return _error(index, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        if topic is None:
            return _error(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        log, error_code = find_log(self._context, topic, index)
        if log is None:
            response = _error(index, error_code)
            if error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER:
                self._add_hint(response, topic)
            return response
        log.traffic.produces += 1
        guard: Verification | None = None
        if self.verification is not None:
            refused = self.verification.refusal(log)
            if refused is not None:
                return _error(index, *refused)
            guard = self.verification.guard(log)
        acks = self.request.acks
        refusal = ErrorCode.NONE
        if acks not in (-1, 0, 1):
            refusal = ErrorCode.INVALID_REQUIRED_ACKS
        elif is_internal(topic.name) and self._context.header.client_id != _ADMIN_CLIENT_ID:
            refusal = ErrorCode.INVALID_TOPIC_EXCEPTION
        elif acks == -1 and not topic.partitions[index].has_enough_in_sync(log.config.min_insync_replicas):
            refusal = ErrorCode.NOT_ENOUGH_REPLICAS
        try:
            if refusal:
                only_batch(data.records, may_be_zstd=self._may_be_zstd)
                if refusal == ErrorCode.NOT_ENOUGH_REPLICAS:
                    log.traffic.failed_produces += 1
                return _error(index, refusal)
            inspected, batch = self._inspected, self._inspected_by(log, data)
            staged = self._staged if batch is inspected else None
            appended = log.append_inspected(batch, self._now_ms, guard, staged, acks == -1)
        except AppendError as error:
            log.with_log_start(error)
            if error.error_code not in _EXPECTED:
                log.traffic.failed_produces += 1
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
        if appended.done is not None and acks != 0:
            self._waits.append((response, appended.done, wanted))
            if acks == -1 and log.is_high_watermark_limited:
                self._waits_for_replicas = True
        return response

    def _add_hint(self, response: PartitionProduceResponse, topic: Topic | None) -> None:
        """Say who leads, to a client that reads it."""
        if topic is None or self._context.version < _FIRST_VERSION_WITH_LEADERS:
            return
        if self._hints is None:
            self._hints = LeaderHints(self._context)
        leader_id, leader_epoch = self._hints.add(topic, response.index)
        response.current_leader = LeaderIdAndEpoch(leader_id=leader_id, leader_epoch=leader_epoch)

    def _inspected_by(self, log: PartitionLog, data: PartitionProduceData) -> ValidBatch:
        inspected, self._inspected = self._inspected, None
        if log.is_offline:
            raise AppendError(ErrorCode.KAFKA_STORAGE_ERROR, None)
        if isinstance(inspected, AppendError):
            try:
                raise inspected
            finally:
                del inspected  # or the error would be in a frame that is in its traceback
        if inspected is None and data.records is not None and len(data.records) >= STAGED_BYTES:
            raise TooMuchAtOnce
        if inspected is None or inspected.rules is not log.rules:  # they have changed meanwhile
            return inspect(data.records, log.rules, self._now_ms, self._allowance, may_be_zstd=self._may_be_zstd)
        return inspected

    async def _when_durable(self) -> Response | None:
        """Answer after what the appends wait for: group commits, and other replicas; what failed is its partition's error."""
        if self._waits_for_replicas:
            return await self._when_replicated()
        outcomes = await asyncio.gather(*(done for _, done, _ in self._waits), return_exceptions=True)
        for (partition, _, wanted), outcome in zip(self._waits, outcomes, strict=True):
            if outcome is not None:
                self._fail(partition, wanted, outcome)
        return self._answer()

    async def _when_replicated(self) -> Response | None:
        """The same, for as long as the request allows (Kafka's DelayedProduce)."""
        all_done = asyncio.gather(*(done for _, done, _ in self._waits), return_exceptions=True)
        # It ends with its broker, too; nobody wakes this key.
        deadline = self._context.services.purgatory.wait((object(),), timeout_ms=self.request.timeout_ms)
        try:
            await asyncio.wait((all_done, deadline), return_when=asyncio.FIRST_COMPLETED)
        finally:
            deadline.cancel()
        for partition, done, wanted in self._waits:
            if not done.done():
                done.cancel()
                partition.error_code = ErrorCode.REQUEST_TIMED_OUT
            elif (error := done.exception()) is not None:
                self._fail(partition, wanted, error)
            else:
                self._look_at_in_sync(partition, wanted)
        return self._answer()

    def _look_at_in_sync(self, partition: PartitionProduceResponse, wanted: TopicProduceData) -> None:
        """What in-sync replicas have is not enough, if there were too few of them by then."""
        topic = self._topic(wanted)
        log, _ = find_log(self._context, topic, partition.index)
        if topic is None or log is None or self.request.acks != -1:
            return
        if not topic.partitions[partition.index].has_enough_in_sync(log.config.min_insync_replicas):
            partition.error_code = ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND

    def _fail(self, partition: PartitionProduceResponse, wanted: TopicProduceData, error: BaseException) -> None:
        if isinstance(error, Fenced):
            topic = self._topic(wanted)
            gone, led_elsewhere = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.NOT_LEADER_OR_FOLLOWER
            partition.error_code = gone if topic is None else led_elsewhere
            self._add_hint(partition, topic)
        elif isinstance(error, StorageError):
            partition.error_code = ErrorCode.KAFKA_STORAGE_ERROR
            partition.base_offset = partition.log_append_time_ms = partition.log_start_offset = -1
        else:
            raise error

    def _answer(self) -> Response | None:
        if self.request.acks == 0:
            for (topic, data), response in zip(self.queue, self._responses, strict=True):
                if response.error_code:
                    raise CloseConnection(
                        f"produce with acks=0 to {topic.name}-{data.index} failed: {ErrorCode(response.error_code).name}"
                    )
            return None
        if len(self.queue) == 1:
            topic = self.queue[0][0]
            only = TopicProduceResponse(name=topic.name, topic_id=topic.topic_id, partition_responses=self._responses)
            return self._with_hints(ProduceResponse(responses=[only]))
        topics: dict[tuple[str, bytes], TopicProduceResponse] = {}
        for (topic, _), response in zip(self.queue, self._responses, strict=True):
            of_topic = topics.get((topic.name, topic.topic_id))
            if of_topic is None:
                topics[topic.name, topic.topic_id] = TopicProduceResponse(
                    name=topic.name, topic_id=topic.topic_id, partition_responses=[response]
                )
            else:
                of_topic.partition_responses.append(response)
        return self._with_hints(ProduceResponse(responses=list(topics.values())))

    def _with_hints(self, answer: ProduceResponse) -> ProduceResponse:
        if self._hints is not None:
            answer.node_endpoints = [
                NodeEndpoint(node_id=broker_id, host=host, port=port, rack=rack)
                for broker_id, host, port, rack in self._hints.endpoints()
            ]
        return answer


def _error(index: int, error_code: ErrorCode, message: str | None = None) -> PartitionProduceResponse:
    return PartitionProduceResponse(index=index, error_code=error_code, base_offset=-1, error_message=message)
