# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Envelope, API key 58."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Buffer, Reader, StructError, Writer

_I2: Final = Struct(">h")


class EnvelopeRequest:
    """EnvelopeRequest, versions 0, flexible from 0."""

    __slots__ = ("client_host_address", "request_data", "request_principal")

    API_KEY: Final = 58
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "requestData: bytes 0+",
        "requestPrincipal: bytes 0+ nullable=0+",
        "clientHostAddress: bytes 0+",
    )

    def __init__(
        self,
        *,
        request_data: Buffer = b"",
        request_principal: bytes | None = b"",
        client_host_address: bytes = b"",
    ) -> None:
        self.request_data: Buffer = request_data
        self.request_principal: bytes | None = request_principal
        self.client_host_address: bytes = client_host_address

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("EnvelopeRequest", version)
        self = cls.__new__(cls)
        try:
            self.request_data = reader.compact_view()
            self.request_principal = reader.compact_nullable_bytes()
            self.client_host_address = reader.compact_bytes()
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("EnvelopeRequest", version)
        writer.compact_bytes(self.request_data)
        writer.compact_nullable_bytes(self.request_principal)
        writer.compact_bytes(self.client_host_address)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class EnvelopeResponse:
    """EnvelopeResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "response_data")

    API_KEY: Final = 58
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "responseData: bytes 0+ nullable=0+ default=null",
        "errorCode: int16 0+",
    )

    def __init__(
        self,
        *,
        response_data: Buffer | None = None,
        error_code: int = 0,
    ) -> None:
        self.response_data: Buffer | None = response_data
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("EnvelopeResponse", version)
        self = cls.__new__(cls)
        try:
            self.response_data = reader.compact_nullable_view()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("EnvelopeResponse", version)
        writer.compact_nullable_bytes(self.response_data)
        writer.buffer += _I2.pack(self.error_code)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
