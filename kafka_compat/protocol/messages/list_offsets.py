# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ListOffsets, API key 2."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I4: Final = Struct(">i")
_I4_I1: Final = Struct(">ib")
_I4_I2_I8_I8: Final = Struct(">ihqq")
_I8: Final = Struct(">q")


class ListOffsetsRequest:
    """ListOffsetsRequest, versions 1-11, flexible from 6."""

    __slots__ = ("isolation_level", "replica_id", "timeout_ms", "topics")

    API_KEY: Final = 2
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 11
    FLEXIBLE_FROM: Final = 6
    FIELDS: ClassVar[tuple[str, ...]] = (
        "replicaId: int32 0+",
        "isolationLevel: int8 2+",
        "topics: []ListOffsetsTopic 0+",
        "timeoutMs: int32 10+ ignorable",
    )

    def __init__(
        self,
        *,
        replica_id: int = 0,
        isolation_level: int = 0,
        topics: list[ListOffsetsTopic] | tuple[ListOffsetsTopic, ...] = (),
        timeout_ms: int = 0,
    ) -> None:
        self.replica_id: int = replica_id
        self.isolation_level: int = isolation_level
        self.topics: list[ListOffsetsTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.timeout_ms: int = timeout_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 11:
            raise unsupported("ListOffsetsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 6:
                (self.replica_id, self.isolation_level) = _I4_I1.unpack_from(reader.buffer, reader.position)
                reader.position += 5
                count = reader.compact_array_length(3)
                self.topics = [ListOffsetsTopic.decode(reader, version) for _ in range(count)]
                if version >= 10:
                    (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.timeout_ms = 0
                reader.skip_tagged_fields()
            else:
                (self.replica_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version >= 2:
                    (self.isolation_level,) = _I1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.isolation_level = 0
                count = reader.array_length(6)
                self.topics = [ListOffsetsTopic.decode(reader, version) for _ in range(count)]
                self.timeout_ms = 0
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 11:
            raise unsupported("ListOffsetsRequest", version)
        if version >= 6:
            writer.buffer += _I4_I1.pack(self.replica_id, self.isolation_level)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            if version >= 10:
                writer.buffer += _I4.pack(self.timeout_ms)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.replica_id)
            if version >= 2:
                writer.buffer += _I1.pack(self.isolation_level)
            else:
                if self.isolation_level != 0:
                    raise not_in_version("ListOffsetsRequest.isolation_level", version)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListOffsetsTopic:
    """ListOffsetsTopic of ListOffsetsRequest, versions 1-11."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []ListOffsetsPartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[ListOffsetsPartition] | tuple[ListOffsetsPartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[ListOffsetsPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 6:
            self.name = reader.compact_string()
            count = reader.compact_array_length(17)
            self.partitions = [ListOffsetsPartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(12)
            self.partitions = [ListOffsetsPartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 6:
            writer.compact_string(self.name)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListOffsetsPartition:
    """ListOffsetsPartition of ListOffsetsRequest, versions 1-11."""

    __slots__ = ("current_leader_epoch", "partition_index", "timestamp")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "currentLeaderEpoch: int32 4+ default=-1 ignorable",
        "timestamp: int64 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        current_leader_epoch: int = -1,
        timestamp: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.current_leader_epoch: int = current_leader_epoch
        self.timestamp: int = timestamp

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        if version >= 4:
            (self.current_leader_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
        else:
            self.current_leader_epoch = -1
        (self.timestamp,) = _I8.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        if version >= 6:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition_index)
        if version >= 4:
            writer.buffer += _I4.pack(self.current_leader_epoch)
        writer.buffer += _I8.pack(self.timestamp)
        if version >= 6:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListOffsetsResponse:
    """ListOffsetsResponse, versions 1-11, flexible from 6."""

    __slots__ = ("throttle_time_ms", "topics")

    API_KEY: Final = 2
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 11
    FLEXIBLE_FROM: Final = 6
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 2+ ignorable",
        "topics: []ListOffsetsTopicResponse 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[ListOffsetsTopicResponse] | tuple[ListOffsetsTopicResponse, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[ListOffsetsTopicResponse] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 11:
            raise unsupported("ListOffsetsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 6:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(3)
                self.topics = [ListOffsetsTopicResponse.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                if version >= 2:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                count = reader.array_length(6)
                self.topics = [ListOffsetsTopicResponse.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 11:
            raise unsupported("ListOffsetsResponse", version)
        if version >= 6:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            if version >= 2:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListOffsetsTopicResponse:
    """ListOffsetsTopicResponse of ListOffsetsResponse, versions 1-11."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []ListOffsetsPartitionResponse 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[ListOffsetsPartitionResponse] | tuple[ListOffsetsPartitionResponse, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[ListOffsetsPartitionResponse] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 6:
            self.name = reader.compact_string()
            count = reader.compact_array_length(27)
            self.partitions = [ListOffsetsPartitionResponse.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(22)
            self.partitions = [ListOffsetsPartitionResponse.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 6:
            writer.compact_string(self.name)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListOffsetsPartitionResponse:
    """ListOffsetsPartitionResponse of ListOffsetsResponse, versions 1-11."""

    __slots__ = ("error_code", "leader_epoch", "offset", "partition_index", "timestamp")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "timestamp: int64 1+ default=-1",
        "offset: int64 1+ default=-1",
        "leaderEpoch: int32 4+ default=-1",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        timestamp: int = -1,
        offset: int = -1,
        leader_epoch: int = -1,
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.timestamp: int = timestamp
        self.offset: int = offset
        self.leader_epoch: int = leader_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.partition_index,
            self.error_code,
            self.timestamp,
            self.offset,
        ) = _I4_I2_I8_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 22
        if version >= 4:
            (self.leader_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
        else:
            self.leader_epoch = -1
        if version >= 6:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2_I8_I8.pack(self.partition_index, self.error_code, self.timestamp, self.offset)
        if version >= 4:
            writer.buffer += _I4.pack(self.leader_epoch)
        else:
            if self.leader_epoch != -1:
                raise not_in_version("ListOffsetsPartitionResponse.leader_epoch", version)
        if version >= 6:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
