"""Throws bytes at the frame entry of a broker: what is no request must close a connection at most.

Frames are made from the layouts of the messages: a request of random values, cut, with bytes changed, with lengths and counts
made huge or negative, or noise behind a good header; for every API and version that the broker lists.
"""

from __future__ import annotations

import contextlib
import random
import socket
import struct
from dataclasses import dataclass

from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.message import Message, struct_class
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.registry import request_class
from kafka_compat.protocol.schema import FieldInfo, fields_of
from tests.support.wire_client import WireClient

# What sizes and counts are replaced with: 2 GiB - 1, negative, huge varints, a varint that does not end.
_HOSTILE = (
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"\x00\xff\xff\xff",
    b"\xff\xff\xff\xff\x0f",
    b"\xff\xff\xff\xff\x07",
    b"\xff\xff\xff\x7f",
    b"\x80" * 12,
    b"\x7f\xff",
    b"\x00\x00\x00\x00",
)
_ANSWER_WAIT_S = 0.002
# (bytes, signed) of the integer types of the schemas.
_INTEGERS = {
    "int8": (1, True),
    "int16": (2, True),
    "uint16": (2, False),
    "int32": (4, True),
    "uint32": (4, False),
    "int64": (8, True),
}


@dataclass
class FuzzReport:
    """How many frames went out, over how many (API, version) pairs, and how many were answered."""

    frames: int = 0
    pairs: int = 0
    answered: int = 0


def random_message(message: type[Message], version: int, chance: random.Random) -> Message:
    """A request whose fields have random values that `version` can carry."""
    present = [field for field in fields_of(message) if field.versions.has(version)]
    return message(**{field.attribute: _value(message, field, version, chance) for field in present})


def _value(message: type[Message], field: FieldInfo, version: int, chance: random.Random) -> object:
    if field.nullable.has(version) and chance.random() < 0.2:
        return None
    if field.is_array:
        return [_element(message, field, version, chance) for _ in range(chance.choice((0, 1, 1, 2)))]
    return _element(message, field, version, chance)


def _element(message: type[Message], field: FieldInfo, version: int, chance: random.Random) -> object:
    if field.is_struct:
        return random_message(struct_class(message, field), version, chance)
    kind = field.element
    if kind in _INTEGERS:
        size, signed = _INTEGERS[kind]
        if chance.random() < 0.5:
            return chance.choice((0, 1, 2))
        raw = chance.choice((b"\xff", b"\x7f", b"\x80", b"\x00")) + chance.randbytes(size - 1)
        return int.from_bytes(raw, "big", signed=signed)
    match kind:
        case "bool":
            return chance.random() < 0.5
        case "float64":
            return chance.choice((0.0, -1.0, float("inf"), float("nan"), 1e300))
        case "string":
            return chance.choice(("", "t", "fuzz", "\x00", "ü" * 30, "__consumer_offsets", "..", "x" * 300))
        case "uuid":
            return chance.choice((bytes(16), chance.randbytes(16)))
        case _:
            return chance.randbytes(chance.choice((0, 1, 12, 61, 200)))


def frames(api_key: int, version: int, count: int, chance: random.Random) -> list[bytes]:
    """`count` frames of one API and version, good ones among them."""
    made = []
    for _ in range(count):
        request = random_message(request_class(api_key), version, chance)
        good = bytes(encode_request(api_key, version, chance.getrandbits(31), "fuzz", request))
        made.append(spoil(good, chance))
    return made


def spoil(good: bytes, chance: random.Random) -> bytes:
    """A frame of a client called `fuzz`, in one of several ways no good one any more; now and then it still is."""
    body = bytearray(good[4:])
    header = 8 + 2 + len("fuzz")  # from there on it is the API's own
    match chance.randrange(7):
        case 0:
            return good
        case 1:
            del body[chance.randrange(len(body)) :]
        case 2:
            body[header:] = chance.randbytes(chance.choice((0, 1, 10, 100, 2000)))
        case 3 | 4:
            hostile = chance.choice(_HOSTILE)
            position = chance.randrange(min(header, len(body)), len(body) + 1)
            body[position : position + chance.choice((0, len(hostile)))] = hostile
        case 5:
            for _ in range(chance.randrange(1, 8)):
                body[chance.randrange(len(body))] = chance.randrange(256)
        case _:
            body += chance.randbytes(chance.randrange(1, 64))
    size = chance.choice(_HOSTILE[:4]) if chance.random() < 0.03 else struct.pack(">i", len(body))
    return size + bytes(body)


def run(bootstrap: str, frames_per_pair: int, seed: int) -> FuzzReport:
    """Send frames for every API and version in the broker's list.

    Raises:
        OSError: the broker cannot be reached any more.
    """
    chance = random.Random(seed)
    report = FuzzReport()
    host, port = bootstrap.rsplit(":", 1)
    address = (host, int(port))
    with WireClient(bootstrap) as client:
        apis = client.call(
            ApiVersionsRequest(client_software_name="fuzz", client_software_version="1"), 3, ApiVersionsResponse
        ).api_keys
    for api in apis:
        lowest = max(api.min_version, request_class(api.api_key).MIN_VERSION)  # type: ignore[attr-defined]
        for version in range(lowest, api.max_version + 1):
            report.pairs += 1
            report.answered += _throw(address, frames(api.api_key, version, frames_per_pair, chance), chance)
            report.frames += frames_per_pair
    for _ in range(20):  # not even a header
        _throw(address, [chance.randbytes(chance.randrange(1, 300)) for _ in range(3)], chance)
    return report


def _throw(address: tuple[str, int], batch: list[bytes], chance: random.Random) -> int:
    answered = 0
    connection = socket.create_connection(address, timeout=10)
    try:
        for frame in batch:
            try:
                connection.sendall(frame)
                connection.settimeout(_ANSWER_WAIT_S)
                alive = bool(connection.recv(1 << 16))
                answered += alive
            except TimeoutError:
                alive = chance.random() < 0.7  # perhaps it waits for more: leave it in the middle now and then
            except OSError:
                alive = False
            if not alive:
                connection.close()
                connection = socket.create_connection(address, timeout=10)
            connection.settimeout(10)
    finally:
        with contextlib.suppress(OSError):
            connection.close()
    return answered
