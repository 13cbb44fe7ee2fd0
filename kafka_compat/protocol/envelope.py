"""Headers around requests and responses, and whole frames.

    request frame     size int32, api_key int16, api_version int16, correlation_id int32, client_id, [tags], request
    response frame    size int32, correlation_id int32, [tags], response

The request header is v2 (with tags) when the API's version is flexible and v1 before; its client_id is a nullable string in the
classic layout in both. The response header is v1 (with tags) for a flexible version and v0 before, but always v0 for
ApiVersions: the client cannot know yet what the broker speaks (KIP-511).
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Final

from kafka_compat.protocol.api_keys import API_VERSIONS, ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import response_class
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.framing import SIZE_LENGTH
from kafka_compat.wire.primitives import Buffer, Part, Reader, StructError, Writer
from kafka_compat.wire.types import UNLIMITED, join_parts

_REQUEST_HEADER: Final = Struct(">hhi")
_SIZE: Final = Struct(">i")
_SIZE_AND_CORRELATION_ID: Final = Struct(">ii")
_FLEXIBLE_FROM: Final = {int(key): versions.flexible_from for key, versions in API_VERSIONS.items()}


class RequestHeader:
    """The header of a request.

    Attributes:
        api_key: the number on the wire, always one of `ApiKey`.
        api_version: any number: whether it is supported is decided later.
        client_id: None when the client sent null; Kafka treats that as empty.
        header_version: 1 or 2.
    """

    __slots__ = ("api_key", "api_version", "client_id", "correlation_id", "header_version")

    def __init__(self, api_key: int, api_version: int, correlation_id: int, client_id: str | None, header_version: int) -> None:
        self.api_key = api_key
        self.api_version = api_version
        self.correlation_id = correlation_id
        self.client_id = client_id
        self.header_version = header_version

    def __repr__(self) -> str:
        return (
            f"RequestHeader(api_key={self.api_key}, api_version={self.api_version}, "
            f"correlation_id={self.correlation_id}, client_id={self.client_id!r}, header_version={self.header_version})"
        )


def request_header_version(api_key: int, api_version: int) -> int:
    """1 or 2; KeyError for an API key Kafka does not know."""
    return 2 if api_version >= _FLEXIBLE_FROM[api_key] else 1


def response_header_version(api_key: int, api_version: int) -> int:
    """0 or 1; KeyError for an API key Kafka does not know."""
    return 1 if api_version >= _FLEXIBLE_FROM[api_key] and api_key != ApiKey.API_VERSIONS else 0


def read_request_header(reader: Reader) -> RequestHeader:
    """The header at the start of a request frame (without its size); `reader` stands at the request then.

    Raises:
        WireError: the header cannot be read, or its API key is unknown. Kafka closes the connection (RequestHeader.parse).
    """
    try:
        api_key, api_version, correlation_id = _REQUEST_HEADER.unpack_from(reader.buffer, reader.position)
    except StructError:
        raise reader.truncated() from None
    flexible_from = _FLEXIBLE_FROM.get(api_key)
    if flexible_from is None:
        raise WireError(f"unknown API key {api_key}", reader.position)
    reader.position += 8
    client_id = reader.nullable_string()
    if api_version < flexible_from:
        return RequestHeader(api_key, api_version, correlation_id, client_id, 1)
    reader.skip_tagged_fields()
    return RequestHeader(api_key, api_version, correlation_id, client_id, 2)


def encode_response(
    api_key: int,
    api_version: int,
    correlation_id: int,
    response: Message,
    *,
    max_elements: int = UNLIMITED,
    max_bytes: int = UNLIMITED,
    give_way: Callable[[], None] | None = None,
) -> list[Part]:
    """A whole response frame, size included, as parts to write in order; large records are not copied.

    Args:
        api_key: of the request.
        api_version: of the request.
        correlation_id: of the request.
        response: of this API.
        max_elements: of all its arrays.
        max_bytes: besides large records.
        give_way: called now and then, in a thread that others must not wait for.

    Raises:
        UnsupportedVersion: the response carries something that `api_version` lacks.
        WireError: null where the version has none.
        TooWide: it has more than `max_elements` array elements, or more than `max_bytes` besides large records.
    """
    writer = Writer()
    writer.elements_left = max_elements
    writer.max_bytes = max_bytes
    if give_way is not None:
        writer.share_the_interpreter(give_way)
    writer.buffer += _SIZE_AND_CORRELATION_ID.pack(0, correlation_id)
    if response_header_version(api_key, api_version):
        writer.buffer.append(0)
    response.encode(writer, api_version)
    return _sized_chunks(writer)


def _sized_chunks(writer: Writer) -> list[Part]:
    size = writer.size
    chunks = writer.chunks()
    first = chunks[0]
    assert isinstance(first, bytearray)
    _SIZE.pack_into(first, 0, size - SIZE_LENGTH)
    return chunks


def encode_request(api_key: int, api_version: int, correlation_id: int, client_id: str | None, request: Message) -> bytes:
    """A whole request frame, size included (the client's side)."""
    writer = Writer()
    writer.buffer += _SIZE.pack(0) + _REQUEST_HEADER.pack(api_key, api_version, correlation_id)
    writer.nullable_string(client_id)
    if request_header_version(api_key, api_version) == 2:
        writer.buffer.append(0)
    request.encode(writer, api_version)
    return join_parts(_sized_chunks(writer))


def decode_response(api_key: int, api_version: int, frame: Buffer) -> tuple[int, Message]:
    """Correlation id and response of a response frame without its size (the client's side).

    A response to ApiVersions with UNSUPPORTED_VERSION comes in the layout of v0 whatever was asked (KIP-511): read it with
    `api_version` 0.

    Raises:
        WireError: the frame cannot be read, or has bytes behind the response.
    """
    reader = Reader(frame)
    correlation_id = reader.int32()
    if response_header_version(api_key, api_version):
        reader.skip_tagged_fields()
    response = response_class(api_key).decode(reader, api_version)
    if reader.remaining:
        raise WireError(f"{reader.remaining} bytes behind the response", reader.position)
    return correlation_id, response
