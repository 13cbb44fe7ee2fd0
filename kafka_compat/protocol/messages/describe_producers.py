# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeProducers, API key 61."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I8_I4_I4_I8_I4_I8: Final = Struct(">qiiqiq")


class DescribeProducersRequest:
    """DescribeProducersRequest, versions 0, flexible from 0."""

    __slots__ = ("topics",)

    API_KEY: Final = 61
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []TopicRequest 0+",
    )

    def __init__(
        self,
        *,
        topics: list[TopicRequest] | tuple[TopicRequest, ...] = (),
    ) -> None:
        self.topics: list[TopicRequest] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DescribeProducersRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(3)
            self.topics = [TopicRequest.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DescribeProducersRequest", version)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicRequest:
    """TopicRequest of DescribeProducersRequest, versions 0."""

    __slots__ = ("name", "partition_indexes")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitionIndexes: []int32 0+",
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
        self.name = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partition_indexes = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_array_length(len(self.partition_indexes))
        writer.int32s(self.partition_indexes)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeProducersResponse:
    """DescribeProducersResponse, versions 0, flexible from 0."""

    __slots__ = ("throttle_time_ms", "topics")

    API_KEY: Final = 61
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "topics: []TopicResponse 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[TopicResponse] | tuple[TopicResponse, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[TopicResponse] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DescribeProducersResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(3)
            self.topics = [TopicResponse.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DescribeProducersResponse", version)
        writer.buffer += _I4.pack(self.throttle_time_ms)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicResponse:
    """TopicResponse of DescribeProducersResponse, versions 0."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []PartitionResponse 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[PartitionResponse] | tuple[PartitionResponse, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[PartitionResponse] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        count = reader.compact_array_length(9)
        self.partitions = [PartitionResponse.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class PartitionResponse:
    """PartitionResponse of DescribeProducersResponse, versions 0."""

    __slots__ = ("active_producers", "error_code", "error_message", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "activeProducers: []ProducerState 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        active_producers: list[ProducerState] | tuple[ProducerState, ...] = (),
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.active_producers: list[ProducerState] = list(active_producers) if isinstance(active_producers, tuple) else active_producers

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        self.error_message = reader.compact_nullable_string()
        count = reader.compact_array_length(37)
        self.active_producers = [ProducerState.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_array_length(len(self.active_producers))
        for each_active_producers in self.active_producers:
            each_active_producers.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ProducerState:
    """ProducerState of DescribeProducersResponse, versions 0."""

    __slots__ = (
        "coordinator_epoch",
        "current_txn_start_offset",
        "last_sequence",
        "last_timestamp",
        "producer_epoch",
        "producer_id",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "producerId: int64 0+",
        "producerEpoch: int32 0+",
        "lastSequence: int32 0+ default=-1",
        "lastTimestamp: int64 0+ default=-1",
        "coordinatorEpoch: int32 0+",
        "currentTxnStartOffset: int64 0+ default=-1",
    )

    def __init__(
        self,
        *,
        producer_id: int = 0,
        producer_epoch: int = 0,
        last_sequence: int = -1,
        last_timestamp: int = -1,
        coordinator_epoch: int = 0,
        current_txn_start_offset: int = -1,
    ) -> None:
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.last_sequence: int = last_sequence
        self.last_timestamp: int = last_timestamp
        self.coordinator_epoch: int = coordinator_epoch
        self.current_txn_start_offset: int = current_txn_start_offset

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.producer_id,
            self.producer_epoch,
            self.last_sequence,
            self.last_timestamp,
            self.coordinator_epoch,
            self.current_txn_start_offset,
        ) = _I8_I4_I4_I8_I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 36
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8_I4_I4_I8_I4_I8.pack(
            self.producer_id,
            self.producer_epoch,
            self.last_sequence,
            self.last_timestamp,
            self.coordinator_epoch,
            self.current_txn_start_offset,
        )
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
