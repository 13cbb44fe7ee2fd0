# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AlterShareGroupOffsets, API key 91."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2: Final = Struct(">ih")
_I4_I8: Final = Struct(">iq")
_ID: Final = Struct(">16s")


class AlterShareGroupOffsetsRequest:
    """AlterShareGroupOffsetsRequest, versions 0, flexible from 0."""

    __slots__ = ("group_id", "topics")

    API_KEY: Final = 91
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "topics: []AlterShareGroupOffsetsRequestTopic 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[AlterShareGroupOffsetsRequestTopic] | tuple[AlterShareGroupOffsetsRequestTopic, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[AlterShareGroupOffsetsRequestTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("AlterShareGroupOffsetsRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.compact_string()
            count = reader.compact_array_length(3)
            self.topics = [AlterShareGroupOffsetsRequestTopic.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("AlterShareGroupOffsetsRequest", version)
        writer.compact_string(self.group_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterShareGroupOffsetsRequestTopic:
    """AlterShareGroupOffsetsRequestTopic of AlterShareGroupOffsetsRequest, versions 0."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+ key",
        "partitions: []AlterShareGroupOffsetsRequestPartition 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[AlterShareGroupOffsetsRequestPartition] | tuple[AlterShareGroupOffsetsRequestPartition, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[AlterShareGroupOffsetsRequestPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        count = reader.compact_array_length(13)
        self.partitions = [AlterShareGroupOffsetsRequestPartition.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterShareGroupOffsetsRequestPartition:
    """AlterShareGroupOffsetsRequestPartition of AlterShareGroupOffsetsRequest, versions 0."""

    __slots__ = ("partition_index", "start_offset")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "startOffset: int64 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        start_offset: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.start_offset: int = start_offset

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.start_offset) = _I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8.pack(self.partition_index, self.start_offset)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterShareGroupOffsetsResponse:
    """AlterShareGroupOffsetsResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "error_message", "responses", "throttle_time_ms")

    API_KEY: Final = 91
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "responses: []AlterShareGroupOffsetsResponseTopic 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        responses: list[AlterShareGroupOffsetsResponseTopic] | tuple[AlterShareGroupOffsetsResponseTopic, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.responses: list[AlterShareGroupOffsetsResponseTopic] = list(responses) if isinstance(responses, tuple) else responses

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("AlterShareGroupOffsetsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            count = reader.compact_array_length(19)
            self.responses = [AlterShareGroupOffsetsResponseTopic.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("AlterShareGroupOffsetsResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_array_length(len(self.responses))
        for each_responses in self.responses:
            each_responses.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterShareGroupOffsetsResponseTopic:
    """AlterShareGroupOffsetsResponseTopic of AlterShareGroupOffsetsResponse, versions 0."""

    __slots__ = ("partitions", "topic_id", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+ key",
        "topicId: uuid 0+",
        "partitions: []AlterShareGroupOffsetsResponsePartition 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        topic_id: bytes = ZERO_UUID,
        partitions: list[AlterShareGroupOffsetsResponsePartition] | tuple[AlterShareGroupOffsetsResponsePartition, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.topic_id: bytes = topic_id
        self.partitions: list[AlterShareGroupOffsetsResponsePartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(8)
        self.partitions = [AlterShareGroupOffsetsResponsePartition.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterShareGroupOffsetsResponsePartition:
    """AlterShareGroupOffsetsResponsePartition of AlterShareGroupOffsetsResponse, versions 0."""

    __slots__ = ("error_code", "error_message", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        self.error_message = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
