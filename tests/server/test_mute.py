"""Clients of which no further request is taken for a while: what is answered, what waits, and how their end is noticed."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from kafka_compat.api.context import RequestContext
from kafka_compat.api.interception import Intercept, Intercepted, Interception, Outcome
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.server.connection import BACKLOG_BYTES
from kafka_compat.testing.cluster import Cluster
from tests.support.waiting import until
from tests.support.wire_client import WireClient

VERSIONS = struct.Struct(">ihhih")
LONG_MS = 60_000
PATIENCE_S = 20.0


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(topics={"t": 1}) as running:
        yield running


def intercept(cluster: Cluster, hook: Intercept) -> None:
    def install() -> None:
        for broker in cluster.brokers:
            assert broker.services is not None
            broker.services.intercept = hook

    cluster.call(install)


def mute(cluster: Cluster, throttle_ms: int, api_key: ApiKey = ApiKey.API_VERSIONS) -> None:
    """Answers of `api_key` make their clients mute."""

    def hook(context: RequestContext, request: Message) -> Interception | None:
        if context.header.api_key == api_key:
            context.session.mute(throttle_ms)
        return None

    intercept(cluster, hook)


def versions(number: int) -> bytes:
    return VERSIONS.pack(10, ApiKey.API_VERSIONS, 0, number, -1)


def produce() -> bytes:
    data = PartitionProduceData(index=0, records=build_batch([(1, None, b"v", ())]))
    request = ProduceRequest(acks=1, timeout_ms=1000, topic_data=[TopicProduceData(name="t", partition_data=[data])])
    return encode_request(ApiKey.PRODUCE, 9, 1, "test", request)


def connections(cluster: Cluster) -> int:
    async def count() -> int:
        sockets = cluster.brokers[0]._sockets
        assert sockets is not None
        return sockets.connection_count

    return cluster.run(count())


def end_offset(cluster: Cluster) -> int:
    partition = ListOffsetsPartition(partition_index=0, timestamp=-1)
    request = ListOffsetsRequest(replica_id=-1, topics=[ListOffsetsTopic(name="t", partitions=[partition])])
    with WireClient(cluster.bootstrap) as client:
        return client.call(request, 6, ListOffsetsResponse).topics[0].partitions[0].offset


def reset(client: WireClient) -> None:
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.socket.close()


def test_a_mute_client_is_answered_at_once_and_its_next_request_begins_later(cluster: Cluster) -> None:
    mute(cluster, 200)
    with WireClient(cluster.bootstrap) as client, WireClient(cluster.bootstrap) as other:
        client.send_bytes(versions(1) + versions(2))
        assert client.receive_frame()[:4] == struct.pack(">i", 1)
        answered = time.monotonic()
        other.send_bytes(versions(3))
        assert other.receive_frame()[:4] == struct.pack(">i", 3)
        assert client.receive_frame()[:4] == struct.pack(">i", 2)
        # From when it was made mute, which was before the answer came.
        assert time.monotonic() - answered > 0.1


def test_a_request_that_waited_makes_its_client_mute_when_it_is_answered(cluster: Cluster) -> None:
    """A hook that is followed by a delay makes the dispatcher answer later."""

    async def later(taken: Intercepted) -> Outcome:
        await asyncio.sleep(0.02)
        return await taken.work()

    def hook(context: RequestContext, request: Message) -> Interception | None:
        if context.header.correlation_id != 1:
            return None
        context.session.mute(200)
        return later

    intercept(cluster, hook)
    with WireClient(cluster.bootstrap) as client:
        began = time.monotonic()
        client.send_bytes(versions(1) + versions(2))
        assert client.receive_frame()[:4] == struct.pack(">i", 1)
        assert time.monotonic() - began < 0.19
        assert client.receive_frame()[:4] == struct.pack(">i", 2)
        assert time.monotonic() - began > 0.19


def test_the_end_of_a_mute_client_is_noticed(cluster: Cluster) -> None:
    mute(cluster, LONG_MS)
    client = WireClient(cluster.bootstrap)
    client.send_bytes(versions(1))
    client.receive_frame()
    assert connections(cluster) == 1
    reset(client)
    until(lambda: connections(cluster) == 0)


def test_what_a_mute_client_sent_before_it_was_gone_is_carried_out(cluster: Cluster) -> None:
    mute(cluster, LONG_MS)
    client = WireClient(cluster.bootstrap)
    client.send_bytes(versions(1) + produce() * 3)
    client.receive_frame()
    reset(client)
    until(lambda: end_offset(cluster) == 3)


def test_more_than_a_backlog_of_a_mute_client_is_carried_out_when_its_time_is_over(cluster: Cluster) -> None:
    mute(cluster, 300)
    request = produce()
    count = 3 * BACKLOG_BYTES // len(request)
    with WireClient(cluster.bootstrap) as client:
        client.send_bytes(versions(1) + request * count)
        for _ in range(count + 1):
            client.receive_frame()
    assert end_offset(cluster) == count


def test_a_mute_client_that_sends_no_more_is_answered_when_its_time_is_over(cluster: Cluster) -> None:
    mute(cluster, 200)
    with WireClient(cluster.bootstrap) as client:
        client.send_bytes(versions(1) + produce())
        client.socket.shutdown(socket.SHUT_WR)
        client.receive_frame()
        client.receive_frame()
        assert client.is_closed_by_peer()
    assert end_offset(cluster) == 1


def test_a_broker_that_stops_does_not_wait_for_mute_clients(cluster: Cluster) -> None:
    mute(cluster, LONG_MS)
    with WireClient(cluster.bootstrap) as client:
        client.send_bytes(versions(1))
        client.receive_frame()
        began = time.monotonic()
        cluster.stop()
        assert time.monotonic() - began < 1.9, "it is not cut off after the grace"
        assert client.is_closed_by_peer()


def test_a_mute_client_is_not_idle() -> None:
    with Cluster(configs={"connections.max.idle.ms": "110"}) as cluster:
        mute(cluster, 500)
        with WireClient(cluster.bootstrap) as client:
            client.send_bytes(versions(1) + versions(2))
            client.receive_frame()
            assert client.receive_frame()[:4] == struct.pack(">i", 2)
