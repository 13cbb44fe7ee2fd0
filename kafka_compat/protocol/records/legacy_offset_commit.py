# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of LegacyOffsetCommit records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I8: Final = Struct(">q")


class LegacyOffsetCommitKey:
    """LegacyOffsetCommitKey, versions 0."""

    __slots__ = ("group", "partition", "topic")

    RECORD_TYPE: Final = 0
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "group: string 0",
        "topic: string 0",
        "partition: int32 0",
    )

    def __init__(
        self,
        *,
        group: str = "",
        topic: str = "",
        partition: int = 0,
    ) -> None:
        self.group: str = group
        self.topic: str = topic
        self.partition: int = partition

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("LegacyOffsetCommitKey", version)
        self = cls.__new__(cls)
        try:
            self.group = reader.string()
            self.topic = reader.string()
            (self.partition,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("LegacyOffsetCommitKey", version)
        writer.string(self.group)
        writer.string(self.topic)
        writer.buffer += _I4.pack(self.partition)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class LegacyOffsetCommitValue:
    """LegacyOffsetCommitValue, versions 0."""

    __slots__ = ("commit_timestamp", "metadata", "offset")

    RECORD_TYPE: Final = 0
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "offset: int64 0",
        "metadata: string 0",
        "commitTimestamp: int64 0",
    )

    def __init__(
        self,
        *,
        offset: int = 0,
        metadata: str = "",
        commit_timestamp: int = 0,
    ) -> None:
        self.offset: int = offset
        self.metadata: str = metadata
        self.commit_timestamp: int = commit_timestamp

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("LegacyOffsetCommitValue", version)
        self = cls.__new__(cls)
        try:
            (self.offset,) = _I8.unpack_from(reader.buffer, reader.position)
            reader.position += 8
            self.metadata = reader.string()
            (self.commit_timestamp,) = _I8.unpack_from(reader.buffer, reader.position)
            reader.position += 8
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("LegacyOffsetCommitValue", version)
        writer.buffer += _I8.pack(self.offset)
        writer.string(self.metadata)
        writer.buffer += _I8.pack(self.commit_timestamp)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
