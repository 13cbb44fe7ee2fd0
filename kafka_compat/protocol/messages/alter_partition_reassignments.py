# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AlterPartitionReassignments, API key 45."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class AlterPartitionReassignmentsRequest:
    """AlterPartitionReassignmentsRequest, versions 0-1, flexible from 0."""

    __slots__ = ("allow_replication_factor_change", "timeout_ms", "topics")

    API_KEY: Final = 45
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "timeoutMs: int32 0+ default=60000",
        "allowReplicationFactorChange: bool 1+ default=true",
        "topics: []ReassignableTopic 0+",
    )

    def __init__(
        self,
        *,
        timeout_ms: int = 60000,
        allow_replication_factor_change: bool = True,
        topics: list[ReassignableTopic] | tuple[ReassignableTopic, ...] = (),
    ) -> None:
        self.timeout_ms: int = timeout_ms
        self.allow_replication_factor_change: bool = allow_replication_factor_change
        self.topics: list[ReassignableTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("AlterPartitionReassignmentsRequest", version)
        self = cls.__new__(cls)
        try:
            (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            if version == 1:
                (self.allow_replication_factor_change,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.allow_replication_factor_change = True
            count = reader.compact_array_length(3)
            self.topics = [ReassignableTopic.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("AlterPartitionReassignmentsRequest", version)
        writer.buffer += _I4.pack(self.timeout_ms)
        if version == 1:
            writer.buffer += _B1.pack(self.allow_replication_factor_change)
        else:
            if not self.allow_replication_factor_change:
                raise not_in_version("AlterPartitionReassignmentsRequest.allow_replication_factor_change", version)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ReassignableTopic:
    """ReassignableTopic of AlterPartitionReassignmentsRequest, versions 0-1."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []ReassignablePartition 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[ReassignablePartition] | tuple[ReassignablePartition, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[ReassignablePartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        count = reader.compact_array_length(6)
        self.partitions = [ReassignablePartition.decode(reader, version) for _ in range(count)]
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


class ReassignablePartition:
    """ReassignablePartition of AlterPartitionReassignmentsRequest, versions 0-1."""

    __slots__ = ("partition_index", "replicas")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "replicas: []int32 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        replicas: list[int] | None = None,
    ) -> None:
        self.partition_index: int = partition_index
        self.replicas: list[int] | None = replicas

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        count = reader.compact_nullable_array_length(4)
        self.replicas = None if count < 0 else reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition_index)
        if self.replicas is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.replicas))
            writer.int32s(self.replicas)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterPartitionReassignmentsResponse:
    """AlterPartitionReassignmentsResponse, versions 0-1, flexible from 0."""

    __slots__ = ("allow_replication_factor_change", "error_code", "error_message", "responses", "throttle_time_ms")

    API_KEY: Final = 45
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "allowReplicationFactorChange: bool 1+ default=true ignorable",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "responses: []ReassignableTopicResponse 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        allow_replication_factor_change: bool = True,
        error_code: int = 0,
        error_message: str | None = "",
        responses: list[ReassignableTopicResponse] | tuple[ReassignableTopicResponse, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.allow_replication_factor_change: bool = allow_replication_factor_change
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.responses: list[ReassignableTopicResponse] = list(responses) if isinstance(responses, tuple) else responses

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("AlterPartitionReassignmentsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            if version == 1:
                (self.allow_replication_factor_change,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.allow_replication_factor_change = True
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            count = reader.compact_array_length(3)
            self.responses = [ReassignableTopicResponse.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("AlterPartitionReassignmentsResponse", version)
        writer.buffer += _I4.pack(self.throttle_time_ms)
        if version == 1:
            writer.buffer += _B1.pack(self.allow_replication_factor_change)
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_array_length(len(self.responses))
        for each_responses in self.responses:
            each_responses.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ReassignableTopicResponse:
    """ReassignableTopicResponse of AlterPartitionReassignmentsResponse, versions 0-1."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []ReassignablePartitionResponse 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[ReassignablePartitionResponse] | tuple[ReassignablePartitionResponse, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[ReassignablePartitionResponse] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        count = reader.compact_array_length(8)
        self.partitions = [ReassignablePartitionResponse.decode(reader, version) for _ in range(count)]
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


class ReassignablePartitionResponse:
    """ReassignablePartitionResponse of AlterPartitionReassignmentsResponse, versions 0-1."""

    __slots__ = ("error_code", "error_message", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
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
