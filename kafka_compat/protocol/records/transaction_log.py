# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of TransactionLog records of Kafka's transaction-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4_I1: Final = Struct(">ib")
_I8: Final = Struct(">q")
_I8_I8: Final = Struct(">qq")


class TransactionLogKey:
    """TransactionLogKey, versions 0."""

    __slots__ = ("transactional_id",)

    RECORD_TYPE: Final = 0
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 0",
    )

    def __init__(
        self,
        *,
        transactional_id: str = "",
    ) -> None:
        self.transactional_id: str = transactional_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("TransactionLogKey", version)
        self = cls.__new__(cls)
        try:
            self.transactional_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("TransactionLogKey", version)
        writer.string(self.transactional_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TransactionLogValue:
    """TransactionLogValue, versions 0-1, flexible from 1."""

    __slots__ = (
        "client_transaction_version",
        "next_producer_epoch",
        "next_producer_id",
        "previous_producer_id",
        "producer_epoch",
        "producer_id",
        "transaction_last_update_timestamp_ms",
        "transaction_partitions",
        "transaction_start_timestamp_ms",
        "transaction_status",
        "transaction_timeout_ms",
    )

    RECORD_TYPE: Final = 0
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "producerId: int64 0+",
        "previousProducerId: int64 1+ tagged=1+ tag=0 default=-1",
        "nextProducerId: int64 1+ tagged=1+ tag=1 default=-1",
        "producerEpoch: int16 0+",
        "nextProducerEpoch: int16 1+ tagged=1+ tag=3 default=-1",
        "transactionTimeoutMs: int32 0+",
        "transactionStatus: int8 0+",
        "transactionPartitions: []PartitionsSchema 0+ nullable=0+",
        "transactionLastUpdateTimestampMs: int64 0+",
        "transactionStartTimestampMs: int64 0+",
        "clientTransactionVersion: int16 1+ tagged=1+ tag=2 default=0",
    )

    def __init__(
        self,
        *,
        producer_id: int = 0,
        previous_producer_id: int = -1,
        next_producer_id: int = -1,
        producer_epoch: int = 0,
        next_producer_epoch: int = -1,
        transaction_timeout_ms: int = 0,
        transaction_status: int = 0,
        transaction_partitions: list[PartitionsSchema] | None | tuple[PartitionsSchema, ...] = (),
        transaction_last_update_timestamp_ms: int = 0,
        transaction_start_timestamp_ms: int = 0,
        client_transaction_version: int = 0,
    ) -> None:
        self.producer_id: int = producer_id
        self.previous_producer_id: int = previous_producer_id
        self.next_producer_id: int = next_producer_id
        self.producer_epoch: int = producer_epoch
        self.next_producer_epoch: int = next_producer_epoch
        self.transaction_timeout_ms: int = transaction_timeout_ms
        self.transaction_status: int = transaction_status
        self.transaction_partitions: list[PartitionsSchema] | None = list(transaction_partitions) if isinstance(transaction_partitions, tuple) else transaction_partitions
        self.transaction_last_update_timestamp_ms: int = transaction_last_update_timestamp_ms
        self.transaction_start_timestamp_ms: int = transaction_start_timestamp_ms
        self.client_transaction_version: int = client_transaction_version

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("TransactionLogValue", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                (self.producer_id,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                self.previous_producer_id = -1
                self.next_producer_id = -1
                (self.producer_epoch,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                self.next_producer_epoch = -1
                (self.transaction_timeout_ms, self.transaction_status) = _I4_I1.unpack_from(reader.buffer, reader.position)
                reader.position += 5
                count = reader.compact_nullable_array_length(3)
                self.transaction_partitions = None if count < 0 else [PartitionsSchema.decode(reader, version) for _ in range(count)]
                (
                    self.transaction_last_update_timestamp_ms,
                    self.transaction_start_timestamp_ms,
                ) = _I8_I8.unpack_from(reader.buffer, reader.position)
                reader.position += 16
                self.client_transaction_version = 0
                for _ in range(reader.tagged_fields_count()):
                    tag = reader.unsigned_varint()
                    size = reader.unsigned_varint()
                    if tag == 0:
                        (self.previous_producer_id,) = _I8.unpack_from(reader.buffer, reader.position)
                        reader.position += 8
                    elif tag == 1:
                        (self.next_producer_id,) = _I8.unpack_from(reader.buffer, reader.position)
                        reader.position += 8
                    elif tag == 2:
                        (self.client_transaction_version,) = _I2.unpack_from(reader.buffer, reader.position)
                        reader.position += 2
                    elif tag == 3:
                        (self.next_producer_epoch,) = _I2.unpack_from(reader.buffer, reader.position)
                        reader.position += 2
                    else:
                        reader.skip(size)
            else:
                (self.producer_id,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                self.previous_producer_id = -1
                self.next_producer_id = -1
                (self.producer_epoch,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                self.next_producer_epoch = -1
                (self.transaction_timeout_ms, self.transaction_status) = _I4_I1.unpack_from(reader.buffer, reader.position)
                reader.position += 5
                count = reader.nullable_array_length(6)
                self.transaction_partitions = None if count < 0 else [PartitionsSchema.decode(reader, version) for _ in range(count)]
                (
                    self.transaction_last_update_timestamp_ms,
                    self.transaction_start_timestamp_ms,
                ) = _I8_I8.unpack_from(reader.buffer, reader.position)
                reader.position += 16
                self.client_transaction_version = 0
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("TransactionLogValue", version)
        if version == 1:
            writer.buffer += _I8.pack(self.producer_id)
            writer.buffer += _I2.pack(self.producer_epoch)
            writer.buffer += _I4_I1.pack(self.transaction_timeout_ms, self.transaction_status)
            if self.transaction_partitions is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.transaction_partitions))
                for each_transaction_partitions in self.transaction_partitions:
                    each_transaction_partitions.encode(writer, version)
            writer.buffer += _I8_I8.pack(self.transaction_last_update_timestamp_ms, self.transaction_start_timestamp_ms)
            tagged: list[tuple[int, Writer]] = []
            if self.previous_producer_id != -1:
                field = Writer()
                field.buffer += _I8.pack(self.previous_producer_id)
                tagged.append((0, field))
            if self.next_producer_id != -1:
                field = Writer()
                field.buffer += _I8.pack(self.next_producer_id)
                tagged.append((1, field))
            if self.client_transaction_version != 0:
                field = Writer()
                field.buffer += _I2.pack(self.client_transaction_version)
                tagged.append((2, field))
            if self.next_producer_epoch != -1:
                field = Writer()
                field.buffer += _I2.pack(self.next_producer_epoch)
                tagged.append((3, field))
            writer.tagged_fields(tagged)
        else:
            writer.buffer += _I8.pack(self.producer_id)
            if self.previous_producer_id != -1:
                raise not_in_version("TransactionLogValue.previous_producer_id", version)
            if self.next_producer_id != -1:
                raise not_in_version("TransactionLogValue.next_producer_id", version)
            writer.buffer += _I2.pack(self.producer_epoch)
            if self.next_producer_epoch != -1:
                raise not_in_version("TransactionLogValue.next_producer_epoch", version)
            writer.buffer += _I4_I1.pack(self.transaction_timeout_ms, self.transaction_status)
            if self.transaction_partitions is None:
                writer.array_length(-1)
            else:
                writer.array_length(len(self.transaction_partitions))
                for each_transaction_partitions in self.transaction_partitions:
                    each_transaction_partitions.encode(writer, version)
            writer.buffer += _I8_I8.pack(self.transaction_last_update_timestamp_ms, self.transaction_start_timestamp_ms)
            if self.client_transaction_version != 0:
                raise not_in_version("TransactionLogValue.client_transaction_version", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class PartitionsSchema:
    """PartitionsSchema of TransactionLogValue, versions 0-1."""

    __slots__ = ("partition_ids", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0+",
        "partitionIds: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        partition_ids: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.partition_ids: list[int] = list(partition_ids) if isinstance(partition_ids, tuple) else partition_ids

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            self.topic = reader.compact_string()
            count = reader.compact_array_length(4)
            self.partition_ids = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            count = reader.array_length(4)
            self.partition_ids = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_string(self.topic)
            writer.compact_array_length(len(self.partition_ids))
            writer.int32s(self.partition_ids)
            writer.buffer.append(0)
        else:
            writer.string(self.topic)
            writer.array_length(len(self.partition_ids))
            writer.int32s(self.partition_ids)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
