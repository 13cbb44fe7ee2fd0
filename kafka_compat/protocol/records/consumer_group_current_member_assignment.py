# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ConsumerGroupCurrentMemberAssignment records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I4_I1: Final = Struct(">iib")
_ID: Final = Struct(">16s")


class ConsumerGroupCurrentMemberAssignmentKey:
    """ConsumerGroupCurrentMemberAssignmentKey, versions 0."""

    __slots__ = ("group_id", "member_id")

    RECORD_TYPE: Final = 8
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
            raise unsupported("ConsumerGroupCurrentMemberAssignmentKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.member_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupCurrentMemberAssignmentKey", version)
        writer.string(self.group_id)
        writer.string(self.member_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupCurrentMemberAssignmentValue:
    """ConsumerGroupCurrentMemberAssignmentValue, versions 0, flexible from 0."""

    __slots__ = ("assigned_partitions", "member_epoch", "partitions_pending_revocation", "previous_member_epoch", "state")

    RECORD_TYPE: Final = 8
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberEpoch: int32 0+",
        "previousMemberEpoch: int32 0+",
        "state: int8 0+",
        "assignedPartitions: []TopicPartitions 0+",
        "partitionsPendingRevocation: []TopicPartitions 0+",
    )

    def __init__(
        self,
        *,
        member_epoch: int = 0,
        previous_member_epoch: int = 0,
        state: int = 0,
        assigned_partitions: list[TopicPartitions] | tuple[TopicPartitions, ...] = (),
        partitions_pending_revocation: list[TopicPartitions] | tuple[TopicPartitions, ...] = (),
    ) -> None:
        self.member_epoch: int = member_epoch
        self.previous_member_epoch: int = previous_member_epoch
        self.state: int = state
        self.assigned_partitions: list[TopicPartitions] = list(assigned_partitions) if isinstance(assigned_partitions, tuple) else assigned_partitions
        self.partitions_pending_revocation: list[TopicPartitions] = list(partitions_pending_revocation) if isinstance(partitions_pending_revocation, tuple) else partitions_pending_revocation

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupCurrentMemberAssignmentValue", version)
        self = cls.__new__(cls)
        try:
            (self.member_epoch, self.previous_member_epoch, self.state) = _I4_I4_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 9
            count = reader.compact_array_length(18)
            self.assigned_partitions = [TopicPartitions.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(18)
            self.partitions_pending_revocation = [TopicPartitions.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupCurrentMemberAssignmentValue", version)
        writer.buffer += _I4_I4_I1.pack(self.member_epoch, self.previous_member_epoch, self.state)
        writer.compact_array_length(len(self.assigned_partitions))
        for each_assigned_partitions in self.assigned_partitions:
            each_assigned_partitions.encode(writer, version)
        writer.compact_array_length(len(self.partitions_pending_revocation))
        for each_partitions_pending_revocation in self.partitions_pending_revocation:
            each_partitions_pending_revocation.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartitions:
    """TopicPartitions of ConsumerGroupCurrentMemberAssignmentValue, versions 0."""

    __slots__ = ("assignment_epochs", "partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []int32 0+",
        "assignmentEpochs: []int32 0+ nullable=0+ tagged=0+ tag=0",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[int] | tuple[int, ...] = (),
        assignment_epochs: list[int] | None | tuple[int, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions
        self.assignment_epochs: list[int] | None = list(assignment_epochs) if isinstance(assignment_epochs, tuple) else assignment_epochs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        self.assignment_epochs = []
        for _ in range(reader.tagged_fields_count()):
            tag = reader.unsigned_varint()
            size = reader.unsigned_varint()
            if tag == 0:
                count = reader.compact_nullable_array_length(4)
                self.assignment_epochs = None if count < 0 else reader.int32s(count)
            else:
                reader.skip(size)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        tagged: list[tuple[int, Writer]] = []
        if self.assignment_epochs is None or len(self.assignment_epochs) > 0:
            field = Writer()
            if self.assignment_epochs is None:
                field.compact_array_length(-1)
            else:
                field.compact_array_length(len(self.assignment_epochs))
                field.int32s(self.assignment_epochs)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
