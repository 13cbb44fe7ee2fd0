# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DeleteShareGroupState, API key 86."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_ID: Final = Struct(">16s")


class DeleteShareGroupStateRequest:
    """DeleteShareGroupStateRequest, versions 0, flexible from 0."""

    __slots__ = ("group_id", "topics")

    API_KEY: Final = 86
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "topics: []DeleteStateData 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[DeleteStateData] | tuple[DeleteStateData, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[DeleteStateData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DeleteShareGroupStateRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.compact_string()
            count = reader.compact_array_length(18)
            self.topics = [DeleteStateData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DeleteShareGroupStateRequest", version)
        writer.compact_string(self.group_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteStateData:
    """DeleteStateData of DeleteShareGroupStateRequest, versions 0."""

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
        count = reader.compact_array_length(5)
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
    """PartitionData of DeleteShareGroupStateRequest, versions 0."""

    __slots__ = ("partition",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
    ) -> None:
        self.partition: int = partition

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteShareGroupStateResponse:
    """DeleteShareGroupStateResponse, versions 0, flexible from 0."""

    __slots__ = ("results",)

    API_KEY: Final = 86
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "results: []DeleteStateResult 0+",
    )

    def __init__(
        self,
        *,
        results: list[DeleteStateResult] | tuple[DeleteStateResult, ...] = (),
    ) -> None:
        self.results: list[DeleteStateResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DeleteShareGroupStateResponse", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(18)
            self.results = [DeleteStateResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DeleteShareGroupStateResponse", version)
        writer.compact_array_length(len(self.results))
        for each_results in self.results:
            each_results.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteStateResult:
    """DeleteStateResult of DeleteShareGroupStateResponse, versions 0."""

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
    """PartitionResult of DeleteShareGroupStateResponse, versions 0."""

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
