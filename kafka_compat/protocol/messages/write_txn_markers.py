# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""WriteTxnMarkers, API key 27."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I8: Final = Struct(">q")
_I8_I2_B1: Final = Struct(">qh?")


class WriteTxnMarkersRequest:
    """WriteTxnMarkersRequest, versions 1-2, flexible from 1."""

    __slots__ = ("markers",)

    API_KEY: Final = 27
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "markers: []WritableTxnMarker 0+",
    )

    def __init__(
        self,
        *,
        markers: list[WritableTxnMarker] | tuple[WritableTxnMarker, ...] = (),
    ) -> None:
        self.markers: list[WritableTxnMarker] = list(markers) if isinstance(markers, tuple) else markers

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("WriteTxnMarkersRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(17)
            self.markers = [WritableTxnMarker.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("WriteTxnMarkersRequest", version)
        writer.compact_array_length(len(self.markers))
        for each_markers in self.markers:
            each_markers.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class WritableTxnMarker:
    """WritableTxnMarker of WriteTxnMarkersRequest, versions 1-2."""

    __slots__ = ("coordinator_epoch", "producer_epoch", "producer_id", "topics", "transaction_result", "transaction_version")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "producerId: int64 0+",
        "producerEpoch: int16 0+",
        "transactionResult: bool 0+",
        "topics: []WritableTxnMarkerTopic 0+",
        "coordinatorEpoch: int32 0+",
        "transactionVersion: int8 2+ default=0 ignorable",
    )

    def __init__(
        self,
        *,
        producer_id: int = 0,
        producer_epoch: int = 0,
        transaction_result: bool = False,
        topics: list[WritableTxnMarkerTopic] | tuple[WritableTxnMarkerTopic, ...] = (),
        coordinator_epoch: int = 0,
        transaction_version: int = 0,
    ) -> None:
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.transaction_result: bool = transaction_result
        self.topics: list[WritableTxnMarkerTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.coordinator_epoch: int = coordinator_epoch
        self.transaction_version: int = transaction_version

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.producer_id, self.producer_epoch, self.transaction_result) = _I8_I2_B1.unpack_from(reader.buffer, reader.position)
        reader.position += 11
        count = reader.compact_array_length(3)
        self.topics = [WritableTxnMarkerTopic.decode(reader, version) for _ in range(count)]
        (self.coordinator_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        if version == 2:
            (self.transaction_version,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
        else:
            self.transaction_version = 0
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8_I2_B1.pack(self.producer_id, self.producer_epoch, self.transaction_result)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer += _I4.pack(self.coordinator_epoch)
        if version == 2:
            writer.buffer += _I1.pack(self.transaction_version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class WritableTxnMarkerTopic:
    """WritableTxnMarkerTopic of WriteTxnMarkersRequest, versions 1-2."""

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


class WriteTxnMarkersResponse:
    """WriteTxnMarkersResponse, versions 1-2, flexible from 1."""

    __slots__ = ("markers",)

    API_KEY: Final = 27
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "markers: []WritableTxnMarkerResult 0+",
    )

    def __init__(
        self,
        *,
        markers: list[WritableTxnMarkerResult] | tuple[WritableTxnMarkerResult, ...] = (),
    ) -> None:
        self.markers: list[WritableTxnMarkerResult] = list(markers) if isinstance(markers, tuple) else markers

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("WriteTxnMarkersResponse", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(10)
            self.markers = [WritableTxnMarkerResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("WriteTxnMarkersResponse", version)
        writer.compact_array_length(len(self.markers))
        for each_markers in self.markers:
            each_markers.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class WritableTxnMarkerResult:
    """WritableTxnMarkerResult of WriteTxnMarkersResponse, versions 1-2."""

    __slots__ = ("producer_id", "topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "producerId: int64 0+",
        "topics: []WritableTxnMarkerTopicResult 0+",
    )

    def __init__(
        self,
        *,
        producer_id: int = 0,
        topics: list[WritableTxnMarkerTopicResult] | tuple[WritableTxnMarkerTopicResult, ...] = (),
    ) -> None:
        self.producer_id: int = producer_id
        self.topics: list[WritableTxnMarkerTopicResult] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.producer_id,) = _I8.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        count = reader.compact_array_length(3)
        self.topics = [WritableTxnMarkerTopicResult.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8.pack(self.producer_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class WritableTxnMarkerTopicResult:
    """WritableTxnMarkerTopicResult of WriteTxnMarkersResponse, versions 1-2."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []WritableTxnMarkerPartitionResult 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[WritableTxnMarkerPartitionResult] | tuple[WritableTxnMarkerPartitionResult, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[WritableTxnMarkerPartitionResult] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        count = reader.compact_array_length(7)
        self.partitions = [WritableTxnMarkerPartitionResult.decode(reader, version) for _ in range(count)]
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


class WritableTxnMarkerPartitionResult:
    """WritableTxnMarkerPartitionResult of WriteTxnMarkersResponse, versions 1-2."""

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
