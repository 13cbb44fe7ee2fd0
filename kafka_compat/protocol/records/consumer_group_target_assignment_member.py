# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ConsumerGroupTargetAssignmentMember records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_ID: Final = Struct(">16s")


class ConsumerGroupTargetAssignmentMemberKey:
    """ConsumerGroupTargetAssignmentMemberKey, versions 0."""

    __slots__ = ("group_id", "member_id")

    RECORD_TYPE: Final = 7
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
            raise unsupported("ConsumerGroupTargetAssignmentMemberKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.member_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupTargetAssignmentMemberKey", version)
        writer.string(self.group_id)
        writer.string(self.member_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupTargetAssignmentMemberValue:
    """ConsumerGroupTargetAssignmentMemberValue, versions 0, flexible from 0."""

    __slots__ = ("topic_partitions",)

    RECORD_TYPE: Final = 7
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicPartitions: []TopicPartition 0+",
    )

    def __init__(
        self,
        *,
        topic_partitions: list[TopicPartition] | tuple[TopicPartition, ...] = (),
    ) -> None:
        self.topic_partitions: list[TopicPartition] = list(topic_partitions) if isinstance(topic_partitions, tuple) else topic_partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupTargetAssignmentMemberValue", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(18)
            self.topic_partitions = [TopicPartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupTargetAssignmentMemberValue", version)
        writer.compact_array_length(len(self.topic_partitions))
        for each_topic_partitions in self.topic_partitions:
            each_topic_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartition:
    """TopicPartition of ConsumerGroupTargetAssignmentMemberValue, versions 0."""

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
