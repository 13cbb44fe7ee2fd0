# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""CreatePartitions, API key 37."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_B1: Final = Struct(">i?")


class CreatePartitionsRequest:
    """CreatePartitionsRequest, versions 0-3, flexible from 2."""

    __slots__ = ("timeout_ms", "topics", "validate_only")

    API_KEY: Final = 37
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []CreatePartitionsTopic 0+",
        "timeoutMs: int32 0+",
        "validateOnly: bool 0+",
    )

    def __init__(
        self,
        *,
        topics: list[CreatePartitionsTopic] | tuple[CreatePartitionsTopic, ...] = (),
        timeout_ms: int = 0,
        validate_only: bool = False,
    ) -> None:
        self.topics: list[CreatePartitionsTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.timeout_ms: int = timeout_ms
        self.validate_only: bool = validate_only

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 3:
            raise unsupported("CreatePartitionsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                count = reader.compact_array_length(7)
                self.topics = [CreatePartitionsTopic.decode(reader, version) for _ in range(count)]
                (self.timeout_ms, self.validate_only) = _I4_B1.unpack_from(reader.buffer, reader.position)
                reader.position += 5
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(10)
                self.topics = [CreatePartitionsTopic.decode(reader, version) for _ in range(count)]
                (self.timeout_ms, self.validate_only) = _I4_B1.unpack_from(reader.buffer, reader.position)
                reader.position += 5
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 3:
            raise unsupported("CreatePartitionsRequest", version)
        if version >= 2:
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer += _I4_B1.pack(self.timeout_ms, self.validate_only)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer += _I4_B1.pack(self.timeout_ms, self.validate_only)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatePartitionsTopic:
    """CreatePartitionsTopic of CreatePartitionsRequest, versions 0-3."""

    __slots__ = ("assignments", "count", "name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "count: int32 0+",
        "assignments: []CreatePartitionsAssignment 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        count: int = 0,
        assignments: list[CreatePartitionsAssignment] | None | tuple[CreatePartitionsAssignment, ...] = (),
    ) -> None:
        self.name: str = name
        self.count: int = count
        self.assignments: list[CreatePartitionsAssignment] | None = list(assignments) if isinstance(assignments, tuple) else assignments

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            self.name = reader.compact_string()
            (self.count,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_nullable_array_length(2)
            self.assignments = None if count < 0 else [CreatePartitionsAssignment.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            (self.count,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.nullable_array_length(4)
            self.assignments = None if count < 0 else [CreatePartitionsAssignment.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.compact_string(self.name)
            writer.buffer += _I4.pack(self.count)
            if self.assignments is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.assignments))
                for each_assignments in self.assignments:
                    each_assignments.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.buffer += _I4.pack(self.count)
            if self.assignments is None:
                writer.array_length(-1)
            else:
                writer.array_length(len(self.assignments))
                for each_assignments in self.assignments:
                    each_assignments.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatePartitionsAssignment:
    """CreatePartitionsAssignment of CreatePartitionsRequest, versions 0-3."""

    __slots__ = ("broker_ids",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "brokerIds: []int32 0+",
    )

    def __init__(
        self,
        *,
        broker_ids: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.broker_ids: list[int] = list(broker_ids) if isinstance(broker_ids, tuple) else broker_ids

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            count = reader.compact_array_length(4)
            self.broker_ids = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            count = reader.array_length(4)
            self.broker_ids = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.compact_array_length(len(self.broker_ids))
            writer.int32s(self.broker_ids)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.broker_ids))
            writer.int32s(self.broker_ids)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatePartitionsResponse:
    """CreatePartitionsResponse, versions 0-3, flexible from 2."""

    __slots__ = ("results", "throttle_time_ms")

    API_KEY: Final = 37
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "results: []CreatePartitionsTopicResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        results: list[CreatePartitionsTopicResult] | tuple[CreatePartitionsTopicResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.results: list[CreatePartitionsTopicResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 3:
            raise unsupported("CreatePartitionsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(5)
                self.results = [CreatePartitionsTopicResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(6)
                self.results = [CreatePartitionsTopicResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 3:
            raise unsupported("CreatePartitionsResponse", version)
        if version >= 2:
            writer.buffer += _I4.pack(self.throttle_time_ms)
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


class CreatePartitionsTopicResult:
    """CreatePartitionsTopicResult of CreatePartitionsResponse, versions 0-3."""

    __slots__ = ("error_code", "error_message", "name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        name: str = "",
        error_code: int = 0,
        error_message: str | None = None,
    ) -> None:
        self.name: str = name
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            self.name = reader.compact_string()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.compact_string(self.name)
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
