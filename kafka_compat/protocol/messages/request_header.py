# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""RequestHeader."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I2_I4: Final = Struct(">hhi")


class RequestHeader:
    """RequestHeader, versions 1-2, flexible from 2."""

    __slots__ = ("client_id", "correlation_id", "request_api_key", "request_api_version")

    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "requestApiKey: int16 0+",
        "requestApiVersion: int16 0+",
        "correlationId: int32 0+",
        "clientId: string 1+ nullable=1+",
    )

    def __init__(
        self,
        *,
        request_api_key: int = 0,
        request_api_version: int = 0,
        correlation_id: int = 0,
        client_id: str | None = "",
    ) -> None:
        self.request_api_key: int = request_api_key
        self.request_api_version: int = request_api_version
        self.correlation_id: int = correlation_id
        self.client_id: str | None = client_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("RequestHeader", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                (
                    self.request_api_key,
                    self.request_api_version,
                    self.correlation_id,
                ) = _I2_I2_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                self.client_id = reader.nullable_string()
                reader.skip_tagged_fields()
            else:
                (
                    self.request_api_key,
                    self.request_api_version,
                    self.correlation_id,
                ) = _I2_I2_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                self.client_id = reader.nullable_string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("RequestHeader", version)
        if version == 2:
            writer.buffer += _I2_I2_I4.pack(self.request_api_key, self.request_api_version, self.correlation_id)
            writer.nullable_string(self.client_id)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2_I2_I4.pack(self.request_api_key, self.request_api_version, self.correlation_id)
            writer.nullable_string(self.client_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
