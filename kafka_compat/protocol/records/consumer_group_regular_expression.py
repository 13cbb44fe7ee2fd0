# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ConsumerGroupRegularExpression records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I8_I8: Final = Struct(">qq")


class ConsumerGroupRegularExpressionKey:
    """ConsumerGroupRegularExpressionKey, versions 0."""

    __slots__ = ("group_id", "regular_expression")

    RECORD_TYPE: Final = 16
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0",
        "regularExpression: string 0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        regular_expression: str = "",
    ) -> None:
        self.group_id: str = group_id
        self.regular_expression: str = regular_expression

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupRegularExpressionKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.regular_expression = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupRegularExpressionKey", version)
        writer.string(self.group_id)
        writer.string(self.regular_expression)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupRegularExpressionValue:
    """ConsumerGroupRegularExpressionValue, versions 0, flexible from 0."""

    __slots__ = ("timestamp", "topics", "version_")

    RECORD_TYPE: Final = 16
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []string 0+",
        "version: int64 0+ attribute=version_",
        "timestamp: int64 0+",
    )

    def __init__(
        self,
        *,
        topics: list[str] | tuple[str, ...] = (),
        version_: int = 0,
        timestamp: int = 0,
    ) -> None:
        self.topics: list[str] = list(topics) if isinstance(topics, tuple) else topics
        self.version_: int = version_
        self.timestamp: int = timestamp

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupRegularExpressionValue", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(1)
            self.topics = [reader.compact_string() for _ in range(count)]
            (self.version_, self.timestamp) = _I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 16
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupRegularExpressionValue", version)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            writer.compact_string(each_topics)
        writer.buffer += _I8_I8.pack(self.version_, self.timestamp)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
