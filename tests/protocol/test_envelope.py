"""Headers and whole frames."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.api_keys import API_VERSIONS, ApiKey
from kafka_compat.protocol.envelope import (
    decode_response,
    encode_request,
    encode_response,
    read_request_header,
    request_header_version,
    response_header_version,
)
from kafka_compat.protocol.messages.api_versions import ApiVersionsResponse
from kafka_compat.protocol.messages.fetch import FetchableTopicResponse, FetchResponse, PartitionData
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.protocol.messages.request_header import RequestHeader as RequestHeaderMessage
from kafka_compat.protocol.registry import request_class, response_class
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Reader, Writer
from kafka_compat.wire.types import join_parts


@pytest.mark.parametrize(("version", "header_version"), [(3, 1), (4, 2)])
@pytest.mark.parametrize("client_id", ["app-1", "", None])
def test_a_request_frame_comes_back(version: int, header_version: int, client_id: str | None) -> None:
    frame = encode_request(ApiKey.HEARTBEAT, version, 77, client_id, HeartbeatRequest(group_id="g"))
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    reader = Reader(frame, 4)
    header = read_request_header(reader)
    assert (header.api_key, header.api_version, header.correlation_id) == (ApiKey.HEARTBEAT, version, 77)
    assert (header.client_id, header.header_version) == (client_id, header_version)
    assert HeartbeatRequest.decode(reader, version).group_id == "g"
    assert reader.remaining == 0


@pytest.mark.parametrize("version", [1, 2])
def test_the_header_is_the_schema_s(version: int) -> None:
    writer = Writer()
    value = RequestHeaderMessage(request_api_key=18, request_api_version=version + 1, correlation_id=-5, client_id="é")
    value.encode(writer, version)
    header = read_request_header(Reader(writer.to_bytes()))
    assert (header.header_version, header.correlation_id, header.client_id) == (version, -5, "é")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("", "ends early"),
        ("00120003000000", "ends early"),
        ("03e7000000000001ffff", "unknown API key 999"),
        ("ffff000000000001ffff", "unknown API key -1"),
        ("0012000000000001", "ends early"),
        ("001200000000000100056162", "length 5"),
        ("0012000300000001ffff", "ends early"),
    ],
)
def test_a_broken_header_is_an_error(frame: str, message: str) -> None:
    with pytest.raises(WireError, match=message):
        read_request_header(Reader(bytes.fromhex(frame)))


def test_an_unsupported_version_still_has_a_header() -> None:
    """ApiVersions of a future version gets an answer, so its header must be readable (KIP-511)."""
    header = read_request_header(Reader(bytes.fromhex("0012006300000001ffff00")))
    assert (header.api_version, header.header_version) == (99, 2)


def test_every_response_comes_back_in_every_version() -> None:
    for key, versions in API_VERSIONS.items():
        for version in range(versions.min_version, versions.max_version + 1):
            response = response_class(key)()
            if key == ApiKey.FETCH_SNAPSHOT or (key == ApiKey.SHARE_FETCH):
                continue
            frame = join_parts(encode_response(key, version, 9, response))
            assert int.from_bytes(frame[:4], "big") == len(frame) - 4
            assert decode_response(key, version, frame[4:]) == (9, response)
            assert encode_request(key, version, 1, None, request_class(key)())


def test_api_versions_always_answers_with_the_old_header() -> None:
    assert response_header_version(ApiKey.API_VERSIONS, 4) == 0
    assert request_header_version(ApiKey.API_VERSIONS, 3) == 2
    frame = join_parts(encode_response(ApiKey.API_VERSIONS, 3, 1, ApiVersionsResponse()))
    assert frame.hex() == "0000000c" + "00000001" + "0000" + "01" + "00000000" + "00"


def test_large_records_are_not_copied_into_the_frame() -> None:
    records = bytearray(10_000)
    partition = PartitionData(partition_index=0, records=(records,))
    response = FetchResponse(responses=[FetchableTopicResponse(topic="t", partitions=[partition])])
    chunks = encode_response(ApiKey.FETCH, 12, 3, response)
    assert any(chunk is records for chunk in chunks)
    assert int.from_bytes(join_parts(chunks[:1])[:4], "big") == sum(map(len, chunks)) - 4


def test_bytes_behind_a_response_are_an_error() -> None:
    frame = join_parts(encode_response(ApiKey.HEARTBEAT, 4, 1, HeartbeatResponse()))
    with pytest.raises(WireError, match="1 bytes behind"):
        decode_response(ApiKey.HEARTBEAT, 4, frame[4:] + b"x")
