"""What clients can make a broker hold, and that it is given back: half requests, answers nobody takes, waiting connections."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kafka_compat.api import memory as memory_module
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.server import connection as connection_module
from kafka_compat.server import large_frame
from kafka_compat.server import listener as listener_module
from kafka_compat.testing.cluster import Cluster
from tests.support.waiting import until
from tests.support.wire_client import WireClient

MIB = 1 << 20
LIMIT = 8 * MIB
CONFIGS = {"socket.request.max.bytes": str(LIMIT), "queued.max.request.bytes": str(LIMIT), "message.max.bytes": str(4 * MIB)}
PATIENCE_S = 20


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr(large_frame, "_PAGE_BYTES", 65536)  # so that it is small beside the budget, as it is by default
    with Cluster(topics={"t": 1, "other": 1}, configs=CONFIGS) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> Cluster:
    """Gives up soon on who does not move."""
    monkeypatch.setattr(memory_module, "STALL_S", 0.3)
    monkeypatch.setattr(listener_module, "_MEMORY_CHECK_S", 0.05)
    return cluster


def look(cluster: Cluster, value: Callable[[object], int]) -> int:
    async def on_the_loop() -> int:
        return value(cluster.brokers[0])

    return cluster.run(on_the_loop())


def used(cluster: Cluster) -> int:
    return look(cluster, lambda broker: broker.services.memory.used_bytes)  # type: ignore[attr-defined]


def open_connections(cluster: Cluster) -> int:
    return look(cluster, lambda broker: broker._sockets.connection_count)  # type: ignore[attr-defined]


def produce(size: int, topic: str = "t", acks: int = 1) -> ProduceRequest:
    records = build_batch([(1_700_000_000_000, None, bytes(size), ())])
    data = PartitionProduceData(index=0, records=records)
    return ProduceRequest(acks=acks, timeout_ms=30_000, topic_data=[TopicProduceData(name=topic, partition_data=[data])])


def fetch(max_bytes: int = 50 * MIB, offset: int = 0) -> FetchRequest:
    wanted = FetchPartition(partition=0, fetch_offset=offset, partition_max_bytes=max_bytes)
    return FetchRequest(max_wait_ms=0, min_bytes=1, max_bytes=max_bytes, topics=[FetchTopic(topic="t", partitions=[wanted])])


def stored(cluster: Cluster, topic: str) -> int:
    wanted = ListOffsetsTopic(name=topic, partitions=[ListOffsetsPartition(partition_index=0, timestamp=-1)])
    with WireClient(cluster.bootstrap) as client:
        return client.call(ListOffsetsRequest(topics=[wanted]), 6, ListOffsetsResponse).topics[0].partitions[0].offset


def is_alive(cluster: Cluster) -> bool:
    with WireClient(cluster.bootstrap) as client:
        client.call(produce(100, "other"), 9, ProduceResponse)
        return client.call(ApiVersionsRequest(), 0, ApiVersionsResponse).error_code == 0


@contextlib.contextmanager
def clients(cluster: Cluster, count: int) -> Iterator[list[WireClient]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(WireClient(cluster.bootstrap)) for _ in range(count)]


def send_in_vain(client: WireClient, size: int) -> None:
    """Send up to so many bytes, as much as is taken."""
    client.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError, ConnectionError):
        for _ in range(size // 100_000):
            client.socket.send(bytes(100_000))


def test_half_requests_hold_what_the_budget_allows_and_the_oldest_goes_on(cluster: Cluster) -> None:
    whole = produce(4 * MIB - 1000)
    with clients(cluster, 10) as (oldest, *others):
        oldest.send_bytes(struct.pack(">i", 7 * MIB))
        oldest.send_bytes(bytes(200_000))
        until(lambda: used(cluster) >= 200_000)
        for other in others:
            other.send_bytes(struct.pack(">i", 7 * MIB))
            send_in_vain(other, 5 * MIB)
        until(lambda: used(cluster) >= LIMIT * 3 // 4)
        assert is_alive(cluster)
        # A request of an ordinary size goes on, and so does the oldest of the large ones.
        with WireClient(cluster.bootstrap) as client:
            assert client.call(produce(900_000), 9, ProduceResponse).responses[0].partition_responses[0].error_code == 0
        oldest.send_bytes(bytes(7 * MIB - 200_000))
        assert oldest.is_closed_by_peer(), "zeros are no request"
        assert used(cluster) <= LIMIT + 7 * MIB
        assert is_alive(cluster)
    until(lambda: open_connections(cluster) == 0)
    assert used(cluster) == 0
    with WireClient(cluster.bootstrap) as client:
        assert client.call(whole, 9, ProduceResponse).responses[0].partition_responses[0].error_code == 0


def test_a_request_that_waits_for_memory_is_carried_out_when_half_requests_are_given_up(
    impatient: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), clients(impatient, 4) as halves:
        for half in halves:
            half.send_bytes(struct.pack(">i", 7 * MIB))
            half.send_bytes(bytes(1_700_000))
        until(lambda: used(impatient) >= LIMIT * 3 // 4)
        with WireClient(impatient.bootstrap) as client:
            answer = client.call(produce(2 * MIB), 9, ProduceResponse)
        assert answer.responses[0].partition_responses[0].error_code == 0
        assert any(half.is_closed_by_peer() for half in halves)
    assert "neither sent nor took anything" in caplog.text


def test_answers_that_nobody_takes_hold_what_the_budget_allows_and_give_way(
    impatient: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    with WireClient(impatient.bootstrap) as client:
        for _ in range(30):
            client.call(produce(900_000), 9, ProduceResponse)
    with caplog.at_level(logging.WARNING), clients(impatient, 60) as deaf:
        for each in deaf:
            each.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10_000)
            each.send(fetch(), 11)
        until(lambda: used(impatient) >= LIMIT // 2)
        highest = 0
        with WireClient(impatient.bootstrap) as client:
            for _ in range(50):
                highest = max(highest, used(impatient))
                assert client.call(ApiVersionsRequest(), 0, ApiVersionsResponse).error_code == 0
            answer = client.call(fetch(), 11, FetchResponse)
            assert answer.responses[0].partitions[0].records
        # One answer may exceed it, and counts twice for a moment.
        assert highest <= LIMIT + 2 * MIB
        assert is_alive(impatient)
    until(lambda: used(impatient) == 0)


def test_a_client_that_takes_its_answer_gets_all_of_it_while_others_do_not(cluster: Cluster) -> None:
    with WireClient(cluster.bootstrap) as client:
        for _ in range(20):
            client.call(produce(900_000), 9, ProduceResponse)
    with clients(cluster, 20) as deaf, WireClient(cluster.bootstrap) as client:
        for each in deaf:
            each.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10_000)
            each.send(fetch(), 11)
        offset = 0
        while offset < 20:
            partition = client.call(fetch(offset=offset), 11, FetchResponse).responses[0].partitions[0]
            assert isinstance(partition.records, memoryview | bytes)
            assert len(partition.records) > 0
            offset += len(partition.records) // 900_000


def test_a_client_that_does_not_read_is_cut_off_when_it_has_been_idle(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Cluster(topics={"t": 1}, configs={"connections.max.idle.ms": "400"}) as cluster:
        with WireClient(cluster.bootstrap) as client:
            for _ in range(12):
                client.call(produce(900_000), 9, ProduceResponse)
        with caplog.at_level(logging.WARNING), WireClient(cluster.bootstrap) as deaf:
            deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10_000)
            deaf.send(fetch(), 11)
            until(lambda: used(cluster) > 0)
            until(lambda: open_connections(cluster) == 0)
            assert used(cluster) == 0
        assert "cutting off" in caplog.text


def test_a_connection_that_waits_for_a_place_is_forgotten_when_its_client_leaves() -> None:
    with Cluster(topics={"t": 1}, configs={"max.connections": "1"}) as cluster, WireClient(cluster.bootstrap) as first:
        assert first.call(ApiVersionsRequest(), 0, ApiVersionsResponse).error_code == 0
        for _ in range(3):
            with WireClient(cluster.bootstrap):
                until(lambda: open_connections(cluster) == 2)
            until(lambda: open_connections(cluster) == 1)
        with WireClient(cluster.bootstrap) as waits:
            until(lambda: open_connections(cluster) == 2)
            waits.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until(lambda: open_connections(cluster) == 1)


@pytest.mark.parametrize("reset", [False, True])
def test_what_a_connection_sent_while_it_waited_for_a_place_is_carried_out(reset: bool) -> None:
    with Cluster(topics={"t": 1}, configs={"max.connections": "1"}) as cluster:
        with WireClient(cluster.bootstrap) as first:
            assert first.call(ApiVersionsRequest(), 0, ApiVersionsResponse).error_code == 0
            with WireClient(cluster.bootstrap) as waits:
                waits.send(produce(100, acks=0), 9)
                until(lambda: open_connections(cluster) == 2)
                until(lambda: look(cluster, backlogs) > 0)
                if reset:
                    waits.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until(lambda: open_connections(cluster) == 0)
        assert stored(cluster, "t") == 1


def backlogs(broker: Any) -> int:
    return sum(len(each._backlog) for each in broker._sockets._connections)


def waiting(broker: Any) -> int:
    return sum(each.is_waiting for each in broker._sockets._connections)


def test_a_backlog_does_not_grow_beyond_its_bound(cluster: Cluster) -> None:
    """Behind a request that waits no more is read than a backlog holds."""
    with WireClient(cluster.bootstrap) as client:
        wait = FetchRequest(max_wait_ms=60_000, min_bytes=1, max_bytes=1000, topics=fetch().topics)
        client.send(wait, 11)
        until(lambda: look(cluster, waiting) == 1)
        send_in_vain(client, 4 * MIB)
        until(lambda: look(cluster, backlogs) >= connection_module.BACKLOG_BYTES)
        assert is_alive(cluster)
        assert look(cluster, backlogs) <= connection_module.BACKLOG_BYTES + memory_module.LEAST_RECEIVE_BYTES
