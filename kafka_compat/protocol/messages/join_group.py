# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""JoinGroup, API key 11."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2_I4: Final = Struct(">hi")
_I4: Final = Struct(">i")
_I4_I2_I4: Final = Struct(">ihi")
_I4_I4: Final = Struct(">ii")


class JoinGroupRequest:
    """JoinGroupRequest, versions 0-9, flexible from 6."""

    __slots__ = (
        "group_id",
        "group_instance_id",
        "member_id",
        "protocol_type",
        "protocols",
        "reason",
        "rebalance_timeout_ms",
        "session_timeout_ms",
    )

    API_KEY: Final = 11
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 9
    FLEXIBLE_FROM: Final = 6
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "sessionTimeoutMs: int32 0+",
        "rebalanceTimeoutMs: int32 1+ default=-1 ignorable",
        "memberId: string 0+",
        "groupInstanceId: string 5+ nullable=5+ default=null",
        "protocolType: string 0+",
        "protocols: []JoinGroupRequestProtocol 0+",
        "reason: string 8+ nullable=8+ default=null ignorable",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        session_timeout_ms: int = 0,
        rebalance_timeout_ms: int = -1,
        member_id: str = "",
        group_instance_id: str | None = None,
        protocol_type: str = "",
        protocols: list[JoinGroupRequestProtocol] | tuple[JoinGroupRequestProtocol, ...] = (),
        reason: str | None = None,
    ) -> None:
        self.group_id: str = group_id
        self.session_timeout_ms: int = session_timeout_ms
        self.rebalance_timeout_ms: int = rebalance_timeout_ms
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.protocol_type: str = protocol_type
        self.protocols: list[JoinGroupRequestProtocol] = list(protocols) if isinstance(protocols, tuple) else protocols
        self.reason: str | None = reason

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 9:
            raise unsupported("JoinGroupRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 6:
                self.group_id = reader.compact_string()
                (self.session_timeout_ms, self.rebalance_timeout_ms) = _I4_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                self.member_id = reader.compact_string()
                self.group_instance_id = reader.compact_nullable_string()
                self.protocol_type = reader.compact_string()
                count = reader.compact_array_length(3)
                self.protocols = [JoinGroupRequestProtocol.decode(reader, version) for _ in range(count)]
                if version >= 8:
                    self.reason = reader.compact_nullable_string()
                else:
                    self.reason = None
                reader.skip_tagged_fields()
            else:
                self.group_id = reader.string()
                (self.session_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version >= 1:
                    (self.rebalance_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.rebalance_timeout_ms = -1
                self.member_id = reader.string()
                if version == 5:
                    self.group_instance_id = reader.nullable_string()
                else:
                    self.group_instance_id = None
                self.protocol_type = reader.string()
                count = reader.array_length(6)
                self.protocols = [JoinGroupRequestProtocol.decode(reader, version) for _ in range(count)]
                self.reason = None
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 9:
            raise unsupported("JoinGroupRequest", version)
        if version >= 6:
            writer.compact_string(self.group_id)
            writer.buffer += _I4_I4.pack(self.session_timeout_ms, self.rebalance_timeout_ms)
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            writer.compact_string(self.protocol_type)
            writer.compact_array_length(len(self.protocols))
            for each_protocols in self.protocols:
                each_protocols.encode(writer, version)
            if version >= 8:
                writer.compact_nullable_string(self.reason)
            writer.buffer.append(0)
        else:
            writer.string(self.group_id)
            writer.buffer += _I4.pack(self.session_timeout_ms)
            if version >= 1:
                writer.buffer += _I4.pack(self.rebalance_timeout_ms)
            writer.string(self.member_id)
            if version == 5:
                writer.nullable_string(self.group_instance_id)
            else:
                if self.group_instance_id is not None:
                    raise not_in_version("JoinGroupRequest.group_instance_id", version)
            writer.string(self.protocol_type)
            writer.array_length(len(self.protocols))
            for each_protocols in self.protocols:
                each_protocols.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class JoinGroupRequestProtocol:
    """JoinGroupRequestProtocol of JoinGroupRequest, versions 0-9."""

    __slots__ = ("metadata", "name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "metadata: bytes 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        metadata: bytes = b"",
    ) -> None:
        self.name: str = name
        self.metadata: bytes = metadata

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 6:
            self.name = reader.compact_string()
            self.metadata = reader.compact_bytes()
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.metadata = reader.bytes_()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 6:
            writer.compact_string(self.name)
            writer.compact_bytes(self.metadata)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.bytes_(self.metadata)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class JoinGroupResponse:
    """JoinGroupResponse, versions 0-9, flexible from 6."""

    __slots__ = (
        "error_code",
        "generation_id",
        "leader",
        "member_id",
        "members",
        "protocol_name",
        "protocol_type",
        "skip_assignment",
        "throttle_time_ms",
    )

    API_KEY: Final = 11
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 9
    FLEXIBLE_FROM: Final = 6
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 2+ ignorable",
        "errorCode: int16 0+",
        "generationId: int32 0+ default=-1",
        "protocolType: string 7+ nullable=7+ default=null ignorable",
        "protocolName: string 0+ nullable=7+",
        "leader: string 0+",
        "skipAssignment: bool 9+ default=false",
        "memberId: string 0+",
        "members: []JoinGroupResponseMember 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        generation_id: int = -1,
        protocol_type: str | None = None,
        protocol_name: str | None = "",
        leader: str = "",
        skip_assignment: bool = False,
        member_id: str = "",
        members: list[JoinGroupResponseMember] | tuple[JoinGroupResponseMember, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.generation_id: int = generation_id
        self.protocol_type: str | None = protocol_type
        self.protocol_name: str | None = protocol_name
        self.leader: str = leader
        self.skip_assignment: bool = skip_assignment
        self.member_id: str = member_id
        self.members: list[JoinGroupResponseMember] = list(members) if isinstance(members, tuple) else members

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 9:
            raise unsupported("JoinGroupResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 6:
                (
                    self.throttle_time_ms,
                    self.error_code,
                    self.generation_id,
                ) = _I4_I2_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 10
                if version >= 7:
                    self.protocol_type = reader.compact_nullable_string()
                else:
                    self.protocol_type = None
                if version >= 7:
                    self.protocol_name = reader.compact_nullable_string()
                else:
                    self.protocol_name = reader.compact_string()
                self.leader = reader.compact_string()
                if version == 9:
                    (self.skip_assignment,) = _B1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.skip_assignment = False
                self.member_id = reader.compact_string()
                count = reader.compact_array_length(4)
                self.members = [JoinGroupResponseMember.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                if version >= 2:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                (self.error_code, self.generation_id) = _I2_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                self.protocol_type = None
                self.protocol_name = reader.string()
                self.leader = reader.string()
                self.skip_assignment = False
                self.member_id = reader.string()
                count = reader.array_length(6)
                self.members = [JoinGroupResponseMember.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 9:
            raise unsupported("JoinGroupResponse", version)
        if version >= 6:
            writer.buffer += _I4_I2_I4.pack(self.throttle_time_ms, self.error_code, self.generation_id)
            if version >= 7:
                writer.compact_nullable_string(self.protocol_type)
            if version >= 7:
                writer.compact_nullable_string(self.protocol_name)
            else:
                if self.protocol_name is None:
                    raise writer.null_error("JoinGroupResponse.protocol_name")
                writer.compact_string(self.protocol_name)
            writer.compact_string(self.leader)
            if version == 9:
                writer.buffer += _B1.pack(self.skip_assignment)
            else:
                if self.skip_assignment:
                    raise not_in_version("JoinGroupResponse.skip_assignment", version)
            writer.compact_string(self.member_id)
            writer.compact_array_length(len(self.members))
            for each_members in self.members:
                each_members.encode(writer, version)
            writer.buffer.append(0)
        else:
            if version >= 2:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.buffer += _I2_I4.pack(self.error_code, self.generation_id)
            if self.protocol_name is None:
                raise writer.null_error("JoinGroupResponse.protocol_name")
            writer.string(self.protocol_name)
            writer.string(self.leader)
            if self.skip_assignment:
                raise not_in_version("JoinGroupResponse.skip_assignment", version)
            writer.string(self.member_id)
            writer.array_length(len(self.members))
            for each_members in self.members:
                each_members.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class JoinGroupResponseMember:
    """JoinGroupResponseMember of JoinGroupResponse, versions 0-9."""

    __slots__ = ("group_instance_id", "member_id", "metadata")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberId: string 0+",
        "groupInstanceId: string 5+ nullable=5+ default=null ignorable",
        "metadata: bytes 0+",
    )

    def __init__(
        self,
        *,
        member_id: str = "",
        group_instance_id: str | None = None,
        metadata: bytes = b"",
    ) -> None:
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.metadata: bytes = metadata

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 6:
            self.member_id = reader.compact_string()
            self.group_instance_id = reader.compact_nullable_string()
            self.metadata = reader.compact_bytes()
            reader.skip_tagged_fields()
        else:
            self.member_id = reader.string()
            if version == 5:
                self.group_instance_id = reader.nullable_string()
            else:
                self.group_instance_id = None
            self.metadata = reader.bytes_()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 6:
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            writer.compact_bytes(self.metadata)
            writer.buffer.append(0)
        else:
            writer.string(self.member_id)
            if version == 5:
                writer.nullable_string(self.group_instance_id)
            writer.bytes_(self.metadata)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
