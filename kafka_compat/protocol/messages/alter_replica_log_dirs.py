# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AlterReplicaLogDirs, API key 34."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class AlterReplicaLogDirsRequest:
    """AlterReplicaLogDirsRequest, versions 1-2, flexible from 2."""

    __slots__ = ("dirs",)

    API_KEY: Final = 34
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "dirs: []AlterReplicaLogDir 0+",
    )

    def __init__(
        self,
        *,
        dirs: list[AlterReplicaLogDir] | tuple[AlterReplicaLogDir, ...] = (),
    ) -> None:
        self.dirs: list[AlterReplicaLogDir] = list(dirs) if isinstance(dirs, tuple) else dirs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("AlterReplicaLogDirsRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                count = reader.compact_array_length(3)
                self.dirs = [AlterReplicaLogDir.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(6)
                self.dirs = [AlterReplicaLogDir.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("AlterReplicaLogDirsRequest", version)
        if version == 2:
            writer.compact_array_length(len(self.dirs))
            for each_dirs in self.dirs:
                each_dirs.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.dirs))
            for each_dirs in self.dirs:
                each_dirs.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterReplicaLogDir:
    """AlterReplicaLogDir of AlterReplicaLogDirsRequest, versions 1-2."""

    __slots__ = ("path", "topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "path: string 0+ key",
        "topics: []AlterReplicaLogDirTopic 0+",
    )

    def __init__(
        self,
        *,
        path: str = "",
        topics: list[AlterReplicaLogDirTopic] | tuple[AlterReplicaLogDirTopic, ...] = (),
    ) -> None:
        self.path: str = path
        self.topics: list[AlterReplicaLogDirTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 2:
            self.path = reader.compact_string()
            count = reader.compact_array_length(3)
            self.topics = [AlterReplicaLogDirTopic.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.path = reader.string()
            count = reader.array_length(6)
            self.topics = [AlterReplicaLogDirTopic.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
            writer.compact_string(self.path)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.path)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterReplicaLogDirTopic:
    """AlterReplicaLogDirTopic of AlterReplicaLogDirsRequest, versions 1-2."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 2:
            self.name = reader.compact_string()
            count = reader.compact_array_length(4)
            self.partitions = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(4)
            self.partitions = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
            writer.compact_string(self.name)
            writer.compact_array_length(len(self.partitions))
            writer.int32s(self.partitions)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.array_length(len(self.partitions))
            writer.int32s(self.partitions)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterReplicaLogDirsResponse:
    """AlterReplicaLogDirsResponse, versions 1-2, flexible from 2."""

    __slots__ = ("results", "throttle_time_ms")

    API_KEY: Final = 34
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "results: []AlterReplicaLogDirTopicResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        results: list[AlterReplicaLogDirTopicResult] | tuple[AlterReplicaLogDirTopicResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.results: list[AlterReplicaLogDirTopicResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("AlterReplicaLogDirsResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(3)
                self.results = [AlterReplicaLogDirTopicResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(6)
                self.results = [AlterReplicaLogDirTopicResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("AlterReplicaLogDirsResponse", version)
        if version == 2:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.results))
            for each_results in self.results:
                each_results.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.results))
            for each_results in self.results:
                each_results.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterReplicaLogDirTopicResult:
    """AlterReplicaLogDirTopicResult of AlterReplicaLogDirsResponse, versions 1-2."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitions: []AlterReplicaLogDirPartitionResult 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[AlterReplicaLogDirPartitionResult] | tuple[AlterReplicaLogDirPartitionResult, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[AlterReplicaLogDirPartitionResult] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 2:
            self.topic_name = reader.compact_string()
            count = reader.compact_array_length(7)
            self.partitions = [AlterReplicaLogDirPartitionResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.topic_name = reader.string()
            count = reader.array_length(6)
            self.partitions = [AlterReplicaLogDirPartitionResult.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
            writer.compact_string(self.topic_name)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.topic_name)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterReplicaLogDirPartitionResult:
    """AlterReplicaLogDirPartitionResult of AlterReplicaLogDirsResponse, versions 1-2."""

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
        if version == 2:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)
        if version == 2:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
