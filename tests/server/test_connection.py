"""What a connection does with bytes that are no good request, and with clients that behave badly."""

from __future__ import annotations

import contextlib
import logging
import random
import struct
import time
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.server.connection import BACKLOG_BYTES
from kafka_compat.testing.cluster import Cluster
from tests.support.wire_client import ConnectionClosed, WireClient


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster(topics={"t": 1}, configs={"socket.request.max.bytes": "1048576"}) as running:
        yield running


def versions(client: WireClient) -> ApiVersionsResponse:
    request = ApiVersionsRequest(client_software_name="test", client_software_version="1")
    return client.call(request, 3, ApiVersionsResponse)


def is_alive(cluster: Cluster) -> bool:
    with WireClient(cluster.bootstrap) as client:
        return versions(client).error_code == ErrorCode.NONE


@pytest.mark.parametrize(
    ("sent", "expected_log"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS client hello"),
        (struct.pack(">i", 0x7FFFFFFF), "above the limit"),
        (struct.pack(">i", -1), "negative frame size"),
        (struct.pack(">i", 4) + b"\x00\x12\x00\x03", "unreadable request header"),
        (struct.pack(">ihhih", 10, 999, 0, 1, -1), "unknown API key 999"),
        (struct.pack(">ihhihb", 11, 0, 99, 1, -1, 0), "unsupported api key 0 version 99"),
        (struct.pack(">ihhih", 10, 3, 5, 1, -1), "unreadable METADATA v5"),
    ],
)
def test_garbage_closes_the_connection_with_a_log_line(
    cluster: Cluster, caplog: pytest.LogCaptureFixture, sent: bytes, expected_log: str
) -> None:
    with caplog.at_level(logging.WARNING), WireClient(cluster.bootstrap) as client:
        client.send_bytes(sent)
        assert client.is_closed_by_peer()
    assert any(expected_log in record.getMessage() for record in caplog.records), caplog.text
    assert is_alive(cluster)


def test_unknown_api_versions_version_is_answered_in_v0(cluster: Cluster) -> None:
    with WireClient(cluster.bootstrap) as client:
        client.send_bytes(struct.pack(">ihhihb", 11, 18, 99, 7, -1, 0))
        frame = client.receive_frame()
    assert frame == struct.pack(">ihihhh", 7, 35, 1, 18, 0, 4)


def test_a_frame_fed_byte_by_byte_is_answered(cluster: Cluster) -> None:
    request = struct.pack(">ihhih", 10, 18, 0, 5, -1)
    with WireClient(cluster.bootstrap) as client:
        for position in range(len(request)):
            client.send_bytes(request[position : position + 1])
        assert client.receive_frame()[:6] == struct.pack(">ih", 5, 0)


def test_pipelined_requests_are_answered_in_order(cluster: Cluster) -> None:
    count = 10_000
    with WireClient(cluster.bootstrap, timeout_s=60) as client:
        frame = struct.Struct(">ihhih")
        received = 0
        for start in range(0, count, 500):
            client.send_bytes(b"".join(frame.pack(10, 18, 0, number, -1) for number in range(start, start + 500)))
            for number in range(start, start + 500):
                assert client.receive_frame()[:4] == struct.pack(">i", number)
                received += 1
    assert received == count


def test_a_request_behind_a_long_poll_waits_for_it(cluster: Cluster) -> None:
    """Kafka mutes a channel while a request is under way: answers never overtake."""
    fetch = FetchRequest(
        max_wait_ms=300,
        min_bytes=1,
        max_bytes=1000,
        topics=[FetchTopic(topic="t", partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1000)])],
    )
    with WireClient(cluster.bootstrap) as client:
        began = time.monotonic()
        client.send(fetch, 4)
        client.send_bytes(struct.pack(">ihhih", 10, 18, 0, 99, -1))
        response = client.receive_frame()
        assert time.monotonic() - began >= 0.29
        assert response[:4] == struct.pack(">i", 1)
        assert client.receive_frame()[:4] == struct.pack(">i", 99)


def test_a_client_that_never_reads_does_not_disturb_others(cluster: Cluster) -> None:
    with WireClient(cluster.bootstrap) as deaf:
        deaf.socket.setblocking(False)
        frame = struct.pack(">ihhih", 10, 18, 0, 1, -1) * 1000
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 64 << 20:
                sent += deaf.socket.send(frame)
        assert sent < 64 << 20, "the broker went on reading although nobody took its answers"
        assert is_alive(cluster)


def test_half_a_frame_does_not_disturb_others(cluster: Cluster) -> None:
    with WireClient(cluster.bootstrap) as slow:
        slow.send_bytes(struct.pack(">ihh", 1_000_000, 18, 0))
        assert is_alive(cluster)


def test_random_bytes_never_stop_the_broker(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """Garbage behind a plausible header, for every API the broker serves; a failed handler would log an error."""
    seed = random.Random(20260)
    with WireClient(cluster.bootstrap) as client:
        rows = versions(client).api_keys
    for row in rows:
        for _ in range(30):
            version = seed.randint(row.min_version, row.max_version)
            body = seed.randbytes(seed.choice((0, 1, 3, 10, 50, 300)))
            header = struct.pack(">hhih", row.api_key, version, 1, -1) + (b"\0" if seed.random() < 0.9 else b"\xff")
            with WireClient(cluster.bootstrap) as client:
                client.send_bytes(struct.pack(">i", len(header) + len(body)) + header + body)
                client.socket.shutdown(1)
                with contextlib.suppress(ConnectionClosed):
                    client.receive_frame()
    assert is_alive(cluster)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_connection_limit(caplog: pytest.LogCaptureFixture) -> None:
    with Cluster(configs={"max.connections.per.ip": "2"}) as cluster:
        with WireClient(cluster.bootstrap) as first, WireClient(cluster.bootstrap) as second:
            versions(first)
            versions(second)
            with WireClient(cluster.bootstrap) as third:
                assert third.is_closed_by_peer()
        # Places are given back.
        with WireClient(cluster.bootstrap) as again:
            assert again.call(MetadataRequest(topics=None), 9, MetadataResponse).brokers


def test_idle_connections_are_closed() -> None:
    with Cluster(configs={"connections.max.idle.ms": "200"}) as cluster, WireClient(cluster.bootstrap) as client:
        versions(client)
        assert client.is_closed_by_peer()


def test_stopping_answers_long_polls_at_once() -> None:
    cluster = Cluster(topics={"t": 1})
    cluster.start()
    fetch = FetchRequest(
        max_wait_ms=60_000,
        min_bytes=1,
        max_bytes=1000,
        topics=[FetchTopic(topic="t", partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1000)])],
    )
    with WireClient(cluster.bootstrap) as client, WireClient(cluster.bootstrap) as other:
        client.send(fetch, 4)
        versions(other)
        began = time.monotonic()
        cluster.stop()
        assert time.monotonic() - began < 5
        response = client.receive(fetch, 4, FetchResponse)
        assert response.responses[0].partitions[0].error_code == ErrorCode.NONE
        assert client.is_closed_by_peer()


def test_a_frame_of_the_backlogs_size_arrives_behind_a_long_poll(cluster: Cluster) -> None:
    """A backlog can be full with a frame whose last bytes have not come: reading must go on for them."""
    fetch = FetchRequest(
        max_wait_ms=300,
        min_bytes=1,
        max_bytes=1000,
        topics=[FetchTopic(topic="t", partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1000)])],
    )
    size = BACKLOG_BYTES
    client_id = b"c" * 30_000
    header = struct.pack(">hhih", 18, 0, 99, len(client_id)) + client_id
    frame = struct.pack(">i", size) + header + bytes(size - len(header))
    with WireClient(cluster.bootstrap) as client:
        client.send(fetch, 4)
        client.send_bytes(frame[: size + 2])
        assert client.receive_frame()[:4] == struct.pack(">i", 1)
        client.send_bytes(frame[size + 2 :])
        assert client.receive_frame()[:4] == struct.pack(">i", 99)
