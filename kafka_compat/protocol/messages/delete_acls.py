# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DeleteAcls, API key 31."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I1_I1: Final = Struct(">bb")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class DeleteAclsRequest:
    """DeleteAclsRequest, versions 1-3, flexible from 2."""

    __slots__ = ("filters",)

    API_KEY: Final = 31
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "filters: []DeleteAclsFilter 0+",
    )

    def __init__(
        self,
        *,
        filters: list[DeleteAclsFilter] | tuple[DeleteAclsFilter, ...] = (),
    ) -> None:
        self.filters: list[DeleteAclsFilter] = list(filters) if isinstance(filters, tuple) else filters

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("DeleteAclsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                count = reader.compact_array_length(8)
                self.filters = [DeleteAclsFilter.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(10)
                self.filters = [DeleteAclsFilter.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("DeleteAclsRequest", version)
        if version >= 2:
            writer.compact_array_length(len(self.filters))
            for each_filters in self.filters:
                each_filters.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.filters))
            for each_filters in self.filters:
                each_filters.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteAclsFilter:
    """DeleteAclsFilter of DeleteAclsRequest, versions 1-3."""

    __slots__ = (
        "host_filter",
        "operation",
        "pattern_type_filter",
        "permission_type",
        "principal_filter",
        "resource_name_filter",
        "resource_type_filter",
    )

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
        self = cls.__new__(cls)
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
        return self

    def encode(self, writer: Writer, version: int) -> None:
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


class DeleteAclsResponse:
    """DeleteAclsResponse, versions 1-3, flexible from 2."""

    __slots__ = ("filter_results", "throttle_time_ms")

    API_KEY: Final = 31
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "filterResults: []DeleteAclsFilterResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        filter_results: list[DeleteAclsFilterResult] | tuple[DeleteAclsFilterResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.filter_results: list[DeleteAclsFilterResult] = list(filter_results) if isinstance(filter_results, tuple) else filter_results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("DeleteAclsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(5)
                self.filter_results = [DeleteAclsFilterResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(8)
                self.filter_results = [DeleteAclsFilterResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("DeleteAclsResponse", version)
        if version >= 2:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.filter_results))
            for each_filter_results in self.filter_results:
                each_filter_results.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.filter_results))
            for each_filter_results in self.filter_results:
                each_filter_results.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteAclsFilterResult:
    """DeleteAclsFilterResult of DeleteAclsResponse, versions 1-3."""

    __slots__ = ("error_code", "error_message", "matching_acls")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "matchingAcls: []DeleteAclsMatchingAcl 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = "",
        matching_acls: list[DeleteAclsMatchingAcl] | tuple[DeleteAclsMatchingAcl, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.matching_acls: list[DeleteAclsMatchingAcl] = list(matching_acls) if isinstance(matching_acls, tuple) else matching_acls

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            count = reader.compact_array_length(11)
            self.matching_acls = [DeleteAclsMatchingAcl.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.nullable_string()
            count = reader.array_length(14)
            self.matching_acls = [DeleteAclsMatchingAcl.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.compact_array_length(len(self.matching_acls))
            for each_matching_acls in self.matching_acls:
                each_matching_acls.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)
            writer.array_length(len(self.matching_acls))
            for each_matching_acls in self.matching_acls:
                each_matching_acls.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteAclsMatchingAcl:
    """DeleteAclsMatchingAcl of DeleteAclsResponse, versions 1-3."""

    __slots__ = (
        "error_code",
        "error_message",
        "host",
        "operation",
        "pattern_type",
        "permission_type",
        "principal",
        "resource_name",
        "resource_type",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "resourceType: int8 0+",
        "resourceName: string 0+",
        "patternType: int8 1+ default=3",
        "principal: string 0+",
        "host: string 0+",
        "operation: int8 0+",
        "permissionType: int8 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = "",
        resource_type: int = 0,
        resource_name: str = "",
        pattern_type: int = 3,
        principal: str = "",
        host: str = "",
        operation: int = 0,
        permission_type: int = 0,
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.resource_type: int = resource_type
        self.resource_name: str = resource_name
        self.pattern_type: int = pattern_type
        self.principal: str = principal
        self.host: str = host
        self.operation: int = operation
        self.permission_type: int = permission_type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.compact_string()
            (self.pattern_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.principal = reader.compact_string()
            self.host = reader.compact_string()
            (self.operation, self.permission_type) = _I1_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.nullable_string()
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.string()
            (self.pattern_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.principal = reader.string()
            self.host = reader.string()
            (self.operation, self.permission_type) = _I1_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 2
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.buffer += _I1.pack(self.resource_type)
            writer.compact_string(self.resource_name)
            writer.buffer += _I1.pack(self.pattern_type)
            writer.compact_string(self.principal)
            writer.compact_string(self.host)
            writer.buffer += _I1_I1.pack(self.operation, self.permission_type)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)
            writer.buffer += _I1.pack(self.resource_type)
            writer.string(self.resource_name)
            writer.buffer += _I1.pack(self.pattern_type)
            writer.string(self.principal)
            writer.string(self.host)
            writer.buffer += _I1_I1.pack(self.operation, self.permission_type)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
