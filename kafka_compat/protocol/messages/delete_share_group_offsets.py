# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DeleteShareGroupOffsets, API key 92."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2: Final = Struct(">ih")
_ID_I2: Final = Struct(">16sh")


class DeleteShareGroupOffsetsRequest:
    """DeleteShareGroupOffsetsRequest, versions 0, flexible from 0."""

    __slots__ = ("group_id", "topics")

    API_KEY: Final = 92
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "topics: []DeleteShareGroupOffsetsRequestTopic 0+",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topics: list[DeleteShareGroupOffsetsRequestTopic] | tuple[DeleteShareGroupOffsetsRequestTopic, ...] = (),
    ) -> None:
        self.group_id: str = group_id
        self.topics: list[DeleteShareGroupOffsetsRequestTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DeleteShareGroupOffsetsRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.compact_string()
            count = reader.compact_array_length(2)
            self.topics = [DeleteShareGroupOffsetsRequestTopic.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DeleteShareGroupOffsetsRequest", version)
        writer.compact_string(self.group_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteShareGroupOffsetsRequestTopic:
    """DeleteShareGroupOffsetsRequestTopic of DeleteShareGroupOffsetsRequest, versions 0."""

    __slots__ = ("topic_name",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
    ) -> None:
        self.topic_name: str = topic_name

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DeleteShareGroupOffsetsResponse:
    """DeleteShareGroupOffsetsResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "error_message", "responses", "throttle_time_ms")

    API_KEY: Final = 92
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "responses: []DeleteShareGroupOffsetsResponseTopic 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        responses: list[DeleteShareGroupOffsetsResponseTopic] | tuple[DeleteShareGroupOffsetsResponseTopic, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.responses: list[DeleteShareGroupOffsetsResponseTopic] = list(responses) if isinstance(responses, tuple) else responses

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DeleteShareGroupOffsetsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            count = reader.compact_array_length(21)
            self.responses = [DeleteShareGroupOffsetsResponseTopic.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DeleteShareGroupOffsetsResponse", version)
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


class DeleteShareGroupOffsetsResponseTopic:
    """DeleteShareGroupOffsetsResponseTopic of DeleteShareGroupOffsetsResponse, versions 0."""

    __slots__ = ("error_code", "error_message", "topic_id", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "topicId: uuid 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        topic_id: bytes = ZERO_UUID,
        error_code: int = 0,
        error_message: str | None = None,
    ) -> None:
        self.topic_name: str = topic_name
        self.topic_id: bytes = topic_id
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        (self.topic_id, self.error_code) = _ID_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 18
        self.error_message = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.buffer += _ID_I2.pack(self.topic_id, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
