"""Every way a connection ends, with every kind of thing under way, and what waits behind it: played to any broker.

A case is one connection. The client sends what is under way and what waits behind it in one go, waits until the broker's
system has all of it, and ends the connection. What is looked at then: the records and the commit that are stored, and the
answers that the client still got where it can read on.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import socket
import ssl
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic, OffsetFetchResponse
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from kafka_compat.records.builder import build_batch
from tests.support.tls_client import TlsSocket
from tests.support.wire_client import WireClient, api_key_of, wait_until_led

ENDS: Final = ("close", "close unread", "half close", "reset", "kill")
UNDER_WAY: Final = ("nothing", "fetch", "join", "backlog", "large frame", "answers unread")
BEHIND: Final = ("acks=0", "acks=1", "commit", "acks=0 and a part")

RECORDS: Final = 3
COMMITTED: Final = 42
_WAIT_MS: Final = 150
_BACKLOG: Final = 200
_LARGE_PARTITIONS: Final = 4
_UNREAD: Final = 4
_PART_BYTES: Final = 2_000_000
_ANSWERS_UNDER_WAY: Final = {
    "nothing": 0,
    "fetch": 1,
    "join": 1,
    "backlog": _BACKLOG,
    "large frame": 1,
    "answers unread": _UNREAD,
}
_ANSWERS_BEHIND: Final = {"acks=0": 0, "acks=1": RECORDS, "commit": 1, "acks=0 and a part": 0}
_PATIENCE_S: Final = 15.0
_QUIET_S: Final = 0.5
# While answers are not read the broker does not take a part of a large frame either: it does not arrive, so it proves nothing.
CASES: Final = tuple(
    case for case in itertools.product(ENDS, UNDER_WAY, BEHIND) if case[1:] != ("answers unread", "acks=0 and a part")
)


@dataclass(frozen=True)
class Outcome:
    """What is left of a case.

    Attributes:
        stored: records of what waited behind, or the committed offset.
        answered: answers that a client got that could still read; None for one that could not.
    """

    stored: int
    answered: int | None = None


def expected(end: str, under_way: str, behind: str) -> Outcome:
    """What arrived whole is carried out, and answered where the client still reads."""
    stored = COMMITTED if behind == "commit" else RECORDS
    if end != "half close":
        return Outcome(stored)
    return Outcome(stored, _ANSWERS_UNDER_WAY[under_way] + _ANSWERS_BEHIND[behind])


def reference_may_lose(end: str, under_way: str, behind: str) -> bool:
    """Whether the reference may fail to send an answer before it has read all: it reads no more then.

    The first answer to a client that has closed can be sent, unless the client reset the connection.
    """
    answers = _ANSWERS_UNDER_WAY[under_way] + max(0, _ANSWERS_BEHIND[behind] - 1)
    return end != "half close" and answers > (1 if end in ("close", "kill") and under_way != "answers unread" else 0)


def batch(size: int = 10) -> bytes:
    return bytes(build_batch([(1_700_000_000_000, None, bytes(size), ())]))


def produce(topic: str, partition: int, acks: int, *, count: int = 1, size: int = 10) -> ProduceRequest:
    """A batch of one record to each of `count` partitions from `partition` on."""
    data = [PartitionProduceData(index=partition + number, records=batch(size)) for number in range(count)]
    return ProduceRequest(acks=acks, timeout_ms=30_000, topic_data=[TopicProduceData(name=topic, partition_data=data)])


def fetch(topic: str, partition: int, max_wait_ms: int, max_bytes: int = 1 << 20) -> FetchRequest:
    wanted = FetchPartition(partition=partition, fetch_offset=0, partition_max_bytes=max_bytes)
    return FetchRequest(
        max_wait_ms=max_wait_ms, min_bytes=1, max_bytes=max_bytes, topics=[FetchTopic(topic=topic, partitions=[wanted])]
    )


def frame(request: Message, version: int) -> bytes:
    return bytes(encode_request(api_key_of(request), version, 1, "ends", request))


class Stage:
    """One broker with the topics that the cases need.

    Topic `ends` has a partition for each case; partition 0 of `unread` holds more than the sockets of a client that does not
    read, and `empty` nothing. With `tls` the connections of the cases go to that address.
    """

    def __init__(self, bootstrap: str, name: str, tls: tuple[str, ssl.SSLContext] | None = None) -> None:
        self.bootstrap = bootstrap
        self._tls = tls
        self._name = name
        self._client = WireClient(bootstrap, timeout_s=40)
        self._create("ends", len(CASES))
        self._create("empty", 1)
        self._create("large", _LARGE_PARTITIONS)
        self._create("unread", 1)
        for _ in range(6):
            answer = self._client.call(produce(self._topic("unread"), 0, 1, size=900_000), 9, ProduceResponse)
            assert answer.responses[0].partition_responses[0].error_code == 0
        self._coordinator()

    def close(self) -> None:
        self._client.close()

    def _topic(self, stem: str) -> str:
        return f"{self._name}-{stem}"

    def _create(self, stem: str, partitions: int) -> None:
        topic = CreatableTopic(name=self._topic(stem), num_partitions=partitions, replication_factor=1)
        made = self._client.call(CreateTopicsRequest(topics=[topic], timeout_ms=30_000), 7, CreateTopicsResponse)
        assert made.topics[0].error_code == 0, made
        wait_until_led(self._client, self._topic(stem), partitions)

    def _coordinator(self) -> None:
        request = FindCoordinatorRequest(key="any", key_type=0)
        self._until(lambda: self._client.call(request, 3, FindCoordinatorResponse).error_code == 0, "there is a coordinator")

    @staticmethod
    def _until(condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"not in time: {what}"
            time.sleep(0.005)

    def _end_offset(self, stem: str, partition: int) -> int:
        wanted = ListOffsetsTopic(
            name=self._topic(stem), partitions=[ListOffsetsPartition(partition_index=partition, timestamp=-1)]
        )
        answer = self._client.call(ListOffsetsRequest(topics=[wanted]), 6, ListOffsetsResponse)
        return answer.topics[0].partitions[0].offset

    def _group(self, number: int) -> str:
        return f"{self._name}-group-{number}"

    def _committed(self, number: int) -> int:
        wanted = OffsetFetchRequestTopic(name=self._topic("ends"), partition_indexes=[number])
        request = OffsetFetchRequest(group_id=self._group(number), topics=[wanted])
        return self._client.call(request, 7, OffsetFetchResponse).topics[0].partitions[0].committed_offset

    def _until_loaded(self, group: str) -> None:
        """The coordinator of a group loads its log when it is first asked."""
        request = OffsetFetchRequest(group_id=group, topics=[])
        self._until(lambda: self._client.call(request, 7, OffsetFetchResponse).error_code == 0, f"{group} is loaded")

    @contextlib.contextmanager
    def _rebalancing(self, number: int) -> Iterator[bytes]:
        """A JoinGroup that waits for a member that never joins again, `_WAIT_MS` long."""
        group = f"{self._group(number)}-members"
        self._until_loaded(group)
        join = JoinGroupRequest(
            group_id=group,
            session_timeout_ms=30_000,
            rebalance_timeout_ms=_WAIT_MS,
            protocol_type="x",
            protocols=[JoinGroupRequestProtocol(name="x", metadata=b"")],
        )
        with WireClient(self.bootstrap) as member:
            joined = member.call(join, 3, JoinGroupResponse)
            assert joined.error_code == 0, joined
            assignments = [SyncGroupRequestAssignment(member_id=joined.member_id, assignment=b"")]
            sync = SyncGroupRequest(
                group_id=group, generation_id=joined.generation_id, member_id=joined.member_id, assignments=assignments
            )
            assert member.call(sync, 2, SyncGroupResponse).error_code == 0
            yield frame(join, 3)

    @contextlib.contextmanager
    def _under_way(self, kind: str, number: int) -> Iterator[list[bytes]]:
        if kind == "nothing":
            yield []
        elif kind == "fetch":
            yield [frame(fetch(self._topic("empty"), 0, _WAIT_MS), 11)]
        elif kind == "join":
            with self._rebalancing(number) as join:
                yield [join]
        elif kind == "backlog":
            yield [frame(ApiVersionsRequest(), 0)] * _BACKLOG
        elif kind == "large frame":
            yield [frame(produce(self._topic("large"), 0, 1, count=_LARGE_PARTITIONS, size=900_000), 9)]
        else:
            yield [frame(fetch(self._topic("unread"), 0, 0, 6 << 20), 11)] * _UNREAD

    def _behind(self, kind: str, number: int) -> list[bytes]:
        if kind == "commit":
            self._until_loaded(self._group(number))
            partition = OffsetCommitRequestPartition(partition_index=number, committed_offset=COMMITTED)
            topics = [OffsetCommitRequestTopic(name=self._topic("ends"), partitions=[partition])]
            return [frame(OffsetCommitRequest(group_id=self._group(number), topics=topics), 7)]
        if kind == "acks=1":
            return [frame(produce(self._topic("ends"), number, 1), 9)] * RECORDS
        frames = [frame(produce(self._topic("ends"), number, 0), 9)] * RECORDS
        if kind == "acks=0 and a part":
            frames.append(struct.pack(">i", 2 * _PART_BYTES) + bytes(_PART_BYTES))
        return frames

    def play(self, end: str, under_way: str, behind: str, stored: int | None) -> Outcome:
        """Play one case; wait until so much is `stored`, or, when it is None, until nothing more comes."""
        number = CASES.index((end, under_way, behind))
        with self._under_way(under_way, number) as first:
            then = self._behind(behind, number)
            client = _Client(self.bootstrap, self._tls, is_deaf=under_way == "answers unread")
            with contextlib.closing(client):
                client.send(b"".join([*first, *then]))
                answered = client.end(end, _ANSWERS_UNDER_WAY[under_way] + _ANSWERS_BEHIND[behind])
            found = self._stored(behind, number, stored)
        return Outcome(found, answered)

    def _stored(self, behind: str, number: int, expected: int | None) -> int:
        def look() -> int:
            return self._committed(number) if behind == "commit" else self._end_offset("ends", number)

        began = changed = time.monotonic()
        stored = look()
        while stored != expected:
            now = time.monotonic()
            if now - (began if expected is not None else changed) > (_PATIENCE_S if expected is not None else _QUIET_S):
                break
            time.sleep(0.02)
            if (again := look()) != stored:
                stored, changed = again, now
        return stored


class _Client:
    """The connection of a case."""

    def __init__(self, bootstrap: str, tls: tuple[str, ssl.SSLContext] | None, *, is_deaf: bool) -> None:
        host, port = (bootstrap if tls is None else tls[0]).rsplit(":", 1)
        raw = socket.socket()
        self._is_deaf = is_deaf
        if is_deaf:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
        raw.settimeout(_PATIENCE_S)
        raw.connect((host, int(port)))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket: socket.socket | TlsSocket = raw
        if tls is not None:
            self._socket = TlsSocket(raw, tls[1])
            self._socket.shake_hands()

    def send(self, sent: bytes) -> None:
        """Send, and wait until the other side's system has it."""
        self._socket.sendall(sent)
        deadline = time.monotonic() + _PATIENCE_S
        while struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)))[0]:
            if time.monotonic() > deadline:
                raise AssertionError("the broker's system does not take what was sent")
            time.sleep(0.001)

    def end(self, how: str, answers: int) -> int | None:
        """End the connection; how many answers came where they can be read."""
        if how == "half close":
            self._socket.shutdown(socket.SHUT_WR)
            return self._read_to_the_end()
        if how == "reset":
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how == "close unread" and answers:
            self._socket.recv(1, socket.MSG_PEEK)
        elif how == "kill":
            holder = subprocess.Popen(
                [sys.executable, "-S", "-c", "print(flush=True); input()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=[self._socket.fileno()],
            )
            with holder:
                assert holder.stdout is not None
                holder.stdout.readline()
                self._socket.close()
                holder.kill()
            return None
        self._socket.close()
        return None

    def _read_to_the_end(self) -> int:
        """Whole answers until the broker closes."""
        received = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while part := self._socket.recv(1 << 20):
                received += part
        answers = position = 0
        while position + 4 <= len(received):
            position += 4 + struct.unpack_from(">i", received, position)[0]
            answers += position <= len(received)
        return answers

    def close(self) -> None:
        self._socket.close()


__all__ = ["CASES", "Outcome", "Stage", "expected", "reference_may_lose"]
