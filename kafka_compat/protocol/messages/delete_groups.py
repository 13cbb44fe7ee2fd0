# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DeleteGroups, API key 42."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class DeleteGroupsRequest:
    """DeleteGroupsRequest, versions 0-2, flexible from 2."""

    __slots__ = ("groups_names",)

    API_KEY: Final = 42
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupsNames: []string 0+",
    )

    def __init__(
        self,
        *,
        groups_names: list[str] | tuple[str, ...] = (),
    ) -> None:
        self.groups_names: list[str] = list(groups_names) if isinstance(groups_names, tuple) else groups_names

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("DeleteGroupsRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                count = reader.compact_array_length(1)
                self.groups_names = [reader.compact_string() for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(2)
                self.groups_names = [reader.string() for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("DeleteGroupsRequest", version)
        if version == 2:
            writer.compact_array_length(len(self.groups_names))
            for each_groups_names in self.groups_names:
                writer.compact_string(each_groups_names)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.groups_names))
            for each_groups_names in self.groups_names:
                writer.string(each_groups_names)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteGroupsResponse:
    """DeleteGroupsResponse, versions 0-2, flexible from 2."""

    __slots__ = ("results", "throttle_time_ms")

    API_KEY: Final = 42
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "results: []DeletableGroupResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        results: list[DeletableGroupResult] | tuple[DeletableGroupResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.results: list[DeletableGroupResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("DeleteGroupsResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(4)
                self.results = [DeletableGroupResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(4)
                self.results = [DeletableGroupResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("DeleteGroupsResponse", version)
        if version == 2:
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


class DeletableGroupResult:
    """DeletableGroupResult of DeleteGroupsResponse, versions 0-2."""

    __slots__ = ("error_code", "group_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+ key",
        "errorCode: int16 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        error_code: int = 0,
    ) -> None:
        self.group_id: str = group_id
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 2:
            self.group_id = reader.compact_string()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            reader.skip_tagged_fields()
        else:
            self.group_id = reader.string()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
            writer.compact_string(self.group_id)
            writer.buffer += _I2.pack(self.error_code)
            writer.buffer.append(0)
        else:
            writer.string(self.group_id)
            writer.buffer += _I2.pack(self.error_code)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
