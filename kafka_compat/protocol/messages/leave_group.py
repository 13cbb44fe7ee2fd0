# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""LeaveGroup, API key 13."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class LeaveGroupRequest:
    """LeaveGroupRequest, versions 0-5, flexible from 4."""

    __slots__ = ("group_id", "member_id", "members")

    API_KEY: Final = 13
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "memberId: string 0-2",
        "members: []MemberIdentity 3+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        member_id: str = "",
        members: list[MemberIdentity] | tuple[MemberIdentity, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.member_id: str = member_id
        self.members: list[MemberIdentity] = list(members) if isinstance(members, tuple) else members

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("LeaveGroupRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 4:
                self.group_id = reader.compact_string()
                self.member_id = ""
                count = reader.compact_array_length(3)
                self.members = [MemberIdentity.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                self.group_id = reader.string()
                if version <= 2:
                    self.member_id = reader.string()
                else:
                    self.member_id = ""
                if version == 3:
                    count = reader.array_length(4)
                    self.members = [MemberIdentity.decode(reader, version) for _ in range(count)]
                else:
                    self.members = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("LeaveGroupRequest", version)
        if version >= 4:
            writer.compact_string(self.group_id)
            if self.member_id != "":
                raise not_in_version("LeaveGroupRequest.member_id", version)
            writer.compact_array_length(len(self.members))
            for each_members in self.members:
                each_members.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.group_id)
            if version <= 2:
                writer.string(self.member_id)
            else:
                if self.member_id != "":
                    raise not_in_version("LeaveGroupRequest.member_id", version)
            if version == 3:
                writer.array_length(len(self.members))
                for each_members in self.members:
                    each_members.encode(writer, version)
            else:
                if len(self.members) > 0:
                    raise not_in_version("LeaveGroupRequest.members", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class MemberIdentity:
    """MemberIdentity of LeaveGroupRequest, versions 3-5."""

    __slots__ = ("group_instance_id", "member_id", "reason")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberId: string 3+",
        "groupInstanceId: string 3+ nullable=3+ default=null",
        "reason: string 5+ nullable=5+ default=null ignorable",
    )

    def __init__(
        self,
        *,
        member_id: str = "",
        group_instance_id: str | None = None,
        reason: str | None = None,
    ) -> None:
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.reason: str | None = reason

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 4:
            self.member_id = reader.compact_string()
            self.group_instance_id = reader.compact_nullable_string()
            if version == 5:
                self.reason = reader.compact_nullable_string()
            else:
                self.reason = None
            reader.skip_tagged_fields()
        else:
            self.member_id = reader.string()
            self.group_instance_id = reader.nullable_string()
            self.reason = None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 4:
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            if version == 5:
                writer.compact_nullable_string(self.reason)
            writer.buffer.append(0)
        else:
            writer.string(self.member_id)
            writer.nullable_string(self.group_instance_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class LeaveGroupResponse:
    """LeaveGroupResponse, versions 0-5, flexible from 4."""

    __slots__ = ("error_code", "members", "throttle_time_ms")

    API_KEY: Final = 13
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 1+ ignorable",
        "errorCode: int16 0+",
        "members: []MemberResponse 3+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        members: list[MemberResponse] | tuple[MemberResponse, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.members: list[MemberResponse] = list(members) if isinstance(members, tuple) else members

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("LeaveGroupResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 4:
                (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                count = reader.compact_array_length(5)
                self.members = [MemberResponse.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                if version >= 1:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                if version == 3:
                    count = reader.array_length(6)
                    self.members = [MemberResponse.decode(reader, version) for _ in range(count)]
                else:
                    self.members = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("LeaveGroupResponse", version)
        if version >= 4:
            writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
            writer.compact_array_length(len(self.members))
            for each_members in self.members:
                each_members.encode(writer, version)
            writer.buffer.append(0)
        else:
            if version >= 1:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.buffer += _I2.pack(self.error_code)
            if version == 3:
                writer.array_length(len(self.members))
                for each_members in self.members:
                    each_members.encode(writer, version)
            else:
                if len(self.members) > 0:
                    raise not_in_version("LeaveGroupResponse.members", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class MemberResponse:
    """MemberResponse of LeaveGroupResponse, versions 3-5."""

    __slots__ = ("error_code", "group_instance_id", "member_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberId: string 3+",
        "groupInstanceId: string 3+ nullable=3+",
        "errorCode: int16 3+",
    )

    def __init__(
        self,
        *,
        member_id: str = "",
        group_instance_id: str | None = "",
        error_code: int = 0,
    ) -> None:
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 4:
            self.member_id = reader.compact_string()
            self.group_instance_id = reader.compact_nullable_string()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            reader.skip_tagged_fields()
        else:
            self.member_id = reader.string()
            self.group_instance_id = reader.nullable_string()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 4:
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            writer.buffer += _I2.pack(self.error_code)
            writer.buffer.append(0)
        else:
            writer.string(self.member_id)
            writer.nullable_string(self.group_instance_id)
            writer.buffer += _I2.pack(self.error_code)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
