# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ExpireDelegationToken, API key 40."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I8_I4: Final = Struct(">hqi")
_I8: Final = Struct(">q")


class ExpireDelegationTokenRequest:
    """ExpireDelegationTokenRequest, versions 1-2, flexible from 2."""

    __slots__ = ("expiry_time_period_ms", "hmac")

    API_KEY: Final = 40
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "hmac: bytes 0+",
        "expiryTimePeriodMs: int64 0+",
    )

    def __init__(
        self,
        *,
        hmac: bytes = b"",
        expiry_time_period_ms: int = 0,
    ) -> None:
        self.hmac: bytes = hmac
        self.expiry_time_period_ms: int = expiry_time_period_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("ExpireDelegationTokenRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                self.hmac = reader.compact_bytes()
                (self.expiry_time_period_ms,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                reader.skip_tagged_fields()
            else:
                self.hmac = reader.bytes_()
                (self.expiry_time_period_ms,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("ExpireDelegationTokenRequest", version)
        if version == 2:
            writer.compact_bytes(self.hmac)
            writer.buffer += _I8.pack(self.expiry_time_period_ms)
            writer.buffer.append(0)
        else:
            writer.bytes_(self.hmac)
            writer.buffer += _I8.pack(self.expiry_time_period_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ExpireDelegationTokenResponse:
    """ExpireDelegationTokenResponse, versions 1-2, flexible from 2."""

    __slots__ = ("error_code", "expiry_timestamp_ms", "throttle_time_ms")

    API_KEY: Final = 40
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "expiryTimestampMs: int64 0+",
        "throttleTimeMs: int32 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        expiry_timestamp_ms: int = 0,
        throttle_time_ms: int = 0,
    ) -> None:
        self.error_code: int = error_code
        self.expiry_timestamp_ms: int = expiry_timestamp_ms
        self.throttle_time_ms: int = throttle_time_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("ExpireDelegationTokenResponse", version)
        self = cls.__new__(cls)
        try:
            (
                self.error_code,
                self.expiry_timestamp_ms,
                self.throttle_time_ms,
            ) = _I2_I8_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 14
            if version == 2:
                reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("ExpireDelegationTokenResponse", version)
        writer.buffer += _I2_I8_I4.pack(self.error_code, self.expiry_timestamp_ms, self.throttle_time_ms)
        if version == 2:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
