# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ShareGroupCurrentMemberAssignment records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I4_I1: Final = Struct(">iib")
_ID: Final = Struct(">16s")


class ShareGroupCurrentMemberAssignmentKey:
    """ShareGroupCurrentMemberAssignmentKey, versions 0."""

    __slots__ = ("group_id", "member_id")

    RECORD_TYPE: Final = 14
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0",
        "memberId: string 0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        member_id: str = "",
    ) -> None:
        self.group_id: str = group_id
        self.member_id: str = member_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupCurrentMemberAssignmentKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.member_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupCurrentMemberAssignmentKey", version)
        writer.string(self.group_id)
        writer.string(self.member_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ShareGroupCurrentMemberAssignmentValue:
    """ShareGroupCurrentMemberAssignmentValue, versions 0, flexible from 0."""

    __slots__ = ("assigned_partitions", "member_epoch", "previous_member_epoch", "state")

    RECORD_TYPE: Final = 14
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberEpoch: int32 0+",
        "previousMemberEpoch: int32 0+",
        "state: int8 0+",
        "assignedPartitions: []TopicPartitions 0+",
    )

    def __init__(
        self,
        *,
        member_epoch: int = 0,
        previous_member_epoch: int = 0,
        state: int = 0,
        assigned_partitions: list[TopicPartitions] | tuple[TopicPartitions, ...] = (),
    ) -> None:
        self.member_epoch: int = member_epoch
        self.previous_member_epoch: int = previous_member_epoch
        self.state: int = state
        self.assigned_partitions: list[TopicPartitions] = list(assigned_partitions) if isinstance(assigned_partitions, tuple) else assigned_partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupCurrentMemberAssignmentValue", version)
        self = cls.__new__(cls)
        try:
            (self.member_epoch, self.previous_member_epoch, self.state) = _I4_I4_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 9
            count = reader.compact_array_length(18)
            self.assigned_partitions = [TopicPartitions.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupCurrentMemberAssignmentValue", version)
        writer.buffer += _I4_I4_I1.pack(self.member_epoch, self.previous_member_epoch, self.state)
        writer.compact_array_length(len(self.assigned_partitions))
        for each_assigned_partitions in self.assigned_partitions:
            each_assigned_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartitions:
    """TopicPartitions of ShareGroupCurrentMemberAssignmentValue, versions 0."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
