# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ConsumerProtocolSubscription."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Buffer, Reader, StructError, Writer

_I4: Final = Struct(">i")


class ConsumerProtocolSubscription:
    """ConsumerProtocolSubscription, versions 0-3."""

    __slots__ = ("generation_id", "owned_partitions", "rack_id", "topics", "user_data")

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []string 0+",
        "userData: bytes 0+ nullable=0+ default=null",
        "ownedPartitions: []TopicPartition 1+ ignorable",
        "generationId: int32 2+ default=-1 ignorable",
        "rackId: string 3+ nullable=3+ default=null ignorable",
    )

    def __init__(
        self,
        *,
        topics: list[str] | tuple[str, ...] = (),
        user_data: Buffer | None = None,
        owned_partitions: list[TopicPartition] | tuple[TopicPartition, ...] = (),
        generation_id: int = -1,
        rack_id: str | None = None,
    ) -> None:
        self.topics: list[str] = list(topics) if isinstance(topics, tuple) else topics
        self.user_data: Buffer | None = user_data
        self.owned_partitions: list[TopicPartition] = list(owned_partitions) if isinstance(owned_partitions, tuple) else owned_partitions
        self.generation_id: int = generation_id
        self.rack_id: str | None = rack_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 3:
            raise unsupported("ConsumerProtocolSubscription", version)
        self = cls.__new__(cls)
        try:
            count = reader.array_length(2)
            self.topics = [reader.string() for _ in range(count)]
            self.user_data = reader.nullable_view()
            if version >= 1:
                count = reader.array_length(6)
                self.owned_partitions = [TopicPartition.decode(reader, version) for _ in range(count)]
            else:
                self.owned_partitions = []
            if version >= 2:
                (self.generation_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.generation_id = -1
            if version == 3:
                self.rack_id = reader.nullable_string()
            else:
                self.rack_id = None
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 3:
            raise unsupported("ConsumerProtocolSubscription", version)
        writer.array_length(len(self.topics))
        for each_topics in self.topics:
            writer.string(each_topics)
        writer.nullable_bytes(self.user_data)
        if version >= 1:
            writer.array_length(len(self.owned_partitions))
            for each_owned_partitions in self.owned_partitions:
                each_owned_partitions.encode(writer, version)
        if version >= 2:
            writer.buffer += _I4.pack(self.generation_id)
        if version == 3:
            writer.nullable_string(self.rack_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartition:
    """TopicPartition of ConsumerProtocolSubscription, versions 1-3."""

    __slots__ = ("partitions", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 1+ key",
        "partitions: []int32 1+",
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
