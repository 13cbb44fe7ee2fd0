# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AssignReplicasToDirs, API key 73."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I8: Final = Struct(">iq")
_ID: Final = Struct(">16s")


class AssignReplicasToDirsRequest:
    """AssignReplicasToDirsRequest, versions 0, flexible from 0."""

    __slots__ = ("broker_epoch", "broker_id", "directories")

    API_KEY: Final = 73
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "brokerId: int32 0+",
        "brokerEpoch: int64 0+ default=-1",
        "directories: []AssignReplicasToDirsRequestDirectoryData 0+",
    )

    def __init__(
        self,
        *,
        broker_id: int = 0,
        broker_epoch: int = -1,
        directories: list[AssignReplicasToDirsRequestDirectoryData] | tuple[AssignReplicasToDirsRequestDirectoryData, ...] = (),
    ) -> None:
        self.broker_id: int = broker_id
        self.broker_epoch: int = broker_epoch
        self.directories: list[AssignReplicasToDirsRequestDirectoryData] = list(directories) if isinstance(directories, tuple) else directories

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("AssignReplicasToDirsRequest", version)
        self = cls.__new__(cls)
        try:
            (self.broker_id, self.broker_epoch) = _I4_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 12
            count = reader.compact_array_length(18)
            self.directories = [AssignReplicasToDirsRequestDirectoryData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("AssignReplicasToDirsRequest", version)
        writer.buffer += _I4_I8.pack(self.broker_id, self.broker_epoch)
        writer.compact_array_length(len(self.directories))
        for each_directories in self.directories:
            each_directories.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AssignReplicasToDirsRequestDirectoryData:
    """DirectoryData of AssignReplicasToDirsRequest, versions 0."""

    __slots__ = ("id", "topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "id: uuid 0+",
        "topics: []AssignReplicasToDirsRequestTopicData 0+",
    )

    def __init__(
        self,
        *,
        id: bytes = ZERO_UUID,
        topics: list[AssignReplicasToDirsRequestTopicData] | tuple[AssignReplicasToDirsRequestTopicData, ...] = (),
    ) -> None:
        self.id: bytes = id
        self.topics: list[AssignReplicasToDirsRequestTopicData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(18)
        self.topics = [AssignReplicasToDirsRequestTopicData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AssignReplicasToDirsRequestTopicData:
    """TopicData of AssignReplicasToDirsRequest, versions 0."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []AssignReplicasToDirsRequestPartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[AssignReplicasToDirsRequestPartitionData] | tuple[AssignReplicasToDirsRequestPartitionData, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[AssignReplicasToDirsRequestPartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(5)
        self.partitions = [AssignReplicasToDirsRequestPartitionData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AssignReplicasToDirsRequestPartitionData:
    """PartitionData of AssignReplicasToDirsRequest, versions 0."""

    __slots__ = ("partition_index",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
    ) -> None:
        self.partition_index: int = partition_index

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition_index)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AssignReplicasToDirsResponse:
    """AssignReplicasToDirsResponse, versions 0, flexible from 0."""

    __slots__ = ("directories", "error_code", "throttle_time_ms")

    API_KEY: Final = 73
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "directories: []AssignReplicasToDirsResponseDirectoryData 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        directories: list[AssignReplicasToDirsResponseDirectoryData] | tuple[AssignReplicasToDirsResponseDirectoryData, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.directories: list[AssignReplicasToDirsResponseDirectoryData] = list(directories) if isinstance(directories, tuple) else directories

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("AssignReplicasToDirsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.compact_array_length(18)
            self.directories = [AssignReplicasToDirsResponseDirectoryData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("AssignReplicasToDirsResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_array_length(len(self.directories))
        for each_directories in self.directories:
            each_directories.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AssignReplicasToDirsResponseDirectoryData:
    """DirectoryData of AssignReplicasToDirsResponse, versions 0."""

    __slots__ = ("id", "topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "id: uuid 0+",
        "topics: []AssignReplicasToDirsResponseTopicData 0+",
    )

    def __init__(
        self,
        *,
        id: bytes = ZERO_UUID,
        topics: list[AssignReplicasToDirsResponseTopicData] | tuple[AssignReplicasToDirsResponseTopicData, ...] = (),
    ) -> None:
        self.id: bytes = id
        self.topics: list[AssignReplicasToDirsResponseTopicData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(18)
        self.topics = [AssignReplicasToDirsResponseTopicData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AssignReplicasToDirsResponseTopicData:
    """TopicData of AssignReplicasToDirsResponse, versions 0."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []AssignReplicasToDirsResponsePartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[AssignReplicasToDirsResponsePartitionData] | tuple[AssignReplicasToDirsResponsePartitionData, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[AssignReplicasToDirsResponsePartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(7)
        self.partitions = [AssignReplicasToDirsResponsePartitionData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AssignReplicasToDirsResponsePartitionData:
    """PartitionData of AssignReplicasToDirsResponse, versions 0."""

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
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
