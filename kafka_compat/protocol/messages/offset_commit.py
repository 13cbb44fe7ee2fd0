# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""OffsetCommit, API key 8."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I8: Final = Struct(">iq")
_I4_I8_I4: Final = Struct(">iqi")
_I8: Final = Struct(">q")
_ID: Final = Struct(">16s")


class OffsetCommitRequest:
    """OffsetCommitRequest, versions 2-10, flexible from 8."""

    __slots__ = ("generation_id_or_member_epoch", "group_id", "group_instance_id", "member_id", "retention_time_ms", "topics")

    API_KEY: Final = 8
    MIN_VERSION: Final = 2
    MAX_VERSION: Final = 10
    FLEXIBLE_FROM: Final = 8
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "generationIdOrMemberEpoch: int32 1+ default=-1 ignorable",
        "memberId: string 1+ ignorable",
        "groupInstanceId: string 7+ nullable=7+ default=null",
        "retentionTimeMs: int64 2-4 default=-1 ignorable",
        "topics: []OffsetCommitRequestTopic 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        generation_id_or_member_epoch: int = -1,
        member_id: str = "",
        group_instance_id: str | None = None,
        retention_time_ms: int = -1,
        topics: list[OffsetCommitRequestTopic] | tuple[OffsetCommitRequestTopic, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.generation_id_or_member_epoch: int = generation_id_or_member_epoch
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.retention_time_ms: int = retention_time_ms
        self.topics: list[OffsetCommitRequestTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 2 <= version <= 10:
            raise unsupported("OffsetCommitRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 8:
                self.group_id = reader.compact_string()
                (self.generation_id_or_member_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.member_id = reader.compact_string()
                self.group_instance_id = reader.compact_nullable_string()
                self.retention_time_ms = -1
                count = reader.compact_array_length(3)
                self.topics = [OffsetCommitRequestTopic.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                self.group_id = reader.string()
                (self.generation_id_or_member_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.member_id = reader.string()
                if version == 7:
                    self.group_instance_id = reader.nullable_string()
                else:
                    self.group_instance_id = None
                if version <= 4:
                    (self.retention_time_ms,) = _I8.unpack_from(reader.buffer, reader.position)
                    reader.position += 8
                else:
                    self.retention_time_ms = -1
                count = reader.array_length(6)
                self.topics = [OffsetCommitRequestTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 2 <= version <= 10:
            raise unsupported("OffsetCommitRequest", version)
        if version >= 8:
            writer.compact_string(self.group_id)
            writer.buffer += _I4.pack(self.generation_id_or_member_epoch)
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.group_id)
            writer.buffer += _I4.pack(self.generation_id_or_member_epoch)
            writer.string(self.member_id)
            if version == 7:
                writer.nullable_string(self.group_instance_id)
            else:
                if self.group_instance_id is not None:
                    raise not_in_version("OffsetCommitRequest.group_instance_id", version)
            if version <= 4:
                writer.buffer += _I8.pack(self.retention_time_ms)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetCommitRequestTopic:
    """OffsetCommitRequestTopic of OffsetCommitRequest, versions 2-10."""

    __slots__ = ("name", "partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0-9 ignorable",
        "topicId: uuid 10+ ignorable",
        "partitions: []OffsetCommitRequestPartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        topic_id: bytes = ZERO_UUID,
        partitions: list[OffsetCommitRequestPartition] | tuple[OffsetCommitRequestPartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.topic_id: bytes = topic_id
        self.partitions: list[OffsetCommitRequestPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 8:
            if version <= 9:
                self.name = reader.compact_string()
            else:
                self.name = ""
            if version == 10:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            count = reader.compact_array_length(18)
            self.partitions = [OffsetCommitRequestPartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.topic_id = ZERO_UUID
            count = reader.array_length(14)
            self.partitions = [OffsetCommitRequestPartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 8:
            if version <= 9:
                writer.compact_string(self.name)
            if version == 10:
                writer.buffer += _ID.pack(self.topic_id)
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


class OffsetCommitRequestPartition:
    """OffsetCommitRequestPartition of OffsetCommitRequest, versions 2-10."""

    __slots__ = ("committed_leader_epoch", "committed_metadata", "committed_offset", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "committedOffset: int64 0+",
        "committedLeaderEpoch: int32 6+ default=-1 ignorable",
        "committedMetadata: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        committed_offset: int = 0,
        committed_leader_epoch: int = -1,
        committed_metadata: str | None = "",
    ) -> None:
        self.partition_index: int = partition_index
        self.committed_offset: int = committed_offset
        self.committed_leader_epoch: int = committed_leader_epoch
        self.committed_metadata: str | None = committed_metadata

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 8:
            (
                self.partition_index,
                self.committed_offset,
                self.committed_leader_epoch,
            ) = _I4_I8_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 16
            self.committed_metadata = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            (self.partition_index, self.committed_offset) = _I4_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 12
            if version >= 6:
                (self.committed_leader_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.committed_leader_epoch = -1
            self.committed_metadata = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 8:
            writer.buffer += _I4_I8_I4.pack(self.partition_index, self.committed_offset, self.committed_leader_epoch)
            writer.compact_nullable_string(self.committed_metadata)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4_I8.pack(self.partition_index, self.committed_offset)
            if version >= 6:
                writer.buffer += _I4.pack(self.committed_leader_epoch)
            writer.nullable_string(self.committed_metadata)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetCommitResponse:
    """OffsetCommitResponse, versions 2-10, flexible from 8."""

    __slots__ = ("throttle_time_ms", "topics")

    API_KEY: Final = 8
    MIN_VERSION: Final = 2
    MAX_VERSION: Final = 10
    FLEXIBLE_FROM: Final = 8
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 3+ ignorable",
        "topics: []OffsetCommitResponseTopic 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[OffsetCommitResponseTopic] | tuple[OffsetCommitResponseTopic, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[OffsetCommitResponseTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 2 <= version <= 10:
            raise unsupported("OffsetCommitResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 8:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(3)
                self.topics = [OffsetCommitResponseTopic.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                if version >= 3:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                count = reader.array_length(6)
                self.topics = [OffsetCommitResponseTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 2 <= version <= 10:
            raise unsupported("OffsetCommitResponse", version)
        if version >= 8:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            if version >= 3:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetCommitResponseTopic:
    """OffsetCommitResponseTopic of OffsetCommitResponse, versions 2-10."""

    __slots__ = ("name", "partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0-9 ignorable",
        "topicId: uuid 10+ ignorable",
        "partitions: []OffsetCommitResponsePartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        topic_id: bytes = ZERO_UUID,
        partitions: list[OffsetCommitResponsePartition] | tuple[OffsetCommitResponsePartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.topic_id: bytes = topic_id
        self.partitions: list[OffsetCommitResponsePartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 8:
            if version <= 9:
                self.name = reader.compact_string()
            else:
                self.name = ""
            if version == 10:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            count = reader.compact_array_length(7)
            self.partitions = [OffsetCommitResponsePartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.topic_id = ZERO_UUID
            count = reader.array_length(6)
            self.partitions = [OffsetCommitResponsePartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 8:
            if version <= 9:
                writer.compact_string(self.name)
            if version == 10:
                writer.buffer += _ID.pack(self.topic_id)
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


class OffsetCommitResponsePartition:
    """OffsetCommitResponsePartition of OffsetCommitResponse, versions 2-10."""

    __slots__ = ("error_code", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        if version >= 8:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)
        if version >= 8:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
