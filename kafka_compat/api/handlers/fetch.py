"""Fetch 4-18: read batches from the log, or wait until there are enough.

v7 brings incremental sessions (KIP-227), v9 leader epoch checks (KIP-320), v11 reads from followers (KIP-392), v12 diverging
epochs (KIP-595), v13 topic ids (KIP-516), v16 endpoints of new leaders (KIP-951). An answer goes out at once when `min_bytes`
are there, a partition has an error, a diverging epoch or a preferred replica, or the client does not want to wait; otherwise it
waits in the purgatory, and then reads what has moved meanwhile (`log/reading.py`).

A follower serves its own part of the log, as far as that is committed. The leader sends consumers of another rack to a follower
there if replica.selector.class says so. A replica id has to be that of a follower; nothing else is done for it, as followers do
not fetch here.

A consumer needs READ on each topic, also on those that a session remembers. Who gives a replica id, in whatever field, needs
CLUSTER_ACTION instead, and without that gets nothing whatever his rights (CVE-2018-1288). Rights that are taken away while a
request waits count, where Kafka looks at the beginning only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from kafka_compat.api.authorization import is_authorized, is_authorized_for_cluster, rights_version
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.fetch_answer import FetchAnswer, drop_answer, find_topic, unknown_partition
from kafka_compat.api.fetch_size import AnswerSize
from kafka_compat.api.leaders import find_log, find_replica, preferred_replica
from kafka_compat.api.memory import Level
from kafka_compat.log.fetch_session import FetchContext, FetchKey, WantedPartition
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.partition_view import NO_EPOCH
from kafka_compat.log.reading import NO_REPLICA, PartitionRead, ReadPlan
from kafka_compat.metadata.image import Topic
from kafka_compat.pacing import Pace, first_slice
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.fetch import (
    FetchableTopicResponse,
    FetchRequest,
    FetchResponse,
    FetchTopic,
)
from kafka_compat.protocol.messages.fetch import FetchPartition as RequestedPartition
from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.security.authorizer import NEVER_KEPT

_FIRST_VERSION_WITH_RACKS: Final = 11
_FIRST_VERSION_WITH_TOPIC_IDS: Final = 13
_READ_UNCOMMITTED: Final = 0
_READ_COMMITTED: Final = 1
# Below it who asks is a consumer.
_FIRST_REPLICA_ID: Final = 0
_NO_REPLICA_ID: Final = -1

# With more partitions even what is looked at first is done in turns.
_PARTITIONS_AT_ONCE: Final = 512


def handle(context: RequestContext, request: FetchRequest) -> Answer:
    """Answer what there is, or park the request."""
    count = 0
    for topic in request.topics:
        count += len(topic.partitions)
    if count > _PARTITIONS_AT_ONCE:
        return _in_turns(context, request)
    named = [_wanted(context, topic, partition) for topic in request.topics for partition in topic.partitions]
    session = _session(context, request, _named_once(named))
    if refusal := _refused(context, request, session):
        return refusal
    if len(session.partitions) > _PARTITIONS_AT_ONCE:
        return _read_in_turns(context, request, session)
    fetch = _Fetch(context, request, session, [_read(wanted) for wanted in session.partitions])
    try:
        if not fetch.plan.step():
            return _finish(fetch)
        return _Parked(fetch).answered if fetch.must_wait else fetch.answer()
    except BaseException:
        fetch.plan.close()
        raise


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
                partitions=[unknown_partition(partition.partition, error_code) for partition in topic.partitions],
            )
            for topic in request.topics
        ],
    )


async def _in_turns(context: RequestContext, request: FetchRequest) -> Response | None:
    """As `handle`, for a request of so many partitions that others have to have their turn in between."""
    await first_slice()  # a crowd of them may come at once
    named: dict[FetchKey, WantedPartition] = {}  # as `_named_once`
    pace = Pace()
    async for topic in pace.over(request.topics):
        async for partition in pace.over(topic.partitions):
            wanted = _wanted(context, topic, partition)
            named[wanted.key] = wanted
    session = _session(context, request, list(named.values()))
    named = {}
    if refusal := _refused(context, request, session):
        return refusal
    return await _read_in_turns(context, request, session)


async def _read_in_turns(context: RequestContext, request: FetchRequest, session: FetchContext) -> Response | None:
    reads = [_read(each) async for each in Pace().over(session.partitions)]
    return await _finish(_Fetch(context, request, session, reads))


async def _finish(fetch: _Fetch) -> Response | None:
    """Read on where the medium or others have to be waited for, and answer or park the request."""
    try:
        await fetch.finish_reading()
        return await (_Parked(fetch).answered if fetch.must_wait else fetch.answer_in_turns())
    finally:
        fetch.plan.close()


def _refused(context: RequestContext, request: FetchRequest, session: FetchContext) -> Response | None:
    if error_code := session.begin_response():
        return FetchResponse(error_code=error_code, session_id=session.error_session_id)
    if request.isolation_level not in (_READ_UNCOMMITTED, _READ_COMMITTED):
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
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


def _read(wanted: WantedPartition) -> PartitionRead:
    return PartitionRead(wanted.fetch_offset, wanted.partition_max_bytes, wanted.last_fetched_epoch)


def _named_once(wanted: list[WantedPartition]) -> list[WantedPartition]:
    """Of a partition that is named twice the last counts, in the place of the first."""
    return list({partition.key: partition for partition in wanted}.values()) if len(wanted) > 1 else wanted


def _session(context: RequestContext, request: FetchRequest, wanted: list[WantedPartition]) -> FetchContext:
    by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
    return context.services.fetch_sessions.begin(
        uses_topic_ids=by_id,
        session_id=request.session_id,
        session_epoch=request.session_epoch,
        partitions=wanted,
        forgotten=_forgotten(request, by_id),
        is_follower=False,
        now_ms=context.services.clock.monotonic_ms(),
    )


def _forgotten(request: FetchRequest, by_id: bool) -> Iterator[FetchKey]:
    for topic in request.forgotten_topics_data:
        for partition in topic.partitions:
            yield topic.topic_id if by_id else topic.topic, partition


def _max_bytes(context: RequestContext, request: FetchRequest) -> int:
    services = context.services
    max_bytes = min(request.max_bytes, services.config.fetch_max_bytes, services.memory.answer_bytes)
    return max_bytes if services.quotas is None else services.quotas.most_fetch_bytes(context, max_bytes)


class _Finder:
    """Finds the logs of a request's partitions.

    Attributes:
        is_from_replica: whether the request says that it is a follower's.
        is_after_wait: whether what is not there has gone while the request waited.
    """

    def __init__(self, context: RequestContext, wanted: Sequence[WantedPartition], rack: str, replica_id: int) -> None:
        self._context = context
        self._wanted = wanted
        self._rack = rack if rack and context.services.config.replica_selector_class else ""
        self._by_id = context.version >= _FIRST_VERSION_WITH_TOPIC_IDS
        self.is_after_wait = False
        self._replica_id = replica_id
        self.is_from_replica = replica_id >= _FIRST_REPLICA_ID
        self._has_authorizer = context.services.authorizer is not None
        self._rights_version = rights_version(context) if self._has_authorizer else 0

    def rights_changed(self) -> bool:
        """Whether the client's rights may be others than when this was last asked, or the request began."""
        if not self._has_authorizer:
            return False
        before, self._rights_version = self._rights_version, rights_version(self._context)
        return before != self._rights_version or before == NEVER_KEPT

    def _may_read(self, topic: Topic | None, wanted: WantedPartition) -> bool:
        """Whether the client may have the partition, or learn that there is none."""
        if self.is_from_replica:
            return is_authorized_for_cluster(self._context, AclOperation.CLUSTER_ACTION)
        name = wanted.topic_name
        if topic is not None:
            name = wanted.topic_name = topic.name
        elif not self._by_id:
            name = str(wanted.key[0])
        return name is None or is_authorized(self._context, AclOperation.READ, AclResource.TOPIC, name)

    def _is_follower(self, topic: Topic, partition: int) -> bool:
        found = topic.partitions[partition]
        return self._replica_id in found.replicas and self._replica_id != found.leader

    def find(self, number: int, read: PartitionRead) -> PartitionLog | None:
        """The log of a partition; None when there is none to read, which is noted in `read`."""
        wanted = self._wanted[number]
        context = self._context
        topic = find_topic(context, wanted.key)
        if self._has_authorizer and not self._may_read(topic, wanted):
            read.fail(ErrorCode.TOPIC_AUTHORIZATION_FAILED, ends_wait=False)
            return None
        if topic is None:
            if self._by_id and wanted.topic_name is None:
                self._fail_unknown(wanted, read, ErrorCode.UNKNOWN_TOPIC_ID)
            elif self._by_id and wanted.topic_name in context.services.image.topics:
                read.fail(ErrorCode.INCONSISTENT_TOPIC_ID)
            else:
                self._fail_unknown(wanted, read, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
            return None
        log, error_code = find_log(context, topic, wanted.key[1])
        if error_code != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
            wanted.topic_name = topic.name
        if self.is_after_wait:
            read.replica = read.preferred_replica = NO_REPLICA
        if log is None and error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER and context.version >= _FIRST_VERSION_WITH_RACKS:
            log = find_replica(context, topic, wanted.key[1])
            if log is not None:
                read.replica = context.services.node_id
        if log is not None:
            error_code = log.view.check_leader_epoch(wanted.current_leader_epoch)
            if self.is_from_replica and error_code == ErrorCode.NONE and not self._is_follower(topic, wanted.key[1]):
                error_code = ErrorCode.NOT_LEADER_OR_FOLLOWER
            if error_code == ErrorCode.NONE:
                if self._rack and read.replica == NO_REPLICA:
                    preferred = preferred_replica(context, topic, log, self._rack, wanted.fetch_offset)
                    if preferred is not None:
                        read.preferred_replica = preferred
                return log
        if error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
            self._fail_unknown(wanted, read, error_code)
        else:
            read.fail(error_code)
        return None

    def _fail_unknown(self, wanted: WantedPartition, read: PartitionRead, error_code: ErrorCode) -> None:
        """What the cluster does not have does not end a wait for the rest; what went during the wait is as any other error."""
        read.fail(error_code, ends_wait=self.is_after_wait and wanted.topic_name is not None)


class _Fetch:
    """One request: its partitions, their reading, and the answer.

    Attributes:
        plan: reads `wanted`, in its order.
    """

    def __init__(
        self, context: RequestContext, request: FetchRequest, session: FetchContext, reads: Sequence[PartitionRead]
    ) -> None:
        self.context = context
        self.request = request
        self.session = session
        self._wanted = session.partitions
        replica_id = request.replica_id if request.replica_id != _NO_REPLICA_ID else request.replica_state.replica_id
        self._finder = _Finder(context, session.partitions, request.rack_id, replica_id)
        self._read_committed = request.isolation_level == _READ_COMMITTED
        self._max_bytes = _max_bytes(context, request)
        self.plan = ReadPlan(
            reads,
            self._finder.find,
            max_bytes=self._max_bytes,
            read_committed=self._read_committed,
            takes_regions=context.session.takes_regions,
            note_read=context.services.memory.note_read,
        )

    @property
    def must_wait(self) -> bool:
        """Whether the answer has to wait for more."""
        request = self.request
        plan = self.plan
        if request.max_wait_ms <= 0 or not plan.can_wait or plan.is_urgent or plan.size_in_bytes >= request.min_bytes:
            return False
        return self.context.services.quotas is None or not self._is_cut_by_quota

    @property
    def _is_cut_by_quota(self) -> bool:
        """Whether a quota leaves less than the client wants to wait for, and that is there, up to whole batches."""
        return self._max_bytes < self.request.min_bytes and (
            self.missing_bytes <= 0
            or any(read.chunk is not None and read.chunk.next_offset < read.high_watermark for read in self.plan.reads)
        )

    @property
    def missing_bytes(self) -> int:
        """What has to come before the answer goes out."""
        return min(self.request.min_bytes, self._max_bytes) - self.plan.size_in_bytes

    @property
    def is_wide(self) -> bool:
        """Whether even a first look at all partitions takes long."""
        return len(self._wanted) > _PARTITIONS_AT_ONCE

    def begin_again(self) -> None:
        """The wait is over."""
        self._finder.is_after_wait = True
        self._max_bytes = _max_bytes(self.context, self.request)
        self.plan.begin_again(self._max_bytes, finds_anew=self._finder.rights_changed())

    async def finish_reading(self) -> None:
        """Read what is left, which takes memory from now on."""
        plan = self.plan
        with self.context.services.memory.reading(plan.remaining_bytes):
            await plan.finish()

    def _throttled(self, size: AnswerSize) -> Response | None:
        """An answer without partitions, of which the session knows nothing, for a client that is above its quotas."""
        context, session = self.context, self.session
        quotas = context.services.quotas
        if quotas is None or not quotas.throttle_fetch(context, size.size_in_bytes):
            return None
        self.plan.close()
        return FetchResponse(error_code=session.begin_response(), session_id=session.error_session_id)

    def answer(self) -> Response:
        """The response."""
        if self.context.services.quotas is not None:
            size = AnswerSize(self.context.version, self.session.is_incremental)
            for wanted, read in zip(self._wanted, self.plan.reads):  # noqa: B905 - mypyc makes a loop of it
                size.add(wanted, read)
            if (throttled := self._throttled(size)) is not None:
                return throttled
        answer = FetchAnswer(self.context, self.session, self._read_committed, self._finder.is_from_replica)
        if answer.refusal is None:
            for wanted, read in zip(self._wanted, self.plan.reads):  # noqa: B905
                answer.add(wanted, read)
            for key, error_code in answer.unknown():
                answer.add_unknown(key, error_code)
        else:
            self.plan.close()
        return answer.finish()

    async def answer_in_turns(self) -> Response:
        """The same, where others have to have their turn in between."""
        pace = Pace()
        if self.context.services.quotas is not None:
            size = AnswerSize(self.context.version, self.session.is_incremental)
            async for wanted, read in pace.over(zip(self._wanted, self.plan.reads)):  # noqa: B905
                size.add(wanted, read)
            if (throttled := self._throttled(size)) is not None:
                return throttled
        answer = FetchAnswer(self.context, self.session, self._read_committed, self._finder.is_from_replica)
        if answer.refusal is None:
            async for wanted, read in pace.over(zip(self._wanted, self.plan.reads)):  # noqa: B905
                answer.add(wanted, read)
            async for key, error_code in pace.over(answer.unknown()):
                answer.add_unknown(key, error_code)
        return answer.finish()


class _Parked:
    """A request that waits until enough has been appended, a partition has news, or its client's patience ends.

    Attributes:
        answered: the response. Dropping it (the client went away) drops the wait.
    """

    def __init__(self, fetch: _Fetch) -> None:
        self._fetch = fetch
        context = fetch.context
        self._services = context.services
        context.drop_on_disconnect = True
        if context.place is not None:
            context.place.leave()
        plan = fetch.plan
        missing_bytes = fetch.missing_bytes
        plan.park()
        self._wait = self._services.purgatory.wait(
            plan.wait_keys(), timeout_ms=fetch.request.max_wait_ms, min_bytes=missing_bytes
        )
        if plan.has_news:
            # What came meanwhile wakes nobody any more. It may not be enough, but then the answer is only early.
            self._wait.complete()
        self.answered: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()
        self.answered.add_done_callback(self._end)
        self._wait.add_done_callback(self._woken)

    def _end(self, answered: asyncio.Future[Response | None]) -> None:
        self._wait.cancel()  # one that is over does not mind
        self._services.memory.forget(answered)

    def _woken(self, _: asyncio.Future[bool]) -> None:
        self._services.turns.run(self._read_again)

    def _read_again(self) -> None:
        if self.answered.done():
            return
        services = self._services
        if services.memory.is_full:
            # An append can end the waits of all consumers.
            services.memory.wait(self.answered, Level.LARGE, self._read_again)
            return
        fetch = self._fetch
        try:
            fetch.begin_again()
            if not fetch.is_wide and fetch.plan.step():
                self.answered.set_result(fetch.answer())
                return
        except Exception as error:
            fetch.plan.close()
            self.answered.set_exception(error)
            return
        services.tasks.start("FETCH", self._finish()).add_done_callback(self._hand_over)

    async def _finish(self) -> Response | None:
        fetch = self._fetch
        place = fetch.context.place
        try:
            if place is not None:
                await place.enter()
            await first_slice()  # one append may have woken hundreds
            await fetch.finish_reading()
            return None if self.answered.done() else await fetch.answer_in_turns()
        finally:
            fetch.plan.close()

    def _hand_over(self, task: asyncio.Future[Response | None]) -> None:
        if self.answered.done():
            if not task.cancelled() and task.exception() is None:
                drop_answer(task.result())
        elif task.cancelled():
            self.answered.cancel()
        elif (error := task.exception()) is not None:
            self.answered.set_exception(error)
        else:
            self.answered.set_result(task.result())
