"""Messages of very many elements: decoded and encoded in a thread, a few at a time, up to a limit."""

from __future__ import annotations

import logging
import struct
from typing import Any

import pytest

from kafka_compat.api import dispatch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.testing import Cluster
from tests.support.wire_client import ConnectionClosed, WireClient


def names(count: int) -> MetadataRequest:
    topics = [MetadataRequestTopic(name=f"topic-{number}") for number in range(count)]
    return MetadataRequest(topics=topics, allow_auto_topic_creation=False)


@pytest.mark.parametrize("count", [1, 1999, 2001, 30_000])
def test_wide_requests_are_answered_as_narrow_ones(count: int) -> None:
    with Cluster() as cluster, WireClient(cluster.bootstrap) as client:
        response = client.call(names(count), 9, MetadataResponse)
        assert len(response.topics) == count
        assert {topic.error_code for topic in response.topics} == {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
        assert client.call(ApiVersionsRequest(), 0, ApiVersionsResponse).error_code == ErrorCode.NONE


def test_many_wide_requests_at_once_are_answered_in_order() -> None:
    with Cluster() as cluster:
        clients = [WireClient(cluster.bootstrap) for _ in range(5)]
        sent = names(5000)
        for client in clients:
            client.send(sent, 9)
            client.send_bytes(b"")
        for client in clients:
            assert len(client.receive(sent, 9, MetadataResponse).topics) == 5000
            client.close()


def test_a_client_that_goes_while_its_wide_requests_wait_leaves_the_gate_open() -> None:
    with Cluster() as cluster:
        for _ in range(5):
            with WireClient(cluster.bootstrap) as client:
                client.send(DescribeGroupsRequest(groups=["g"] * 5000), 5)
        with WireClient(cluster.bootstrap) as client:
            response = client.call(DescribeGroupsRequest(groups=["g"] * 5000), 5, DescribeGroupsResponse)
            assert len(response.groups) == 5000


def wide_fetch(max_wait_ms: int = 0) -> FetchRequest:
    partitions = [FetchPartition(partition=number, partition_max_bytes=1) for number in range(3000)]
    return FetchRequest(max_wait_ms=max_wait_ms, min_bytes=1, topics=[FetchTopic(topic="t", partitions=partitions)])


def test_few_wide_fetches_read_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each holds some megabytes while it does."""
    reading: set[int] = set()
    most = 0
    answer = dispatch.Dispatcher._answer_wide

    async def counted(self: dispatch.Dispatcher, context: object, *rest: Any) -> object:
        nonlocal most
        reading.add(id(context))
        most = max(most, len(reading))
        try:
            return await answer(self, context, *rest)  # type: ignore[arg-type]
        finally:
            reading.discard(id(context))

    monkeypatch.setattr(dispatch.Dispatcher, "_answer_wide", counted)
    with Cluster(topics={"t": 3000}) as cluster:
        clients = [WireClient(cluster.bootstrap) for _ in range(6)]
        for client in clients:
            client.send(wide_fetch(), 12)
        for client in clients:
            assert len(client.receive(wide_fetch(), 12, FetchResponse).responses[0].partitions) == 3000
            client.close()
    assert most == 2


def test_wide_fetches_that_wait_let_others_go_on() -> None:
    with Cluster(topics={"t": 3000}) as cluster:
        clients = [WireClient(cluster.bootstrap) for _ in range(5)]
        for client in clients:
            client.send(wide_fetch(max_wait_ms=60_000), 12)
        with WireClient(cluster.bootstrap) as client:
            assert len(client.call(names(5000), 9, MetadataResponse).topics) == 5000
            data = PartitionProduceData(index=7, records=build_batch([(0, None, b"x", ())]))
            produced = ProduceRequest(acks=1, topic_data=[TopicProduceData(name="t", partition_data=[data])])
            assert client.call(produced, 9, ProduceResponse).responses[0].partition_responses[0].error_code == 0
            for waiting in clients:
                partitions = waiting.receive(wide_fetch(), 12, FetchResponse).responses[0].partitions
                assert [partition.partition_index for partition in partitions if partition.high_watermark == 1] == [7]
                waiting.close()
            assert len(client.call(names(5000), 9, MetadataResponse).topics) == 5000


def test_above_the_limit_the_connection_is_closed_and_the_log_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dispatch, "MAX_REQUEST_ELEMENTS", 4000)
    with Cluster() as cluster, caplog.at_level(logging.WARNING):
        with WireClient(cluster.bootstrap) as client:
            assert len(client.call(names(4000), 9, MetadataResponse).topics) == 4000
            with pytest.raises(ConnectionClosed):
                client.call(names(4001), 9, MetadataResponse)
        assert "METADATA v9 request with more than 4000 array elements" in caplog.text


def test_an_answer_above_the_limit_closes_the_connection_and_the_log_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dispatch, "MAX_ANSWER_ELEMENTS", 4000)
    with Cluster(topics={"t": 1500}) as cluster, caplog.at_level(logging.WARNING):
        with WireClient(cluster.bootstrap) as client, pytest.raises(ConnectionClosed):
            client.call(MetadataRequest(topics=None), 9, MetadataResponse)
        assert "the answer to METADATA v9 would have more than 4000 array elements" in caplog.text


@pytest.mark.parametrize("count", [10_001, 3000])
def test_headers_of_very_many_tagged_fields_are_refused(count: int, caplog: pytest.LogCaptureFixture) -> None:
    """CVE-2026-111115."""
    varint = bytes([count & 0x7F | 0x80, count >> 7 & 0x7F]) if count < 1 << 14 else b""
    header = struct.pack(">hhi", 3, 9, 1) + struct.pack(">h", -1) + varint
    tags = b"".join(bytes([number & 0x7F | 0x80, number >> 7 & 0x7F, 0]) for number in range(128, 128 + count))
    with Cluster() as cluster, caplog.at_level(logging.WARNING):
        frame = header + tags + bytes([1, 0, 0, 0])
        with WireClient(cluster.bootstrap) as client:
            client.send_bytes(struct.pack(">i", len(frame)) + frame)
            with pytest.raises(ConnectionClosed):
                client.receive_frame()
        assert "unreadable request header" in caplog.text
