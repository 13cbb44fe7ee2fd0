# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of GroupMetadata records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I4: Final = Struct(">ii")
_I8: Final = Struct(">q")


class GroupMetadataKey:
    """GroupMetadataKey, versions 0."""

    __slots__ = ("group",)

    RECORD_TYPE: Final = 2
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "group: string 0",
    )

    def __init__(
        self,
        *,
        group: str = "",
    ) -> None:
        self.group: str = group

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("GroupMetadataKey", version)
        self = cls.__new__(cls)
        try:
            self.group = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("GroupMetadataKey", version)
        writer.string(self.group)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class GroupMetadataValue:
    """GroupMetadataValue, versions 0-4, flexible from 4."""

    __slots__ = ("current_state_timestamp", "generation", "leader", "members", "protocol", "protocol_type")

    RECORD_TYPE: Final = 2
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "protocolType: string 0+",
        "generation: int32 0+",
        "protocol: string 0+ nullable=0+",
        "leader: string 0+ nullable=0+",
        "currentStateTimestamp: int64 2+ default=-1 ignorable",
        "members: []MemberMetadata 0+",
    )

    def __init__(
        self,
        *,
        protocol_type: str = "",
        generation: int = 0,
        protocol: str | None = "",
        leader: str | None = "",
        current_state_timestamp: int = -1,
        members: list[MemberMetadata] | tuple[MemberMetadata, ...] = (),
    ) -> None:
        self.protocol_type: str = protocol_type
        self.generation: int = generation
        self.protocol: str | None = protocol
        self.leader: str | None = leader
        self.current_state_timestamp: int = current_state_timestamp
        self.members: list[MemberMetadata] = list(members) if isinstance(members, tuple) else members

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("GroupMetadataValue", version)
        self = cls.__new__(cls)
        try:
            if version == 4:
                self.protocol_type = reader.compact_string()
                (self.generation,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.protocol = reader.compact_nullable_string()
                self.leader = reader.compact_nullable_string()
                (self.current_state_timestamp,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                count = reader.compact_array_length(15)
                self.members = [MemberMetadata.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                self.protocol_type = reader.string()
                (self.generation,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.protocol = reader.nullable_string()
                self.leader = reader.nullable_string()
                if version >= 2:
                    (self.current_state_timestamp,) = _I8.unpack_from(reader.buffer, reader.position)
                    reader.position += 8
                else:
                    self.current_state_timestamp = -1
                count = reader.array_length(18)
                self.members = [MemberMetadata.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("GroupMetadataValue", version)
        if version == 4:
            writer.compact_string(self.protocol_type)
            writer.buffer += _I4.pack(self.generation)
            writer.compact_nullable_string(self.protocol)
            writer.compact_nullable_string(self.leader)
            writer.buffer += _I8.pack(self.current_state_timestamp)
            writer.compact_array_length(len(self.members))
            for each_members in self.members:
                each_members.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.protocol_type)
            writer.buffer += _I4.pack(self.generation)
            writer.nullable_string(self.protocol)
            writer.nullable_string(self.leader)
            if version >= 2:
                writer.buffer += _I8.pack(self.current_state_timestamp)
            writer.array_length(len(self.members))
            for each_members in self.members:
                each_members.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class MemberMetadata:
    """MemberMetadata of GroupMetadataValue, versions 0-4."""

    __slots__ = (
        "assignment",
        "client_host",
        "client_id",
        "group_instance_id",
        "member_id",
        "rebalance_timeout",
        "session_timeout",
        "subscription",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberId: string 0+",
        "groupInstanceId: string 3+ nullable=3+ default=null ignorable",
        "clientId: string 0+",
        "clientHost: string 0+",
        "rebalanceTimeout: int32 1+ default=-1 ignorable",
        "sessionTimeout: int32 0+",
        "subscription: bytes 0+",
        "assignment: bytes 0+",
    )

    def __init__(
        self,
        *,
        member_id: str = "",
        group_instance_id: str | None = None,
        client_id: str = "",
        client_host: str = "",
        rebalance_timeout: int = -1,
        session_timeout: int = 0,
        subscription: bytes = b"",
        assignment: bytes = b"",
    ) -> None:
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.client_id: str = client_id
        self.client_host: str = client_host
        self.rebalance_timeout: int = rebalance_timeout
        self.session_timeout: int = session_timeout
        self.subscription: bytes = subscription
        self.assignment: bytes = assignment

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 4:
            self.member_id = reader.compact_string()
            self.group_instance_id = reader.compact_nullable_string()
            self.client_id = reader.compact_string()
            self.client_host = reader.compact_string()
            (self.rebalance_timeout, self.session_timeout) = _I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 8
            self.subscription = reader.compact_bytes()
            self.assignment = reader.compact_bytes()
            reader.skip_tagged_fields()
        else:
            self.member_id = reader.string()
            if version == 3:
                self.group_instance_id = reader.nullable_string()
            else:
                self.group_instance_id = None
            self.client_id = reader.string()
            self.client_host = reader.string()
            if version >= 1:
                (self.rebalance_timeout,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.rebalance_timeout = -1
            (self.session_timeout,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.subscription = reader.bytes_()
            self.assignment = reader.bytes_()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 4:
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            writer.compact_string(self.client_id)
            writer.compact_string(self.client_host)
            writer.buffer += _I4_I4.pack(self.rebalance_timeout, self.session_timeout)
            writer.compact_bytes(self.subscription)
            writer.compact_bytes(self.assignment)
            writer.buffer.append(0)
        else:
            writer.string(self.member_id)
            if version == 3:
                writer.nullable_string(self.group_instance_id)
            writer.string(self.client_id)
            writer.string(self.client_host)
            if version >= 1:
                writer.buffer += _I4.pack(self.rebalance_timeout)
            writer.buffer += _I4.pack(self.session_timeout)
            writer.bytes_(self.subscription)
            writer.bytes_(self.assignment)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
