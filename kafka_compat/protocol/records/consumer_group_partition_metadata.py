# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ConsumerGroupPartitionMetadata records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_ID: Final = Struct(">16s")


class ConsumerGroupPartitionMetadataKey:
    """ConsumerGroupPartitionMetadataKey, versions 0."""

    __slots__ = ("group_id",)

    RECORD_TYPE: Final = 4
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
    ) -> None:
        self.group_id: str = group_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupPartitionMetadataKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupPartitionMetadataKey", version)
        writer.string(self.group_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupPartitionMetadataValue:
    """ConsumerGroupPartitionMetadataValue, versions 0, flexible from 0."""

    __slots__ = ("topics",)

    RECORD_TYPE: Final = 4
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []TopicMetadata 0+",
    )

    def __init__(
        self,
        *,
        topics: list[TopicMetadata] | tuple[TopicMetadata, ...] = (),
    ) -> None:
        self.topics: list[TopicMetadata] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupPartitionMetadataValue", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(23)
            self.topics = [TopicMetadata.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupPartitionMetadataValue", version)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicMetadata:
    """TopicMetadata of ConsumerGroupPartitionMetadataValue, versions 0."""

    __slots__ = ("num_partitions", "partition_metadata", "topic_id", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "topicName: string 0+",
        "numPartitions: int32 0+",
        "partitionMetadata: []PartitionMetadata 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        topic_name: str = "",
        num_partitions: int = 0,
        partition_metadata: list[PartitionMetadata] | tuple[PartitionMetadata, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.topic_name: str = topic_name
        self.num_partitions: int = num_partitions
        self.partition_metadata: list[PartitionMetadata] = list(partition_metadata) if isinstance(partition_metadata, tuple) else partition_metadata

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        self.topic_name = reader.compact_string()
        (self.num_partitions,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        count = reader.compact_array_length(6)
        self.partition_metadata = [PartitionMetadata.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_string(self.topic_name)
        writer.buffer += _I4.pack(self.num_partitions)
        writer.compact_array_length(len(self.partition_metadata))
        for each_partition_metadata in self.partition_metadata:
            each_partition_metadata.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class PartitionMetadata:
    """PartitionMetadata of ConsumerGroupPartitionMetadataValue, versions 0."""

    __slots__ = ("partition", "racks")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
        "racks: []string 0+",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
        racks: list[str] | tuple[str, ...] = (),
    ) -> None:
        self.partition: int = partition
        self.racks: list[str] = list(racks) if isinstance(racks, tuple) else racks

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        count = reader.compact_array_length(1)
        self.racks = [reader.compact_string() for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition)
        writer.compact_array_length(len(self.racks))
        for each_racks in self.racks:
            writer.compact_string(each_racks)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
