# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeGroups, API key 15."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class DescribeGroupsRequest:
    """DescribeGroupsRequest, versions 0-6, flexible from 5."""

    __slots__ = ("groups", "include_authorized_operations")

    API_KEY: Final = 15
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 6
    FLEXIBLE_FROM: Final = 5
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groups: []string 0+",
        "includeAuthorizedOperations: bool 3+",
    )

    def __init__(
        self,
        *,
        groups: list[str] | tuple[str, ...] = (),
        include_authorized_operations: bool = False,
    ) -> None:
        self.groups: list[str] = list(groups) if isinstance(groups, tuple) else groups
        self.include_authorized_operations: bool = include_authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 6:
            raise unsupported("DescribeGroupsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 5:
                count = reader.compact_array_length(1)
                self.groups = [reader.compact_string() for _ in range(count)]
                (self.include_authorized_operations,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(2)
                self.groups = [reader.string() for _ in range(count)]
                if version >= 3:
                    (self.include_authorized_operations,) = _B1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.include_authorized_operations = False
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 6:
            raise unsupported("DescribeGroupsRequest", version)
        if version >= 5:
            writer.compact_array_length(len(self.groups))
            for each_groups in self.groups:
                writer.compact_string(each_groups)
            writer.buffer += _B1.pack(self.include_authorized_operations)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.groups))
            for each_groups in self.groups:
                writer.string(each_groups)
            if version >= 3:
                writer.buffer += _B1.pack(self.include_authorized_operations)
            else:
                if self.include_authorized_operations:
                    raise not_in_version("DescribeGroupsRequest.include_authorized_operations", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeGroupsResponse:
    """DescribeGroupsResponse, versions 0-6, flexible from 5."""

    __slots__ = ("groups", "throttle_time_ms")

    API_KEY: Final = 15
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 6
    FLEXIBLE_FROM: Final = 5
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 1+ ignorable",
        "groups: []DescribedGroup 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        groups: list[DescribedGroup] | tuple[DescribedGroup, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.groups: list[DescribedGroup] = list(groups) if isinstance(groups, tuple) else groups

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 6:
            raise unsupported("DescribeGroupsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 5:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(12)
                self.groups = [DescribedGroup.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                if version >= 1:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                count = reader.array_length(14)
                self.groups = [DescribedGroup.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 6:
            raise unsupported("DescribeGroupsResponse", version)
        if version >= 5:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.groups))
            for each_groups in self.groups:
                each_groups.encode(writer, version)
            writer.buffer.append(0)
        else:
            if version >= 1:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.groups))
            for each_groups in self.groups:
                each_groups.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribedGroup:
    """DescribedGroup of DescribeGroupsResponse, versions 0-6."""

    __slots__ = (
        "authorized_operations",
        "error_code",
        "error_message",
        "group_id",
        "group_state",
        "members",
        "protocol_data",
        "protocol_type",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 6+ nullable=6+ default=null",
        "groupId: string 0+",
        "groupState: string 0+",
        "protocolType: string 0+",
        "protocolData: string 0+",
        "members: []DescribedGroupMember 0+",
        "authorizedOperations: int32 3+ default=-2147483648",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = None,
        group_id: str = "",
        group_state: str = "",
        protocol_type: str = "",
        protocol_data: str = "",
        members: list[DescribedGroupMember] | tuple[DescribedGroupMember, ...] = (),
        authorized_operations: int = -2147483648,
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.group_id: str = group_id
        self.group_state: str = group_state
        self.protocol_type: str = protocol_type
        self.protocol_data: str = protocol_data
        self.members: list[DescribedGroupMember] = list(members) if isinstance(members, tuple) else members
        self.authorized_operations: int = authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 5:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            if version == 6:
                self.error_message = reader.compact_nullable_string()
            else:
                self.error_message = None
            self.group_id = reader.compact_string()
            self.group_state = reader.compact_string()
            self.protocol_type = reader.compact_string()
            self.protocol_data = reader.compact_string()
            count = reader.compact_array_length(7)
            self.members = [DescribedGroupMember.decode(reader, version) for _ in range(count)]
            (self.authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = None
            self.group_id = reader.string()
            self.group_state = reader.string()
            self.protocol_type = reader.string()
            self.protocol_data = reader.string()
            count = reader.array_length(14)
            self.members = [DescribedGroupMember.decode(reader, version) for _ in range(count)]
            if version >= 3:
                (self.authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.authorized_operations = -2147483648
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 5:
            writer.buffer += _I2.pack(self.error_code)
            if version == 6:
                writer.compact_nullable_string(self.error_message)
            else:
                if self.error_message is not None:
                    raise not_in_version("DescribedGroup.error_message", version)
            writer.compact_string(self.group_id)
            writer.compact_string(self.group_state)
            writer.compact_string(self.protocol_type)
            writer.compact_string(self.protocol_data)
            writer.compact_array_length(len(self.members))
            for each_members in self.members:
                each_members.encode(writer, version)
            writer.buffer += _I4.pack(self.authorized_operations)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            if self.error_message is not None:
                raise not_in_version("DescribedGroup.error_message", version)
            writer.string(self.group_id)
            writer.string(self.group_state)
            writer.string(self.protocol_type)
            writer.string(self.protocol_data)
            writer.array_length(len(self.members))
            for each_members in self.members:
                each_members.encode(writer, version)
            if version >= 3:
                writer.buffer += _I4.pack(self.authorized_operations)
            else:
                if self.authorized_operations != -2147483648:
                    raise not_in_version("DescribedGroup.authorized_operations", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribedGroupMember:
    """DescribedGroupMember of DescribeGroupsResponse, versions 0-6."""

    __slots__ = ("client_host", "client_id", "group_instance_id", "member_assignment", "member_id", "member_metadata")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberId: string 0+",
        "groupInstanceId: string 4+ nullable=4+ default=null ignorable",
        "clientId: string 0+",
        "clientHost: string 0+",
        "memberMetadata: bytes 0+",
        "memberAssignment: bytes 0+",
    )

    def __init__(
        self,
        *,
        member_id: str = "",
        group_instance_id: str | None = None,
        client_id: str = "",
        client_host: str = "",
        member_metadata: bytes = b"",
        member_assignment: bytes = b"",
    ) -> None:
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.client_id: str = client_id
        self.client_host: str = client_host
        self.member_metadata: bytes = member_metadata
        self.member_assignment: bytes = member_assignment

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 5:
            self.member_id = reader.compact_string()
            self.group_instance_id = reader.compact_nullable_string()
            self.client_id = reader.compact_string()
            self.client_host = reader.compact_string()
            self.member_metadata = reader.compact_bytes()
            self.member_assignment = reader.compact_bytes()
            reader.skip_tagged_fields()
        else:
            self.member_id = reader.string()
            if version == 4:
                self.group_instance_id = reader.nullable_string()
            else:
                self.group_instance_id = None
            self.client_id = reader.string()
            self.client_host = reader.string()
            self.member_metadata = reader.bytes_()
            self.member_assignment = reader.bytes_()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 5:
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            writer.compact_string(self.client_id)
            writer.compact_string(self.client_host)
            writer.compact_bytes(self.member_metadata)
            writer.compact_bytes(self.member_assignment)
            writer.buffer.append(0)
        else:
            writer.string(self.member_id)
            if version == 4:
                writer.nullable_string(self.group_instance_id)
            writer.string(self.client_id)
            writer.string(self.client_host)
            writer.bytes_(self.member_metadata)
            writer.bytes_(self.member_assignment)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
