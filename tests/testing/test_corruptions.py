"""Answers that are broken on purpose, and brokers that keep nothing."""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest
from kafka_compat.protocol.messages.produce import ProduceRequest, ProduceResponse
from kafka_compat.records.batch import is_crc_valid
from kafka_compat.records.reader import iter_records
from kafka_compat.testing import Kafka
from kafka_compat.testing.actions import blackhole, corrupt, endless, error
from kafka_compat.testing.corruptions import Kind
from tests.support.wire_client import ConnectionClosed, WireClient
from tests.testing.one_topic import produce, produce_request, values


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"t": 2}) as running:
        yield running


@pytest.fixture
def client(kafka: Kafka) -> Iterator[WireClient]:
    with WireClient(kafka.bootstrap_servers) as connected:
        yield connected


def fetch(client: WireClient, offset: int = 0, max_bytes: int = 1 << 20) -> list[bytes]:
    """The records of both partitions."""
    partitions = [FetchPartition(partition=number, fetch_offset=offset, partition_max_bytes=max_bytes) for number in range(2)]
    request = FetchRequest(max_bytes=1 << 20, topics=[FetchTopic(topic="t", partitions=partitions)])
    response = client.call(request, 12, FetchResponse)
    return [bytes(partition.records or b"") for partition in response.responses[0].partitions]  # type: ignore[arg-type]


def frame_of(client: WireClient) -> bytes:
    """An answer to Metadata, the length in front."""
    client.send(MetadataRequest(topics=None), 9)
    payload = client.receive_frame()
    return struct.pack(">i", len(payload)) + payload


def test_a_wrong_crc_in_what_is_fetched_and_not_in_the_log(kafka: Kafka, client: WireClient) -> None:
    for partition in range(2):
        produce(client, b"x" * 100, partition)
    fault = kafka.fail("Fetch", corrupt("crc"), partition=1)
    intact, broken = fetch(client)
    assert [is_crc_valid(batch, 0, len(batch)) for batch in (intact, broken)] == [True, False]
    assert fault.hits == 1
    assert all(is_crc_valid(batch, 0, len(batch)) for batch in fetch(client))


def test_only_answers_with_records_are_hits(kafka: Kafka, client: WireClient) -> None:
    """A consumer polls before there is anything: what cannot be broken must not use the fault up."""
    fault = kafka.fail("Fetch", corrupt("crc"))
    assert fetch(client) == [b"", b""]
    assert fault.hits == 0
    produce(client, b"x")
    batch, _ = fetch(client)
    assert not is_crc_valid(batch, 0, len(batch))
    assert fault.hits == 1


def test_a_truncated_frame_says_how_long_it_is(kafka: Kafka, client: WireClient) -> None:
    whole = frame_of(client)
    kafka.fail("Metadata", corrupt("truncate"))
    truncated = frame_of(client)
    assert 8 <= len(truncated) < len(whole)
    assert frame_of(client)[8:] == whole[8:]


def test_a_wrong_correlation_id(kafka: Kafka, client: WireClient) -> None:
    (before,) = struct.unpack_from(">i", frame_of(client), 4)
    kafka.fail("Metadata", corrupt("correlation_id"))
    (wrong,) = struct.unpack_from(">i", frame_of(client), 4)
    assert wrong == (before + 1) ^ 0x40000000


def test_half_an_answer_and_the_end(kafka: Kafka, client: WireClient) -> None:
    whole = len(frame_of(client))
    kafka.fail("Metadata", corrupt("partial"))
    client.send(MetadataRequest(topics=None), 9)
    received = b""
    while piece := client.socket.recv(1 << 16):
        received += piece
    assert len(received) == whole // 2


def test_an_answer_that_comes_in_drips(kafka: Kafka, client: WireClient) -> None:
    whole = frame_of(client)
    kafka.fail("Metadata", corrupt("drip", seconds=0.3))
    client.send(MetadataRequest(topics=None), 9)
    client.send(MetadataRequest(topics=None), 9)
    began_s = time.monotonic()
    pieces: list[bytes] = []
    while (left := len(whole) - sum(map(len, pieces))) > 0:
        pieces.append(client.socket.recv(left))
    assert time.monotonic() - began_s > 0.2
    assert len(pieces) > 10
    assert b"".join(pieces)[8:] == whole[8:]
    assert client.receive_frame()[4:] == whole[8:], "what is behind it waits, and is answered"


@pytest.mark.parametrize("kind", ["truncate", "correlation_id", "drip", "partial"])
def test_the_work_of_a_broken_answer_is_done(kafka: Kafka, kind: Kind) -> None:
    kafka.fail("Produce", corrupt(kind, seconds=0.05))
    with WireClient(kafka.bootstrap_servers) as client:
        client.send(produce_request(b"kept"), 9)
        try:
            client.receive_frame()
        except ConnectionClosed:
            assert kind == "partial"
    with WireClient(kafka.bootstrap_servers) as client:
        assert values(client) == [b"kept"]


def test_a_drip_ends_with_its_client_or_its_fault(kafka: Kafka, client: WireClient) -> None:
    fault = kafka.fail("Metadata", corrupt("drip", seconds=60))
    client.send(MetadataRequest(topics=None), 9)
    fault.wait()
    fault.remove()
    client.receive_frame()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("NOT_ENOUGH_REPLICAS_AFTER_APPEND", [b"x"]),
        ("NOT_ENOUGH_REPLICAS", []),
        (error("REQUEST_TIMED_OUT", after_work=True), [b"x"]),
    ],
)
@pytest.mark.parametrize("words", [{}, {"topic": "t"}])
def test_an_error_after_the_work(
    kafka: Kafka, client: WireClient, code: Any, expected: list[bytes], words: dict[str, Any]
) -> None:
    kafka.fail("Produce", code, **words)
    assert produce(client, b"x") != ErrorCode.NONE
    assert values(client) == expected


def test_an_error_of_a_part_that_fails_all_of_the_request(kafka: Kafka, client: WireClient) -> None:
    kafka.fail("Produce", error("INVALID_RECORD", "no", whole=True), topic="t", partition=0)
    first, second = produce_request(b"x", 0), produce_request(b"y", 1)
    first.topic_data[0].partition_data += second.topic_data[0].partition_data
    response = client.call(first, 9, ProduceResponse)
    answers = response.responses[0].partition_responses
    assert [(answer.error_code, answer.error_message) for answer in answers] == [(87, "no"), (87, "no")]


# --- brokers that keep nothing


def end_offset(client: WireClient) -> int:
    request = ListOffsetsRequest(
        replica_id=-1, topics=[ListOffsetsTopic(name="t", partitions=[ListOffsetsPartition(partition_index=0, timestamp=-1)])]
    )
    return client.call(request, 6, ListOffsetsResponse).topics[0].partitions[0].offset


@pytest.mark.parametrize("words", [{}, {"topic": "t", "partition": 0}])
def test_a_black_hole_acknowledges_and_keeps_nothing(kafka: Kafka, client: WireClient, words: dict[str, Any]) -> None:
    kafka.fail("Produce", blackhole(), times=None, must_fire=False, **words)
    for expected in range(3):
        response = client.call(produce_request(b"x"), 9, ProduceResponse)
        (answer,) = response.responses[0].partition_responses
        assert (answer.error_code, answer.base_offset) == (ErrorCode.NONE, expected)
    assert end_offset(client) == 0
    kafka.faults.clear()
    assert produce(client, b"kept") == ErrorCode.NONE
    assert values(client) == [b"kept"]


def test_a_black_hole_answers_nothing_where_nothing_is_wanted(kafka: Kafka, client: WireClient) -> None:
    kafka.fail("Produce", blackhole(), times=None)
    request: ProduceRequest = produce_request(b"x")
    request.acks = 0
    client.send(request, 9)
    assert len(frame_of(client)) > 8
    assert end_offset(client) == 0


@pytest.mark.parametrize("offset", [0, 12345])
def test_endless_records_from_any_offset(kafka: Kafka, client: WireClient, offset: int) -> None:
    kafka.fail("Fetch", endless(value_bytes=10, records=50), times=None, topic="t", partition=0)
    endlessly, nothing = fetch(client, offset, max_bytes=5000)
    records = list(iter_records(endlessly))
    assert 0 < len(endlessly) <= 5000
    assert [record.offset for record in records] == list(range(offset, offset + len(records)))
    assert {record.value for record in records} == {bytes(10)}
    assert len(records) % 50 == 0
    assert len(records) > 50
    assert nothing == b""
    assert end_offset(client) == 0


@pytest.mark.parametrize(
    ("api", "action", "message"),
    [
        ("Produce", corrupt("crc"), "corrupt('crc') is for Fetch, not 'Produce'"),
        ("*", endless(), "endless is for Fetch, not '*'"),
        (["Produce", "Fetch"], blackhole(), "blackhole is for Produce, not ['Produce', 'Fetch']"),
    ],
)
def test_an_action_for_another_api_is_refused(kafka: Kafka, api: Any, action: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kafka.fail(api, action)


def test_a_kind_that_there_is_not_is_refused() -> None:
    message = "an answer is corrupted by one of 'crc', 'truncate', 'correlation_id', 'drip', 'partial', not by 'crcs'"
    with pytest.raises(ValueError, match=re.escape(message)):
        corrupt("crcs")  # type: ignore[arg-type]
