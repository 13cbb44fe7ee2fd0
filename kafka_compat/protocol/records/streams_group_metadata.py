# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of StreamsGroupMetadata records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I8: Final = Struct(">iq")


class StreamsGroupMetadataKey:
    """StreamsGroupMetadataKey, versions 0."""

    __slots__ = ("group_id",)

    RECORD_TYPE: Final = 17
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
            raise unsupported("StreamsGroupMetadataKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupMetadataKey", version)
        writer.string(self.group_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupMetadataValue:
    """StreamsGroupMetadataValue, versions 0, flexible from 0."""

    __slots__ = ("epoch", "last_assignment_configs", "metadata_hash", "validated_topology_epoch")

    RECORD_TYPE: Final = 17
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "epoch: int32 0+",
        "metadataHash: int64 0+",
        "validatedTopologyEpoch: int32 0+ tagged=0+ tag=0 default=-1",
        "lastAssignmentConfigs: []LastAssignmentConfig 0+ nullable=0+ tagged=0+ tag=1",
    )

    def __init__(
        self,
        *,
        epoch: int = 0,
        metadata_hash: int = 0,
        validated_topology_epoch: int = -1,
        last_assignment_configs: list[LastAssignmentConfig] | None | tuple[LastAssignmentConfig, ...] = (),
    ) -> None:
        self.epoch: int = epoch
        self.metadata_hash: int = metadata_hash
        self.validated_topology_epoch: int = validated_topology_epoch
        self.last_assignment_configs: list[LastAssignmentConfig] | None = list(last_assignment_configs) if isinstance(last_assignment_configs, tuple) else last_assignment_configs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupMetadataValue", version)
        self = cls.__new__(cls)
        try:
            (self.epoch, self.metadata_hash) = _I4_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 12
            self.validated_topology_epoch = -1
            self.last_assignment_configs = []
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    (self.validated_topology_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                elif tag == 1:
                    count = reader.compact_nullable_array_length(3)
                    self.last_assignment_configs = None if count < 0 else [LastAssignmentConfig.decode(reader, version) for _ in range(count)]
                else:
                    reader.skip(size)
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupMetadataValue", version)
        writer.buffer += _I4_I8.pack(self.epoch, self.metadata_hash)
        tagged: list[tuple[int, Writer]] = []
        if self.validated_topology_epoch != -1:
            field = Writer()
            field.buffer += _I4.pack(self.validated_topology_epoch)
            tagged.append((0, field))
        if self.last_assignment_configs is None or len(self.last_assignment_configs) > 0:
            field = Writer()
            if self.last_assignment_configs is None:
                field.compact_array_length(-1)
            else:
                field.compact_array_length(len(self.last_assignment_configs))
                for each_last_assignment_configs in self.last_assignment_configs:
                    each_last_assignment_configs.encode(field, version)
            tagged.append((1, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class LastAssignmentConfig:
    """LastAssignmentConfig of StreamsGroupMetadataValue, versions 0."""

    __slots__ = ("key", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "key: string 0+",
        "value: string 0+",
    )

    def __init__(
        self,
        *,
        key: str = "",
        value: str = "",
    ) -> None:
        self.key: str = key
        self.value: str = value

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.key = reader.compact_string()
        self.value = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.key)
        writer.compact_string(self.value)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
