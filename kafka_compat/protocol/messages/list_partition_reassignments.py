# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ListPartitionReassignments, API key 46."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class ListPartitionReassignmentsRequest:
    """ListPartitionReassignmentsRequest, versions 0, flexible from 0."""

    __slots__ = ("timeout_ms", "topics")

    API_KEY: Final = 46
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "timeoutMs: int32 0+ default=60000",
        "topics: []ListPartitionReassignmentsTopics 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        timeout_ms: int = 60000,
        topics: list[ListPartitionReassignmentsTopics] | None = None,
    ) -> None:
        self.timeout_ms: int = timeout_ms
        self.topics: list[ListPartitionReassignmentsTopics] | None = topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ListPartitionReassignmentsRequest", version)
        self = cls.__new__(cls)
        try:
            (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_nullable_array_length(3)
            self.topics = None if count < 0 else [ListPartitionReassignmentsTopics.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ListPartitionReassignmentsRequest", version)
        writer.buffer += _I4.pack(self.timeout_ms)
        if self.topics is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListPartitionReassignmentsTopics:
    """ListPartitionReassignmentsTopics of ListPartitionReassignmentsRequest, versions 0."""

    __slots__ = ("name", "partition_indexes")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitionIndexes: []int32 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partition_indexes: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.name: str = name
        self.partition_indexes: list[int] = list(partition_indexes) if isinstance(partition_indexes, tuple) else partition_indexes

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partition_indexes = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_array_length(len(self.partition_indexes))
        writer.int32s(self.partition_indexes)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListPartitionReassignmentsResponse:
    """ListPartitionReassignmentsResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "error_message", "throttle_time_ms", "topics")

    API_KEY: Final = 46
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "topics: []OngoingTopicReassignment 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
        topics: list[OngoingTopicReassignment] | tuple[OngoingTopicReassignment, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.topics: list[OngoingTopicReassignment] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ListPartitionReassignmentsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            count = reader.compact_array_length(3)
            self.topics = [OngoingTopicReassignment.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ListPartitionReassignmentsResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OngoingTopicReassignment:
    """OngoingTopicReassignment of ListPartitionReassignmentsResponse, versions 0."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []OngoingPartitionReassignment 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[OngoingPartitionReassignment] | tuple[OngoingPartitionReassignment, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[OngoingPartitionReassignment] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        count = reader.compact_array_length(8)
        self.partitions = [OngoingPartitionReassignment.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OngoingPartitionReassignment:
    """OngoingPartitionReassignment of ListPartitionReassignmentsResponse, versions 0."""

    __slots__ = ("adding_replicas", "partition_index", "removing_replicas", "replicas")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "replicas: []int32 0+",
        "addingReplicas: []int32 0+",
        "removingReplicas: []int32 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        replicas: list[int] | tuple[int, ...] = (),
        adding_replicas: list[int] | tuple[int, ...] = (),
        removing_replicas: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.partition_index: int = partition_index
        self.replicas: list[int] = list(replicas) if isinstance(replicas, tuple) else replicas
        self.adding_replicas: list[int] = list(adding_replicas) if isinstance(adding_replicas, tuple) else adding_replicas
        self.removing_replicas: list[int] = list(removing_replicas) if isinstance(removing_replicas, tuple) else removing_replicas

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        count = reader.compact_array_length(4)
        self.replicas = reader.int32s(count)
        count = reader.compact_array_length(4)
        self.adding_replicas = reader.int32s(count)
        count = reader.compact_array_length(4)
        self.removing_replicas = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition_index)
        writer.compact_array_length(len(self.replicas))
        writer.int32s(self.replicas)
        writer.compact_array_length(len(self.adding_replicas))
        writer.int32s(self.adding_replicas)
        writer.compact_array_length(len(self.removing_replicas))
        writer.int32s(self.removing_replicas)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
