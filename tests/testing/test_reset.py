"""Back to what the constructor made: connections, topics, groups and transactions are gone, and clients go on at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.testing import Cluster, Kafka, ManualClock
from tests.support.wire_client import ConnectionClosed, WireClient
from tests.testing.one_topic import produce, values
from tests.testing.plain_steps import join, joined, metadata


def reset(cluster: Cluster) -> None:
    cluster.run(cluster.reset())


@pytest.fixture(autouse=True)
def nothing_worse_than_a_warning(caplog: pytest.LogCaptureFixture) -> object:
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_topics_are_as_in_the_beginning_with_other_ids_and_nothing_in_them() -> None:
    with Cluster(topics={"t": 2}) as cluster:
        bootstrap = cluster.bootstrap
        before = metadata(bootstrap)
        with WireClient(bootstrap) as client:
            produce(client, b"old")
            client.call(MetadataRequest(topics=None), 9, MetadataResponse)
        reset(cluster)
        after = metadata(cluster.bootstrap)
        assert cluster.bootstrap == bootstrap
        assert after.cluster_id == before.cluster_id
        assert [(topic.name, len(topic.partitions)) for topic in after.topics] == [("t", 2)]
        assert after.topics[0].topic_id != before.topics[0].topic_id
        with WireClient(bootstrap) as client:
            assert values(client) == []
            assert produce(client, b"new") == ErrorCode.NONE
            assert values(client) == [b"new"]


def test_producer_ids_keep_rising() -> None:
    seen = []
    with Cluster() as cluster:
        for _ in range(3):
            with WireClient(cluster.bootstrap) as client:
                for _ in range(2):
                    seen.append(
                        client.call(InitProducerIdRequest(transactional_id=None), 4, InitProducerIdResponse).producer_id
                    )
            reset(cluster)
    assert seen == sorted(set(seen))


def test_waits_joins_and_half_requests_are_cut() -> None:
    """Long polls, members that wait for others, a frame of which the rest never comes, clients that say nothing."""
    with Cluster(topics={"t": 1}) as cluster:
        address = cluster.bootstrap
        with (
            WireClient(address) as poller,
            WireClient(address) as first,
            WireClient(address) as second,
            WireClient(address) as silent,
            socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as half,
        ):
            wanted = FetchTopic(topic="t", partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=100)])
            long_poll = FetchRequest(max_wait_ms=60_000, min_bytes=1, max_bytes=100, topics=[wanted])
            poller.send(long_poll, 12)
            assert joined(first, "g") == ErrorCode.NONE
            second.send(join("g"), 3)  # waits for the first member to join again
            half.sendall(b"\0\0\1\0" + b"\0\0")
            silent.call(MetadataRequest(topics=[]), 9, MetadataResponse)
            began_s = time.monotonic()
            reset(cluster)
            assert time.monotonic() - began_s < 1
            for client in (poller, second, silent):
                with pytest.raises((ConnectionClosed, ConnectionError)):
                    client.receive(long_poll, 12, FetchResponse)
            half.settimeout(5)
            with contextlib.suppress(ConnectionError):
                assert half.recv(1) == b""
        with WireClient(address) as client:
            assert client.call(ListGroupsRequest(), 4, ListGroupsResponse).groups == []


def test_many_resets_while_clients_are_busy(caplog: pytest.LogCaptureFixture) -> None:
    """Clients that produce, read and join without a pause see errors and closed connections, and work again at once."""
    over = threading.Event()
    done = {"produce": 0, "read": 0, "join": 0}

    def busy(name: str) -> None:
        number = 0
        while not over.is_set():
            try:
                with WireClient(cluster.bootstrap) as client:
                    while not over.is_set():
                        number += 1
                        if name == "produce":
                            produce(client, b"x" * 1000)
                        elif name == "read":
                            values(client)
                        else:
                            joined(client, f"g{number}")
                        done[name] += 1
            except (ConnectionClosed, ConnectionError):
                continue

    with Cluster(topics={"t": 1}) as cluster:
        threads = [threading.Thread(target=busy, args=(name,)) for name in done]
        for thread in threads:
            thread.start()
        for _ in range(30):
            before = dict(done)
            reset(cluster)
            until_s = time.monotonic() + 10
            while any(done[name] == before[name] for name in done) and time.monotonic() < until_s:
                time.sleep(0.001)
            assert time.monotonic() < until_s, (before, done)
        over.set()
        for thread in threads:
            thread.join()
        reset(cluster)
        assert [topic.name for topic in metadata(cluster.bootstrap).topics] == ["t"]

        async def tasks() -> list[str]:
            return sorted(str(task.get_name()) for task in asyncio.all_tasks() if task is not asyncio.current_task())

        assert cluster.run(tasks()) == []


def test_hundreds_of_connections_are_cut() -> None:
    with Cluster() as cluster:
        host, _, port = cluster.bootstrap.rpartition(":")
        connections = [socket.create_connection((host, int(port))) for _ in range(300)]
        metadata(cluster.bootstrap)
        began_s = time.monotonic()
        reset(cluster)
        assert time.monotonic() - began_s < 2
        for connection in connections:
            connection.settimeout(5)
            assert connection.recv(1) == b""
            connection.close()
        assert metadata(cluster.bootstrap).brokers


def test_time_stands_where_it_stood_and_the_timers_of_before_are_gone() -> None:
    clock = ManualClock()
    with Cluster(topics={"t": 1}, clock=clock) as cluster:
        cluster.advance(5_000)
        with WireClient(cluster.bootstrap) as client:
            produce(client, b"x")
            assert joined(client, "g") == ErrorCode.NONE
        wall_ms = clock.wall_ms()
        timers = []
        for _ in range(5):
            reset(cluster)
            timers.append(clock.pending)
        assert clock.wall_ms() == wall_ms
        assert timers == [timers[0]] * 5
        cluster.advance(24 * 3600 * 1000)
        assert metadata(cluster.bootstrap).brokers


def test_hooks_see_the_new_brokers_and_hear_of_the_reset() -> None:
    seen: list[object] = []

    async def follow() -> None:
        cluster.on_broker(lambda broker: seen.append(broker.node_id))
        cluster.on_reset(lambda: seen.append("reset"))

    with Cluster(brokers=2) as cluster:
        cluster.run(follow())
        reset(cluster)
    assert seen == [1, 2, "reset", 1, 2]


def test_the_face_resets_too() -> None:
    with Kafka(topics={"orders": 3}, brokers=3) as kafka:
        bootstrap = kafka.bootstrap_servers
        kafka.reset()
        assert kafka.bootstrap_servers == bootstrap
        assert len(metadata(bootstrap.split(",")[0]).topics[0].partitions) == 3
