# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of OffsetCommit records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I8: Final = Struct(">q")
_I8_I4: Final = Struct(">qi")
_ID: Final = Struct(">16s")


class OffsetCommitKey:
    """OffsetCommitKey, versions 0."""

    __slots__ = ("group", "partition", "topic")

    RECORD_TYPE: Final = 1
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
            raise unsupported("OffsetCommitKey", version)
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
            raise unsupported("OffsetCommitKey", version)
        writer.string(self.group)
        writer.string(self.topic)
        writer.buffer += _I4.pack(self.partition)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class OffsetCommitValue:
    """OffsetCommitValue, versions 0-4, flexible from 4."""

    __slots__ = ("commit_timestamp", "expire_timestamp", "leader_epoch", "metadata", "offset", "topic_id")

    RECORD_TYPE: Final = 1
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "offset: int64 0+",
        "leaderEpoch: int32 3+ default=-1 ignorable",
        "metadata: string 0+",
        "commitTimestamp: int64 0+",
        "expireTimestamp: int64 1 default=-1 ignorable",
        "topicId: uuid 4+ tagged=4+ tag=0 ignorable",
    )

    def __init__(
        self,
        *,
        offset: int = 0,
        leader_epoch: int = -1,
        metadata: str = "",
        commit_timestamp: int = 0,
        expire_timestamp: int = -1,
        topic_id: bytes = ZERO_UUID,
    ) -> None:
        self.offset: int = offset
        self.leader_epoch: int = leader_epoch
        self.metadata: str = metadata
        self.commit_timestamp: int = commit_timestamp
        self.expire_timestamp: int = expire_timestamp
        self.topic_id: bytes = topic_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("OffsetCommitValue", version)
        self = cls.__new__(cls)
        try:
            if version == 4:
                (self.offset, self.leader_epoch) = _I8_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 12
                self.metadata = reader.compact_string()
                (self.commit_timestamp,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                self.expire_timestamp = -1
                self.topic_id = ZERO_UUID
                for _ in range(reader.tagged_fields_count()):
                    tag = reader.unsigned_varint()
                    size = reader.unsigned_varint()
                    if tag == 0:
                        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                        reader.position += 16
                    else:
                        reader.skip(size)
            else:
                (self.offset,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                if version == 3:
                    (self.leader_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.leader_epoch = -1
                self.metadata = reader.string()
                (self.commit_timestamp,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                if version == 1:
                    (self.expire_timestamp,) = _I8.unpack_from(reader.buffer, reader.position)
                    reader.position += 8
                else:
                    self.expire_timestamp = -1
                self.topic_id = ZERO_UUID
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("OffsetCommitValue", version)
        if version == 4:
            writer.buffer += _I8_I4.pack(self.offset, self.leader_epoch)
            writer.compact_string(self.metadata)
            writer.buffer += _I8.pack(self.commit_timestamp)
            tagged: list[tuple[int, Writer]] = []
            if self.topic_id != ZERO_UUID:
                field = Writer()
                field.buffer += _ID.pack(self.topic_id)
                tagged.append((0, field))
            writer.tagged_fields(tagged)
        else:
            writer.buffer += _I8.pack(self.offset)
            if version == 3:
                writer.buffer += _I4.pack(self.leader_epoch)
            writer.string(self.metadata)
            writer.buffer += _I8.pack(self.commit_timestamp)
            if version == 1:
                writer.buffer += _I8.pack(self.expire_timestamp)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
