# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ShareGroupStatePartitionMetadata records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_ID: Final = Struct(">16s")


class ShareGroupStatePartitionMetadataKey:
    """ShareGroupStatePartitionMetadataKey, versions 0."""

    __slots__ = ("group_id",)

    RECORD_TYPE: Final = 15
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
            raise unsupported("ShareGroupStatePartitionMetadataKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupStatePartitionMetadataKey", version)
        writer.string(self.group_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ShareGroupStatePartitionMetadataValue:
    """ShareGroupStatePartitionMetadataValue, versions 0, flexible from 0."""

    __slots__ = ("deleting_topics", "initialized_topics", "initializing_topics")

    RECORD_TYPE: Final = 15
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "initializingTopics: []TopicPartitionsInfo 0+",
        "initializedTopics: []TopicPartitionsInfo 0+",
        "deletingTopics: []TopicInfo 0+",
    )

    def __init__(
        self,
        *,
        initializing_topics: list[TopicPartitionsInfo] | tuple[TopicPartitionsInfo, ...] = (),
        initialized_topics: list[TopicPartitionsInfo] | tuple[TopicPartitionsInfo, ...] = (),
        deleting_topics: list[TopicInfo] | tuple[TopicInfo, ...] = (),
    ) -> None:
        self.initializing_topics: list[TopicPartitionsInfo] = list(initializing_topics) if isinstance(initializing_topics, tuple) else initializing_topics
        self.initialized_topics: list[TopicPartitionsInfo] = list(initialized_topics) if isinstance(initialized_topics, tuple) else initialized_topics
        self.deleting_topics: list[TopicInfo] = list(deleting_topics) if isinstance(deleting_topics, tuple) else deleting_topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupStatePartitionMetadataValue", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(19)
            self.initializing_topics = [TopicPartitionsInfo.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(19)
            self.initialized_topics = [TopicPartitionsInfo.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(18)
            self.deleting_topics = [TopicInfo.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupStatePartitionMetadataValue", version)
        writer.compact_array_length(len(self.initializing_topics))
        for each_initializing_topics in self.initializing_topics:
            each_initializing_topics.encode(writer, version)
        writer.compact_array_length(len(self.initialized_topics))
        for each_initialized_topics in self.initialized_topics:
            each_initialized_topics.encode(writer, version)
        writer.compact_array_length(len(self.deleting_topics))
        for each_deleting_topics in self.deleting_topics:
            each_deleting_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartitionsInfo:
    """TopicPartitionsInfo of ShareGroupStatePartitionMetadataValue, versions 0."""

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


class TopicInfo:
    """TopicInfo of ShareGroupStatePartitionMetadataValue, versions 0."""

    __slots__ = ("topic_id", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "topicName: string 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        topic_name: str = "",
    ) -> None:
        self.topic_id: bytes = topic_id
        self.topic_name: str = topic_name

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        self.topic_name = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_string(self.topic_name)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
