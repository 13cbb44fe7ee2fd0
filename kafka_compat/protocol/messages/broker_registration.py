# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""BrokerRegistration, API key 62."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2_I2: Final = Struct(">hh")
_I4: Final = Struct(">i")
_I4_I2_I8: Final = Struct(">ihq")
_I8: Final = Struct(">q")
_ID: Final = Struct(">16s")
_U2_I2: Final = Struct(">Hh")


class BrokerRegistrationRequest:
    """BrokerRegistrationRequest, versions 0-4, flexible from 0."""

    __slots__ = (
        "broker_id",
        "cluster_id",
        "features",
        "incarnation_id",
        "is_migrating_zk_broker",
        "listeners",
        "log_dirs",
        "previous_broker_epoch",
        "rack",
    )

    API_KEY: Final = 62
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "brokerId: int32 0+",
        "clusterId: string 0+",
        "incarnationId: uuid 0+",
        "listeners: []Listener 0+",
        "features: []Feature 0+",
        "rack: string 0+ nullable=0+",
        "isMigratingZkBroker: bool 1+ default=false",
        "logDirs: []uuid 2+ ignorable",
        "previousBrokerEpoch: int64 3+ default=-1 ignorable",
    )

    def __init__(
        self,
        *,
        broker_id: int = 0,
        cluster_id: str = "",
        incarnation_id: bytes = ZERO_UUID,
        listeners: list[Listener] | tuple[Listener, ...] = (),
        features: list[Feature] | tuple[Feature, ...] = (),
        rack: str | None = "",
        is_migrating_zk_broker: bool = False,
        log_dirs: list[bytes] | tuple[bytes, ...] = (),
        previous_broker_epoch: int = -1,
    ) -> None:
        self.broker_id: int = broker_id
        self.cluster_id: str = cluster_id
        self.incarnation_id: bytes = incarnation_id
        self.listeners: list[Listener] = list(listeners) if isinstance(listeners, tuple) else listeners
        self.features: list[Feature] = list(features) if isinstance(features, tuple) else features
        self.rack: str | None = rack
        self.is_migrating_zk_broker: bool = is_migrating_zk_broker
        self.log_dirs: list[bytes] = list(log_dirs) if isinstance(log_dirs, tuple) else log_dirs
        self.previous_broker_epoch: int = previous_broker_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("BrokerRegistrationRequest", version)
        self = cls.__new__(cls)
        try:
            (self.broker_id,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.cluster_id = reader.compact_string()
            (self.incarnation_id,) = _ID.unpack_from(reader.buffer, reader.position)
            reader.position += 16
            count = reader.compact_array_length(7)
            self.listeners = [Listener.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(6)
            self.features = [Feature.decode(reader, version) for _ in range(count)]
            self.rack = reader.compact_nullable_string()
            if version >= 1:
                (self.is_migrating_zk_broker,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.is_migrating_zk_broker = False
            if version >= 2:
                count = reader.compact_array_length(16)
                self.log_dirs = reader.uuids(count)
            else:
                self.log_dirs = []
            if version >= 3:
                (self.previous_broker_epoch,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
            else:
                self.previous_broker_epoch = -1
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("BrokerRegistrationRequest", version)
        writer.buffer += _I4.pack(self.broker_id)
        writer.compact_string(self.cluster_id)
        writer.buffer += _ID.pack(self.incarnation_id)
        writer.compact_array_length(len(self.listeners))
        for each_listeners in self.listeners:
            each_listeners.encode(writer, version)
        writer.compact_array_length(len(self.features))
        for each_features in self.features:
            each_features.encode(writer, version)
        writer.compact_nullable_string(self.rack)
        if version >= 1:
            writer.buffer += _B1.pack(self.is_migrating_zk_broker)
        else:
            if self.is_migrating_zk_broker:
                raise not_in_version("BrokerRegistrationRequest.is_migrating_zk_broker", version)
        if version >= 2:
            writer.compact_array_length(len(self.log_dirs))
            writer.uuids(self.log_dirs)
        if version >= 3:
            writer.buffer += _I8.pack(self.previous_broker_epoch)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Listener:
    """Listener of BrokerRegistrationRequest, versions 0-4."""

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
    """Feature of BrokerRegistrationRequest, versions 0-4."""

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


class BrokerRegistrationResponse:
    """BrokerRegistrationResponse, versions 0-4, flexible from 0."""

    __slots__ = ("broker_epoch", "error_code", "throttle_time_ms")

    API_KEY: Final = 62
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "brokerEpoch: int64 0+ default=-1",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        broker_epoch: int = -1,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.broker_epoch: int = broker_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("BrokerRegistrationResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code, self.broker_epoch) = _I4_I2_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 14
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("BrokerRegistrationResponse", version)
        writer.buffer += _I4_I2_I8.pack(self.throttle_time_ms, self.error_code, self.broker_epoch)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
