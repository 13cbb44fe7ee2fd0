# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""OffsetForLeaderEpoch, API key 23."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I4_I4_I8: Final = Struct(">hiiq")
_I4: Final = Struct(">i")
_I4_I4_I4: Final = Struct(">iii")


class OffsetForLeaderEpochRequest:
    """OffsetForLeaderEpochRequest, versions 2-4, flexible from 4."""

    __slots__ = ("replica_id", "topics")

    API_KEY: Final = 23
    MIN_VERSION: Final = 2
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "replicaId: int32 3+ default=-2 ignorable",
        "topics: []OffsetForLeaderTopic 0+",
    )

    def __init__(
        self,
        *,
        replica_id: int = -2,
        topics: list[OffsetForLeaderTopic] | tuple[OffsetForLeaderTopic, ...] = (),
    ) -> None:
        self.replica_id: int = replica_id
        self.topics: list[OffsetForLeaderTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 2 <= version <= 4:
            raise unsupported("OffsetForLeaderEpochRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 4:
                (self.replica_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(3)
                self.topics = [OffsetForLeaderTopic.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                if version == 3:
                    (self.replica_id,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.replica_id = -2
                count = reader.array_length(6)
                self.topics = [OffsetForLeaderTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 2 <= version <= 4:
            raise unsupported("OffsetForLeaderEpochRequest", version)
        if version == 4:
            writer.buffer += _I4.pack(self.replica_id)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            if version == 3:
                writer.buffer += _I4.pack(self.replica_id)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetForLeaderTopic:
    """OffsetForLeaderTopic of OffsetForLeaderEpochRequest, versions 2-4."""

    __slots__ = ("partitions", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0+ key",
        "partitions: []OffsetForLeaderPartition 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        partitions: list[OffsetForLeaderPartition] | tuple[OffsetForLeaderPartition, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.partitions: list[OffsetForLeaderPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 4:
            self.topic = reader.compact_string()
            count = reader.compact_array_length(13)
            self.partitions = [OffsetForLeaderPartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            count = reader.array_length(12)
            self.partitions = [OffsetForLeaderPartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 4:
            writer.compact_string(self.topic)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.topic)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetForLeaderPartition:
    """OffsetForLeaderPartition of OffsetForLeaderEpochRequest, versions 2-4."""

    __slots__ = ("current_leader_epoch", "leader_epoch", "partition")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
        "currentLeaderEpoch: int32 2+ default=-1 ignorable",
        "leaderEpoch: int32 0+",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
        current_leader_epoch: int = -1,
        leader_epoch: int = 0,
    ) -> None:
        self.partition: int = partition
        self.current_leader_epoch: int = current_leader_epoch
        self.leader_epoch: int = leader_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition, self.current_leader_epoch, self.leader_epoch) = _I4_I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        if version == 4:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I4_I4.pack(self.partition, self.current_leader_epoch, self.leader_epoch)
        if version == 4:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetForLeaderEpochResponse:
    """OffsetForLeaderEpochResponse, versions 2-4, flexible from 4."""

    __slots__ = ("throttle_time_ms", "topics")

    API_KEY: Final = 23
    MIN_VERSION: Final = 2
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 2+ ignorable",
        "topics: []OffsetForLeaderTopicResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[OffsetForLeaderTopicResult] | tuple[OffsetForLeaderTopicResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[OffsetForLeaderTopicResult] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 2 <= version <= 4:
            raise unsupported("OffsetForLeaderEpochResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 4:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(3)
                self.topics = [OffsetForLeaderTopicResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(6)
                self.topics = [OffsetForLeaderTopicResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 2 <= version <= 4:
            raise unsupported("OffsetForLeaderEpochResponse", version)
        if version == 4:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetForLeaderTopicResult:
    """OffsetForLeaderTopicResult of OffsetForLeaderEpochResponse, versions 2-4."""

    __slots__ = ("partitions", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0+ key",
        "partitions: []EpochEndOffset 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        partitions: list[EpochEndOffset] | tuple[EpochEndOffset, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.partitions: list[EpochEndOffset] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 4:
            self.topic = reader.compact_string()
            count = reader.compact_array_length(19)
            self.partitions = [EpochEndOffset.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            count = reader.array_length(18)
            self.partitions = [EpochEndOffset.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 4:
            writer.compact_string(self.topic)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.topic)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class EpochEndOffset:
    """EpochEndOffset of OffsetForLeaderEpochResponse, versions 2-4."""

    __slots__ = ("end_offset", "error_code", "leader_epoch", "partition")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "partition: int32 0+",
        "leaderEpoch: int32 1+ default=-1 ignorable",
        "endOffset: int64 0+ default=-1",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        partition: int = 0,
        leader_epoch: int = -1,
        end_offset: int = -1,
    ) -> None:
        self.error_code: int = error_code
        self.partition: int = partition
        self.leader_epoch: int = leader_epoch
        self.end_offset: int = end_offset

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.error_code,
            self.partition,
            self.leader_epoch,
            self.end_offset,
        ) = _I2_I4_I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 18
        if version == 4:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I2_I4_I4_I8.pack(self.error_code, self.partition, self.leader_epoch, self.end_offset)
        if version == 4:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
