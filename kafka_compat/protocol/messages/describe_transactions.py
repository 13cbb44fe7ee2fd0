# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeTransactions, API key 65."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I8_I8_I2: Final = Struct(">iqqh")


class DescribeTransactionsRequest:
    """DescribeTransactionsRequest, versions 0, flexible from 0."""

    __slots__ = ("transactional_ids",)

    API_KEY: Final = 65
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalIds: []string 0+",
    )

    def __init__(
        self,
        *,
        transactional_ids: list[str] | tuple[str, ...] = (),
    ) -> None:
        self.transactional_ids: list[str] = list(transactional_ids) if isinstance(transactional_ids, tuple) else transactional_ids

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DescribeTransactionsRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(1)
            self.transactional_ids = [reader.compact_string() for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DescribeTransactionsRequest", version)
        writer.compact_array_length(len(self.transactional_ids))
        for each_transactional_ids in self.transactional_ids:
            writer.compact_string(each_transactional_ids)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeTransactionsResponse:
    """DescribeTransactionsResponse, versions 0, flexible from 0."""

    __slots__ = ("throttle_time_ms", "transaction_states")

    API_KEY: Final = 65
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "transactionStates: []TransactionState 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        transaction_states: list[TransactionState] | tuple[TransactionState, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.transaction_states: list[TransactionState] = list(transaction_states) if isinstance(transaction_states, tuple) else transaction_states

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DescribeTransactionsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(28)
            self.transaction_states = [TransactionState.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DescribeTransactionsResponse", version)
        writer.buffer += _I4.pack(self.throttle_time_ms)
        writer.compact_array_length(len(self.transaction_states))
        for each_transaction_states in self.transaction_states:
            each_transaction_states.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TransactionState:
    """TransactionState of DescribeTransactionsResponse, versions 0."""

    __slots__ = (
        "error_code",
        "producer_epoch",
        "producer_id",
        "topics",
        "transaction_start_time_ms",
        "transaction_state",
        "transaction_timeout_ms",
        "transactional_id",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "transactionalId: string 0+",
        "transactionState: string 0+",
        "transactionTimeoutMs: int32 0+",
        "transactionStartTimeMs: int64 0+",
        "producerId: int64 0+",
        "producerEpoch: int16 0+",
        "topics: []TopicData 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        transactional_id: str = "",
        transaction_state: str = "",
        transaction_timeout_ms: int = 0,
        transaction_start_time_ms: int = 0,
        producer_id: int = 0,
        producer_epoch: int = 0,
        topics: list[TopicData] | tuple[TopicData, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.transactional_id: str = transactional_id
        self.transaction_state: str = transaction_state
        self.transaction_timeout_ms: int = transaction_timeout_ms
        self.transaction_start_time_ms: int = transaction_start_time_ms
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.topics: list[TopicData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.transactional_id = reader.compact_string()
        self.transaction_state = reader.compact_string()
        (
            self.transaction_timeout_ms,
            self.transaction_start_time_ms,
            self.producer_id,
            self.producer_epoch,
        ) = _I4_I8_I8_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 22
        count = reader.compact_array_length(3)
        self.topics = [TopicData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_string(self.transactional_id)
        writer.compact_string(self.transaction_state)
        writer.buffer += _I4_I8_I8_I2.pack(
            self.transaction_timeout_ms,
            self.transaction_start_time_ms,
            self.producer_id,
            self.producer_epoch,
        )
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicData:
    """TopicData of DescribeTransactionsResponse, versions 0."""

    __slots__ = ("partitions", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0+ key",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
