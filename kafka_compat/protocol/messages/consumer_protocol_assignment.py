# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ConsumerProtocolAssignment."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Buffer, Reader, StructError, Writer



class ConsumerProtocolAssignment:
    """ConsumerProtocolAssignment, versions 0-3."""

    __slots__ = ("assigned_partitions", "user_data")

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "assignedPartitions: []TopicPartition 0+",
        "userData: bytes 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        assigned_partitions: list[TopicPartition] | tuple[TopicPartition, ...] = (),
        user_data: Buffer | None = None,
    ) -> None:
        self.assigned_partitions: list[TopicPartition] = list(assigned_partitions) if isinstance(assigned_partitions, tuple) else assigned_partitions
        self.user_data: Buffer | None = user_data

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 3:
            raise unsupported("ConsumerProtocolAssignment", version)
        self = cls.__new__(cls)
        try:
            count = reader.array_length(6)
            self.assigned_partitions = [TopicPartition.decode(reader, version) for _ in range(count)]
            self.user_data = reader.nullable_view()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 3:
            raise unsupported("ConsumerProtocolAssignment", version)
        writer.array_length(len(self.assigned_partitions))
        for each_assigned_partitions in self.assigned_partitions:
            each_assigned_partitions.encode(writer, version)
        writer.nullable_bytes(self.user_data)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartition:
    """TopicPartition of ConsumerProtocolAssignment, versions 0-3."""

    __slots__ = ("partitions", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0+ key",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic = reader.string()
        count = reader.array_length(4)
        self.partitions = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.string(self.topic)
        writer.array_length(len(self.partitions))
        writer.int32s(self.partitions)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
