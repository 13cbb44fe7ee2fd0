# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""PushTelemetry, API key 72."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Buffer, Reader, StructError, Writer

_I4_I2: Final = Struct(">ih")
_ID_I4_B1_I1: Final = Struct(">16si?b")


class PushTelemetryRequest:
    """PushTelemetryRequest, versions 0, flexible from 0."""

    __slots__ = ("client_instance_id", "compression_type", "metrics", "subscription_id", "terminating")

    API_KEY: Final = 72
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clientInstanceId: uuid 0+",
        "subscriptionId: int32 0+",
        "terminating: bool 0+",
        "compressionType: int8 0+",
        "metrics: bytes 0+",
    )

    def __init__(
        self,
        *,
        client_instance_id: bytes = ZERO_UUID,
        subscription_id: int = 0,
        terminating: bool = False,
        compression_type: int = 0,
        metrics: Buffer = b"",
    ) -> None:
        self.client_instance_id: bytes = client_instance_id
        self.subscription_id: int = subscription_id
        self.terminating: bool = terminating
        self.compression_type: int = compression_type
        self.metrics: Buffer = metrics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("PushTelemetryRequest", version)
        self = cls.__new__(cls)
        try:
            (
                self.client_instance_id,
                self.subscription_id,
                self.terminating,
                self.compression_type,
            ) = _ID_I4_B1_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 22
            self.metrics = reader.compact_view()
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("PushTelemetryRequest", version)
        writer.buffer += _ID_I4_B1_I1.pack(
            self.client_instance_id,
            self.subscription_id,
            self.terminating,
            self.compression_type,
        )
        writer.compact_bytes(self.metrics)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class PushTelemetryResponse:
    """PushTelemetryResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "throttle_time_ms")

    API_KEY: Final = 72
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("PushTelemetryResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("PushTelemetryResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
