# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""CreateAcls, API key 30."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I1_I1: Final = Struct(">bb")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class CreateAclsRequest:
    """CreateAclsRequest, versions 1-3, flexible from 2."""

    __slots__ = ("creations",)

    API_KEY: Final = 30
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "creations: []AclCreation 0+",
    )

    def __init__(
        self,
        *,
        creations: list[AclCreation] | tuple[AclCreation, ...] = (),
    ) -> None:
        self.creations: list[AclCreation] = list(creations) if isinstance(creations, tuple) else creations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("CreateAclsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                count = reader.compact_array_length(8)
                self.creations = [AclCreation.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(10)
                self.creations = [AclCreation.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("CreateAclsRequest", version)
        if version >= 2:
            writer.compact_array_length(len(self.creations))
            for each_creations in self.creations:
                each_creations.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.creations))
            for each_creations in self.creations:
                each_creations.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AclCreation:
    """AclCreation of CreateAclsRequest, versions 1-3."""

    __slots__ = ("host", "operation", "permission_type", "principal", "resource_name", "resource_pattern_type", "resource_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "resourceType: int8 0+",
        "resourceName: string 0+",
        "resourcePatternType: int8 1+ default=3",
        "principal: string 0+",
        "host: string 0+",
        "operation: int8 0+",
        "permissionType: int8 0+",
    )

    def __init__(
        self,
        *,
        resource_type: int = 0,
        resource_name: str = "",
        resource_pattern_type: int = 3,
        principal: str = "",
        host: str = "",
        operation: int = 0,
        permission_type: int = 0,
    ) -> None:
        self.resource_type: int = resource_type
        self.resource_name: str = resource_name
        self.resource_pattern_type: int = resource_pattern_type
        self.principal: str = principal
        self.host: str = host
        self.operation: int = operation
        self.permission_type: int = permission_type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.compact_string()
            (self.resource_pattern_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.principal = reader.compact_string()
            self.host = reader.compact_string()
            (self.operation, self.permission_type) = _I1_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            reader.skip_tagged_fields()
        else:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.string()
            (self.resource_pattern_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.principal = reader.string()
            self.host = reader.string()
            (self.operation, self.permission_type) = _I1_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 2
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.buffer += _I1.pack(self.resource_type)
            writer.compact_string(self.resource_name)
            writer.buffer += _I1.pack(self.resource_pattern_type)
            writer.compact_string(self.principal)
            writer.compact_string(self.host)
            writer.buffer += _I1_I1.pack(self.operation, self.permission_type)
            writer.buffer.append(0)
        else:
            writer.buffer += _I1.pack(self.resource_type)
            writer.string(self.resource_name)
            writer.buffer += _I1.pack(self.resource_pattern_type)
            writer.string(self.principal)
            writer.string(self.host)
            writer.buffer += _I1_I1.pack(self.operation, self.permission_type)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreateAclsResponse:
    """CreateAclsResponse, versions 1-3, flexible from 2."""

    __slots__ = ("results", "throttle_time_ms")

    API_KEY: Final = 30
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "results: []AclCreationResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        results: list[AclCreationResult] | tuple[AclCreationResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.results: list[AclCreationResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("CreateAclsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(4)
                self.results = [AclCreationResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(4)
                self.results = [AclCreationResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("CreateAclsResponse", version)
        if version >= 2:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.results))
            for each_results in self.results:
                each_results.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.results))
            for each_results in self.results:
                each_results.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AclCreationResult:
    """AclCreationResult of CreateAclsResponse, versions 1-3."""

    __slots__ = ("error_code", "error_message")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = "",
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
