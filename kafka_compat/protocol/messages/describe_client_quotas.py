# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeClientQuotas, API key 48."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_F8: Final = Struct(">d")
_I1: Final = Struct(">b")
_I4_I2: Final = Struct(">ih")


class DescribeClientQuotasRequest:
    """DescribeClientQuotasRequest, versions 0-1, flexible from 1."""

    __slots__ = ("components", "strict")

    API_KEY: Final = 48
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "components: []ComponentData 0+",
        "strict: bool 0+",
    )

    def __init__(
        self,
        *,
        components: list[ComponentData] | tuple[ComponentData, ...] = (),
        strict: bool = False,
    ) -> None:
        self.components: list[ComponentData] = list(components) if isinstance(components, tuple) else components
        self.strict: bool = strict

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("DescribeClientQuotasRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                count = reader.compact_array_length(4)
                self.components = [ComponentData.decode(reader, version) for _ in range(count)]
                (self.strict,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(5)
                self.components = [ComponentData.decode(reader, version) for _ in range(count)]
                (self.strict,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("DescribeClientQuotasRequest", version)
        if version == 1:
            writer.compact_array_length(len(self.components))
            for each_components in self.components:
                each_components.encode(writer, version)
            writer.buffer += _B1.pack(self.strict)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.components))
            for each_components in self.components:
                each_components.encode(writer, version)
            writer.buffer += _B1.pack(self.strict)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ComponentData:
    """ComponentData of DescribeClientQuotasRequest, versions 0-1."""

    __slots__ = ("entity_type", "match", "match_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "entityType: string 0+",
        "matchType: int8 0+",
        "match: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        entity_type: str = "",
        match_type: int = 0,
        match: str | None = "",
    ) -> None:
        self.entity_type: str = entity_type
        self.match_type: int = match_type
        self.match: str | None = match

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            self.entity_type = reader.compact_string()
            (self.match_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.match = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            self.entity_type = reader.string()
            (self.match_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            self.match = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_string(self.entity_type)
            writer.buffer += _I1.pack(self.match_type)
            writer.compact_nullable_string(self.match)
            writer.buffer.append(0)
        else:
            writer.string(self.entity_type)
            writer.buffer += _I1.pack(self.match_type)
            writer.nullable_string(self.match)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeClientQuotasResponse:
    """DescribeClientQuotasResponse, versions 0-1, flexible from 1."""

    __slots__ = ("entries", "error_code", "error_message", "throttle_time_ms")

    API_KEY: Final = 48
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "entries: []EntryData 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
        entries: list[EntryData] | None | tuple[EntryData, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.entries: list[EntryData] | None = list(entries) if isinstance(entries, tuple) else entries

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("DescribeClientQuotasResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                self.error_message = reader.compact_nullable_string()
                count = reader.compact_nullable_array_length(3)
                self.entries = None if count < 0 else [EntryData.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                self.error_message = reader.nullable_string()
                count = reader.nullable_array_length(8)
                self.entries = None if count < 0 else [EntryData.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("DescribeClientQuotasResponse", version)
        if version == 1:
            writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
            writer.compact_nullable_string(self.error_message)
            if self.entries is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.entries))
                for each_entries in self.entries:
                    each_entries.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
            writer.nullable_string(self.error_message)
            if self.entries is None:
                writer.array_length(-1)
            else:
                writer.array_length(len(self.entries))
                for each_entries in self.entries:
                    each_entries.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class EntryData:
    """EntryData of DescribeClientQuotasResponse, versions 0-1."""

    __slots__ = ("entity", "values")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "entity: []EntityData 0+",
        "values: []ValueData 0+",
    )

    def __init__(
        self,
        *,
        entity: list[EntityData] | tuple[EntityData, ...] = (),
        values: list[ValueData] | tuple[ValueData, ...] = (),
    ) -> None:
        self.entity: list[EntityData] = list(entity) if isinstance(entity, tuple) else entity
        self.values: list[ValueData] = list(values) if isinstance(values, tuple) else values

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            count = reader.compact_array_length(3)
            self.entity = [EntityData.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(10)
            self.values = [ValueData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            count = reader.array_length(4)
            self.entity = [EntityData.decode(reader, version) for _ in range(count)]
            count = reader.array_length(10)
            self.values = [ValueData.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_array_length(len(self.entity))
            for each_entity in self.entity:
                each_entity.encode(writer, version)
            writer.compact_array_length(len(self.values))
            for each_values in self.values:
                each_values.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.entity))
            for each_entity in self.entity:
                each_entity.encode(writer, version)
            writer.array_length(len(self.values))
            for each_values in self.values:
                each_values.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class EntityData:
    """EntityData of DescribeClientQuotasResponse, versions 0-1."""

    __slots__ = ("entity_name", "entity_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "entityType: string 0+",
        "entityName: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        entity_type: str = "",
        entity_name: str | None = "",
    ) -> None:
        self.entity_type: str = entity_type
        self.entity_name: str | None = entity_name

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            self.entity_type = reader.compact_string()
            self.entity_name = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            self.entity_type = reader.string()
            self.entity_name = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_string(self.entity_type)
            writer.compact_nullable_string(self.entity_name)
            writer.buffer.append(0)
        else:
            writer.string(self.entity_type)
            writer.nullable_string(self.entity_name)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ValueData:
    """ValueData of DescribeClientQuotasResponse, versions 0-1."""

    __slots__ = ("key", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "key: string 0+",
        "value: float64 0+",
    )

    def __init__(
        self,
        *,
        key: str = "",
        value: float = 0.0,
    ) -> None:
        self.key: str = key
        self.value: float = value

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            self.key = reader.compact_string()
            (self.value,) = _F8.unpack_from(reader.buffer, reader.position)
            reader.position += 8
            reader.skip_tagged_fields()
        else:
            self.key = reader.string()
            (self.value,) = _F8.unpack_from(reader.buffer, reader.position)
            reader.position += 8
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_string(self.key)
            writer.buffer += _F8.pack(self.value)
            writer.buffer.append(0)
        else:
            writer.string(self.key)
            writer.buffer += _F8.pack(self.value)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
