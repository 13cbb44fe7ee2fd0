# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""IncrementalAlterConfigs, API key 44."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I1: Final = Struct(">b")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class IncrementalAlterConfigsRequest:
    """IncrementalAlterConfigsRequest, versions 0-1, flexible from 1."""

    __slots__ = ("resources", "validate_only")

    API_KEY: Final = 44
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "resources: []AlterConfigsResource 0+",
        "validateOnly: bool 0+",
    )

    def __init__(
        self,
        *,
        resources: list[AlterConfigsResource] | tuple[AlterConfigsResource, ...] = (),
        validate_only: bool = False,
    ) -> None:
        self.resources: list[AlterConfigsResource] = list(resources) if isinstance(resources, tuple) else resources
        self.validate_only: bool = validate_only

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("IncrementalAlterConfigsRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                count = reader.compact_array_length(4)
                self.resources = [AlterConfigsResource.decode(reader, version) for _ in range(count)]
                (self.validate_only,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(7)
                self.resources = [AlterConfigsResource.decode(reader, version) for _ in range(count)]
                (self.validate_only,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("IncrementalAlterConfigsRequest", version)
        if version == 1:
            writer.compact_array_length(len(self.resources))
            for each_resources in self.resources:
                each_resources.encode(writer, version)
            writer.buffer += _B1.pack(self.validate_only)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.resources))
            for each_resources in self.resources:
                each_resources.encode(writer, version)
            writer.buffer += _B1.pack(self.validate_only)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterConfigsResource:
    """AlterConfigsResource of IncrementalAlterConfigsRequest, versions 0-1."""

    __slots__ = ("configs", "resource_name", "resource_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "resourceType: int8 0+ key",
        "resourceName: string 0+ key",
        "configs: []AlterableConfig 0+",
    )

    def __init__(
        self,
        *,
        resource_type: int = 0,
        resource_name: str = "",
        configs: list[AlterableConfig] | tuple[AlterableConfig, ...] = (),
    ) -> None:
        self.resource_type: int = resource_type
        self.resource_name: str = resource_name
        self.configs: list[AlterableConfig] = list(configs) if isinstance(configs, tuple) else configs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.compact_string()
            count = reader.compact_array_length(4)
            self.configs = [AlterableConfig.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.string()
            count = reader.array_length(5)
            self.configs = [AlterableConfig.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.buffer += _I1.pack(self.resource_type)
            writer.compact_string(self.resource_name)
            writer.compact_array_length(len(self.configs))
            for each_configs in self.configs:
                each_configs.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I1.pack(self.resource_type)
            writer.string(self.resource_name)
            writer.array_length(len(self.configs))
            for each_configs in self.configs:
                each_configs.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterableConfig:
    """AlterableConfig of IncrementalAlterConfigsRequest, versions 0-1."""

    __slots__ = ("config_operation", "name", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "configOperation: int8 0+ key",
        "value: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        config_operation: int = 0,
        value: str | None = "",
    ) -> None:
        self.name: str = name
        self.config_operation: int = config_operation
        self.value: str | None = value

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            self.name = reader.compact_string()
            (self.config_operation,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.value = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            (self.config_operation,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.value = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_string(self.name)
            writer.buffer += _I1.pack(self.config_operation)
            writer.compact_nullable_string(self.value)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.buffer += _I1.pack(self.config_operation)
            writer.nullable_string(self.value)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class IncrementalAlterConfigsResponse:
    """IncrementalAlterConfigsResponse, versions 0-1, flexible from 1."""

    __slots__ = ("responses", "throttle_time_ms")

    API_KEY: Final = 44
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "responses: []AlterConfigsResourceResponse 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        responses: list[AlterConfigsResourceResponse] | tuple[AlterConfigsResourceResponse, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.responses: list[AlterConfigsResourceResponse] = list(responses) if isinstance(responses, tuple) else responses

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("IncrementalAlterConfigsResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(6)
                self.responses = [AlterConfigsResourceResponse.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(7)
                self.responses = [AlterConfigsResourceResponse.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("IncrementalAlterConfigsResponse", version)
        if version == 1:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.responses))
            for each_responses in self.responses:
                each_responses.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.responses))
            for each_responses in self.responses:
                each_responses.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterConfigsResourceResponse:
    """AlterConfigsResourceResponse of IncrementalAlterConfigsResponse, versions 0-1."""

    __slots__ = ("error_code", "error_message", "resource_name", "resource_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "resourceType: int8 0+",
        "resourceName: string 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = "",
        resource_type: int = 0,
        resource_name: str = "",
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.resource_type: int = resource_type
        self.resource_name: str = resource_name

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.compact_string()
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.nullable_string()
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.buffer += _I1.pack(self.resource_type)
            writer.compact_string(self.resource_name)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)
            writer.buffer += _I1.pack(self.resource_type)
            writer.string(self.resource_name)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
