"""What a case may do: prepare a broker, open connections, send bytes and see what becomes of them, all within a time."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from scripts.soak_support.hostile_valid.frames import Existing
from scripts.soak_support.hostile_valid.probes import Measured, Probes
from tests.support.wire_client import WireClient, wait_until_led

KEPT_BYTES = 4 << 20
_PREPARE_TIMEOUT_S = 60
_PART = 1 << 20
_SETTLE_S = 0.5
_GRACE_S = 2.0


@dataclass
class Answer:
    """What became of a request.

    Attributes:
        api: key and version, to decode `body` with; None when nobody wants it decoded.
        size: bytes of all answers.
        count: of answers.
        took_s: until the last one, or until the broker closed.
        closed: the broker closed the connection before all answers.
        missing: answers that did not come in time.
        body: the first answer, its size left out, if it is not longer than KEPT_BYTES.
    """

    api: tuple[int, int] | None = None
    size: int = 0
    count: int = 0
    took_s: float = 0.0
    closed: bool = False
    missing: int = 0
    body: bytes = b""


@dataclass
class _Job:
    connection: socket.socket
    left: memoryview
    expected: int
    answer: Answer
    head: bytearray = field(default_factory=bytearray)
    rest: int = 0
    kept: bytearray | None = None


class World:
    """A broker, its probes, and the connections of one case, which the end of the block closes.

    Args:
        bootstrap: the broker.
        probes: measure while `measured` runs; None where nothing is measured.
        existing: what there is: topic `t` with a partition and a record, group `g` with a committed offset.
        answer_within_s: longest wait for an answer.
        scale: 1 for the full size of every case, less for a shorter round.
        measure_s: the probes measure at least so long: p99 wants some hundred answers.
    """

    def __init__(
        self,
        bootstrap: str,
        probes: Probes | None,
        existing: Existing,
        *,
        answer_within_s: float,
        scale: float = 1.0,
        measure_s: float = 2.0,
    ) -> None:
        self.bootstrap = bootstrap
        self.existing = existing
        self.scale = scale
        self.answers: list[Answer] = []
        self.measurement: Measured | None = None
        self.notes: list[str] = []
        self.created: list[str] = []
        self._probes = probes
        self._answer_within_s = answer_within_s
        self._measure_s = measure_s
        self._deadline = 0.0
        self._buffer = memoryview(bytearray(_PART))
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def some(self, count: int, at_least: int = 1) -> int:
        """`count`, or less in a short round."""
        return max(at_least, int(count * self.scale))

    @contextlib.contextmanager
    def measured(self, settle_s: float = _SETTLE_S) -> Iterator[None]:
        """What runs inside is what the probes' figures speak of, and what follows within `settle_s`."""
        assert self._probes is not None
        self._probes.begin()
        began = time.monotonic()
        self._deadline = began + self._answer_within_s
        yield
        time.sleep(max(settle_s, began + self._measure_s - time.monotonic()))
        self.measurement = self._probes.end(_GRACE_S)

    @property
    def time_left_s(self) -> float:
        """Until the case has to end."""
        return max(0.0, self._deadline - time.monotonic())

    def connect(self) -> socket.socket:
        """A connection, closed with the world at the latest."""
        host, port = self.bootstrap.rsplit(":", 1)
        connection = socket.create_connection((host, int(port)), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._stack.enter_context(connection)

    def send(
        self,
        *frames: bytes,
        connection: socket.socket | None = None,
        api: tuple[int, int] | None = None,
        answers: int | None = None,
    ) -> Answer:
        """Send the frames behind each other and read all answers. `answers`: how many there will be; one each when None."""
        with self._connection(connection) as used:
            data = frames[0] if len(frames) == 1 else b"".join(frames)
            return self.send_all([(used, data, len(frames) if answers is None else answers)], api=api)[0]

    def send_all(
        self, work: Iterable[tuple[socket.socket, bytes, int]], *, api: tuple[int, int] | None = None, record: bool = True
    ) -> list[Answer]:
        """Send on all connections at once and read all answers as they come; (connection, bytes, number of answers) each."""
        began = time.monotonic()
        if self._deadline == 0.0:
            self._deadline = began + self._answer_within_s
        jobs = [_Job(connection, memoryview(data), expected, Answer(api)) for connection, data, expected in work]
        if record:
            self.answers += [job.answer for job in jobs]
        with selectors.DefaultSelector() as selector:
            for job in jobs:
                job.connection.setblocking(False)
                selector.register(job.connection, selectors.EVENT_READ | selectors.EVENT_WRITE, job)
            while selector.get_map():
                ready = selector.select(self.time_left_s)
                if not ready and self.time_left_s == 0:
                    break
                for key, events in ready:
                    job = key.data
                    if self._advance(job, events):
                        job.answer.took_s = time.monotonic() - began
                        selector.unregister(job.connection)
                    elif events & selectors.EVENT_WRITE and not job.left:
                        selector.modify(job.connection, selectors.EVENT_READ, job)
            for key in selector.get_map().values():
                answer = key.data.answer
                answer.took_s = time.monotonic() - began
                answer.missing = key.data.expected - answer.count
        return [job.answer for job in jobs]

    def _advance(self, job: _Job, events: int) -> bool:
        """Whether the job is done."""
        try:
            if events & selectors.EVENT_WRITE and job.left:
                job.left = job.left[job.connection.send(job.left[:_PART]) :]
            if events & selectors.EVENT_READ:
                size = job.connection.recv_into(self._buffer)
                if size == 0:
                    job.answer.closed = True
                    return True
                self._take(job, size)
        except BlockingIOError:
            return False
        except OSError:
            job.answer.closed = True
            return True
        return job.answer.count >= job.expected and not job.left

    def _take(self, job: _Job, size: int) -> None:
        """Count the answers in what came."""
        position = 0
        answer = job.answer
        answer.size += size
        while position < size:
            if job.rest == 0:
                wanted = 4 - len(job.head)
                job.head += self._buffer[position : min(size, position + wanted)]
                position = min(size, position + wanted)
                if len(job.head) < 4:
                    return
                job.rest = struct.unpack(">i", job.head)[0]
                job.head.clear()
                job.kept = bytearray() if answer.count == 0 and answer.api and job.rest <= KEPT_BYTES else None
            taken = min(job.rest, size - position)
            if job.kept is not None:
                job.kept += self._buffer[position : position + taken]
            job.rest -= taken
            position += taken
            if job.rest == 0:
                if job.kept is not None:
                    answer.body = bytes(job.kept)
                    job.kept = None
                answer.count += 1

    def push(self, connection: socket.socket, data: bytes, within_s: float = 5.0) -> int:
        """Send without reading, until all is out, the broker takes no more for so long, or it closes; the bytes that went."""
        left = memoryview(data)
        connection.settimeout(within_s)
        with contextlib.suppress(OSError):
            while left:
                left = left[connection.send(left[:_PART]) :]
        return len(data) - len(left)

    def sleep(self, seconds: float) -> None:
        """Let the probes measure for a while."""
        time.sleep(min(seconds, self.time_left_s))

    @contextlib.contextmanager
    def _connection(self, given: socket.socket | None) -> Iterator[socket.socket]:
        if given is not None:
            yield given
            return
        connection = self.connect()
        try:
            yield connection
        finally:
            connection.close()

    def client(self) -> WireClient:
        """A client that speaks messages, for preparing."""
        client = WireClient(self.bootstrap, timeout_s=_PREPARE_TIMEOUT_S)
        self._stack.callback(client.close)
        return client

    def create_topic(self, name: str, partitions: int = 1, configs: Mapping[str, str] | None = None) -> None:
        """Create a topic, which may be there."""
        self.create_topics([name], partitions, configs)

    def create_topics(self, names: Sequence[str], partitions: int = 1, configs: Mapping[str, str] | None = None) -> None:
        """Create topics, 1000 partitions in one request; returns when the last one's partitions answer."""
        self.created += names
        with WireClient(self.bootstrap, timeout_s=_PREPARE_TIMEOUT_S) as client:
            each = max(1, 1000 // partitions)
            for start in range(0, len(names), each):
                topics = [
                    CreatableTopic(
                        name=name,
                        num_partitions=partitions,
                        replication_factor=1,
                        assignments=[],
                        configs=[CreatableTopicConfig(name=key, value=value) for key, value in (configs or {}).items()],
                    )
                    for name in names[start : start + each]
                ]
                response = client.call(CreateTopicsRequest(topics=topics, timeout_ms=100_000), 5, CreateTopicsResponse)
                codes = {ErrorCode(topic.error_code) for topic in response.topics}
                assert codes <= {ErrorCode.NONE, ErrorCode.TOPIC_ALREADY_EXISTS}, codes
            wait_until_led(client, names[-1], partitions, _PREPARE_TIMEOUT_S)

    def delete_created(self) -> None:
        """Delete the topics that the case created, so that the next one may have others of these names."""
        with WireClient(self.bootstrap, timeout_s=_PREPARE_TIMEOUT_S) as client:
            request = DeleteTopicsRequest(topic_names=self.created, timeout_ms=50_000)
            client.call(request, 5, DeleteTopicsResponse)

    def topic_id(self, name: str) -> bytes:
        """The id of a topic that exists, once its partitions have leaders."""
        with WireClient(self.bootstrap, timeout_s=_PREPARE_TIMEOUT_S) as client:
            while True:
                request = MetadataRequest(topics=[MetadataRequestTopic(name=name)], allow_auto_topic_creation=False)
                topic = client.call(request, 12, MetadataResponse).topics[0]
                if topic.error_code == 0 and all(one.error_code == 0 for one in topic.partitions):
                    return topic.topic_id
                time.sleep(0.01)

    def commit(self, group: str, topic: str, partitions: Sequence[int], metadata: str = "") -> None:
        """Commit offset 0 of the partitions for a group without members; waits for its coordinator."""
        wanted = [
            OffsetCommitRequestPartition(partition_index=number, committed_offset=0, committed_metadata=metadata)
            for number in partitions
        ]
        request = OffsetCommitRequest(
            group_id=group,
            generation_id_or_member_epoch=-1,
            member_id="",
            topics=[OffsetCommitRequestTopic(name=topic, partitions=wanted)],
        )
        with WireClient(self.bootstrap, timeout_s=_PREPARE_TIMEOUT_S) as client:
            deadline = time.monotonic() + _PREPARE_TIMEOUT_S
            while True:
                # The offsets topic comes into being when its coordinator is asked for.
                client.call(FindCoordinatorRequest(key=group), 3, FindCoordinatorResponse)
                response = client.call(request, 8, OffsetCommitResponse)
                codes = {ErrorCode(one.error_code) for one in response.topics[0].partitions}
                if codes == {ErrorCode.NONE}:
                    return
                assert codes <= {
                    ErrorCode.NOT_COORDINATOR,
                    ErrorCode.COORDINATOR_NOT_AVAILABLE,
                    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
                }, codes
                assert time.monotonic() < deadline, codes
                time.sleep(0.05)
