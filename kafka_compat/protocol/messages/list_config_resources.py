# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ListConfigResources, API key 74."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I4_I2: Final = Struct(">ih")


class ListConfigResourcesRequest:
    """ListConfigResourcesRequest, versions 0-1, flexible from 0."""

    __slots__ = ("resource_types",)

    API_KEY: Final = 74
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "resourceTypes: []int8 1+",
    )

    def __init__(
        self,
        *,
        resource_types: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.resource_types: list[int] = list(resource_types) if isinstance(resource_types, tuple) else resource_types

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("ListConfigResourcesRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                count = reader.compact_array_length(1)
                self.resource_types = reader.int8s(count)
            else:
                self.resource_types = []
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("ListConfigResourcesRequest", version)
        if version == 1:
            writer.compact_array_length(len(self.resource_types))
            writer.int8s(self.resource_types)
        else:
            if len(self.resource_types) > 0:
                raise not_in_version("ListConfigResourcesRequest.resource_types", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListConfigResourcesResponse:
    """ListConfigResourcesResponse, versions 0-1, flexible from 0."""

    __slots__ = ("config_resources", "error_code", "throttle_time_ms")

    API_KEY: Final = 74
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "configResources: []ConfigResource 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        config_resources: list[ConfigResource] | tuple[ConfigResource, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.config_resources: list[ConfigResource] = list(config_resources) if isinstance(config_resources, tuple) else config_resources

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("ListConfigResourcesResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.compact_array_length(2)
            self.config_resources = [ConfigResource.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("ListConfigResourcesResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_array_length(len(self.config_resources))
        for each_config_resources in self.config_resources:
            each_config_resources.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConfigResource:
    """ConfigResource of ListConfigResourcesResponse, versions 0-1."""

    __slots__ = ("resource_name", "resource_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "resourceName: string 0+",
        "resourceType: int8 1+ default=16 ignorable",
    )

    def __init__(
        self,
        *,
        resource_name: str = "",
        resource_type: int = 16,
    ) -> None:
        self.resource_name: str = resource_name
        self.resource_type: int = resource_type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.resource_name = reader.compact_string()
        if version == 1:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
        else:
            self.resource_type = 16
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.resource_name)
        if version == 1:
            writer.buffer += _I1.pack(self.resource_type)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
