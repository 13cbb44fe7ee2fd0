"""What a connection does with frames that are wrong, against Apache Kafka: answer, close, or wait for more."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest
from kafka_compat.protocol.messages.fetch import FetchRequest
from kafka_compat.protocol.messages.list_offsets import ListOffsetsRequest
from kafka_compat.protocol.messages.metadata import MetadataRequest
from tests.conformance.both import ANY_ERROR, CLOSED, Both, Side
from tests.conformance.data_plane import Wanted, batch, fetch, produce
from tests.conformance.normalise import Normal
from tests.support.wire_client import ConnectionClosed, WireClient


def frame(content: bytes) -> bytes:
    return struct.pack(">i", len(content)) + content


def header(api_key: int, version: int, correlation_id: int = 5, client_id: bytes | None = b"c") -> bytes:
    length = -1 if client_id is None else len(client_id)
    return struct.pack(">hhih", api_key, version, correlation_id, length) + (client_id or b"")


LISTED = header(ApiKey.LIST_OFFSETS, 1) + struct.pack(">ii", -1, 0)
"""A request that both brokers answer with the same bytes: ListOffsets v1 of nothing."""

FRAMES: Mapping[str, bytes] = {
    "good": frame(LISTED),
    "null client id": frame(header(ApiKey.LIST_OFFSETS, 1, client_id=None) + struct.pack(">ii", -1, 0)),
    "empty client id": frame(header(ApiKey.LIST_OFFSETS, 1, client_id=b"") + struct.pack(">ii", -1, 0)),
    "client id length -2": frame(struct.pack(">hhih", ApiKey.LIST_OFFSETS, 1, 5, -2) + struct.pack(">ii", -1, 0)),
    "client id bad utf8": frame(header(ApiKey.LIST_OFFSETS, 1, client_id=b"\xff\xfe") + struct.pack(">ii", -1, 0)),
    "client id too long": frame(struct.pack(">hhih", ApiKey.LIST_OFFSETS, 1, 5, 500) + b"c"),
    "trailing bytes": frame(LISTED + b"trailing"),
    "trailing zero": frame(LISTED + b"\x00"),
    "empty": frame(b""),
    "one byte": frame(b"\x00"),
    "half a header": frame(header(ApiKey.LIST_OFFSETS, 1)[:6]),
    "no client id": frame(header(ApiKey.LIST_OFFSETS, 1)[:8]),
    "no body": frame(header(ApiKey.LIST_OFFSETS, 1)),
    "half a body": frame(LISTED[:-3]),
    "array too long": frame(LISTED[:-4] + struct.pack(">i", 1000)),
    "array length -1": frame(LISTED[:-4] + struct.pack(">i", -1)),
    "array length -2": frame(LISTED[:-4] + struct.pack(">i", -2)),
    "array length max": frame(LISTED[:-4] + struct.pack(">i", 0x7FFFFFFF)),
    "unknown key 999": frame(header(999, 0)),
    "unknown key -1": frame(header(-1, 0)),
    "key 4": frame(header(4, 0)),
    "key 52": frame(header(52, 0)),
    "produce 0": frame(header(ApiKey.PRODUCE, 0) + struct.pack(">hii", 1, 1000, 0)),
    "produce 2": frame(header(ApiKey.PRODUCE, 2) + struct.pack(">hii", 1, 1000, 0)),
    "produce 14": frame(header(ApiKey.PRODUCE, 14) + b"\x00" * 20),
    "list offsets 0": frame(header(ApiKey.LIST_OFFSETS, 0) + struct.pack(">ii", -1, 0)),
    "list offsets 12": frame(header(ApiKey.LIST_OFFSETS, 12) + b"\x00" * 20),
    "fetch 3": frame(header(ApiKey.FETCH, 3) + b"\x00" * 30),
    "fetch 19": frame(header(ApiKey.FETCH, 19) + b"\x00" * 30),
    "negative version": frame(header(ApiKey.LIST_OFFSETS, -1) + struct.pack(">ii", -1, 0)),
    "negative correlation id": frame(header(ApiKey.LIST_OFFSETS, 1, -7) + struct.pack(">ii", -1, 0)),
    "negative size": struct.pack(">i", -1) + LISTED,
    "size min": struct.pack(">i", -(1 << 31)) + LISTED,
    "size above the limit": struct.pack(">i", 104_857_601) + LISTED,
    "size max": struct.pack(">i", 0x7FFFFFFF) + LISTED,
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
    "unknown tag in header": frame(header(ApiKey.LIST_OFFSETS, 6) + b"\x01\x63\x02ab" + b"\xff\xff\xff\xff\x00\x01\x00"),
    "unknown tag in body": frame(header(ApiKey.LIST_OFFSETS, 6) + b"\x00" + b"\xff\xff\xff\xff\x00\x01\x01\x63\x02ab"),
    "tags of header cut": frame(header(ApiKey.LIST_OFFSETS, 6) + b"\x05"),
    "compact array null": frame(header(ApiKey.LIST_OFFSETS, 6) + b"\x00" + b"\xff\xff\xff\xff\x00\x00\x00"),
    "varint without end": frame(header(ApiKey.LIST_OFFSETS, 6) + b"\x00" + b"\xff\xff\xff\xff\x00" + b"\xff" * 8),
}


def _after(side: Side, sent: bytes) -> list[Normal]:
    """The answer to `sent`, and to a good request behind it on the same connection."""
    answers: list[Normal] = []
    with WireClient(side.bootstrap) as client:
        try:
            client.send_bytes(sent)
            client.send_bytes(frame(LISTED))
            answers.append(client.receive_frame())
            answers.append(client.receive_frame())
        except (ConnectionClosed, ConnectionError):
            answers.append(CLOSED)
    return answers


@pytest.mark.parametrize("label", [label for label in FRAMES if label != "good"])
def test_frames(both: Both, label: str) -> None:
    both.compare_values(
        f"frame {label}", ApiKey.LIST_OFFSETS, *(_after(side, FRAMES[label]) for side in both.sides), expect=ANY_ERROR
    )


def _only_answers(side: Side, sent: list[bytes], answers: int) -> list[Normal]:
    with WireClient(side.bootstrap) as client:
        try:
            for part in sent:
                client.send_bytes(part)
            return [client.receive_frame()[:4] for _ in range(answers)]
        except (ConnectionClosed, ConnectionError):
            return [CLOSED]


def test_pipelining_keeps_the_order(both: Both) -> None:
    """A fetch that waits holds back what follows on its connection; acks=0 leaves no gap."""
    topic = both.create_topic(both.name("pipeline"))
    for side in both.sides:
        wait = encode_request(ApiKey.FETCH, 12, 1, "c", fetch({topic: {0: Wanted(0)}}, min_bytes=1, max_wait_ms=300)(side))
        silent = encode_request(ApiKey.PRODUCE, 9, 2, "c", produce({topic: {0: batch()}}, acks=0)(side))
        quick = [encode_request(ApiKey.LIST_OFFSETS, 1, number, "c", ListOffsetsRequest(replica_id=-1)) for number in (3, 4, 5)]
        parts = [wait, silent, *quick]
        order = [struct.pack(">i", number) for number in (1, 3, 4, 5)]
        assert _only_answers(side, [b"".join(parts)], 4) == order, side.kind
    one_by_one = b"".join(quick)
    cut = [one_by_one[index : index + 1] for index in range(len(one_by_one))]
    both.compare_values("byte by byte", ApiKey.LIST_OFFSETS, *(_only_answers(side, cut, 3) for side in both.sides))


@pytest.mark.parametrize(
    "make",
    [
        lambda: encode_request(ApiKey.METADATA, 12, 1, None, MetadataRequest(topics=[])),
        lambda: encode_request(
            ApiKey.API_VERSIONS, 3, 1, None, ApiVersionsRequest(client_software_name="a", client_software_version="1")
        ),
        lambda: encode_request(ApiKey.FETCH, 12, 1, None, FetchRequest(max_wait_ms=0)),
        lambda: encode_request(ApiKey.LIST_OFFSETS, 6, 1, None, ListOffsetsRequest(replica_id=-1)),
    ],
    ids=["metadata", "api versions", "fetch", "list offsets"],
)
def test_every_cut_of_a_body(both: Both, make: Callable[[], bytes]) -> None:
    """A frame that ends early anywhere: both close, or both answer."""
    whole = make()[4:]
    for length in range(len(whole) + 1):
        outcomes = [_only_answers(side, [frame(whole[:length])], 1) for side in both.sides]
        both.compare_values(f"cut at {length}", ApiKey(struct.unpack(">h", whole[:2])[0]), *outcomes, expect=ANY_ERROR)
