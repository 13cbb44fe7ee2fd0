# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ShareSnapshot records of Kafka's share-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I4_I4_I8: Final = Struct(">iiiq")
_I8_I8: Final = Struct(">qq")
_I8_I8_I1_I2: Final = Struct(">qqbh")
_ID_I4: Final = Struct(">16si")


class ShareSnapshotKey:
    """ShareSnapshotKey, versions 0."""

    __slots__ = ("group_id", "partition", "topic_id")

    RECORD_TYPE: Final = 0
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0",
        "topicId: uuid 0",
        "partition: int32 0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        topic_id: bytes = ZERO_UUID,
        partition: int = 0,
    ) -> None:
        self.group_id: str = group_id
        self.topic_id: bytes = topic_id
        self.partition: int = partition

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ShareSnapshotKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            (self.topic_id, self.partition) = _ID_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 20
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ShareSnapshotKey", version)
        writer.string(self.group_id)
        writer.buffer += _ID_I4.pack(self.topic_id, self.partition)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ShareSnapshotValue:
    """ShareSnapshotValue, versions 0, flexible from 0."""

    __slots__ = (
        "create_timestamp",
        "delivery_complete_count",
        "leader_epoch",
        "snapshot_epoch",
        "start_offset",
        "state_batches",
        "state_epoch",
        "write_timestamp",
    )

    RECORD_TYPE: Final = 0
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "snapshotEpoch: int32 0+",
        "stateEpoch: int32 0+",
        "leaderEpoch: int32 0+",
        "startOffset: int64 0+",
        "deliveryCompleteCount: int32 0+ tagged=0+ tag=0 default=-1",
        "createTimestamp: int64 0+",
        "writeTimestamp: int64 0+",
        "stateBatches: []StateBatch 0+",
    )

    def __init__(
        self,
        *,
        snapshot_epoch: int = 0,
        state_epoch: int = 0,
        leader_epoch: int = 0,
        start_offset: int = 0,
        delivery_complete_count: int = -1,
        create_timestamp: int = 0,
        write_timestamp: int = 0,
        state_batches: list[StateBatch] | tuple[StateBatch, ...] = (),
    ) -> None:
        self.snapshot_epoch: int = snapshot_epoch
        self.state_epoch: int = state_epoch
        self.leader_epoch: int = leader_epoch
        self.start_offset: int = start_offset
        self.delivery_complete_count: int = delivery_complete_count
        self.create_timestamp: int = create_timestamp
        self.write_timestamp: int = write_timestamp
        self.state_batches: list[StateBatch] = list(state_batches) if isinstance(state_batches, tuple) else state_batches

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ShareSnapshotValue", version)
        self = cls.__new__(cls)
        try:
            (
                self.snapshot_epoch,
                self.state_epoch,
                self.leader_epoch,
                self.start_offset,
            ) = _I4_I4_I4_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 20
            self.delivery_complete_count = -1
            (self.create_timestamp, self.write_timestamp) = _I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 16
            count = reader.compact_array_length(20)
            self.state_batches = [StateBatch.decode(reader, version) for _ in range(count)]
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    (self.delivery_complete_count,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    reader.skip(size)
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ShareSnapshotValue", version)
        writer.buffer += _I4_I4_I4_I8.pack(self.snapshot_epoch, self.state_epoch, self.leader_epoch, self.start_offset)
        writer.buffer += _I8_I8.pack(self.create_timestamp, self.write_timestamp)
        writer.compact_array_length(len(self.state_batches))
        for each_state_batches in self.state_batches:
            each_state_batches.encode(writer, version)
        tagged: list[tuple[int, Writer]] = []
        if self.delivery_complete_count != -1:
            field = Writer()
            field.buffer += _I4.pack(self.delivery_complete_count)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StateBatch:
    """StateBatch of ShareSnapshotValue, versions 0."""

    __slots__ = ("delivery_count", "delivery_state", "first_offset", "last_offset")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "firstOffset: int64 0+",
        "lastOffset: int64 0+",
        "deliveryState: int8 0+",
        "deliveryCount: int16 0+",
    )

    def __init__(
        self,
        *,
        first_offset: int = 0,
        last_offset: int = 0,
        delivery_state: int = 0,
        delivery_count: int = 0,
    ) -> None:
        self.first_offset: int = first_offset
        self.last_offset: int = last_offset
        self.delivery_state: int = delivery_state
        self.delivery_count: int = delivery_count

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.first_offset,
            self.last_offset,
            self.delivery_state,
            self.delivery_count,
        ) = _I8_I8_I1_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 19
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8_I8_I1_I2.pack(self.first_offset, self.last_offset, self.delivery_state, self.delivery_count)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
