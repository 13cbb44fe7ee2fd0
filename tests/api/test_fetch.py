"""Fetch over many partitions and beside appends: nobody is held up, no wake is lost."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time

import pytest

from kafka_compat import pacing
from kafka_compat.log.partition_view import PartitionView
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.storage.interface import Chunk
from kafka_compat.testing import Cluster
from tests.api.compiled import replaces_parts
from tests.wire_client import WireClient

VERSION = 12


def fetch(partitions: list[int], *, topic: str = "t", max_wait_ms: int = 0, offset: int = 0) -> FetchRequest:
    wanted = [FetchPartition(partition=index, fetch_offset=offset, partition_max_bytes=1 << 20) for index in partitions]
    return FetchRequest(
        max_wait_ms=max_wait_ms, min_bytes=1, max_bytes=50 << 20, topics=[FetchTopic(topic=topic, partitions=wanted)]
    )


def produce(client: WireClient, partition: int) -> None:
    data = PartitionProduceData(index=partition, records=build_batch([(1_704_067_200_000, None, b"v", ())]))
    request = ProduceRequest(acks=-1, timeout_ms=1000, topic_data=[TopicProduceData(name="t", partition_data=[data])])
    response = client.call(request, 9, ProduceResponse)
    assert response.responses[0].partition_responses[0].error_code == ErrorCode.NONE


def sizes(response: FetchResponse) -> dict[int, int]:
    """Bytes of records by partition."""
    return {
        partition.partition_index: len(partition.records or b"")  # type: ignore[arg-type]
        for topic in response.responses
        for partition in topic.partitions
    }


@replaces_parts
def test_what_is_appended_while_the_medium_is_waited_for_wakes_the_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Review C10: partition 0 was read, partition 1 is slow, and then something comes to partition 0."""
    is_read = threading.Event()
    go_on = threading.Event()
    read_now = PartitionView.read_now
    read = PartitionView.read

    def blocks(self: PartitionView, *args: object, **kwargs: object) -> Chunk | None:
        return None if self.name == "t-1" and not go_on.is_set() else read_now(self, *args, **kwargs)  # type: ignore[arg-type]

    async def is_slow(self: PartitionView, *args: object, **kwargs: object) -> Chunk:
        is_read.set()
        await asyncio.to_thread(go_on.wait)
        return await read(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(PartitionView, "read_now", blocks)
    monkeypatch.setattr(PartitionView, "read", is_slow)
    with Cluster(topics={"t": 2}) as cluster, WireClient(cluster.bootstrap) as reader, WireClient(cluster.bootstrap) as writer:
        request = fetch([0, 1], max_wait_ms=15_000)
        reader.send(request, VERSION)
        assert is_read.wait(5)
        produce(writer, 0)
        began_s = time.monotonic()
        go_on.set()
        found = sizes(reader.receive(request, VERSION, FetchResponse))
        assert found[0] > 0
        assert time.monotonic() - began_s < 10


@pytest.mark.parametrize("count", [600, 1500, 20_000])
def test_a_fetch_of_very_many_partitions_is_answered_in_turns(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    with Cluster(topics={"t": 3}) as cluster, WireClient(cluster.bootstrap) as client:
        produce(client, 1)
        request = fetch(list(range(count)))
        response = client.call(request, VERSION, FetchResponse)
        found = sizes(response)
        assert len(found) == count
        assert [index for index, size in found.items() if size] == [1]
        codes = {p.partition_index: p.error_code for topic in response.responses for p in topic.partitions}
        assert codes.pop(2) == codes.pop(1) == codes.pop(0) == ErrorCode.NONE
        assert set(codes.values()) == {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}


def test_a_fetch_of_very_many_partitions_waits_and_is_woken() -> None:
    with (
        Cluster(topics={"t": 700}) as cluster,
        WireClient(cluster.bootstrap) as reader,
        WireClient(cluster.bootstrap) as writer,
    ):
        request = fetch(list(range(700)), max_wait_ms=15_000)
        reader.send(request, VERSION)
        began_s = time.monotonic()
        produce(writer, 650)
        found = sizes(reader.receive(request, VERSION, FetchResponse))
        assert [index for index, size in found.items() if size] == [650]
        assert time.monotonic() - began_s < 10


def test_long_polls_that_end_together_are_all_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    with Cluster(topics={"t": 1}) as cluster, WireClient(cluster.bootstrap) as writer:
        readers = [WireClient(cluster.bootstrap) for _ in range(50)]
        request = fetch([0], max_wait_ms=15_000)
        for reader in readers:
            reader.send(request, VERSION)
        produce(writer, 0)
        for reader in readers:
            assert sizes(reader.receive(request, VERSION, FetchResponse))[0] > 0
            reader.close()


@replaces_parts
def test_a_fetch_that_waited_for_the_medium_and_then_parked_ends_with_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Review S2: whether a request ends with its client is known only when it waits."""
    read_now = PartitionView.read_now
    blocked: list[str] = []

    def blocks_once(self: PartitionView, *args: object, **kwargs: object) -> Chunk | None:
        if not blocked:
            blocked.append(self.name)
            return None
        return read_now(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(PartitionView, "read_now", blocks_once)
    with Cluster(topics={"t": 1}) as cluster:
        purgatory = cluster.state.purgatory

        async def is_parked(wanted: bool) -> bool:
            for _ in range(1000):
                if bool(len(purgatory)) is wanted:
                    return True
                await asyncio.sleep(0.005)
            return False

        with WireClient(cluster.bootstrap) as client:
            client.send(fetch([0], max_wait_ms=30_000), VERSION)
            assert cluster.run(is_parked(True))
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
        assert cluster.run(is_parked(False))
