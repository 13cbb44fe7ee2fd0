"""Many connections, many partitions, and clients that do not play along: what they cost a broker process, in figures."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from tests.support.wire_client import WireClient

_ANNOUNCED_BYTES = 100 * 1024 * 1024
_TIMEOUT_S = 60
_FETCH_VERSION = 12
_PRODUCE_VERSION = 9


def _connect(bootstrap: str) -> socket.socket:
    host, port = bootstrap.rsplit(":", 1)
    connection = socket.create_connection((host, int(port)), timeout=_TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


@contextlib.contextmanager
def connections(bootstrap: str, count: int) -> Iterator[list[socket.socket]]:
    """`count` open connections, closed at the end."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(_connect(bootstrap)) for _ in range(count)]


def produce_frame(topic: str, partition: int, records: bytes | bytearray, acks: int) -> bytes:
    """A Produce request with its size in front."""
    data = PartitionProduceData(index=partition, records=records)
    request = ProduceRequest(
        transactional_id=None,
        acks=acks,
        timeout_ms=30_000,
        topic_data=[TopicProduceData(name=topic, partition_data=[data])],
    )
    return bytes(encode_request(ApiKey.PRODUCE, _PRODUCE_VERSION, 1, "bench", request))


def fetch_frame(topic: str, partition: int, offset: int, max_bytes: int, max_wait_ms: int = 500, min_bytes: int = 1) -> bytes:
    """A Fetch request of one partition, without a session, with its size in front."""
    wanted = FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=max_bytes)
    request = FetchRequest(
        max_wait_ms=max_wait_ms,
        min_bytes=min_bytes,
        max_bytes=52_428_800,
        session_id=0,
        session_epoch=-1,
        topics=[FetchTopic(topic=topic, partitions=[wanted])],
    )
    return bytes(encode_request(ApiKey.FETCH, _FETCH_VERSION, 1, "bench", request))


def pipelined(bootstrap: str, frame: bytes, window: int, count: int) -> float:
    """Answers per second when `window` copies of one request are always on their way on one connection."""
    host, port = bootstrap.rsplit(":", 1)
    with contextlib.closing(socket.create_connection((host, int(port)), timeout=60)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = min(window, count)
        connection.sendall(frame * sent)
        answered = 0
        received = bytearray()
        began = time.perf_counter()
        while answered < count:
            part = connection.recv(1 << 16)
            assert part, f"closed after {answered} answers"
            received += part
            position = 0
            while len(received) - position >= 4:
                (size,) = struct.unpack_from(">i", received, position)
                if len(received) - position - 4 < size:
                    break
                position += 4 + size
                answered += 1
            del received[:position]
            # Topped up by halves: sending one by one would make the client the slower side.
            missing = min(window - (sent - answered), count - sent)
            if missing and (missing * 2 >= window or sent + missing == count):
                connection.sendall(frame * missing)
                sent += missing
        return count / (time.perf_counter() - began)


def api_versions_frame() -> bytes:
    """An ApiVersions request with its size."""
    request = ApiVersionsRequest(client_software_name="soak", client_software_version="1")
    return bytes(encode_request(ApiKey.API_VERSIONS, 3, 1, "soak", request))


def is_alive(bootstrap: str) -> float:
    """Seconds that a new client waits for an answer.

    Raises:
        OSError: there is none.
    """
    began = time.perf_counter()
    pipelined(bootstrap, api_versions_frame(), 1, 1)
    return time.perf_counter() - began


def exchange(clients: list[socket.socket], frame: bytes, each: int) -> float:
    """Answers per second when every client sends `frame` `each` times, one after the other."""
    left = dict.fromkeys(clients, each)
    received = {client: bytearray() for client in clients}
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for each_client in clients:
            selector.register(each_client, selectors.EVENT_READ)
            each_client.sendall(frame)
        while left:
            ready = selector.select(_TIMEOUT_S)
            assert ready, f"{len(left)} clients wait for an answer"
            for key, _ in ready:
                assert isinstance(key.fileobj, socket.socket)
                client = key.fileobj
                buffer = received[client]
                part = client.recv(1 << 16)
                assert part, "the broker closed a connection"
                buffer += part
                if len(buffer) < 4 or len(buffer) - 4 < struct.unpack_from(">i", buffer)[0]:
                    continue
                buffer.clear()
                left[client] -= 1
                if left[client]:
                    client.sendall(frame)
                else:
                    del left[client]
                    selector.unregister(client)
    return len(clients) * each / (time.perf_counter() - began)


def half_frames(clients: list[socket.socket], sent_bytes: int) -> None:
    """Every client announces 100 MiB and sends the first `sent_bytes` of it."""
    part = bytes(sent_bytes)
    for client in clients:
        client.sendall(struct.pack(">i", _ANNOUNCED_BYTES - 1024) + part)


def ask_and_never_read(client: socket.socket, frame: bytes, wait_s: float) -> int:
    """Send `frame` until the broker takes no more for `wait_s` seconds; how many fitted."""
    client.settimeout(wait_s)
    sent = 0
    # Whole frames only count; a part that was taken is the beginning of one that never ends.
    with contextlib.suppress(TimeoutError):
        while True:
            client.sendall(frame)
            sent += 1
    return sent


@dataclass(frozen=True)
class Created:
    """Topics that were made: their names, partitions of each, and the seconds it took."""

    topics: list[str]
    partitions: int
    took_s: float


def create_many(bootstrap: str, topics: int, partitions: int, per_request: int) -> Created:
    """Create `topics` of `partitions` each, `per_request` topics at a time (a request may make 10,000 partitions)."""
    names = [f"many-{number}" for number in range(topics)]
    began = time.perf_counter()
    with WireClient(bootstrap, timeout_s=600) as client:
        for start in range(0, topics, per_request):
            wanted = [
                CreatableTopic(name=name, num_partitions=partitions, replication_factor=1, assignments=[], configs=[])
                for name in names[start : start + per_request]
            ]
            response = client.call(CreateTopicsRequest(topics=wanted, timeout_ms=600_000), 5, CreateTopicsResponse)
            failed = [(topic.name, ErrorCode(topic.error_code).name) for topic in response.topics if topic.error_code]
            assert not failed, failed[:5]
    return Created(names, partitions, time.perf_counter() - began)


def produce_to(bootstrap: str, created: Created, count: int) -> float:
    """Seconds to write one record to each of `count` partitions, one request per topic, acks=all."""
    began = time.perf_counter()
    left = count
    with WireClient(bootstrap, timeout_s=600) as client:
        for topic in created.topics:
            if left <= 0:
                break
            records = build_batch([(int(time.time() * 1000), b"k", b"v" * 100, ())])
            data = [PartitionProduceData(index=index, records=records) for index in range(min(created.partitions, left))]
            request = ProduceRequest(acks=-1, timeout_ms=30_000, topic_data=[TopicProduceData(name=topic, partition_data=data)])
            response = client.call(request, 9, ProduceResponse)
            codes = {ErrorCode(answer.error_code) for one in response.responses for answer in one.partition_responses}
            assert codes == {ErrorCode.NONE}, codes
            left -= len(data)
    return time.perf_counter() - began


def fetch_from(bootstrap: str, created: Created) -> float:
    """Seconds to read the first record of every partition, one request per topic.

    Raises:
        AssertionError: a partition has none.
    """
    began = time.perf_counter()
    with WireClient(bootstrap, timeout_s=600) as client:
        for topic in created.topics:
            wanted = [
                FetchPartition(partition=index, fetch_offset=0, partition_max_bytes=1000) for index in range(created.partitions)
            ]
            request = FetchRequest(
                max_wait_ms=0, min_bytes=1, max_bytes=50 << 20, topics=[FetchTopic(topic=topic, partitions=wanted)]
            )
            response = client.call(request, 11, FetchResponse)
            empty = [answer.partition_index for answer in response.responses[0].partitions if not answer.records]
            assert len(response.responses[0].partitions) == created.partitions
            assert not empty, f"{topic}: nothing in {empty[:5]}"
    return time.perf_counter() - began


def fill(bootstrap: str, topic: str, megabytes: int) -> None:
    """Write about so much to partition 0 of a topic that exists."""
    batch = build_batch([(int(time.time() * 1000), None, b"x" * 1000, ())] * 900)
    pipelined(bootstrap, produce_frame(topic, 0, batch, acks=1), 4, megabytes)
