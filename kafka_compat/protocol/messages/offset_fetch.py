# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""OffsetFetch, API key 9."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I8: Final = Struct(">iq")
_I4_I8_I4: Final = Struct(">iqi")
_ID: Final = Struct(">16s")


class OffsetFetchRequest:
    """OffsetFetchRequest, versions 1-10, flexible from 6."""

    __slots__ = ("group_id", "groups", "require_stable", "topics")

    API_KEY: Final = 9
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 10
    FLEXIBLE_FROM: Final = 6
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0-7",
        "topics: []OffsetFetchRequestTopic 0-7 nullable=2-7",
        "groups: []OffsetFetchRequestGroup 8+",
        "requireStable: bool 7+ default=false",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[OffsetFetchRequestTopic] | None | tuple[OffsetFetchRequestTopic, ...] = (),
        groups: list[OffsetFetchRequestGroup] | tuple[OffsetFetchRequestGroup, ...] = (),
        require_stable: bool = False,
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[OffsetFetchRequestTopic] | None = list(topics) if isinstance(topics, tuple) else topics
        self.groups: list[OffsetFetchRequestGroup] = list(groups) if isinstance(groups, tuple) else groups
        self.require_stable: bool = require_stable

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 10:
            raise unsupported("OffsetFetchRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 6:
                if version <= 7:
                    self.group_id = reader.compact_string()
                    count = reader.compact_nullable_array_length(3)
                    self.topics = None if count < 0 else [OffsetFetchRequestTopic.decode(reader, version) for _ in range(count)]
                else:
                    self.group_id = ""
                    self.topics = []
                if version >= 8:
                    count = reader.compact_array_length(3)
                    self.groups = [OffsetFetchRequestGroup.decode(reader, version) for _ in range(count)]
                else:
                    self.groups = []
                if version >= 7:
                    (self.require_stable,) = _B1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.require_stable = False
                reader.skip_tagged_fields()
            else:
                self.group_id = reader.string()
                if version >= 2:
                    count = reader.nullable_array_length(6)
                    self.topics = None if count < 0 else [OffsetFetchRequestTopic.decode(reader, version) for _ in range(count)]
                else:
                    count = reader.array_length(6)
                    self.topics = [OffsetFetchRequestTopic.decode(reader, version) for _ in range(count)]
                self.groups = []
                self.require_stable = False
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 10:
            raise unsupported("OffsetFetchRequest", version)
        if version >= 6:
            if version <= 7:
                writer.compact_string(self.group_id)
                if self.topics is None:
                    writer.compact_array_length(-1)
                else:
                    writer.compact_array_length(len(self.topics))
                    for each_topics in self.topics:
                        each_topics.encode(writer, version)
            else:
                if self.group_id != "":
                    raise not_in_version("OffsetFetchRequest.group_id", version)
                if self.topics is None or len(self.topics) > 0:
                    raise not_in_version("OffsetFetchRequest.topics", version)
            if version >= 8:
                writer.compact_array_length(len(self.groups))
                for each_groups in self.groups:
                    each_groups.encode(writer, version)
            else:
                if len(self.groups) > 0:
                    raise not_in_version("OffsetFetchRequest.groups", version)
            if version >= 7:
                writer.buffer += _B1.pack(self.require_stable)
            else:
                if self.require_stable:
                    raise not_in_version("OffsetFetchRequest.require_stable", version)
            writer.buffer.append(0)
        else:
            writer.string(self.group_id)
            if version >= 2:
                if self.topics is None:
                    writer.array_length(-1)
                else:
                    writer.array_length(len(self.topics))
                    for each_topics in self.topics:
                        each_topics.encode(writer, version)
            else:
                if self.topics is None:
                    raise writer.null_error("OffsetFetchRequest.topics")
                writer.array_length(len(self.topics))
                for each_topics in self.topics:
                    each_topics.encode(writer, version)
            if len(self.groups) > 0:
                raise not_in_version("OffsetFetchRequest.groups", version)
            if self.require_stable:
                raise not_in_version("OffsetFetchRequest.require_stable", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetFetchRequestTopic:
    """OffsetFetchRequestTopic of OffsetFetchRequest, versions 1-7."""

    __slots__ = ("name", "partition_indexes")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0-7",
        "partitionIndexes: []int32 0-7",
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
        if version >= 6:
            self.name = reader.compact_string()
            count = reader.compact_array_length(4)
            self.partition_indexes = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(4)
            self.partition_indexes = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 6:
            writer.compact_string(self.name)
            writer.compact_array_length(len(self.partition_indexes))
            writer.int32s(self.partition_indexes)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.array_length(len(self.partition_indexes))
            writer.int32s(self.partition_indexes)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetFetchRequestGroup:
    """OffsetFetchRequestGroup of OffsetFetchRequest, versions 8-10."""

    __slots__ = ("group_id", "member_epoch", "member_id", "topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 8+",
        "memberId: string 9+ nullable=9+ default=null ignorable",
        "memberEpoch: int32 9+ default=-1 ignorable",
        "topics: []OffsetFetchRequestTopics 8+ nullable=8+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        member_id: str | None = None,
        member_epoch: int = -1,
        topics: list[OffsetFetchRequestTopics] | None | tuple[OffsetFetchRequestTopics, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.member_id: str | None = member_id
        self.member_epoch: int = member_epoch
        self.topics: list[OffsetFetchRequestTopics] | None = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.group_id = reader.compact_string()
        if version >= 9:
            self.member_id = reader.compact_nullable_string()
            (self.member_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
        else:
            self.member_id = None
            self.member_epoch = -1
        count = reader.compact_nullable_array_length(3)
        self.topics = None if count < 0 else [OffsetFetchRequestTopics.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.group_id)
        if version >= 9:
            writer.compact_nullable_string(self.member_id)
            writer.buffer += _I4.pack(self.member_epoch)
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


class OffsetFetchRequestTopics:
    """OffsetFetchRequestTopics of OffsetFetchRequest, versions 8-10."""

    __slots__ = ("name", "partition_indexes", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 8-9 ignorable",
        "topicId: uuid 10+ ignorable",
        "partitionIndexes: []int32 8+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        topic_id: bytes = ZERO_UUID,
        partition_indexes: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.name: str = name
        self.topic_id: bytes = topic_id
        self.partition_indexes: list[int] = list(partition_indexes) if isinstance(partition_indexes, tuple) else partition_indexes

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version <= 9:
            self.name = reader.compact_string()
        else:
            self.name = ""
        if version == 10:
            (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
            reader.position += 16
        else:
            self.topic_id = ZERO_UUID
        count = reader.compact_array_length(4)
        self.partition_indexes = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version <= 9:
            writer.compact_string(self.name)
        if version == 10:
            writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partition_indexes))
        writer.int32s(self.partition_indexes)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetFetchResponse:
    """OffsetFetchResponse, versions 1-10, flexible from 6."""

    __slots__ = ("error_code", "groups", "throttle_time_ms", "topics")

    API_KEY: Final = 9
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 10
    FLEXIBLE_FROM: Final = 6
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 3+ ignorable",
        "topics: []OffsetFetchResponseTopic 0-7",
        "errorCode: int16 2-7 default=0 ignorable",
        "groups: []OffsetFetchResponseGroup 8+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[OffsetFetchResponseTopic] | tuple[OffsetFetchResponseTopic, ...] = (),
        error_code: int = 0,
        groups: list[OffsetFetchResponseGroup] | tuple[OffsetFetchResponseGroup, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[OffsetFetchResponseTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.error_code: int = error_code
        self.groups: list[OffsetFetchResponseGroup] = list(groups) if isinstance(groups, tuple) else groups

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 10:
            raise unsupported("OffsetFetchResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 6:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version <= 7:
                    count = reader.compact_array_length(3)
                    self.topics = [OffsetFetchResponseTopic.decode(reader, version) for _ in range(count)]
                    (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                else:
                    self.topics = []
                    self.error_code = 0
                if version >= 8:
                    count = reader.compact_array_length(5)
                    self.groups = [OffsetFetchResponseGroup.decode(reader, version) for _ in range(count)]
                else:
                    self.groups = []
                reader.skip_tagged_fields()
            else:
                if version >= 3:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                count = reader.array_length(6)
                self.topics = [OffsetFetchResponseTopic.decode(reader, version) for _ in range(count)]
                if version >= 2:
                    (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                else:
                    self.error_code = 0
                self.groups = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 10:
            raise unsupported("OffsetFetchResponse", version)
        if version >= 6:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if version <= 7:
                writer.compact_array_length(len(self.topics))
                for each_topics in self.topics:
                    each_topics.encode(writer, version)
                writer.buffer += _I2.pack(self.error_code)
            else:
                if len(self.topics) > 0:
                    raise not_in_version("OffsetFetchResponse.topics", version)
            if version >= 8:
                writer.compact_array_length(len(self.groups))
                for each_groups in self.groups:
                    each_groups.encode(writer, version)
            else:
                if len(self.groups) > 0:
                    raise not_in_version("OffsetFetchResponse.groups", version)
            writer.buffer.append(0)
        else:
            if version >= 3:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            if version >= 2:
                writer.buffer += _I2.pack(self.error_code)
            if len(self.groups) > 0:
                raise not_in_version("OffsetFetchResponse.groups", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetFetchResponseTopic:
    """OffsetFetchResponseTopic of OffsetFetchResponse, versions 1-7."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0-7",
        "partitions: []OffsetFetchResponsePartition 0-7",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[OffsetFetchResponsePartition] | tuple[OffsetFetchResponsePartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[OffsetFetchResponsePartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 6:
            self.name = reader.compact_string()
            count = reader.compact_array_length(20)
            self.partitions = [OffsetFetchResponsePartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(16)
            self.partitions = [OffsetFetchResponsePartition.decode(reader, version) for _ in range(count)]
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


class OffsetFetchResponsePartition:
    """OffsetFetchResponsePartition of OffsetFetchResponse, versions 1-7."""

    __slots__ = ("committed_leader_epoch", "committed_offset", "error_code", "metadata", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0-7",
        "committedOffset: int64 0-7",
        "committedLeaderEpoch: int32 5-7 default=-1 ignorable",
        "metadata: string 0-7 nullable=0-7",
        "errorCode: int16 0-7",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        committed_offset: int = 0,
        committed_leader_epoch: int = -1,
        metadata: str | None = "",
        error_code: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.committed_offset: int = committed_offset
        self.committed_leader_epoch: int = committed_leader_epoch
        self.metadata: str | None = metadata
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 6:
            (
                self.partition_index,
                self.committed_offset,
                self.committed_leader_epoch,
            ) = _I4_I8_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 16
            self.metadata = reader.compact_nullable_string()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            reader.skip_tagged_fields()
        else:
            (self.partition_index, self.committed_offset) = _I4_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 12
            if version == 5:
                (self.committed_leader_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.committed_leader_epoch = -1
            self.metadata = reader.nullable_string()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 6:
            writer.buffer += _I4_I8_I4.pack(self.partition_index, self.committed_offset, self.committed_leader_epoch)
            writer.compact_nullable_string(self.metadata)
            writer.buffer += _I2.pack(self.error_code)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4_I8.pack(self.partition_index, self.committed_offset)
            if version == 5:
                writer.buffer += _I4.pack(self.committed_leader_epoch)
            writer.nullable_string(self.metadata)
            writer.buffer += _I2.pack(self.error_code)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetFetchResponseGroup:
    """OffsetFetchResponseGroup of OffsetFetchResponse, versions 8-10."""

    __slots__ = ("error_code", "group_id", "topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 8+",
        "topics: []OffsetFetchResponseTopics 8+",
        "errorCode: int16 8+ default=0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[OffsetFetchResponseTopics] | tuple[OffsetFetchResponseTopics, ...] = (),
        error_code: int = 0,
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[OffsetFetchResponseTopics] = list(topics) if isinstance(topics, tuple) else topics
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.group_id = reader.compact_string()
        count = reader.compact_array_length(3)
        self.topics = [OffsetFetchResponseTopics.decode(reader, version) for _ in range(count)]
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.group_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer += _I2.pack(self.error_code)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetFetchResponseTopics:
    """OffsetFetchResponseTopics of OffsetFetchResponse, versions 8-10."""

    __slots__ = ("name", "partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 8-9 ignorable",
        "topicId: uuid 10+ ignorable",
        "partitions: []OffsetFetchResponsePartitions 8+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        topic_id: bytes = ZERO_UUID,
        partitions: list[OffsetFetchResponsePartitions] | tuple[OffsetFetchResponsePartitions, ...] = (),
    ) -> None:
        self.name: str = name
        self.topic_id: bytes = topic_id
        self.partitions: list[OffsetFetchResponsePartitions] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version <= 9:
            self.name = reader.compact_string()
        else:
            self.name = ""
        if version == 10:
            (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
            reader.position += 16
        else:
            self.topic_id = ZERO_UUID
        count = reader.compact_array_length(20)
        self.partitions = [OffsetFetchResponsePartitions.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version <= 9:
            writer.compact_string(self.name)
        if version == 10:
            writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetFetchResponsePartitions:
    """OffsetFetchResponsePartitions of OffsetFetchResponse, versions 8-10."""

    __slots__ = ("committed_leader_epoch", "committed_offset", "error_code", "metadata", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 8+",
        "committedOffset: int64 8+",
        "committedLeaderEpoch: int32 8+ default=-1 ignorable",
        "metadata: string 8+ nullable=8+",
        "errorCode: int16 8+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        committed_offset: int = 0,
        committed_leader_epoch: int = -1,
        metadata: str | None = "",
        error_code: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.committed_offset: int = committed_offset
        self.committed_leader_epoch: int = committed_leader_epoch
        self.metadata: str | None = metadata
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.partition_index,
            self.committed_offset,
            self.committed_leader_epoch,
        ) = _I4_I8_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        self.metadata = reader.compact_nullable_string()
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8_I4.pack(self.partition_index, self.committed_offset, self.committed_leader_epoch)
        writer.compact_nullable_string(self.metadata)
        writer.buffer += _I2.pack(self.error_code)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
