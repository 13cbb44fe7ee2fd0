# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""TxnOffsetCommit, API key 28."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I8: Final = Struct(">iq")
_I4_I8_I4: Final = Struct(">iqi")
_I8_I2: Final = Struct(">qh")
_I8_I2_I4: Final = Struct(">qhi")


class TxnOffsetCommitRequest:
    """TxnOffsetCommitRequest, versions 0-5, flexible from 3."""

    __slots__ = (
        "generation_id",
        "group_id",
        "group_instance_id",
        "member_id",
        "producer_epoch",
        "producer_id",
        "topics",
        "transactional_id",
    )

    API_KEY: Final = 28
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 0+",
        "groupId: string 0+",
        "producerId: int64 0+",
        "producerEpoch: int16 0+",
        "generationId: int32 3+ default=-1",
        "memberId: string 3+",
        "groupInstanceId: string 3+ nullable=3+ default=null",
        "topics: []TxnOffsetCommitRequestTopic 0+",
    )

    def __init__(
        self,
        *,
        transactional_id: str = "",
        group_id: str = "",
        producer_id: int = 0,
        producer_epoch: int = 0,
        generation_id: int = -1,
        member_id: str = "",
        group_instance_id: str | None = None,
        topics: list[TxnOffsetCommitRequestTopic] | tuple[TxnOffsetCommitRequestTopic, ...] = (),
    ) -> None:
        self.transactional_id: str = transactional_id
        self.group_id: str = group_id
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.generation_id: int = generation_id
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id
        self.topics: list[TxnOffsetCommitRequestTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("TxnOffsetCommitRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                self.transactional_id = reader.compact_string()
                self.group_id = reader.compact_string()
                (
                    self.producer_id,
                    self.producer_epoch,
                    self.generation_id,
                ) = _I8_I2_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 14
                self.member_id = reader.compact_string()
                self.group_instance_id = reader.compact_nullable_string()
                count = reader.compact_array_length(3)
                self.topics = [TxnOffsetCommitRequestTopic.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                self.transactional_id = reader.string()
                self.group_id = reader.string()
                (self.producer_id, self.producer_epoch) = _I8_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 10
                self.generation_id = -1
                self.member_id = ""
                self.group_instance_id = None
                count = reader.array_length(6)
                self.topics = [TxnOffsetCommitRequestTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("TxnOffsetCommitRequest", version)
        if version >= 3:
            writer.compact_string(self.transactional_id)
            writer.compact_string(self.group_id)
            writer.buffer += _I8_I2_I4.pack(self.producer_id, self.producer_epoch, self.generation_id)
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.transactional_id)
            writer.string(self.group_id)
            writer.buffer += _I8_I2.pack(self.producer_id, self.producer_epoch)
            if self.generation_id != -1:
                raise not_in_version("TxnOffsetCommitRequest.generation_id", version)
            if self.member_id != "":
                raise not_in_version("TxnOffsetCommitRequest.member_id", version)
            if self.group_instance_id is not None:
                raise not_in_version("TxnOffsetCommitRequest.group_instance_id", version)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TxnOffsetCommitRequestTopic:
    """TxnOffsetCommitRequestTopic of TxnOffsetCommitRequest, versions 0-5."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []TxnOffsetCommitRequestPartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[TxnOffsetCommitRequestPartition] | tuple[TxnOffsetCommitRequestPartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[TxnOffsetCommitRequestPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 3:
            self.name = reader.compact_string()
            count = reader.compact_array_length(18)
            self.partitions = [TxnOffsetCommitRequestPartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(14)
            self.partitions = [TxnOffsetCommitRequestPartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 3:
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


class TxnOffsetCommitRequestPartition:
    """TxnOffsetCommitRequestPartition of TxnOffsetCommitRequest, versions 0-5."""

    __slots__ = ("committed_leader_epoch", "committed_metadata", "committed_offset", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "committedOffset: int64 0+",
        "committedLeaderEpoch: int32 2+ default=-1 ignorable",
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
        if version >= 3:
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
            if version == 2:
                (self.committed_leader_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.committed_leader_epoch = -1
            self.committed_metadata = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 3:
            writer.buffer += _I4_I8_I4.pack(self.partition_index, self.committed_offset, self.committed_leader_epoch)
            writer.compact_nullable_string(self.committed_metadata)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4_I8.pack(self.partition_index, self.committed_offset)
            if version == 2:
                writer.buffer += _I4.pack(self.committed_leader_epoch)
            writer.nullable_string(self.committed_metadata)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TxnOffsetCommitResponse:
    """TxnOffsetCommitResponse, versions 0-5, flexible from 3."""

    __slots__ = ("throttle_time_ms", "topics")

    API_KEY: Final = 28
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "topics: []TxnOffsetCommitResponseTopic 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[TxnOffsetCommitResponseTopic] | tuple[TxnOffsetCommitResponseTopic, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[TxnOffsetCommitResponseTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("TxnOffsetCommitResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(3)
                self.topics = [TxnOffsetCommitResponseTopic.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(6)
                self.topics = [TxnOffsetCommitResponseTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("TxnOffsetCommitResponse", version)
        if version >= 3:
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


class TxnOffsetCommitResponseTopic:
    """TxnOffsetCommitResponseTopic of TxnOffsetCommitResponse, versions 0-5."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []TxnOffsetCommitResponsePartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[TxnOffsetCommitResponsePartition] | tuple[TxnOffsetCommitResponsePartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[TxnOffsetCommitResponsePartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 3:
            self.name = reader.compact_string()
            count = reader.compact_array_length(7)
            self.partitions = [TxnOffsetCommitResponsePartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(6)
            self.partitions = [TxnOffsetCommitResponsePartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 3:
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


class TxnOffsetCommitResponsePartition:
    """TxnOffsetCommitResponsePartition of TxnOffsetCommitResponse, versions 0-5."""

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
        if version >= 3:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)
        if version >= 3:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
