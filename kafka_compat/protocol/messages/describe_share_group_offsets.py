# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeShareGroupOffsets, API key 90."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I8_I4: Final = Struct(">iqi")
_I8: Final = Struct(">q")
_ID: Final = Struct(">16s")


class DescribeShareGroupOffsetsRequest:
    """DescribeShareGroupOffsetsRequest, versions 0-1, flexible from 0."""

    __slots__ = ("groups",)

    API_KEY: Final = 90
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groups: []DescribeShareGroupOffsetsRequestGroup 0+",
    )

    def __init__(
        self,
        *,
        groups: list[DescribeShareGroupOffsetsRequestGroup] | tuple[DescribeShareGroupOffsetsRequestGroup, ...] = (),
    ) -> None:
        self.groups: list[DescribeShareGroupOffsetsRequestGroup] = list(groups) if isinstance(groups, tuple) else groups

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("DescribeShareGroupOffsetsRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(3)
            self.groups = [DescribeShareGroupOffsetsRequestGroup.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("DescribeShareGroupOffsetsRequest", version)
        writer.compact_array_length(len(self.groups))
        for each_groups in self.groups:
            each_groups.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeShareGroupOffsetsRequestGroup:
    """DescribeShareGroupOffsetsRequestGroup of DescribeShareGroupOffsetsRequest, versions 0-1."""

    __slots__ = ("group_id", "topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "topics: []DescribeShareGroupOffsetsRequestTopic 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[DescribeShareGroupOffsetsRequestTopic] | None | tuple[DescribeShareGroupOffsetsRequestTopic, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[DescribeShareGroupOffsetsRequestTopic] | None = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.group_id = reader.compact_string()
        count = reader.compact_nullable_array_length(3)
        self.topics = None if count < 0 else [DescribeShareGroupOffsetsRequestTopic.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.group_id)
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


class DescribeShareGroupOffsetsRequestTopic:
    """DescribeShareGroupOffsetsRequestTopic of DescribeShareGroupOffsetsRequest, versions 0-1."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeShareGroupOffsetsResponse:
    """DescribeShareGroupOffsetsResponse, versions 0-1, flexible from 0."""

    __slots__ = ("groups", "throttle_time_ms")

    API_KEY: Final = 90
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "groups: []DescribeShareGroupOffsetsResponseGroup 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        groups: list[DescribeShareGroupOffsetsResponseGroup] | tuple[DescribeShareGroupOffsetsResponseGroup, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.groups: list[DescribeShareGroupOffsetsResponseGroup] = list(groups) if isinstance(groups, tuple) else groups

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("DescribeShareGroupOffsetsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(6)
            self.groups = [DescribeShareGroupOffsetsResponseGroup.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("DescribeShareGroupOffsetsResponse", version)
        writer.buffer += _I4.pack(self.throttle_time_ms)
        writer.compact_array_length(len(self.groups))
        for each_groups in self.groups:
            each_groups.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeShareGroupOffsetsResponseGroup:
    """DescribeShareGroupOffsetsResponseGroup of DescribeShareGroupOffsetsResponse, versions 0-1."""

    __slots__ = ("error_code", "error_message", "group_id", "topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "topics: []DescribeShareGroupOffsetsResponseTopic 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[DescribeShareGroupOffsetsResponseTopic] | tuple[DescribeShareGroupOffsetsResponseTopic, ...] = (),
        error_code: int = 0,
        error_message: str | None = None,
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[DescribeShareGroupOffsetsResponseTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.group_id = reader.compact_string()
        count = reader.compact_array_length(19)
        self.topics = [DescribeShareGroupOffsetsResponseTopic.decode(reader, version) for _ in range(count)]
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.error_message = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.group_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeShareGroupOffsetsResponseTopic:
    """DescribeShareGroupOffsetsResponseTopic of DescribeShareGroupOffsetsResponse, versions 0-1."""

    __slots__ = ("partitions", "topic_id", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "topicId: uuid 0+",
        "partitions: []DescribeShareGroupOffsetsResponsePartition 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        topic_id: bytes = ZERO_UUID,
        partitions: list[DescribeShareGroupOffsetsResponsePartition] | tuple[DescribeShareGroupOffsetsResponsePartition, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.topic_id: bytes = topic_id
        self.partitions: list[DescribeShareGroupOffsetsResponsePartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(20)
        self.partitions = [DescribeShareGroupOffsetsResponsePartition.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeShareGroupOffsetsResponsePartition:
    """DescribeShareGroupOffsetsResponsePartition of DescribeShareGroupOffsetsResponse, versions 0-1."""

    __slots__ = ("error_code", "error_message", "lag", "leader_epoch", "partition_index", "start_offset")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "startOffset: int64 0+",
        "leaderEpoch: int32 0+",
        "lag: int64 1+ default=-1 ignorable",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        start_offset: int = 0,
        leader_epoch: int = 0,
        lag: int = -1,
        error_code: int = 0,
        error_message: str | None = None,
    ) -> None:
        self.partition_index: int = partition_index
        self.start_offset: int = start_offset
        self.leader_epoch: int = leader_epoch
        self.lag: int = lag
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.start_offset, self.leader_epoch) = _I4_I8_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        if version == 1:
            (self.lag,) = _I8.unpack_from(reader.buffer, reader.position)
            reader.position += 8
        else:
            self.lag = -1
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.error_message = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8_I4.pack(self.partition_index, self.start_offset, self.leader_epoch)
        if version == 1:
            writer.buffer += _I8.pack(self.lag)
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
