"""The log of requests: what is kept of each, finding some of them, waiting for more."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from kafka_compat.api.observers import End
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.testing import Kafka
from kafka_compat.testing import request_recorder as recorder
from tests.support.wire_client import WireClient


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"orders": 2, "payments": 1}, auto_create=False) as kafka:
        yield kafka


@pytest.fixture
def client(kafka: Kafka) -> Iterator[WireClient]:
    with WireClient(kafka.bootstrap_servers) as client:
        yield client


def produce_to(topic: str, value: bytes = b"value", *, acks: int = -1) -> ProduceRequest:
    batch = build_batch([(1_704_067_200_000, None, value, ())])
    data = [TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=0, records=batch)])]
    return ProduceRequest(acks=acks, timeout_ms=1000, topic_data=data)


def produce(client: WireClient, topic: str = "orders", value: bytes = b"value") -> None:
    client.call(produce_to(topic, value), 9, ProduceResponse)


def fetch(topic: str = "orders", *, wait_ms: int = 0) -> FetchRequest:
    wanted = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)
    return FetchRequest(
        max_wait_ms=wait_ms, min_bytes=1, max_bytes=1 << 20, topics=[FetchTopic(topic=topic, partitions=[wanted])]
    )


def test_a_request_has_what_surrounds_it_and_its_bodies(kafka: Kafka, client: WireClient) -> None:
    versions = ApiVersionsRequest(client_software_name="some-client", client_software_version="1.2")
    client.call(versions, 3, ApiVersionsResponse)
    produce(client)
    asked, produced = kafka.requests
    assert (asked.number, produced.number) == (0, 1)
    assert (produced.api, produced.version, produced.broker, produced.end) == ("Produce", 9, 1, End.ANSWERED)
    assert produced.address == f"127.0.0.1:{client.socket.getsockname()[1]}"
    assert produced.software == "some-client 1.2"
    assert produced.duration_ms > 0
    assert produced.ended_ms is not None
    assert produced.ended_ms >= produced.began_ms
    assert produced.partitions == {"orders": (0,)}
    assert isinstance(produced.body, ProduceRequest)
    assert isinstance(produced.answer, ProduceResponse)
    assert produced.body_json is not None
    assert produced.body_json["acks"] == -1
    assert produced.answer_json is not None
    assert list(produced.answer_json) == ["responses", "throttleTimeMs"]
    assert (produced.errors, produced.why) == ((), "")


def test_records_of_large_requests_and_answers_are_cut_and_their_fields_stay(kafka: Kafka, client: WireClient) -> None:
    produce(client, value=bytes(300_000))
    client.call(fetch(), 12, FetchResponse)
    produced, fetched = kafka.requests
    assert produced.request_bytes > 300_000
    assert isinstance(produced.body, ProduceRequest)
    [partition] = produced.body.topic_data[0].partition_data
    assert partition.records is not None
    assert len(partition.records) == 1024
    assert fetched.answer_bytes > 300_000
    assert isinstance(fetched.answer, FetchResponse)
    assert fetched.answer.responses[0].partitions[0].high_watermark == 1
    assert produced.kept_bytes + fetched.kept_bytes < 4_000


def test_some_are_found_by_what_they_name(kafka: Kafka, client: WireClient) -> None:
    produce(client, "orders")
    produce(client, "payments")
    client.call(HeartbeatRequest(group_id="app", member_id="m", generation_id=3), 3, HeartbeatResponse)
    requests = kafka.requests
    assert [each.topics for each in requests.of("Produce")] == [("orders",), ("payments",)]
    assert len(requests.of(topic="orders")) == 1
    assert [each.api for each in requests.of(group="app")] == ["Heartbeat"]
    assert requests.count("Produce", "Heartbeat") == 3
    assert requests.count("Produce", broker=2) == requests.count(client_id="nobody") == 0
    assert [each.api for each in requests.errors()] == ["Heartbeat"]
    assert requests.count(error=requests.errors()[0].errors[0]) == 1
    assert requests.count(where=lambda request: request.version == 9) == 2
    assert [each.api for each in requests.last(2)] == ["Produce", "Heartbeat"]
    requests.clear()
    assert list(requests) == []


def test_what_is_no_api_or_error_is_refused(kafka: Kafka) -> None:
    with pytest.raises(ValueError, match=r"there is no API 'Hearbeat' \(did you mean 'Heartbeat' or 'BrokerHeartbeat'\?\)"):
        kafka.requests.of("Hearbeat")
    with pytest.raises(ValueError, match="there is no error 'NO_SUCH'"):
        kafka.requests.of(error="NO_SUCH")


def test_topics_named_by_id_have_their_names_also_when_they_are_gone(kafka: Kafka, client: WireClient) -> None:
    answer = client.call(MetadataRequest(topics=[MetadataRequestTopic(name="orders")]), 12, MetadataResponse)
    kafka.requests.clear()
    by_id = fetch()
    by_id.topics[0].topic, by_id.topics[0].topic_id = "", answer.topics[0].topic_id
    client.call(by_id, 13, FetchResponse)
    assert kafka.requests[0].topics == ("orders",)


def test_those_that_have_not_ended_are_under_way(kafka: Kafka, client: WireClient) -> None:
    client.send(fetch(wait_ms=20_000), 12)
    with WireClient(kafka.bootstrap_servers) as other:
        other.call(MetadataRequest(topics=[]), 12, MetadataResponse)
        [waiting] = kafka.requests.under_way()
        assert (waiting.api, waiting.end, waiting.topics) == ("Fetch", None, ("orders",))
        produce(other)
    client.receive_frame()
    assert kafka.requests.wait_for("Fetch").number == waiting.number
    assert not kafka.requests.under_way()


def test_a_wait_is_woken_by_the_request(kafka: Kafka, client: WireClient) -> None:
    def produce_three() -> None:
        for _ in range(3):
            produce(client)

    later = threading.Timer(0.05, produce_three)
    later.start()
    third = kafka.requests.wait_for("Produce", topic="orders", count=3)
    later.join()
    assert third.number == 2
    assert kafka.requests.wait_for("Produce") is kafka.requests[0]


def test_a_wait_in_vain_says_what_came_instead(kafka: Kafka, client: WireClient) -> None:
    produce(client)
    client.send(fetch("payments", wait_ms=20_000), 12)
    with pytest.raises(TimeoutError) as raised:
        kafka.requests.wait_for("Heartbeat", group="app", timeout_s=0.05)
    assert str(raised.value).startswith("no Heartbeat of group 'app' within 0.05 s; what came: 1 Produce")
    assert "under way: Fetch v12 (payments-0)" in str(raised.value)
    with pytest.raises(TimeoutError, match="only 1 of 2 Produce within"):
        kafka.requests.wait_for("Produce", count=2, timeout_s=0.05)


def test_requests_that_end_without_an_answer_say_why(kafka: Kafka, client: WireClient) -> None:
    client.send(produce_to("orders", acks=0), 9)
    kafka.requests.wait_for("Produce")
    header = b"\0\x0c\0\x63\0\0\0\x07\0\x04test\0"  # Heartbeat 99
    client.send_bytes(len(header).to_bytes(4) + header)
    closed = kafka.requests.wait_for("Heartbeat")
    assert kafka.requests.of("Produce")[0].end is End.NO_ANSWER
    kafka.requests.wait_until(lambda: bool(kafka.requests.closed_connections()), 5)
    assert (closed.end, closed.errors) == (End.CLOSED, ())
    assert closed.why == "unsupported api key 12 version 99 (client id 'test')"


def test_connections_that_speak_something_else_are_known(kafka: Kafka) -> None:
    host, port = kafka.bootstrap_servers.split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(100) == b""
    [closed] = kafka.requests.closed_connections()
    assert "it looks like an HTTP request" in closed.reason
    assert list(kafka.requests) == []


def test_the_log_is_bounded(monkeypatch: pytest.MonkeyPatch, kafka: Kafka, client: WireClient) -> None:
    monkeypatch.setattr(recorder, "_MOST_REQUESTS", 3)
    for _ in range(5):
        produce(client)
    assert [each.number for each in kafka.requests] == [2, 3, 4]
    assert kafka.requests.dropped == 2
    monkeypatch.setattr(recorder, "_MOST_BYTES", 15_000)
    for _ in range(3):
        produce(client, value=bytes(10_000))
    assert [each.number for each in kafka.requests] == [7]


async def test_a_wait_leaves_the_callers_loop_alone(kafka: Kafka, client: WireClient) -> None:
    waiting = asyncio.ensure_future(kafka.aio.wait_for_request("Produce", topic="orders"))
    await asyncio.sleep(0)
    produce(client)
    assert (await waiting).topics == ("orders",)
    with pytest.raises(TimeoutError, match="no Heartbeat within"):
        await kafka.aio.wait_for_request("Heartbeat", timeout_s=0.01)
