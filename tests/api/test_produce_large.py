"""Batches that a thread writes, because writing them would hold the event loop."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.records.reader import iter_records
from kafka_compat.storage.local.handle import LocalOpenLog
from kafka_compat.testing import Cluster
from tests.support.wire_client import WireClient

NOW_MS = 1_704_067_200_000
LARGE = os.urandom(1 << 20) * 5


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(topics={"t": 2}, configs={"message.max.bytes": 16 << 20}) as cluster:
        yield cluster


def produce(client: WireClient, *batches: tuple[int, bytes]) -> list[tuple[ErrorCode, int]]:
    data = [PartitionProduceData(index=index, records=batch) for index, batch in batches]
    request = ProduceRequest(acks=-1, timeout_ms=1000, topic_data=[TopicProduceData(name="t", partition_data=data)])
    answered = client.call(request, 9, ProduceResponse).responses[0].partition_responses
    return [(ErrorCode(partition.error_code), partition.base_offset) for partition in answered]


def values(client: WireClient, partition: int) -> list[bytes | None]:
    """Of all records; a fetch ends with its segment."""
    found: list[bytes | None] = []
    while True:
        wanted = FetchPartition(partition=partition, fetch_offset=len(found), partition_max_bytes=64 << 20)
        request = FetchRequest(max_bytes=64 << 20, topics=[FetchTopic(topic="t", partitions=[wanted])])
        answered = client.call(request, 12, FetchResponse).responses[0].partitions[0]
        assert isinstance(answered.records, bytes | memoryview)
        found += [record.value for record in iter_records(answered.records)]
        if len(found) == answered.high_watermark:
            return found


def batch(value: bytes, *, producer_id: int = -1, sequence: int = -1) -> bytes:
    epoch = -1 if producer_id < 0 else 0
    return bytes(
        build_batch([(NOW_MS, None, value, ())], producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence)
    )


def files(cluster: Cluster, partition: int) -> list[str]:
    """Of batches, in segments or on their way."""
    log = cluster.state.logs.get("t", partition)
    assert log is not None
    assert isinstance(log.storage, LocalOpenLog)
    names = cluster.file_system.list_directory(log.storage._log.directory)
    return sorted(name for name in names if name.endswith((".log", ".tmp")))


def test_a_large_batch_becomes_a_segment(cluster: Cluster) -> None:
    with WireClient(cluster.bootstrap) as client:
        none = ErrorCode.NONE
        assert produce(client, (0, batch(b"before"))) == [(none, 0)]
        assert produce(client, (0, batch(LARGE)), (1, batch(LARGE))) == [(none, 1), (none, 0)]
        assert produce(client, (0, batch(b"after")), (1, batch(b"after"))) == [(none, 2), (none, 1)]
        assert values(client, 0) == [b"before", LARGE, b"after"]
        assert values(client, 1) == [LARGE, b"after"]
    assert files(cluster, 0) == [f"{0:020d}.log", f"{1:020d}.log"]
    assert files(cluster, 1) == [f"{0:020d}.log"]


def test_a_large_batch_is_there_after_a_restart(cluster: Cluster) -> None:
    with WireClient(cluster.bootstrap) as client:
        produce(client, (0, batch(LARGE)))
    cluster.stop()
    with Cluster(file_system=cluster.file_system) as again, WireClient(again.bootstrap) as client:
        assert values(client, 0) == [LARGE]


def test_a_large_batch_that_is_refused_or_a_duplicate_leaves_nothing(cluster: Cluster) -> None:
    first = batch(LARGE, producer_id=7, sequence=0)
    with WireClient(cluster.bootstrap) as client:
        assert produce(client, (0, first)) == [(ErrorCode.NONE, 0)]
        assert produce(client, (0, first)) == [(ErrorCode.NONE, 0)]
        assert produce(client, (0, batch(LARGE, producer_id=7, sequence=5))) == [(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1)]
        assert values(client, 0) == [LARGE]
    assert files(cluster, 0) == [f"{0:020d}.log"]
