# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""OffsetDelete, API key 47."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I4: Final = Struct(">hi")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class OffsetDeleteRequest:
    """OffsetDeleteRequest, versions 0."""

    __slots__ = ("group_id", "topics")

    API_KEY: Final = 47
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "topics: []OffsetDeleteRequestTopic 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[OffsetDeleteRequestTopic] | tuple[OffsetDeleteRequestTopic, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[OffsetDeleteRequestTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("OffsetDeleteRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            count = reader.array_length(6)
            self.topics = [OffsetDeleteRequestTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("OffsetDeleteRequest", version)
        writer.string(self.group_id)
        writer.array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetDeleteRequestTopic:
    """OffsetDeleteRequestTopic of OffsetDeleteRequest, versions 0."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "partitions: []OffsetDeleteRequestPartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[OffsetDeleteRequestPartition] | tuple[OffsetDeleteRequestPartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[OffsetDeleteRequestPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.string()
        count = reader.array_length(4)
        self.partitions = [OffsetDeleteRequestPartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.string(self.name)
        writer.array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetDeleteRequestPartition:
    """OffsetDeleteRequestPartition of OffsetDeleteRequest, versions 0."""

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
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition_index)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetDeleteResponse:
    """OffsetDeleteResponse, versions 0."""

    __slots__ = ("error_code", "throttle_time_ms", "topics")

    API_KEY: Final = 47
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "throttleTimeMs: int32 0+ ignorable",
        "topics: []OffsetDeleteResponseTopic 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        throttle_time_ms: int = 0,
        topics: list[OffsetDeleteResponseTopic] | tuple[OffsetDeleteResponseTopic, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[OffsetDeleteResponseTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("OffsetDeleteResponse", version)
        self = cls.__new__(cls)
        try:
            (self.error_code, self.throttle_time_ms) = _I2_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.array_length(6)
            self.topics = [OffsetDeleteResponseTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("OffsetDeleteResponse", version)
        writer.buffer += _I2_I4.pack(self.error_code, self.throttle_time_ms)
        writer.array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetDeleteResponseTopic:
    """OffsetDeleteResponseTopic of OffsetDeleteResponse, versions 0."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "partitions: []OffsetDeleteResponsePartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[OffsetDeleteResponsePartition] | tuple[OffsetDeleteResponsePartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[OffsetDeleteResponsePartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.string()
        count = reader.array_length(6)
        self.partitions = [OffsetDeleteResponsePartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.string(self.name)
        writer.array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetDeleteResponsePartition:
    """OffsetDeleteResponsePartition of OffsetDeleteResponse, versions 0."""

    __slots__ = ("error_code", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+ key",
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
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
