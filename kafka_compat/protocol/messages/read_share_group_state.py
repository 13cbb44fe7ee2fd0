# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ReadShareGroupState, API key 84."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2: Final = Struct(">ih")
_I4_I4: Final = Struct(">ii")
_I4_I8: Final = Struct(">iq")
_I8_I8_I1_I2: Final = Struct(">qqbh")
_ID: Final = Struct(">16s")


class ReadShareGroupStateRequest:
    """ReadShareGroupStateRequest, versions 0, flexible from 0."""

    __slots__ = ("group_id", "topics")

    API_KEY: Final = 84
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "topics: []ReadStateData 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[ReadStateData] | tuple[ReadStateData, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[ReadStateData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ReadShareGroupStateRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.compact_string()
            count = reader.compact_array_length(18)
            self.topics = [ReadStateData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ReadShareGroupStateRequest", version)
        writer.compact_string(self.group_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ReadStateData:
    """ReadStateData of ReadShareGroupStateRequest, versions 0."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []PartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[PartitionData] | tuple[PartitionData, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[PartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(9)
        self.partitions = [PartitionData.decode(reader, version) for _ in range(count)]
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


class PartitionData:
    """PartitionData of ReadShareGroupStateRequest, versions 0."""

    __slots__ = ("leader_epoch", "partition")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
        "leaderEpoch: int32 0+",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
        leader_epoch: int = 0,
    ) -> None:
        self.partition: int = partition
        self.leader_epoch: int = leader_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition, self.leader_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I4.pack(self.partition, self.leader_epoch)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ReadShareGroupStateResponse:
    """ReadShareGroupStateResponse, versions 0, flexible from 0."""

    __slots__ = ("results",)

    API_KEY: Final = 84
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "results: []ReadStateResult 0+",
    )

    def __init__(
        self,
        *,
        results: list[ReadStateResult] | tuple[ReadStateResult, ...] = (),
    ) -> None:
        self.results: list[ReadStateResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ReadShareGroupStateResponse", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(18)
            self.results = [ReadStateResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ReadShareGroupStateResponse", version)
        writer.compact_array_length(len(self.results))
        for each_results in self.results:
            each_results.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ReadStateResult:
    """ReadStateResult of ReadShareGroupStateResponse, versions 0."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []PartitionResult 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[PartitionResult] | tuple[PartitionResult, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[PartitionResult] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(21)
        self.partitions = [PartitionResult.decode(reader, version) for _ in range(count)]
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


class PartitionResult:
    """PartitionResult of ReadShareGroupStateResponse, versions 0."""

    __slots__ = ("error_code", "error_message", "partition", "start_offset", "state_batches", "state_epoch")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "stateEpoch: int32 0+",
        "startOffset: int64 0+",
        "stateBatches: []StateBatch 0+",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        state_epoch: int = 0,
        start_offset: int = 0,
        state_batches: list[StateBatch] | tuple[StateBatch, ...] = (),
    ) -> None:
        self.partition: int = partition
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.state_epoch: int = state_epoch
        self.start_offset: int = start_offset
        self.state_batches: list[StateBatch] = list(state_batches) if isinstance(state_batches, tuple) else state_batches

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        self.error_message = reader.compact_nullable_string()
        (self.state_epoch, self.start_offset) = _I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        count = reader.compact_array_length(20)
        self.state_batches = [StateBatch.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer += _I4_I8.pack(self.state_epoch, self.start_offset)
        writer.compact_array_length(len(self.state_batches))
        for each_state_batches in self.state_batches:
            each_state_batches.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StateBatch:
    """StateBatch of ReadShareGroupStateResponse, versions 0."""

    __slots__ = ("delivery_count", "delivery_state", "first_offset", "last_offset")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "firstOffset: int64 0+",
        "lastOffset: int64 0+",
        "deliveryState: int8 0+",
        "deliveryCount: int16 0+",
    )

    def __init__(
        self,
        *,
        first_offset: int = 0,
        last_offset: int = 0,
        delivery_state: int = 0,
        delivery_count: int = 0,
    ) -> None:
        self.first_offset: int = first_offset
        self.last_offset: int = last_offset
        self.delivery_state: int = delivery_state
        self.delivery_count: int = delivery_count

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.first_offset,
            self.last_offset,
            self.delivery_state,
            self.delivery_count,
        ) = _I8_I8_I1_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 19
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8_I8_I1_I2.pack(self.first_offset, self.last_offset, self.delivery_state, self.delivery_count)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
