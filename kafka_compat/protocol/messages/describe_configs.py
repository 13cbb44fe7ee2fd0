# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeConfigs, API key 32."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_B1_B1: Final = Struct(">??")
_B1_I1_B1: Final = Struct(">?b?")
_I1: Final = Struct(">b")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class DescribeConfigsRequest:
    """DescribeConfigsRequest, versions 1-4, flexible from 4."""

    __slots__ = ("include_documentation", "include_synonyms", "resources")

    API_KEY: Final = 32
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "resources: []DescribeConfigsResource 0+",
        "includeSynonyms: bool 1+ default=false",
        "includeDocumentation: bool 3+ default=false",
    )

    def __init__(
        self,
        *,
        resources: list[DescribeConfigsResource] | tuple[DescribeConfigsResource, ...] = (),
        include_synonyms: bool = False,
        include_documentation: bool = False,
    ) -> None:
        self.resources: list[DescribeConfigsResource] = list(resources) if isinstance(resources, tuple) else resources
        self.include_synonyms: bool = include_synonyms
        self.include_documentation: bool = include_documentation

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 4:
            raise unsupported("DescribeConfigsRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 4:
                count = reader.compact_array_length(4)
                self.resources = [DescribeConfigsResource.decode(reader, version) for _ in range(count)]
                (self.include_synonyms, self.include_documentation) = _B1_B1.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(7)
                self.resources = [DescribeConfigsResource.decode(reader, version) for _ in range(count)]
                (self.include_synonyms,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                if version == 3:
                    (self.include_documentation,) = _B1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.include_documentation = False
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 4:
            raise unsupported("DescribeConfigsRequest", version)
        if version == 4:
            writer.compact_array_length(len(self.resources))
            for each_resources in self.resources:
                each_resources.encode(writer, version)
            writer.buffer += _B1_B1.pack(self.include_synonyms, self.include_documentation)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.resources))
            for each_resources in self.resources:
                each_resources.encode(writer, version)
            writer.buffer += _B1.pack(self.include_synonyms)
            if version == 3:
                writer.buffer += _B1.pack(self.include_documentation)
            else:
                if self.include_documentation:
                    raise not_in_version("DescribeConfigsRequest.include_documentation", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeConfigsResource:
    """DescribeConfigsResource of DescribeConfigsRequest, versions 1-4."""

    __slots__ = ("configuration_keys", "resource_name", "resource_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "resourceType: int8 0+",
        "resourceName: string 0+",
        "configurationKeys: []string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        resource_type: int = 0,
        resource_name: str = "",
        configuration_keys: list[str] | None | tuple[str, ...] = (),
    ) -> None:
        self.resource_type: int = resource_type
        self.resource_name: str = resource_name
        self.configuration_keys: list[str] | None = list(configuration_keys) if isinstance(configuration_keys, tuple) else configuration_keys

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 4:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.compact_string()
            count = reader.compact_nullable_array_length(1)
            self.configuration_keys = None if count < 0 else [reader.compact_string() for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.string()
            count = reader.nullable_array_length(2)
            self.configuration_keys = None if count < 0 else [reader.string() for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 4:
            writer.buffer += _I1.pack(self.resource_type)
            writer.compact_string(self.resource_name)
            if self.configuration_keys is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.configuration_keys))
                for each_configuration_keys in self.configuration_keys:
                    writer.compact_string(each_configuration_keys)
            writer.buffer.append(0)
        else:
            writer.buffer += _I1.pack(self.resource_type)
            writer.string(self.resource_name)
            if self.configuration_keys is None:
                writer.array_length(-1)
            else:
                writer.array_length(len(self.configuration_keys))
                for each_configuration_keys in self.configuration_keys:
                    writer.string(each_configuration_keys)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeConfigsResponse:
    """DescribeConfigsResponse, versions 1-4, flexible from 4."""

    __slots__ = ("results", "throttle_time_ms")

    API_KEY: Final = 32
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "results: []DescribeConfigsResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        results: list[DescribeConfigsResult] | tuple[DescribeConfigsResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.results: list[DescribeConfigsResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 4:
            raise unsupported("DescribeConfigsResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 4:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(7)
                self.results = [DescribeConfigsResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(11)
                self.results = [DescribeConfigsResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 4:
            raise unsupported("DescribeConfigsResponse", version)
        if version == 4:
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


class DescribeConfigsResult:
    """DescribeConfigsResult of DescribeConfigsResponse, versions 1-4."""

    __slots__ = ("configs", "error_code", "error_message", "resource_name", "resource_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "resourceType: int8 0+",
        "resourceName: string 0+",
        "configs: []DescribeConfigsResourceResult 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = "",
        resource_type: int = 0,
        resource_name: str = "",
        configs: list[DescribeConfigsResourceResult] | tuple[DescribeConfigsResourceResult, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.resource_type: int = resource_type
        self.resource_name: str = resource_name
        self.configs: list[DescribeConfigsResourceResult] = list(configs) if isinstance(configs, tuple) else configs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 4:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.compact_string()
            count = reader.compact_array_length(9)
            self.configs = [DescribeConfigsResourceResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.nullable_string()
            (self.resource_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.resource_name = reader.string()
            count = reader.array_length(11)
            self.configs = [DescribeConfigsResourceResult.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 4:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.buffer += _I1.pack(self.resource_type)
            writer.compact_string(self.resource_name)
            writer.compact_array_length(len(self.configs))
            for each_configs in self.configs:
                each_configs.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)
            writer.buffer += _I1.pack(self.resource_type)
            writer.string(self.resource_name)
            writer.array_length(len(self.configs))
            for each_configs in self.configs:
                each_configs.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeConfigsResourceResult:
    """DescribeConfigsResourceResult of DescribeConfigsResponse, versions 1-4."""

    __slots__ = ("config_source", "config_type", "documentation", "is_sensitive", "name", "read_only", "synonyms", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "value: string 0+ nullable=0+",
        "readOnly: bool 0+",
        "configSource: int8 1+ default=-1 ignorable",
        "isSensitive: bool 0+",
        "synonyms: []DescribeConfigsSynonym 1+ ignorable",
        "configType: int8 3+ default=0 ignorable",
        "documentation: string 3+ nullable=0+ ignorable",
    )

    def __init__(
        self,
        *,
        name: str = "",
        value: str | None = "",
        read_only: bool = False,
        config_source: int = -1,
        is_sensitive: bool = False,
        synonyms: list[DescribeConfigsSynonym] | tuple[DescribeConfigsSynonym, ...] = (),
        config_type: int = 0,
        documentation: str | None = "",
    ) -> None:
        self.name: str = name
        self.value: str | None = value
        self.read_only: bool = read_only
        self.config_source: int = config_source
        self.is_sensitive: bool = is_sensitive
        self.synonyms: list[DescribeConfigsSynonym] = list(synonyms) if isinstance(synonyms, tuple) else synonyms
        self.config_type: int = config_type
        self.documentation: str | None = documentation

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 4:
            self.name = reader.compact_string()
            self.value = reader.compact_nullable_string()
            (self.read_only, self.config_source, self.is_sensitive) = _B1_I1_B1.unpack_from(reader.buffer, reader.position)
            reader.position += 3
            count = reader.compact_array_length(4)
            self.synonyms = [DescribeConfigsSynonym.decode(reader, version) for _ in range(count)]
            (self.config_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.documentation = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.value = reader.nullable_string()
            (self.read_only, self.config_source, self.is_sensitive) = _B1_I1_B1.unpack_from(reader.buffer, reader.position)
            reader.position += 3
            count = reader.array_length(5)
            self.synonyms = [DescribeConfigsSynonym.decode(reader, version) for _ in range(count)]
            if version == 3:
                (self.config_type,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                self.documentation = reader.nullable_string()
            else:
                self.config_type = 0
                self.documentation = ""
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 4:
            writer.compact_string(self.name)
            writer.compact_nullable_string(self.value)
            writer.buffer += _B1_I1_B1.pack(self.read_only, self.config_source, self.is_sensitive)
            writer.compact_array_length(len(self.synonyms))
            for each_synonyms in self.synonyms:
                each_synonyms.encode(writer, version)
            writer.buffer += _I1.pack(self.config_type)
            writer.compact_nullable_string(self.documentation)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.nullable_string(self.value)
            writer.buffer += _B1_I1_B1.pack(self.read_only, self.config_source, self.is_sensitive)
            writer.array_length(len(self.synonyms))
            for each_synonyms in self.synonyms:
                each_synonyms.encode(writer, version)
            if version == 3:
                writer.buffer += _I1.pack(self.config_type)
                writer.nullable_string(self.documentation)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeConfigsSynonym:
    """DescribeConfigsSynonym of DescribeConfigsResponse, versions 1-4."""

    __slots__ = ("name", "source", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 1+",
        "value: string 1+ nullable=0+",
        "source: int8 1+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        value: str | None = "",
        source: int = 0,
    ) -> None:
        self.name: str = name
        self.value: str | None = value
        self.source: int = source

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 4:
            self.name = reader.compact_string()
            self.value = reader.compact_nullable_string()
            (self.source,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.value = reader.nullable_string()
            (self.source,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 4:
            writer.compact_string(self.name)
            writer.compact_nullable_string(self.value)
            writer.buffer += _I1.pack(self.source)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.nullable_string(self.value)
            writer.buffer += _I1.pack(self.source)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
