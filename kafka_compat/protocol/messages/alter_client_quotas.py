# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AlterClientQuotas, API key 49."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_F8_B1: Final = Struct(">d?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class AlterClientQuotasRequest:
    """AlterClientQuotasRequest, versions 0-1, flexible from 1."""

    __slots__ = ("entries", "validate_only")

    API_KEY: Final = 49
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "entries: []AlterClientQuotasRequestEntryData 0+",
        "validateOnly: bool 0+",
    )

    def __init__(
        self,
        *,
        entries: list[AlterClientQuotasRequestEntryData] | tuple[AlterClientQuotasRequestEntryData, ...] = (),
        validate_only: bool = False,
    ) -> None:
        self.entries: list[AlterClientQuotasRequestEntryData] = list(entries) if isinstance(entries, tuple) else entries
        self.validate_only: bool = validate_only

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("AlterClientQuotasRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                count = reader.compact_array_length(3)
                self.entries = [AlterClientQuotasRequestEntryData.decode(reader, version) for _ in range(count)]
                (self.validate_only,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(8)
                self.entries = [AlterClientQuotasRequestEntryData.decode(reader, version) for _ in range(count)]
                (self.validate_only,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("AlterClientQuotasRequest", version)
        if version == 1:
            writer.compact_array_length(len(self.entries))
            for each_entries in self.entries:
                each_entries.encode(writer, version)
            writer.buffer += _B1.pack(self.validate_only)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.entries))
            for each_entries in self.entries:
                each_entries.encode(writer, version)
            writer.buffer += _B1.pack(self.validate_only)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterClientQuotasRequestEntryData:
    """EntryData of AlterClientQuotasRequest, versions 0-1."""

    __slots__ = ("entity", "ops")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "entity: []AlterClientQuotasRequestEntityData 0+",
        "ops: []OpData 0+",
    )

    def __init__(
        self,
        *,
        entity: list[AlterClientQuotasRequestEntityData] | tuple[AlterClientQuotasRequestEntityData, ...] = (),
        ops: list[OpData] | tuple[OpData, ...] = (),
    ) -> None:
        self.entity: list[AlterClientQuotasRequestEntityData] = list(entity) if isinstance(entity, tuple) else entity
        self.ops: list[OpData] = list(ops) if isinstance(ops, tuple) else ops

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            count = reader.compact_array_length(3)
            self.entity = [AlterClientQuotasRequestEntityData.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(11)
            self.ops = [OpData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            count = reader.array_length(4)
            self.entity = [AlterClientQuotasRequestEntityData.decode(reader, version) for _ in range(count)]
            count = reader.array_length(11)
            self.ops = [OpData.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_array_length(len(self.entity))
            for each_entity in self.entity:
                each_entity.encode(writer, version)
            writer.compact_array_length(len(self.ops))
            for each_ops in self.ops:
                each_ops.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.entity))
            for each_entity in self.entity:
                each_entity.encode(writer, version)
            writer.array_length(len(self.ops))
            for each_ops in self.ops:
                each_ops.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterClientQuotasRequestEntityData:
    """EntityData of AlterClientQuotasRequest, versions 0-1."""

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


class OpData:
    """OpData of AlterClientQuotasRequest, versions 0-1."""

    __slots__ = ("key", "remove", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "key: string 0+",
        "value: float64 0+",
        "remove: bool 0+",
    )

    def __init__(
        self,
        *,
        key: str = "",
        value: float = 0.0,
        remove: bool = False,
    ) -> None:
        self.key: str = key
        self.value: float = value
        self.remove: bool = remove

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            self.key = reader.compact_string()
            (self.value, self.remove) = _F8_B1.unpack_from(reader.buffer, reader.position)
            reader.position += 9
            reader.skip_tagged_fields()
        else:
            self.key = reader.string()
            (self.value, self.remove) = _F8_B1.unpack_from(reader.buffer, reader.position)
            reader.position += 9
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_string(self.key)
            writer.buffer += _F8_B1.pack(self.value, self.remove)
            writer.buffer.append(0)
        else:
            writer.string(self.key)
            writer.buffer += _F8_B1.pack(self.value, self.remove)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterClientQuotasResponse:
    """AlterClientQuotasResponse, versions 0-1, flexible from 1."""

    __slots__ = ("entries", "throttle_time_ms")

    API_KEY: Final = 49
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "entries: []AlterClientQuotasResponseEntryData 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        entries: list[AlterClientQuotasResponseEntryData] | tuple[AlterClientQuotasResponseEntryData, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.entries: list[AlterClientQuotasResponseEntryData] = list(entries) if isinstance(entries, tuple) else entries

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("AlterClientQuotasResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(5)
                self.entries = [AlterClientQuotasResponseEntryData.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(8)
                self.entries = [AlterClientQuotasResponseEntryData.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("AlterClientQuotasResponse", version)
        if version == 1:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.entries))
            for each_entries in self.entries:
                each_entries.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.entries))
            for each_entries in self.entries:
                each_entries.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterClientQuotasResponseEntryData:
    """EntryData of AlterClientQuotasResponse, versions 0-1."""

    __slots__ = ("entity", "error_code", "error_message")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "entity: []AlterClientQuotasResponseEntityData 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = "",
        entity: list[AlterClientQuotasResponseEntityData] | tuple[AlterClientQuotasResponseEntityData, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.entity: list[AlterClientQuotasResponseEntityData] = list(entity) if isinstance(entity, tuple) else entity

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            count = reader.compact_array_length(3)
            self.entity = [AlterClientQuotasResponseEntityData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.nullable_string()
            count = reader.array_length(4)
            self.entity = [AlterClientQuotasResponseEntityData.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.compact_array_length(len(self.entity))
            for each_entity in self.entity:
                each_entity.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)
            writer.array_length(len(self.entity))
            for each_entity in self.entity:
                each_entity.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterClientQuotasResponseEntityData:
    """EntityData of AlterClientQuotasResponse, versions 0-1."""

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
