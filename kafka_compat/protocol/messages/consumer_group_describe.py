# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ConsumerGroupDescribe, API key 69."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I1: Final = Struct(">b")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I4: Final = Struct(">ii")
_ID: Final = Struct(">16s")


class ConsumerGroupDescribeRequest:
    """ConsumerGroupDescribeRequest, versions 0-1, flexible from 0."""

    __slots__ = ("group_ids", "include_authorized_operations")

    API_KEY: Final = 69
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupIds: []string 0+",
        "includeAuthorizedOperations: bool 0+",
    )

    def __init__(
        self,
        *,
        group_ids: list[str] | tuple[str, ...] = (),
        include_authorized_operations: bool = False,
    ) -> None:
        self.group_ids: list[str] = list(group_ids) if isinstance(group_ids, tuple) else group_ids
        self.include_authorized_operations: bool = include_authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("ConsumerGroupDescribeRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(1)
            self.group_ids = [reader.compact_string() for _ in range(count)]
            (self.include_authorized_operations,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("ConsumerGroupDescribeRequest", version)
        writer.compact_array_length(len(self.group_ids))
        for each_group_ids in self.group_ids:
            writer.compact_string(each_group_ids)
        writer.buffer += _B1.pack(self.include_authorized_operations)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupDescribeResponse:
    """ConsumerGroupDescribeResponse, versions 0-1, flexible from 0."""

    __slots__ = ("groups", "throttle_time_ms")

    API_KEY: Final = 69
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
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
        if not 0 <= version <= 1:
            raise unsupported("ConsumerGroupDescribeResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(20)
            self.groups = [DescribedGroup.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("ConsumerGroupDescribeResponse", version)
        writer.buffer += _I4.pack(self.throttle_time_ms)
        writer.compact_array_length(len(self.groups))
        for each_groups in self.groups:
            each_groups.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribedGroup:
    """DescribedGroup of ConsumerGroupDescribeResponse, versions 0-1."""

    __slots__ = (
        "assignment_epoch",
        "assignor_name",
        "authorized_operations",
        "error_code",
        "error_message",
        "group_epoch",
        "group_id",
        "group_state",
        "members",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "groupId: string 0+",
        "groupState: string 0+",
        "groupEpoch: int32 0+",
        "assignmentEpoch: int32 0+",
        "assignorName: string 0+",
        "members: []Member 0+",
        "authorizedOperations: int32 0+ default=-2147483648",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = None,
        group_id: str = "",
        group_state: str = "",
        group_epoch: int = 0,
        assignment_epoch: int = 0,
        assignor_name: str = "",
        members: list[Member] | tuple[Member, ...] = (),
        authorized_operations: int = -2147483648,
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.group_id: str = group_id
        self.group_state: str = group_state
        self.group_epoch: int = group_epoch
        self.assignment_epoch: int = assignment_epoch
        self.assignor_name: str = assignor_name
        self.members: list[Member] = list(members) if isinstance(members, tuple) else members
        self.authorized_operations: int = authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.error_message = reader.compact_nullable_string()
        self.group_id = reader.compact_string()
        self.group_state = reader.compact_string()
        (self.group_epoch, self.assignment_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        self.assignor_name = reader.compact_string()
        count = reader.compact_array_length(16)
        self.members = [Member.decode(reader, version) for _ in range(count)]
        (self.authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_string(self.group_id)
        writer.compact_string(self.group_state)
        writer.buffer += _I4_I4.pack(self.group_epoch, self.assignment_epoch)
        writer.compact_string(self.assignor_name)
        writer.compact_array_length(len(self.members))
        for each_members in self.members:
            each_members.encode(writer, version)
        writer.buffer += _I4.pack(self.authorized_operations)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Member:
    """Member of ConsumerGroupDescribeResponse, versions 0-1."""

    __slots__ = (
        "assignment",
        "client_host",
        "client_id",
        "instance_id",
        "member_epoch",
        "member_id",
        "member_type",
        "rack_id",
        "subscribed_topic_names",
        "subscribed_topic_regex",
        "target_assignment",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberId: string 0+",
        "instanceId: string 0+ nullable=0+ default=null",
        "rackId: string 0+ nullable=0+ default=null",
        "memberEpoch: int32 0+",
        "clientId: string 0+",
        "clientHost: string 0+",
        "subscribedTopicNames: []string 0+",
        "subscribedTopicRegex: string 0+ nullable=0+ default=null",
        "assignment: Assignment 0+",
        "targetAssignment: Assignment 0+",
        "memberType: int8 1+ default=-1 ignorable",
    )

    def __init__(
        self,
        *,
        member_id: str = "",
        instance_id: str | None = None,
        rack_id: str | None = None,
        member_epoch: int = 0,
        client_id: str = "",
        client_host: str = "",
        subscribed_topic_names: list[str] | tuple[str, ...] = (),
        subscribed_topic_regex: str | None = None,
        assignment: Assignment | None = None,
        target_assignment: Assignment | None = None,
        member_type: int = -1,
    ) -> None:
        self.member_id: str = member_id
        self.instance_id: str | None = instance_id
        self.rack_id: str | None = rack_id
        self.member_epoch: int = member_epoch
        self.client_id: str = client_id
        self.client_host: str = client_host
        self.subscribed_topic_names: list[str] = list(subscribed_topic_names) if isinstance(subscribed_topic_names, tuple) else subscribed_topic_names
        self.subscribed_topic_regex: str | None = subscribed_topic_regex
        self.assignment: Assignment = Assignment() if assignment is None else assignment
        self.target_assignment: Assignment = Assignment() if target_assignment is None else target_assignment
        self.member_type: int = member_type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.member_id = reader.compact_string()
        self.instance_id = reader.compact_nullable_string()
        self.rack_id = reader.compact_nullable_string()
        (self.member_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.client_id = reader.compact_string()
        self.client_host = reader.compact_string()
        count = reader.compact_array_length(1)
        self.subscribed_topic_names = [reader.compact_string() for _ in range(count)]
        self.subscribed_topic_regex = reader.compact_nullable_string()
        self.assignment = Assignment.decode(reader, version)
        self.target_assignment = Assignment.decode(reader, version)
        if version == 1:
            (self.member_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
        else:
            self.member_type = -1
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.member_id)
        writer.compact_nullable_string(self.instance_id)
        writer.compact_nullable_string(self.rack_id)
        writer.buffer += _I4.pack(self.member_epoch)
        writer.compact_string(self.client_id)
        writer.compact_string(self.client_host)
        writer.compact_array_length(len(self.subscribed_topic_names))
        for each_subscribed_topic_names in self.subscribed_topic_names:
            writer.compact_string(each_subscribed_topic_names)
        writer.compact_nullable_string(self.subscribed_topic_regex)
        self.assignment.encode(writer, version)
        self.target_assignment.encode(writer, version)
        if version == 1:
            writer.buffer += _I1.pack(self.member_type)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartitions:
    """TopicPartitions of ConsumerGroupDescribeResponse, versions 0-1."""

    __slots__ = ("partitions", "topic_id", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "topicName: string 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        topic_name: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.topic_name: str = topic_name
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        self.topic_name = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_string(self.topic_name)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Assignment:
    """Assignment of ConsumerGroupDescribeResponse, versions 0-1."""

    __slots__ = ("topic_partitions",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicPartitions: []TopicPartitions 0+",
    )

    def __init__(
        self,
        *,
        topic_partitions: list[TopicPartitions] | tuple[TopicPartitions, ...] = (),
    ) -> None:
        self.topic_partitions: list[TopicPartitions] = list(topic_partitions) if isinstance(topic_partitions, tuple) else topic_partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        count = reader.compact_array_length(19)
        self.topic_partitions = [TopicPartitions.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_array_length(len(self.topic_partitions))
        for each_topic_partitions in self.topic_partitions:
            each_topic_partitions.encode(writer, version)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (len(self.topic_partitions) > 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
