# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeAcls, API key 29."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I1_I1: Final = Struct(">bb")
_I4_I2: Final = Struct(">ih")


class DescribeAclsRequest:
    """DescribeAclsRequest, versions 1-3, flexible from 2."""

    __slots__ = (
        "host_filter",
        "operation",
        "pattern_type_filter",
        "permission_type",
        "principal_filter",
        "resource_name_filter",
        "resource_type_filter",
    )

    API_KEY: Final = 29
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "resourceTypeFilter: int8 0+",
        "resourceNameFilter: string 0+ nullable=0+",
        "patternTypeFilter: int8 1+ default=3",
        "principalFilter: string 0+ nullable=0+",
        "hostFilter: string 0+ nullable=0+",
        "operation: int8 0+",
        "permissionType: int8 0+",
    )

    def __init__(
        self,
        *,
        resource_type_filter: int = 0,
        resource_name_filter: str | None = "",
        pattern_type_filter: int = 3,
        principal_filter: str | None = "",
        host_filter: str | None = "",
        operation: int = 0,
        permission_type: int = 0,
    ) -> None:
        self.resource_type_filter: int = resource_type_filter
        self.resource_name_filter: str | None = resource_name_filter
        self.pattern_type_filter: int = pattern_type_filter
        self.principal_filter: str | None = principal_filter
        self.host_filter: str | None = host_filter
        self.operation: int = operation
        self.permission_type: int = permission_type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("DescribeAclsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                (self.resource_type_filter,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                self.resource_name_filter = reader.compact_nullable_string()
                (self.pattern_type_filter,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                self.principal_filter = reader.compact_nullable_string()
                self.host_filter = reader.compact_nullable_string()
                (self.operation, self.permission_type) = _I1_I1.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                reader.skip_tagged_fields()
            else:
                (self.resource_type_filter,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                self.resource_name_filter = reader.nullable_string()
                (self.pattern_type_filter,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                self.principal_filter = reader.nullable_string()
                self.host_filter = reader.nullable_string()
                (self.operation, self.permission_type) = _I1_I1.unpack_from(reader.buffer, reader.position)
                reader.position += 2
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("DescribeAclsRequest", version)
        if version >= 2:
            writer.buffer += _I1.pack(self.resource_type_filter)
            writer.compact_nullable_string(self.resource_name_filter)
            writer.buffer += _I1.pack(self.pattern_type_filter)
            writer.compact_nullable_string(self.principal_filter)
            writer.compact_nullable_string(self.host_filter)
            writer.buffer += _I1_I1.pack(self.operation, self.permission_type)
            writer.buffer.append(0)
        else:
            writer.buffer += _I1.pack(self.resource_type_filter)
            writer.nullable_string(self.resource_name_filter)
            writer.buffer += _I1.pack(self.pattern_type_filter)
            writer.nullable_string(self.principal_filter)
            writer.nullable_string(self.host_filter)
            writer.buffer += _I1_I1.pack(self.operation, self.permission_type)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeAclsResponse:
    """DescribeAclsResponse, versions 1-3, flexible from 2."""

    __slots__ = ("error_code", "error_message", "resources", "throttle_time_ms")

    API_KEY: Final = 29
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "resources: []DescribeAclsResource 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
        resources: list[DescribeAclsResource] | tuple[DescribeAclsResource, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.resources: list[DescribeAclsResource] = list(resources) if isinstance(resources, tuple) else resources

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("DescribeAclsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                self.error_message = reader.compact_nullable_string()
                count = reader.compact_array_length(5)
                self.resources = [DescribeAclsResource.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                self.error_message = reader.nullable_string()
                count = reader.array_length(8)
                self.resources = [DescribeAclsResource.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("DescribeAclsResponse", version)
        if version >= 2:
            writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.compact_array_length(len(self.resources))
            for each_resources in self.resources:
                each_resources.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
            writer.nullable_string(self.error_message)
            writer.array_length(len(self.resources))
            for each_resources in self.resources:
                each_resources.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeAclsResource:
    """DescribeAclsResource of DescribeAclsResponse, versions 1-3."""

    __slots__ = ("acls", "pattern_type", "resource_name", "resource_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "resourceType: int8 0+",
        "resourceName: string 0+",
        "patternType: int8 1+ default=3",
        "acls: []AclDescription 0+",
    )

    def __init__(
        self,
        *,
        resource_type: int = 0,
        resource_name: str = "",
        pattern_type: int = 3,
        acls: list[AclDescription] | tuple[AclDescription, ...] = (),
    ) -> None:
        self.resource_type: int = resource_type
        self.resource_name: str = resource_name
        self.pattern_type: int = pattern_type
        self.acls: list[AclDescription] = list(acls) if isinstance(acls, tuple) else acls

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.compact_string()
            (self.pattern_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            count = reader.compact_array_length(5)
            self.acls = [AclDescription.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.string()
            (self.pattern_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            count = reader.array_length(6)
            self.acls = [AclDescription.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.buffer += _I1.pack(self.resource_type)
            writer.compact_string(self.resource_name)
            writer.buffer += _I1.pack(self.pattern_type)
            writer.compact_array_length(len(self.acls))
            for each_acls in self.acls:
                each_acls.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I1.pack(self.resource_type)
            writer.string(self.resource_name)
            writer.buffer += _I1.pack(self.pattern_type)
            writer.array_length(len(self.acls))
            for each_acls in self.acls:
                each_acls.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AclDescription:
    """AclDescription of DescribeAclsResponse, versions 1-3."""

    __slots__ = ("host", "operation", "permission_type", "principal")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "principal: string 0+",
        "host: string 0+",
        "operation: int8 0+",
        "permissionType: int8 0+",
    )

    def __init__(
        self,
        *,
        principal: str = "",
        host: str = "",
        operation: int = 0,
        permission_type: int = 0,
    ) -> None:
        self.principal: str = principal
        self.host: str = host
        self.operation: int = operation
        self.permission_type: int = permission_type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            self.principal = reader.compact_string()
            self.host = reader.compact_string()
            (self.operation, self.permission_type) = _I1_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            reader.skip_tagged_fields()
        else:
            self.principal = reader.string()
            self.host = reader.string()
            (self.operation, self.permission_type) = _I1_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 2
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.compact_string(self.principal)
            writer.compact_string(self.host)
            writer.buffer += _I1_I1.pack(self.operation, self.permission_type)
            writer.buffer.append(0)
        else:
            writer.string(self.principal)
            writer.string(self.host)
            writer.buffer += _I1_I1.pack(self.operation, self.permission_type)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
