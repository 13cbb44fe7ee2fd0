# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""SyncGroup, API key 14."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class SyncGroupRequest:
    """SyncGroupRequest, versions 0-5, flexible from 4."""

    __slots__ = ("assignments", "generation_id", "group_id", "group_instance_id", "member_id", "protocol_name", "protocol_type")

    API_KEY: Final = 14
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "generationId: int32 0+",
        "memberId: string 0+",
        "groupInstanceId: string 3+ nullable=3+ default=null",
        "protocolType: string 5+ nullable=5+ default=null ignorable",
        "protocolName: string 5+ nullable=5+ default=null ignorable",
        "assignments: []SyncGroupRequestAssignment 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        generation_id: int = 0,
        member_id: str = "",
        group_instance_id: str | None = None,
        protocol_type: str | None = None,
        protocol_name: str | None = None,
        assignments: list[SyncGroupRequestAssignment] | tuple[SyncGroupRequestAssignment, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.generation_id: int = generation_id
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.protocol_type: str | None = protocol_type
        self.protocol_name: str | None = protocol_name
        self.assignments: list[SyncGroupRequestAssignment] = list(assignments) if isinstance(assignments, tuple) else assignments

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("SyncGroupRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 4:
                self.group_id = reader.compact_string()
                (self.generation_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.member_id = reader.compact_string()
                self.group_instance_id = reader.compact_nullable_string()
                if version == 5:
                    self.protocol_type = reader.compact_nullable_string()
                    self.protocol_name = reader.compact_nullable_string()
                else:
                    self.protocol_type = None
                    self.protocol_name = None
                count = reader.compact_array_length(3)
                self.assignments = [SyncGroupRequestAssignment.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                self.group_id = reader.string()
                (self.generation_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.member_id = reader.string()
                if version == 3:
                    self.group_instance_id = reader.nullable_string()
                else:
                    self.group_instance_id = None
                self.protocol_type = None
                self.protocol_name = None
                count = reader.array_length(6)
                self.assignments = [SyncGroupRequestAssignment.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("SyncGroupRequest", version)
        if version >= 4:
            writer.compact_string(self.group_id)
            writer.buffer += _I4.pack(self.generation_id)
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            if version == 5:
                writer.compact_nullable_string(self.protocol_type)
                writer.compact_nullable_string(self.protocol_name)
            writer.compact_array_length(len(self.assignments))
            for each_assignments in self.assignments:
                each_assignments.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.group_id)
            writer.buffer += _I4.pack(self.generation_id)
            writer.string(self.member_id)
            if version == 3:
                writer.nullable_string(self.group_instance_id)
            else:
                if self.group_instance_id is not None:
                    raise not_in_version("SyncGroupRequest.group_instance_id", version)
            writer.array_length(len(self.assignments))
            for each_assignments in self.assignments:
                each_assignments.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class SyncGroupRequestAssignment:
    """SyncGroupRequestAssignment of SyncGroupRequest, versions 0-5."""

    __slots__ = ("assignment", "member_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberId: string 0+",
        "assignment: bytes 0+",
    )

    def __init__(
        self,
        *,
        member_id: str = "",
        assignment: bytes = b"",
    ) -> None:
        self.member_id: str = member_id
        self.assignment: bytes = assignment

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 4:
            self.member_id = reader.compact_string()
            self.assignment = reader.compact_bytes()
            reader.skip_tagged_fields()
        else:
            self.member_id = reader.string()
            self.assignment = reader.bytes_()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 4:
            writer.compact_string(self.member_id)
            writer.compact_bytes(self.assignment)
            writer.buffer.append(0)
        else:
            writer.string(self.member_id)
            writer.bytes_(self.assignment)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class SyncGroupResponse:
    """SyncGroupResponse, versions 0-5, flexible from 4."""

    __slots__ = ("assignment", "error_code", "protocol_name", "protocol_type", "throttle_time_ms")

    API_KEY: Final = 14
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 1+ ignorable",
        "errorCode: int16 0+",
        "protocolType: string 5+ nullable=5+ default=null ignorable",
        "protocolName: string 5+ nullable=5+ default=null ignorable",
        "assignment: bytes 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        protocol_type: str | None = None,
        protocol_name: str | None = None,
        assignment: bytes = b"",
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.protocol_type: str | None = protocol_type
        self.protocol_name: str | None = protocol_name
        self.assignment: bytes = assignment

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("SyncGroupResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 4:
                (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                if version == 5:
                    self.protocol_type = reader.compact_nullable_string()
                    self.protocol_name = reader.compact_nullable_string()
                else:
                    self.protocol_type = None
                    self.protocol_name = None
                self.assignment = reader.compact_bytes()
                reader.skip_tagged_fields()
            else:
                if version >= 1:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                self.protocol_type = None
                self.protocol_name = None
                self.assignment = reader.bytes_()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("SyncGroupResponse", version)
        if version >= 4:
            writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
            if version == 5:
                writer.compact_nullable_string(self.protocol_type)
                writer.compact_nullable_string(self.protocol_name)
            writer.compact_bytes(self.assignment)
            writer.buffer.append(0)
        else:
            if version >= 1:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.buffer += _I2.pack(self.error_code)
            writer.bytes_(self.assignment)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
