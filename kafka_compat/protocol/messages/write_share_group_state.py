# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""WriteShareGroupState, API key 85."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I4_I4_I8: Final = Struct(">iiiq")
_I8_I8_I1_I2: Final = Struct(">qqbh")
_ID: Final = Struct(">16s")


class WriteShareGroupStateRequest:
    """WriteShareGroupStateRequest, versions 0-1, flexible from 0."""

    __slots__ = ("group_id", "topics")

    API_KEY: Final = 85
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "topics: []WriteStateData 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[WriteStateData] | tuple[WriteStateData, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[WriteStateData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("WriteShareGroupStateRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.compact_string()
            count = reader.compact_array_length(18)
            self.topics = [WriteStateData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("WriteShareGroupStateRequest", version)
        writer.compact_string(self.group_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class WriteStateData:
    """WriteStateData of WriteShareGroupStateRequest, versions 0-1."""

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
        count = reader.compact_array_length(22)
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
    """PartitionData of WriteShareGroupStateRequest, versions 0-1."""

    __slots__ = ("delivery_complete_count", "leader_epoch", "partition", "start_offset", "state_batches", "state_epoch")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
        "stateEpoch: int32 0+",
        "leaderEpoch: int32 0+",
        "startOffset: int64 0+",
        "deliveryCompleteCount: int32 1+ default=-1 ignorable",
        "stateBatches: []StateBatch 0+",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
        state_epoch: int = 0,
        leader_epoch: int = 0,
        start_offset: int = 0,
        delivery_complete_count: int = -1,
        state_batches: list[StateBatch] | tuple[StateBatch, ...] = (),
    ) -> None:
        self.partition: int = partition
        self.state_epoch: int = state_epoch
        self.leader_epoch: int = leader_epoch
        self.start_offset: int = start_offset
        self.delivery_complete_count: int = delivery_complete_count
        self.state_batches: list[StateBatch] = list(state_batches) if isinstance(state_batches, tuple) else state_batches

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.partition,
            self.state_epoch,
            self.leader_epoch,
            self.start_offset,
        ) = _I4_I4_I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 20
        if version == 1:
            (self.delivery_complete_count,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
        else:
            self.delivery_complete_count = -1
        count = reader.compact_array_length(20)
        self.state_batches = [StateBatch.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I4_I4_I8.pack(self.partition, self.state_epoch, self.leader_epoch, self.start_offset)
        if version == 1:
            writer.buffer += _I4.pack(self.delivery_complete_count)
        writer.compact_array_length(len(self.state_batches))
        for each_state_batches in self.state_batches:
            each_state_batches.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StateBatch:
    """StateBatch of WriteShareGroupStateRequest, versions 0-1."""

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


class WriteShareGroupStateResponse:
    """WriteShareGroupStateResponse, versions 0-1, flexible from 0."""

    __slots__ = ("results",)

    API_KEY: Final = 85
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "results: []WriteStateResult 0+",
    )

    def __init__(
        self,
        *,
        results: list[WriteStateResult] | tuple[WriteStateResult, ...] = (),
    ) -> None:
        self.results: list[WriteStateResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("WriteShareGroupStateResponse", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(18)
            self.results = [WriteStateResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("WriteShareGroupStateResponse", version)
        writer.compact_array_length(len(self.results))
        for each_results in self.results:
            each_results.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class WriteStateResult:
    """WriteStateResult of WriteShareGroupStateResponse, versions 0-1."""

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
        count = reader.compact_array_length(8)
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
    """PartitionResult of WriteShareGroupStateResponse, versions 0-1."""

    __slots__ = ("error_code", "error_message", "partition")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
    ) -> None:
        self.partition: int = partition
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        self.error_message = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
