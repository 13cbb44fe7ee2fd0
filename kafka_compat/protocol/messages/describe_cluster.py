# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeCluster, API key 60."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I1: Final = Struct(">b")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class DescribeClusterRequest:
    """DescribeClusterRequest, versions 0-2, flexible from 0."""

    __slots__ = ("endpoint_type", "include_cluster_authorized_operations", "include_fenced_brokers")

    API_KEY: Final = 60
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "includeClusterAuthorizedOperations: bool 0+",
        "endpointType: int8 1+ default=1",
        "includeFencedBrokers: bool 2+",
    )

    def __init__(
        self,
        *,
        include_cluster_authorized_operations: bool = False,
        endpoint_type: int = 1,
        include_fenced_brokers: bool = False,
    ) -> None:
        self.include_cluster_authorized_operations: bool = include_cluster_authorized_operations
        self.endpoint_type: int = endpoint_type
        self.include_fenced_brokers: bool = include_fenced_brokers

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("DescribeClusterRequest", version)
        self = cls.__new__(cls)
        try:
            (self.include_cluster_authorized_operations,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            if version >= 1:
                (self.endpoint_type,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.endpoint_type = 1
            if version == 2:
                (self.include_fenced_brokers,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.include_fenced_brokers = False
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("DescribeClusterRequest", version)
        writer.buffer += _B1.pack(self.include_cluster_authorized_operations)
        if version >= 1:
            writer.buffer += _I1.pack(self.endpoint_type)
        else:
            if self.endpoint_type != 1:
                raise not_in_version("DescribeClusterRequest.endpoint_type", version)
        if version == 2:
            writer.buffer += _B1.pack(self.include_fenced_brokers)
        else:
            if self.include_fenced_brokers:
                raise not_in_version("DescribeClusterRequest.include_fenced_brokers", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeClusterResponse:
    """DescribeClusterResponse, versions 0-2, flexible from 0."""

    __slots__ = (
        "brokers",
        "cluster_authorized_operations",
        "cluster_id",
        "controller_id",
        "endpoint_type",
        "error_code",
        "error_message",
        "throttle_time_ms",
    )

    API_KEY: Final = 60
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "endpointType: int8 1+ default=1",
        "clusterId: string 0+",
        "controllerId: int32 0+ default=-1",
        "brokers: []DescribeClusterBroker 0+",
        "clusterAuthorizedOperations: int32 0+ default=-2147483648",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        endpoint_type: int = 1,
        cluster_id: str = "",
        controller_id: int = -1,
        brokers: list[DescribeClusterBroker] | tuple[DescribeClusterBroker, ...] = (),
        cluster_authorized_operations: int = -2147483648,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.endpoint_type: int = endpoint_type
        self.cluster_id: str = cluster_id
        self.controller_id: int = controller_id
        self.brokers: list[DescribeClusterBroker] = list(brokers) if isinstance(brokers, tuple) else brokers
        self.cluster_authorized_operations: int = cluster_authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("DescribeClusterResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            if version >= 1:
                (self.endpoint_type,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.endpoint_type = 1
            self.cluster_id = reader.compact_string()
            (self.controller_id,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(11)
            self.brokers = [DescribeClusterBroker.decode(reader, version) for _ in range(count)]
            (self.cluster_authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("DescribeClusterResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        if version >= 1:
            writer.buffer += _I1.pack(self.endpoint_type)
        else:
            if self.endpoint_type != 1:
                raise not_in_version("DescribeClusterResponse.endpoint_type", version)
        writer.compact_string(self.cluster_id)
        writer.buffer += _I4.pack(self.controller_id)
        writer.compact_array_length(len(self.brokers))
        for each_brokers in self.brokers:
            each_brokers.encode(writer, version)
        writer.buffer += _I4.pack(self.cluster_authorized_operations)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeClusterBroker:
    """DescribeClusterBroker of DescribeClusterResponse, versions 0-2."""

    __slots__ = ("broker_id", "host", "is_fenced", "port", "rack")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "brokerId: int32 0+ key",
        "host: string 0+",
        "port: int32 0+",
        "rack: string 0+ nullable=0+ default=null",
        "isFenced: bool 2+",
    )

    def __init__(
        self,
        *,
        broker_id: int = 0,
        host: str = "",
        port: int = 0,
        rack: str | None = None,
        is_fenced: bool = False,
    ) -> None:
        self.broker_id: int = broker_id
        self.host: str = host
        self.port: int = port
        self.rack: str | None = rack
        self.is_fenced: bool = is_fenced

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.broker_id,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.host = reader.compact_string()
        (self.port,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.rack = reader.compact_nullable_string()
        if version == 2:
            (self.is_fenced,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
        else:
            self.is_fenced = False
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.broker_id)
        writer.compact_string(self.host)
        writer.buffer += _I4.pack(self.port)
        writer.compact_nullable_string(self.rack)
        if version == 2:
            writer.buffer += _B1.pack(self.is_fenced)
        else:
            if self.is_fenced:
                raise not_in_version("DescribeClusterBroker.is_fenced", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
