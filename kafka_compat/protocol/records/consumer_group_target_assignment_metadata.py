# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ConsumerGroupTargetAssignmentMetadata records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I8: Final = Struct(">q")


class ConsumerGroupTargetAssignmentMetadataKey:
    """ConsumerGroupTargetAssignmentMetadataKey, versions 0."""

    __slots__ = ("group_id",)

    RECORD_TYPE: Final = 6
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
    ) -> None:
        self.group_id: str = group_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupTargetAssignmentMetadataKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupTargetAssignmentMetadataKey", version)
        writer.string(self.group_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupTargetAssignmentMetadataValue:
    """ConsumerGroupTargetAssignmentMetadataValue, versions 0, flexible from 0."""

    __slots__ = ("assignment_epoch", "assignment_timestamp")

    RECORD_TYPE: Final = 6
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "assignmentEpoch: int32 0+",
        "assignmentTimestamp: int64 0+ tagged=0+ tag=0 default=0 ignorable",
    )

    def __init__(
        self,
        *,
        assignment_epoch: int = 0,
        assignment_timestamp: int = 0,
    ) -> None:
        self.assignment_epoch: int = assignment_epoch
        self.assignment_timestamp: int = assignment_timestamp

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupTargetAssignmentMetadataValue", version)
        self = cls.__new__(cls)
        try:
            (self.assignment_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.assignment_timestamp = 0
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    (self.assignment_timestamp,) = _I8.unpack_from(reader.buffer, reader.position)
                    reader.position += 8
                else:
                    reader.skip(size)
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupTargetAssignmentMetadataValue", version)
        writer.buffer += _I4.pack(self.assignment_epoch)
        tagged: list[tuple[int, Writer]] = []
        if self.assignment_timestamp != 0:
            field = Writer()
            field.buffer += _I8.pack(self.assignment_timestamp)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
