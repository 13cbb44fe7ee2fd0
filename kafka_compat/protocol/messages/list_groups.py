# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ListGroups, API key 16."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class ListGroupsRequest:
    """ListGroupsRequest, versions 0-5, flexible from 3."""

    __slots__ = ("states_filter", "types_filter")

    API_KEY: Final = 16
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "statesFilter: []string 4+",
        "typesFilter: []string 5+",
    )

    def __init__(
        self,
        *,
        states_filter: list[str] | tuple[str, ...] = (),
        types_filter: list[str] | tuple[str, ...] = (),
    ) -> None:
        self.states_filter: list[str] = list(states_filter) if isinstance(states_filter, tuple) else states_filter
        self.types_filter: list[str] = list(types_filter) if isinstance(types_filter, tuple) else types_filter

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("ListGroupsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                if version >= 4:
                    count = reader.compact_array_length(1)
                    self.states_filter = [reader.compact_string() for _ in range(count)]
                else:
                    self.states_filter = []
                if version == 5:
                    count = reader.compact_array_length(1)
                    self.types_filter = [reader.compact_string() for _ in range(count)]
                else:
                    self.types_filter = []
                reader.skip_tagged_fields()
            else:
                self.states_filter = []
                self.types_filter = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("ListGroupsRequest", version)
        if version >= 3:
            if version >= 4:
                writer.compact_array_length(len(self.states_filter))
                for each_states_filter in self.states_filter:
                    writer.compact_string(each_states_filter)
            else:
                if len(self.states_filter) > 0:
                    raise not_in_version("ListGroupsRequest.states_filter", version)
            if version == 5:
                writer.compact_array_length(len(self.types_filter))
                for each_types_filter in self.types_filter:
                    writer.compact_string(each_types_filter)
            else:
                if len(self.types_filter) > 0:
                    raise not_in_version("ListGroupsRequest.types_filter", version)
            writer.buffer.append(0)
        else:
            if len(self.states_filter) > 0:
                raise not_in_version("ListGroupsRequest.states_filter", version)
            if len(self.types_filter) > 0:
                raise not_in_version("ListGroupsRequest.types_filter", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListGroupsResponse:
    """ListGroupsResponse, versions 0-5, flexible from 3."""

    __slots__ = ("error_code", "groups", "throttle_time_ms")

    API_KEY: Final = 16
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 1+ ignorable",
        "errorCode: int16 0+",
        "groups: []ListedGroup 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        groups: list[ListedGroup] | tuple[ListedGroup, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.groups: list[ListedGroup] = list(groups) if isinstance(groups, tuple) else groups

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("ListGroupsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                count = reader.compact_array_length(3)
                self.groups = [ListedGroup.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                if version >= 1:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                count = reader.array_length(4)
                self.groups = [ListedGroup.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("ListGroupsResponse", version)
        if version >= 3:
            writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
            writer.compact_array_length(len(self.groups))
            for each_groups in self.groups:
                each_groups.encode(writer, version)
            writer.buffer.append(0)
        else:
            if version >= 1:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.buffer += _I2.pack(self.error_code)
            writer.array_length(len(self.groups))
            for each_groups in self.groups:
                each_groups.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListedGroup:
    """ListedGroup of ListGroupsResponse, versions 0-5."""

    __slots__ = ("group_id", "group_state", "group_type", "protocol_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "protocolType: string 0+",
        "groupState: string 4+ ignorable",
        "groupType: string 5+ ignorable",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        protocol_type: str = "",
        group_state: str = "",
        group_type: str = "",
    ) -> None:
        self.group_id: str = group_id
        self.protocol_type: str = protocol_type
        self.group_state: str = group_state
        self.group_type: str = group_type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 3:
            self.group_id = reader.compact_string()
            self.protocol_type = reader.compact_string()
            if version >= 4:
                self.group_state = reader.compact_string()
            else:
                self.group_state = ""
            if version == 5:
                self.group_type = reader.compact_string()
            else:
                self.group_type = ""
            reader.skip_tagged_fields()
        else:
            self.group_id = reader.string()
            self.protocol_type = reader.string()
            self.group_state = ""
            self.group_type = ""
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 3:
            writer.compact_string(self.group_id)
            writer.compact_string(self.protocol_type)
            if version >= 4:
                writer.compact_string(self.group_state)
            if version == 5:
                writer.compact_string(self.group_type)
            writer.buffer.append(0)
        else:
            writer.string(self.group_id)
            writer.string(self.protocol_type)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
