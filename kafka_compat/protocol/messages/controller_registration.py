# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ControllerRegistration, API key 70."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I2: Final = Struct(">hh")
_I4_I2: Final = Struct(">ih")
_I4_ID_B1: Final = Struct(">i16s?")
_U2_I2: Final = Struct(">Hh")


class ControllerRegistrationRequest:
    """ControllerRegistrationRequest, versions 0, flexible from 0."""

    __slots__ = ("controller_id", "features", "incarnation_id", "listeners", "zk_migration_ready")

    API_KEY: Final = 70
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "controllerId: int32 0+",
        "incarnationId: uuid 0+",
        "zkMigrationReady: bool 0+",
        "listeners: []Listener 0+",
        "features: []Feature 0+",
    )

    def __init__(
        self,
        *,
        controller_id: int = 0,
        incarnation_id: bytes = ZERO_UUID,
        zk_migration_ready: bool = False,
        listeners: list[Listener] | tuple[Listener, ...] = (),
        features: list[Feature] | tuple[Feature, ...] = (),
    ) -> None:
        self.controller_id: int = controller_id
        self.incarnation_id: bytes = incarnation_id
        self.zk_migration_ready: bool = zk_migration_ready
        self.listeners: list[Listener] = list(listeners) if isinstance(listeners, tuple) else listeners
        self.features: list[Feature] = list(features) if isinstance(features, tuple) else features

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ControllerRegistrationRequest", version)
        self = cls.__new__(cls)
        try:
            (
                self.controller_id,
                self.incarnation_id,
                self.zk_migration_ready,
            ) = _I4_ID_B1.unpack_from(reader.buffer, reader.position)
            reader.position += 21
            count = reader.compact_array_length(7)
            self.listeners = [Listener.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(6)
            self.features = [Feature.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ControllerRegistrationRequest", version)
        writer.buffer += _I4_ID_B1.pack(self.controller_id, self.incarnation_id, self.zk_migration_ready)
        writer.compact_array_length(len(self.listeners))
        for each_listeners in self.listeners:
            each_listeners.encode(writer, version)
        writer.compact_array_length(len(self.features))
        for each_features in self.features:
            each_features.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Listener:
    """Listener of ControllerRegistrationRequest, versions 0."""

    __slots__ = ("host", "name", "port", "security_protocol")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "host: string 0+",
        "port: uint16 0+",
        "securityProtocol: int16 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        host: str = "",
        port: int = 0,
        security_protocol: int = 0,
    ) -> None:
        self.name: str = name
        self.host: str = host
        self.port: int = port
        self.security_protocol: int = security_protocol

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        self.host = reader.compact_string()
        (self.port, self.security_protocol) = _U2_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_string(self.host)
        writer.buffer += _U2_I2.pack(self.port, self.security_protocol)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Feature:
    """Feature of ControllerRegistrationRequest, versions 0."""

    __slots__ = ("max_supported_version", "min_supported_version", "name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "minSupportedVersion: int16 0+",
        "maxSupportedVersion: int16 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        min_supported_version: int = 0,
        max_supported_version: int = 0,
    ) -> None:
        self.name: str = name
        self.min_supported_version: int = min_supported_version
        self.max_supported_version: int = max_supported_version

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        (self.min_supported_version, self.max_supported_version) = _I2_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.buffer += _I2_I2.pack(self.min_supported_version, self.max_supported_version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ControllerRegistrationResponse:
    """ControllerRegistrationResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "error_message", "throttle_time_ms")

    API_KEY: Final = 70
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ControllerRegistrationResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ControllerRegistrationResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
