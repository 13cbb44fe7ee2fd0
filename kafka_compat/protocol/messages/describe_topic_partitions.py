# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeTopicPartitions, API key 75."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I2_I4_I4_I4: Final = Struct(">hiii")
_I4: Final = Struct(">i")
_ID_B1: Final = Struct(">16s?")


class DescribeTopicPartitionsRequest:
    """DescribeTopicPartitionsRequest, versions 0, flexible from 0."""

    __slots__ = ("cursor", "response_partition_limit", "topics")

    API_KEY: Final = 75
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []TopicRequest 0+",
        "responsePartitionLimit: int32 0+ default=2000",
        "cursor: DescribeTopicPartitionsRequestCursor 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        topics: list[TopicRequest] | tuple[TopicRequest, ...] = (),
        response_partition_limit: int = 2000,
        cursor: DescribeTopicPartitionsRequestCursor | None = None,
    ) -> None:
        self.topics: list[TopicRequest] = list(topics) if isinstance(topics, tuple) else topics
        self.response_partition_limit: int = response_partition_limit
        self.cursor: DescribeTopicPartitionsRequestCursor | None = cursor

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DescribeTopicPartitionsRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(2)
            self.topics = [TopicRequest.decode(reader, version) for _ in range(count)]
            (self.response_partition_limit,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.cursor = DescribeTopicPartitionsRequestCursor.decode(reader, version) if reader.is_present() else None
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DescribeTopicPartitionsRequest", version)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer += _I4.pack(self.response_partition_limit)
        if self.cursor is None:
            writer.int8(-1)
        else:
            writer.int8(1)
            self.cursor.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicRequest:
    """TopicRequest of DescribeTopicPartitionsRequest, versions 0."""

    __slots__ = ("name",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
    ) -> None:
        self.name: str = name

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeTopicPartitionsRequestCursor:
    """Cursor of DescribeTopicPartitionsRequest, versions 0."""

    __slots__ = ("partition_index", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitionIndex: int32 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partition_index: int = 0,
    ) -> None:
        self.topic_name: str = topic_name
        self.partition_index: int = partition_index

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.buffer += _I4.pack(self.partition_index)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeTopicPartitionsResponse:
    """DescribeTopicPartitionsResponse, versions 0, flexible from 0."""

    __slots__ = ("next_cursor", "throttle_time_ms", "topics")

    API_KEY: Final = 75
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+ ignorable",
        "topics: []DescribeTopicPartitionsResponseTopic 0+",
        "nextCursor: DescribeTopicPartitionsResponseCursor 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[DescribeTopicPartitionsResponseTopic] | tuple[DescribeTopicPartitionsResponseTopic, ...] = (),
        next_cursor: DescribeTopicPartitionsResponseCursor | None = None,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[DescribeTopicPartitionsResponseTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.next_cursor: DescribeTopicPartitionsResponseCursor | None = next_cursor

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DescribeTopicPartitionsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(26)
            self.topics = [DescribeTopicPartitionsResponseTopic.decode(reader, version) for _ in range(count)]
            self.next_cursor = DescribeTopicPartitionsResponseCursor.decode(reader, version) if reader.is_present() else None
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DescribeTopicPartitionsResponse", version)
        writer.buffer += _I4.pack(self.throttle_time_ms)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        if self.next_cursor is None:
            writer.int8(-1)
        else:
            writer.int8(1)
            self.next_cursor.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeTopicPartitionsResponseTopic:
    """DescribeTopicPartitionsResponseTopic of DescribeTopicPartitionsResponse, versions 0."""

    __slots__ = ("error_code", "is_internal", "name", "partitions", "topic_authorized_operations", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "name: string 0+ nullable=0+ key",
        "topicId: uuid 0+ ignorable",
        "isInternal: bool 0+ default=false ignorable",
        "partitions: []DescribeTopicPartitionsResponsePartition 0+",
        "topicAuthorizedOperations: int32 0+ default=-2147483648",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        name: str | None = "",
        topic_id: bytes = ZERO_UUID,
        is_internal: bool = False,
        partitions: list[DescribeTopicPartitionsResponsePartition] | tuple[DescribeTopicPartitionsResponsePartition, ...] = (),
        topic_authorized_operations: int = -2147483648,
    ) -> None:
        self.error_code: int = error_code
        self.name: str | None = name
        self.topic_id: bytes = topic_id
        self.is_internal: bool = is_internal
        self.partitions: list[DescribeTopicPartitionsResponsePartition] = list(partitions) if isinstance(partitions, tuple) else partitions
        self.topic_authorized_operations: int = topic_authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.name = reader.compact_nullable_string()
        (self.topic_id, self.is_internal) = _ID_B1.unpack_from(reader.buffer, reader.position)
        reader.position += 17
        count = reader.compact_array_length(20)
        self.partitions = [DescribeTopicPartitionsResponsePartition.decode(reader, version) for _ in range(count)]
        (self.topic_authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.name)
        writer.buffer += _ID_B1.pack(self.topic_id, self.is_internal)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer += _I4.pack(self.topic_authorized_operations)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeTopicPartitionsResponsePartition:
    """DescribeTopicPartitionsResponsePartition of DescribeTopicPartitionsResponse, versions 0."""

    __slots__ = (
        "eligible_leader_replicas",
        "error_code",
        "isr_nodes",
        "last_known_elr",
        "leader_epoch",
        "leader_id",
        "offline_replicas",
        "partition_index",
        "replica_nodes",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "partitionIndex: int32 0+",
        "leaderId: int32 0+",
        "leaderEpoch: int32 0+ default=-1 ignorable",
        "replicaNodes: []int32 0+",
        "isrNodes: []int32 0+",
        "eligibleLeaderReplicas: []int32 0+ nullable=0+ default=null",
        "lastKnownElr: []int32 0+ nullable=0+ default=null",
        "offlineReplicas: []int32 0+ ignorable",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        partition_index: int = 0,
        leader_id: int = 0,
        leader_epoch: int = -1,
        replica_nodes: list[int] | tuple[int, ...] = (),
        isr_nodes: list[int] | tuple[int, ...] = (),
        eligible_leader_replicas: list[int] | None = None,
        last_known_elr: list[int] | None = None,
        offline_replicas: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.partition_index: int = partition_index
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch
        self.replica_nodes: list[int] = list(replica_nodes) if isinstance(replica_nodes, tuple) else replica_nodes
        self.isr_nodes: list[int] = list(isr_nodes) if isinstance(isr_nodes, tuple) else isr_nodes
        self.eligible_leader_replicas: list[int] | None = eligible_leader_replicas
        self.last_known_elr: list[int] | None = last_known_elr
        self.offline_replicas: list[int] = list(offline_replicas) if isinstance(offline_replicas, tuple) else offline_replicas

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.error_code,
            self.partition_index,
            self.leader_id,
            self.leader_epoch,
        ) = _I2_I4_I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 14
        count = reader.compact_array_length(4)
        self.replica_nodes = reader.int32s(count)
        count = reader.compact_array_length(4)
        self.isr_nodes = reader.int32s(count)
        count = reader.compact_nullable_array_length(4)
        self.eligible_leader_replicas = None if count < 0 else reader.int32s(count)
        count = reader.compact_nullable_array_length(4)
        self.last_known_elr = None if count < 0 else reader.int32s(count)
        count = reader.compact_array_length(4)
        self.offline_replicas = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I2_I4_I4_I4.pack(self.error_code, self.partition_index, self.leader_id, self.leader_epoch)
        writer.compact_array_length(len(self.replica_nodes))
        writer.int32s(self.replica_nodes)
        writer.compact_array_length(len(self.isr_nodes))
        writer.int32s(self.isr_nodes)
        if self.eligible_leader_replicas is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.eligible_leader_replicas))
            writer.int32s(self.eligible_leader_replicas)
        if self.last_known_elr is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.last_known_elr))
            writer.int32s(self.last_known_elr)
        writer.compact_array_length(len(self.offline_replicas))
        writer.int32s(self.offline_replicas)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeTopicPartitionsResponseCursor:
    """Cursor of DescribeTopicPartitionsResponse, versions 0."""

    __slots__ = ("partition_index", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitionIndex: int32 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partition_index: int = 0,
    ) -> None:
        self.topic_name: str = topic_name
        self.partition_index: int = partition_index

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.buffer += _I4.pack(self.partition_index)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
