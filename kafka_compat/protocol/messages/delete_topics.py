# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DeleteTopics, API key 20."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_ID: Final = Struct(">16s")


class DeleteTopicsRequest:
    """DeleteTopicsRequest, versions 1-6, flexible from 4."""

    __slots__ = ("timeout_ms", "topic_names", "topics")

    API_KEY: Final = 20
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 6
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []DeleteTopicState 6+",
        "topicNames: []string 0-5 ignorable",
        "timeoutMs: int32 0+",
    )

    def __init__(
        self,
        *,
        topics: list[DeleteTopicState] | tuple[DeleteTopicState, ...] = (),
        topic_names: list[str] | tuple[str, ...] = (),
        timeout_ms: int = 0,
    ) -> None:
        self.topics: list[DeleteTopicState] = list(topics) if isinstance(topics, tuple) else topics
        self.topic_names: list[str] = list(topic_names) if isinstance(topic_names, tuple) else topic_names
        self.timeout_ms: int = timeout_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 6:
            raise unsupported("DeleteTopicsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 4:
                if version == 6:
                    count = reader.compact_array_length(18)
                    self.topics = [DeleteTopicState.decode(reader, version) for _ in range(count)]
                else:
                    self.topics = []
                if version <= 5:
                    count = reader.compact_array_length(1)
                    self.topic_names = [reader.compact_string() for _ in range(count)]
                else:
                    self.topic_names = []
                (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                reader.skip_tagged_fields()
            else:
                self.topics = []
                count = reader.array_length(2)
                self.topic_names = [reader.string() for _ in range(count)]
                (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 6:
            raise unsupported("DeleteTopicsRequest", version)
        if version >= 4:
            if version == 6:
                writer.compact_array_length(len(self.topics))
                for each_topics in self.topics:
                    each_topics.encode(writer, version)
            else:
                if len(self.topics) > 0:
                    raise not_in_version("DeleteTopicsRequest.topics", version)
            if version <= 5:
                writer.compact_array_length(len(self.topic_names))
                for each_topic_names in self.topic_names:
                    writer.compact_string(each_topic_names)
            writer.buffer += _I4.pack(self.timeout_ms)
            writer.buffer.append(0)
        else:
            if len(self.topics) > 0:
                raise not_in_version("DeleteTopicsRequest.topics", version)
            writer.array_length(len(self.topic_names))
            for each_topic_names in self.topic_names:
                writer.string(each_topic_names)
            writer.buffer += _I4.pack(self.timeout_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteTopicState:
    """DeleteTopicState of DeleteTopicsRequest, versions 6."""

    __slots__ = ("name", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 6+ nullable=6+ default=null",
        "topicId: uuid 6+",
    )

    def __init__(
        self,
        *,
        name: str | None = None,
        topic_id: bytes = ZERO_UUID,
    ) -> None:
        self.name: str | None = name
        self.topic_id: bytes = topic_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_nullable_string()
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_nullable_string(self.name)
        writer.buffer += _ID.pack(self.topic_id)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteTopicsResponse:
    """DeleteTopicsResponse, versions 1-6, flexible from 4."""

    __slots__ = ("responses", "throttle_time_ms")

    API_KEY: Final = 20
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 6
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 1+ ignorable",
        "responses: []DeletableTopicResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        responses: list[DeletableTopicResult] | tuple[DeletableTopicResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.responses: list[DeletableTopicResult] = list(responses) if isinstance(responses, tuple) else responses

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 6:
            raise unsupported("DeleteTopicsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 4:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(4)
                self.responses = [DeletableTopicResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(4)
                self.responses = [DeletableTopicResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 6:
            raise unsupported("DeleteTopicsResponse", version)
        if version >= 4:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.responses))
            for each_responses in self.responses:
                each_responses.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.responses))
            for each_responses in self.responses:
                each_responses.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeletableTopicResult:
    """DeletableTopicResult of DeleteTopicsResponse, versions 1-6."""

    __slots__ = ("error_code", "error_message", "name", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ nullable=6+ key",
        "topicId: uuid 6+ ignorable",
        "errorCode: int16 0+",
        "errorMessage: string 5+ nullable=5+ default=null ignorable",
    )

    def __init__(
        self,
        *,
        name: str | None = "",
        topic_id: bytes = ZERO_UUID,
        error_code: int = 0,
        error_message: str | None = None,
    ) -> None:
        self.name: str | None = name
        self.topic_id: bytes = topic_id
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 4:
            if version == 6:
                self.name = reader.compact_nullable_string()
            else:
                self.name = reader.compact_string()
            if version == 6:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            if version >= 5:
                self.error_message = reader.compact_nullable_string()
            else:
                self.error_message = None
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.topic_id = ZERO_UUID
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 4:
            if version == 6:
                writer.compact_nullable_string(self.name)
            else:
                if self.name is None:
                    raise writer.null_error("DeletableTopicResult.name")
                writer.compact_string(self.name)
            if version == 6:
                writer.buffer += _ID.pack(self.topic_id)
            writer.buffer += _I2.pack(self.error_code)
            if version >= 5:
                writer.compact_nullable_string(self.error_message)
            writer.buffer.append(0)
        else:
            if self.name is None:
                raise writer.null_error("DeletableTopicResult.name")
            writer.string(self.name)
            writer.buffer += _I2.pack(self.error_code)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
