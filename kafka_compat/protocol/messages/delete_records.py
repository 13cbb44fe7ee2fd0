# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DeleteRecords, API key 21."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I8: Final = Struct(">iq")
_I4_I8_I2: Final = Struct(">iqh")


class DeleteRecordsRequest:
    """DeleteRecordsRequest, versions 0-2, flexible from 2."""

    __slots__ = ("timeout_ms", "topics")

    API_KEY: Final = 21
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []DeleteRecordsTopic 0+",
        "timeoutMs: int32 0+",
    )

    def __init__(
        self,
        *,
        topics: list[DeleteRecordsTopic] | tuple[DeleteRecordsTopic, ...] = (),
        timeout_ms: int = 0,
    ) -> None:
        self.topics: list[DeleteRecordsTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.timeout_ms: int = timeout_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("DeleteRecordsRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                count = reader.compact_array_length(3)
                self.topics = [DeleteRecordsTopic.decode(reader, version) for _ in range(count)]
                (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(6)
                self.topics = [DeleteRecordsTopic.decode(reader, version) for _ in range(count)]
                (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("DeleteRecordsRequest", version)
        if version == 2:
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer += _I4.pack(self.timeout_ms)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer += _I4.pack(self.timeout_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteRecordsTopic:
    """DeleteRecordsTopic of DeleteRecordsRequest, versions 0-2."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []DeleteRecordsPartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[DeleteRecordsPartition] | tuple[DeleteRecordsPartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[DeleteRecordsPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 2:
            self.name = reader.compact_string()
            count = reader.compact_array_length(13)
            self.partitions = [DeleteRecordsPartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(12)
            self.partitions = [DeleteRecordsPartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
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


class DeleteRecordsPartition:
    """DeleteRecordsPartition of DeleteRecordsRequest, versions 0-2."""

    __slots__ = ("offset", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "offset: int64 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        offset: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.offset: int = offset

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.offset) = _I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        if version == 2:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8.pack(self.partition_index, self.offset)
        if version == 2:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteRecordsResponse:
    """DeleteRecordsResponse, versions 0-2, flexible from 2."""

    __slots__ = ("throttle_time_ms", "topics")

    API_KEY: Final = 21
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "topics: []DeleteRecordsTopicResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[DeleteRecordsTopicResult] | tuple[DeleteRecordsTopicResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[DeleteRecordsTopicResult] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("DeleteRecordsResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(3)
                self.topics = [DeleteRecordsTopicResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(6)
                self.topics = [DeleteRecordsTopicResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("DeleteRecordsResponse", version)
        if version == 2:
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


class DeleteRecordsTopicResult:
    """DeleteRecordsTopicResult of DeleteRecordsResponse, versions 0-2."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "partitions: []DeleteRecordsPartitionResult 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[DeleteRecordsPartitionResult] | tuple[DeleteRecordsPartitionResult, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[DeleteRecordsPartitionResult] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 2:
            self.name = reader.compact_string()
            count = reader.compact_array_length(15)
            self.partitions = [DeleteRecordsPartitionResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(14)
            self.partitions = [DeleteRecordsPartitionResult.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
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


class DeleteRecordsPartitionResult:
    """DeleteRecordsPartitionResult of DeleteRecordsResponse, versions 0-2."""

    __slots__ = ("error_code", "low_watermark", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+ key",
        "lowWatermark: int64 0+",
        "errorCode: int16 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        low_watermark: int = 0,
        error_code: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.low_watermark: int = low_watermark
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.low_watermark, self.error_code) = _I4_I8_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 14
        if version == 2:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8_I2.pack(self.partition_index, self.low_watermark, self.error_code)
        if version == 2:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
