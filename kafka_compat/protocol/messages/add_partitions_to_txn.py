# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AddPartitionsToTxn, API key 24."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I8_I2: Final = Struct(">qh")
_I8_I2_B1: Final = Struct(">qh?")


class AddPartitionsToTxnRequest:
    """AddPartitionsToTxnRequest, versions 0-5, flexible from 3."""

    __slots__ = (
        "transactions",
        "v3_and_below_producer_epoch",
        "v3_and_below_producer_id",
        "v3_and_below_topics",
        "v3_and_below_transactional_id",
    )

    API_KEY: Final = 24
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactions: []AddPartitionsToTxnTransaction 4+",
        "v3AndBelowTransactionalId: string 0-3",
        "v3AndBelowProducerId: int64 0-3",
        "v3AndBelowProducerEpoch: int16 0-3",
        "v3AndBelowTopics: []AddPartitionsToTxnTopic 0-3",
    )

    def __init__(
        self,
        *,
        transactions: list[AddPartitionsToTxnTransaction] | tuple[AddPartitionsToTxnTransaction, ...] = (),
        v3_and_below_transactional_id: str = "",
        v3_and_below_producer_id: int = 0,
        v3_and_below_producer_epoch: int = 0,
        v3_and_below_topics: list[AddPartitionsToTxnTopic] | tuple[AddPartitionsToTxnTopic, ...] = (),
    ) -> None:
        self.transactions: list[AddPartitionsToTxnTransaction] = list(transactions) if isinstance(transactions, tuple) else transactions
        self.v3_and_below_transactional_id: str = v3_and_below_transactional_id
        self.v3_and_below_producer_id: int = v3_and_below_producer_id
        self.v3_and_below_producer_epoch: int = v3_and_below_producer_epoch
        self.v3_and_below_topics: list[AddPartitionsToTxnTopic] = list(v3_and_below_topics) if isinstance(v3_and_below_topics, tuple) else v3_and_below_topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("AddPartitionsToTxnRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                if version >= 4:
                    count = reader.compact_array_length(14)
                    self.transactions = [AddPartitionsToTxnTransaction.decode(reader, version) for _ in range(count)]
                else:
                    self.transactions = []
                if version == 3:
                    self.v3_and_below_transactional_id = reader.compact_string()
                    (
                        self.v3_and_below_producer_id,
                        self.v3_and_below_producer_epoch,
                    ) = _I8_I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 10
                    count = reader.compact_array_length(3)
                    self.v3_and_below_topics = [AddPartitionsToTxnTopic.decode(reader, version) for _ in range(count)]
                else:
                    self.v3_and_below_transactional_id = ""
                    self.v3_and_below_producer_id = 0
                    self.v3_and_below_producer_epoch = 0
                    self.v3_and_below_topics = []
                reader.skip_tagged_fields()
            else:
                self.transactions = []
                self.v3_and_below_transactional_id = reader.string()
                (
                    self.v3_and_below_producer_id,
                    self.v3_and_below_producer_epoch,
                ) = _I8_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 10
                count = reader.array_length(6)
                self.v3_and_below_topics = [AddPartitionsToTxnTopic.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("AddPartitionsToTxnRequest", version)
        if version >= 3:
            if version >= 4:
                writer.compact_array_length(len(self.transactions))
                for each_transactions in self.transactions:
                    each_transactions.encode(writer, version)
            else:
                if len(self.transactions) > 0:
                    raise not_in_version("AddPartitionsToTxnRequest.transactions", version)
            if version == 3:
                writer.compact_string(self.v3_and_below_transactional_id)
                writer.buffer += _I8_I2.pack(self.v3_and_below_producer_id, self.v3_and_below_producer_epoch)
                writer.compact_array_length(len(self.v3_and_below_topics))
                for each_v3_and_below_topics in self.v3_and_below_topics:
                    each_v3_and_below_topics.encode(writer, version)
            else:
                if self.v3_and_below_transactional_id != "":
                    raise not_in_version("AddPartitionsToTxnRequest.v3_and_below_transactional_id", version)
                if self.v3_and_below_producer_id != 0:
                    raise not_in_version("AddPartitionsToTxnRequest.v3_and_below_producer_id", version)
                if self.v3_and_below_producer_epoch != 0:
                    raise not_in_version("AddPartitionsToTxnRequest.v3_and_below_producer_epoch", version)
                if len(self.v3_and_below_topics) > 0:
                    raise not_in_version("AddPartitionsToTxnRequest.v3_and_below_topics", version)
            writer.buffer.append(0)
        else:
            if len(self.transactions) > 0:
                raise not_in_version("AddPartitionsToTxnRequest.transactions", version)
            writer.string(self.v3_and_below_transactional_id)
            writer.buffer += _I8_I2.pack(self.v3_and_below_producer_id, self.v3_and_below_producer_epoch)
            writer.array_length(len(self.v3_and_below_topics))
            for each_v3_and_below_topics in self.v3_and_below_topics:
                each_v3_and_below_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AddPartitionsToTxnTransaction:
    """AddPartitionsToTxnTransaction of AddPartitionsToTxnRequest, versions 4-5."""

    __slots__ = ("producer_epoch", "producer_id", "topics", "transactional_id", "verify_only")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 4+ key",
        "producerId: int64 4+",
        "producerEpoch: int16 4+",
        "verifyOnly: bool 4+ default=false",
        "topics: []AddPartitionsToTxnTopic 4+",
    )

    def __init__(
        self,
        *,
        transactional_id: str = "",
        producer_id: int = 0,
        producer_epoch: int = 0,
        verify_only: bool = False,
        topics: list[AddPartitionsToTxnTopic] | tuple[AddPartitionsToTxnTopic, ...] = (),
    ) -> None:
        self.transactional_id: str = transactional_id
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.verify_only: bool = verify_only
        self.topics: list[AddPartitionsToTxnTopic] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.transactional_id = reader.compact_string()
        (self.producer_id, self.producer_epoch, self.verify_only) = _I8_I2_B1.unpack_from(reader.buffer, reader.position)
        reader.position += 11
        count = reader.compact_array_length(3)
        self.topics = [AddPartitionsToTxnTopic.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.transactional_id)
        writer.buffer += _I8_I2_B1.pack(self.producer_id, self.producer_epoch, self.verify_only)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AddPartitionsToTxnTopic:
    """AddPartitionsToTxnTopic of AddPartitionsToTxnRequest, versions 0-5."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 3:
            self.name = reader.compact_string()
            count = reader.compact_array_length(4)
            self.partitions = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(4)
            self.partitions = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 3:
            writer.compact_string(self.name)
            writer.compact_array_length(len(self.partitions))
            writer.int32s(self.partitions)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.array_length(len(self.partitions))
            writer.int32s(self.partitions)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AddPartitionsToTxnResponse:
    """AddPartitionsToTxnResponse, versions 0-5, flexible from 3."""

    __slots__ = ("error_code", "results_by_topic_v3_and_below", "results_by_transaction", "throttle_time_ms")

    API_KEY: Final = 24
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 4+ ignorable",
        "resultsByTransaction: []AddPartitionsToTxnResult 4+",
        "resultsByTopicV3AndBelow: []AddPartitionsToTxnTopicResult 0-3",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        results_by_transaction: list[AddPartitionsToTxnResult] | tuple[AddPartitionsToTxnResult, ...] = (),
        results_by_topic_v3_and_below: list[AddPartitionsToTxnTopicResult] | tuple[AddPartitionsToTxnTopicResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.results_by_transaction: list[AddPartitionsToTxnResult] = list(results_by_transaction) if isinstance(results_by_transaction, tuple) else results_by_transaction
        self.results_by_topic_v3_and_below: list[AddPartitionsToTxnTopicResult] = list(results_by_topic_v3_and_below) if isinstance(results_by_topic_v3_and_below, tuple) else results_by_topic_v3_and_below

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("AddPartitionsToTxnResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version >= 4:
                    (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                    count = reader.compact_array_length(3)
                    self.results_by_transaction = [AddPartitionsToTxnResult.decode(reader, version) for _ in range(count)]
                else:
                    self.error_code = 0
                    self.results_by_transaction = []
                if version == 3:
                    count = reader.compact_array_length(3)
                    self.results_by_topic_v3_and_below = [AddPartitionsToTxnTopicResult.decode(reader, version) for _ in range(count)]
                else:
                    self.results_by_topic_v3_and_below = []
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.error_code = 0
                self.results_by_transaction = []
                count = reader.array_length(6)
                self.results_by_topic_v3_and_below = [AddPartitionsToTxnTopicResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("AddPartitionsToTxnResponse", version)
        if version >= 3:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if version >= 4:
                writer.buffer += _I2.pack(self.error_code)
                writer.compact_array_length(len(self.results_by_transaction))
                for each_results_by_transaction in self.results_by_transaction:
                    each_results_by_transaction.encode(writer, version)
            else:
                if len(self.results_by_transaction) > 0:
                    raise not_in_version("AddPartitionsToTxnResponse.results_by_transaction", version)
            if version == 3:
                writer.compact_array_length(len(self.results_by_topic_v3_and_below))
                for each_results_by_topic_v3_and_below in self.results_by_topic_v3_and_below:
                    each_results_by_topic_v3_and_below.encode(writer, version)
            else:
                if len(self.results_by_topic_v3_and_below) > 0:
                    raise not_in_version("AddPartitionsToTxnResponse.results_by_topic_v3_and_below", version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if len(self.results_by_transaction) > 0:
                raise not_in_version("AddPartitionsToTxnResponse.results_by_transaction", version)
            writer.array_length(len(self.results_by_topic_v3_and_below))
            for each_results_by_topic_v3_and_below in self.results_by_topic_v3_and_below:
                each_results_by_topic_v3_and_below.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AddPartitionsToTxnResult:
    """AddPartitionsToTxnResult of AddPartitionsToTxnResponse, versions 4-5."""

    __slots__ = ("topic_results", "transactional_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 4+ key",
        "topicResults: []AddPartitionsToTxnTopicResult 4+",
    )

    def __init__(
        self,
        *,
        transactional_id: str = "",
        topic_results: list[AddPartitionsToTxnTopicResult] | tuple[AddPartitionsToTxnTopicResult, ...] = (),
    ) -> None:
        self.transactional_id: str = transactional_id
        self.topic_results: list[AddPartitionsToTxnTopicResult] = list(topic_results) if isinstance(topic_results, tuple) else topic_results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.transactional_id = reader.compact_string()
        count = reader.compact_array_length(3)
        self.topic_results = [AddPartitionsToTxnTopicResult.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.transactional_id)
        writer.compact_array_length(len(self.topic_results))
        for each_topic_results in self.topic_results:
            each_topic_results.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AddPartitionsToTxnTopicResult:
    """AddPartitionsToTxnTopicResult of AddPartitionsToTxnResponse, versions 0-5."""

    __slots__ = ("name", "results_by_partition")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "resultsByPartition: []AddPartitionsToTxnPartitionResult 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        results_by_partition: list[AddPartitionsToTxnPartitionResult] | tuple[AddPartitionsToTxnPartitionResult, ...] = (),
    ) -> None:
        self.name: str = name
        self.results_by_partition: list[AddPartitionsToTxnPartitionResult] = list(results_by_partition) if isinstance(results_by_partition, tuple) else results_by_partition

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 3:
            self.name = reader.compact_string()
            count = reader.compact_array_length(7)
            self.results_by_partition = [AddPartitionsToTxnPartitionResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            count = reader.array_length(6)
            self.results_by_partition = [AddPartitionsToTxnPartitionResult.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 3:
            writer.compact_string(self.name)
            writer.compact_array_length(len(self.results_by_partition))
            for each_results_by_partition in self.results_by_partition:
                each_results_by_partition.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.array_length(len(self.results_by_partition))
            for each_results_by_partition in self.results_by_partition:
                each_results_by_partition.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AddPartitionsToTxnPartitionResult:
    """AddPartitionsToTxnPartitionResult of AddPartitionsToTxnResponse, versions 0-5."""

    __slots__ = ("partition_error_code", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+ key",
        "partitionErrorCode: int16 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        partition_error_code: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.partition_error_code: int = partition_error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.partition_error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        if version >= 3:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.partition_error_code)
        if version >= 3:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
