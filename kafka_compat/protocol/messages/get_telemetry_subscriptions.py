# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""GetTelemetrySubscriptions, API key 71."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2_ID_I4: Final = Struct(">ih16si")
_I4_I4_B1: Final = Struct(">ii?")
_ID: Final = Struct(">16s")


class GetTelemetrySubscriptionsRequest:
    """GetTelemetrySubscriptionsRequest, versions 0, flexible from 0."""

    __slots__ = ("client_instance_id",)

    API_KEY: Final = 71
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clientInstanceId: uuid 0+",
    )

    def __init__(
        self,
        *,
        client_instance_id: bytes = ZERO_UUID,
    ) -> None:
        self.client_instance_id: bytes = client_instance_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("GetTelemetrySubscriptionsRequest", version)
        self = cls.__new__(cls)
        try:
            (self.client_instance_id,) = _ID.unpack_from(reader.buffer, reader.position)
            reader.position += 16
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("GetTelemetrySubscriptionsRequest", version)
        writer.buffer += _ID.pack(self.client_instance_id)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class GetTelemetrySubscriptionsResponse:
    """GetTelemetrySubscriptionsResponse, versions 0, flexible from 0."""

    __slots__ = (
        "accepted_compression_types",
        "client_instance_id",
        "delta_temporality",
        "error_code",
        "push_interval_ms",
        "requested_metrics",
        "subscription_id",
        "telemetry_max_bytes",
        "throttle_time_ms",
    )

    API_KEY: Final = 71
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "clientInstanceId: uuid 0+",
        "subscriptionId: int32 0+",
        "acceptedCompressionTypes: []int8 0+",
        "pushIntervalMs: int32 0+",
        "telemetryMaxBytes: int32 0+",
        "deltaTemporality: bool 0+",
        "requestedMetrics: []string 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        client_instance_id: bytes = ZERO_UUID,
        subscription_id: int = 0,
        accepted_compression_types: list[int] | tuple[int, ...] = (),
        push_interval_ms: int = 0,
        telemetry_max_bytes: int = 0,
        delta_temporality: bool = False,
        requested_metrics: list[str] | tuple[str, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.client_instance_id: bytes = client_instance_id
        self.subscription_id: int = subscription_id
        self.accepted_compression_types: list[int] = list(accepted_compression_types) if isinstance(accepted_compression_types, tuple) else accepted_compression_types
        self.push_interval_ms: int = push_interval_ms
        self.telemetry_max_bytes: int = telemetry_max_bytes
        self.delta_temporality: bool = delta_temporality
        self.requested_metrics: list[str] = list(requested_metrics) if isinstance(requested_metrics, tuple) else requested_metrics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("GetTelemetrySubscriptionsResponse", version)
        self = cls.__new__(cls)
        try:
            (
                self.throttle_time_ms,
                self.error_code,
                self.client_instance_id,
                self.subscription_id,
            ) = _I4_I2_ID_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 26
            count = reader.compact_array_length(1)
            self.accepted_compression_types = reader.int8s(count)
            (
                self.push_interval_ms,
                self.telemetry_max_bytes,
                self.delta_temporality,
            ) = _I4_I4_B1.unpack_from(reader.buffer, reader.position)
            reader.position += 9
            count = reader.compact_array_length(1)
            self.requested_metrics = [reader.compact_string() for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("GetTelemetrySubscriptionsResponse", version)
        writer.buffer += _I4_I2_ID_I4.pack(
            self.throttle_time_ms,
            self.error_code,
            self.client_instance_id,
            self.subscription_id,
        )
        writer.compact_array_length(len(self.accepted_compression_types))
        writer.int8s(self.accepted_compression_types)
        writer.buffer += _I4_I4_B1.pack(self.push_interval_ms, self.telemetry_max_bytes, self.delta_temporality)
        writer.compact_array_length(len(self.requested_metrics))
        for each_requested_metrics in self.requested_metrics:
            writer.compact_string(each_requested_metrics)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
