# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""SaslAuthenticate, API key 36."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I8: Final = Struct(">q")


class SaslAuthenticateRequest:
    """SaslAuthenticateRequest, versions 0-2, flexible from 2."""

    __slots__ = ("auth_bytes",)

    API_KEY: Final = 36
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "authBytes: bytes 0+",
    )

    def __init__(
        self,
        *,
        auth_bytes: bytes = b"",
    ) -> None:
        self.auth_bytes: bytes = auth_bytes

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("SaslAuthenticateRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                self.auth_bytes = reader.compact_bytes()
                reader.skip_tagged_fields()
            else:
                self.auth_bytes = reader.bytes_()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("SaslAuthenticateRequest", version)
        if version == 2:
            writer.compact_bytes(self.auth_bytes)
            writer.buffer.append(0)
        else:
            writer.bytes_(self.auth_bytes)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class SaslAuthenticateResponse:
    """SaslAuthenticateResponse, versions 0-2, flexible from 2."""

    __slots__ = ("auth_bytes", "error_code", "error_message", "session_lifetime_ms")

    API_KEY: Final = 36
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "authBytes: bytes 0+",
        "sessionLifetimeMs: int64 1+ default=0 ignorable",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = "",
        auth_bytes: bytes = b"",
        session_lifetime_ms: int = 0,
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.auth_bytes: bytes = auth_bytes
        self.session_lifetime_ms: int = session_lifetime_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("SaslAuthenticateResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                self.error_message = reader.compact_nullable_string()
                self.auth_bytes = reader.compact_bytes()
                (self.session_lifetime_ms,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                reader.skip_tagged_fields()
            else:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                self.error_message = reader.nullable_string()
                self.auth_bytes = reader.bytes_()
                if version == 1:
                    (self.session_lifetime_ms,) = _I8.unpack_from(reader.buffer, reader.position)
                    reader.position += 8
                else:
                    self.session_lifetime_ms = 0
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("SaslAuthenticateResponse", version)
        if version == 2:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.compact_bytes(self.auth_bytes)
            writer.buffer += _I8.pack(self.session_lifetime_ms)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)
            writer.bytes_(self.auth_bytes)
            if version == 1:
                writer.buffer += _I8.pack(self.session_lifetime_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
