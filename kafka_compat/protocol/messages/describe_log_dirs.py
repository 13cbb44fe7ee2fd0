# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeLogDirs, API key 35."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I8_I8_B1: Final = Struct(">iqq?")
_I8_I8: Final = Struct(">qq")


class DescribeLogDirsRequest:
    """DescribeLogDirsRequest, versions 1-5, flexible from 2."""

    __slots__ = ("topics",)

    API_KEY: Final = 35
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []DescribableLogDirTopic 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        topics: list[DescribableLogDirTopic] | None | tuple[DescribableLogDirTopic, ...] = (),
    ) -> None:
        self.topics: list[DescribableLogDirTopic] | None = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 5:
            raise unsupported("DescribeLogDirsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                count = reader.compact_nullable_array_length(3)
                self.topics = None if count < 0 else [DescribableLogDirTopic.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                count = reader.nullable_array_length(6)
                self.topics = None if count < 0 else [DescribableLogDirTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 5:
            raise unsupported("DescribeLogDirsRequest", version)
        if version >= 2:
            if self.topics is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.topics))
                for each_topics in self.topics:
                    each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            if self.topics is None:
                writer.array_length(-1)
            else:
                writer.array_length(len(self.topics))
                for each_topics in self.topics:
                    each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribableLogDirTopic:
    """DescribableLogDirTopic of DescribeLogDirsRequest, versions 1-5."""

    __slots__ = ("partitions", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0+ key",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            self.topic = reader.compact_string()
            count = reader.compact_array_length(4)
            self.partitions = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            count = reader.array_length(4)
            self.partitions = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.compact_string(self.topic)
            writer.compact_array_length(len(self.partitions))
            writer.int32s(self.partitions)
            writer.buffer.append(0)
        else:
            writer.string(self.topic)
            writer.array_length(len(self.partitions))
            writer.int32s(self.partitions)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeLogDirsResponse:
    """DescribeLogDirsResponse, versions 1-5, flexible from 2."""

    __slots__ = ("error_code", "results", "throttle_time_ms")

    API_KEY: Final = 35
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 3+ ignorable",
        "results: []DescribeLogDirsResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        results: list[DescribeLogDirsResult] | tuple[DescribeLogDirsResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.results: list[DescribeLogDirsResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 5:
            raise unsupported("DescribeLogDirsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version >= 3:
                    (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                else:
                    self.error_code = 0
                count = reader.compact_array_length(5)
                self.results = [DescribeLogDirsResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.error_code = 0
                count = reader.array_length(8)
                self.results = [DescribeLogDirsResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 5:
            raise unsupported("DescribeLogDirsResponse", version)
        if version >= 2:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if version >= 3:
                writer.buffer += _I2.pack(self.error_code)
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


class DescribeLogDirsResult:
    """DescribeLogDirsResult of DescribeLogDirsResponse, versions 1-5."""

    __slots__ = ("error_code", "is_cordoned", "log_dir", "topics", "total_bytes", "usable_bytes")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "logDir: string 0+",
        "topics: []DescribeLogDirsTopic 0+",
        "totalBytes: int64 4+ default=-1 ignorable",
        "usableBytes: int64 4+ default=-1 ignorable",
        "isCordoned: bool 5+ default=false ignorable",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        log_dir: str = "",
        topics: list[DescribeLogDirsTopic] | tuple[DescribeLogDirsTopic, ...] = (),
        total_bytes: int = -1,
        usable_bytes: int = -1,
        is_cordoned: bool = False,
    ) -> None:
        self.error_code: int = error_code
        self.log_dir: str = log_dir
        self.topics: list[DescribeLogDirsTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.total_bytes: int = total_bytes
        self.usable_bytes: int = usable_bytes
        self.is_cordoned: bool = is_cordoned

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.log_dir = reader.compact_string()
            count = reader.compact_array_length(3)
            self.topics = [DescribeLogDirsTopic.decode(reader, version) for _ in range(count)]
            if version >= 4:
                (self.total_bytes, self.usable_bytes) = _I8_I8.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.total_bytes = -1
                self.usable_bytes = -1
            if version == 5:
                (self.is_cordoned,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.is_cordoned = False
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.log_dir = reader.string()
            count = reader.array_length(6)
            self.topics = [DescribeLogDirsTopic.decode(reader, version) for _ in range(count)]
            self.total_bytes = -1
            self.usable_bytes = -1
            self.is_cordoned = False
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_string(self.log_dir)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            if version >= 4:
                writer.buffer += _I8_I8.pack(self.total_bytes, self.usable_bytes)
            if version == 5:
                writer.buffer += _B1.pack(self.is_cordoned)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.string(self.log_dir)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeLogDirsTopic:
    """DescribeLogDirsTopic of DescribeLogDirsResponse, versions 1-5."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []DescribeLogDirsPartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[DescribeLogDirsPartition] | tuple[DescribeLogDirsPartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[DescribeLogDirsPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            self.name = reader.compact_string()
            count = reader.compact_array_length(22)
            self.partitions = [DescribeLogDirsPartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(21)
            self.partitions = [DescribeLogDirsPartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
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


class DescribeLogDirsPartition:
    """DescribeLogDirsPartition of DescribeLogDirsResponse, versions 1-5."""

    __slots__ = ("is_future_key", "offset_lag", "partition_index", "partition_size")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "partitionSize: int64 0+",
        "offsetLag: int64 0+",
        "isFutureKey: bool 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        partition_size: int = 0,
        offset_lag: int = 0,
        is_future_key: bool = False,
    ) -> None:
        self.partition_index: int = partition_index
        self.partition_size: int = partition_size
        self.offset_lag: int = offset_lag
        self.is_future_key: bool = is_future_key

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.partition_index,
            self.partition_size,
            self.offset_lag,
            self.is_future_key,
        ) = _I4_I8_I8_B1.unpack_from(reader.buffer, reader.position)
        reader.position += 21
        if version >= 2:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8_I8_B1.pack(self.partition_index, self.partition_size, self.offset_lag, self.is_future_key)
        if version >= 2:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
