# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AlterPartition, API key 56."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1_I4: Final = Struct(">bi")
_I4_I2: Final = Struct(">ih")
_I4_I2_I4_I4: Final = Struct(">ihii")
_I4_I4: Final = Struct(">ii")
_I4_I8: Final = Struct(">iq")
_ID: Final = Struct(">16s")


class AlterPartitionRequest:
    """AlterPartitionRequest, versions 2-3, flexible from 0."""

    __slots__ = ("broker_epoch", "broker_id", "topics")

    API_KEY: Final = 56
    MIN_VERSION: Final = 2
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "brokerId: int32 0+",
        "brokerEpoch: int64 0+ default=-1",
        "topics: []AlterPartitionRequestTopicData 0+",
    )

    def __init__(
        self,
        *,
        broker_id: int = 0,
        broker_epoch: int = -1,
        topics: list[AlterPartitionRequestTopicData] | tuple[AlterPartitionRequestTopicData, ...] = (),
    ) -> None:
        self.broker_id: int = broker_id
        self.broker_epoch: int = broker_epoch
        self.topics: list[AlterPartitionRequestTopicData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 2 <= version <= 3:
            raise unsupported("AlterPartitionRequest", version)
        self = cls.__new__(cls)
        try:
            (self.broker_id, self.broker_epoch) = _I4_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 12
            count = reader.compact_array_length(18)
            self.topics = [AlterPartitionRequestTopicData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 2 <= version <= 3:
            raise unsupported("AlterPartitionRequest", version)
        writer.buffer += _I4_I8.pack(self.broker_id, self.broker_epoch)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterPartitionRequestTopicData:
    """TopicData of AlterPartitionRequest, versions 2-3."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 2+ ignorable",
        "partitions: []AlterPartitionRequestPartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[AlterPartitionRequestPartitionData] | tuple[AlterPartitionRequestPartitionData, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[AlterPartitionRequestPartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(15)
        self.partitions = [AlterPartitionRequestPartitionData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterPartitionRequestPartitionData:
    """PartitionData of AlterPartitionRequest, versions 2-3."""

    __slots__ = (
        "leader_epoch",
        "leader_recovery_state",
        "new_isr",
        "new_isr_with_epochs",
        "partition_epoch",
        "partition_index",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "leaderEpoch: int32 0+",
        "newIsr: []int32 0-2",
        "newIsrWithEpochs: []BrokerState 3+",
        "leaderRecoveryState: int8 1+ default=0",
        "partitionEpoch: int32 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        leader_epoch: int = 0,
        new_isr: list[int] | tuple[int, ...] = (),
        new_isr_with_epochs: list[BrokerState] | tuple[BrokerState, ...] = (),
        leader_recovery_state: int = 0,
        partition_epoch: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.leader_epoch: int = leader_epoch
        self.new_isr: list[int] = list(new_isr) if isinstance(new_isr, tuple) else new_isr
        self.new_isr_with_epochs: list[BrokerState] = list(new_isr_with_epochs) if isinstance(new_isr_with_epochs, tuple) else new_isr_with_epochs
        self.leader_recovery_state: int = leader_recovery_state
        self.partition_epoch: int = partition_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.leader_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        if version == 2:
            count = reader.compact_array_length(4)
            self.new_isr = reader.int32s(count)
        else:
            self.new_isr = []
        if version == 3:
            count = reader.compact_array_length(13)
            self.new_isr_with_epochs = [BrokerState.decode(reader, version) for _ in range(count)]
        else:
            self.new_isr_with_epochs = []
        (self.leader_recovery_state, self.partition_epoch) = _I1_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 5
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I4.pack(self.partition_index, self.leader_epoch)
        if version == 2:
            writer.compact_array_length(len(self.new_isr))
            writer.int32s(self.new_isr)
        else:
            if len(self.new_isr) > 0:
                raise not_in_version("AlterPartitionRequestPartitionData.new_isr", version)
        if version == 3:
            writer.compact_array_length(len(self.new_isr_with_epochs))
            for each_new_isr_with_epochs in self.new_isr_with_epochs:
                each_new_isr_with_epochs.encode(writer, version)
        else:
            if len(self.new_isr_with_epochs) > 0:
                raise not_in_version("AlterPartitionRequestPartitionData.new_isr_with_epochs", version)
        writer.buffer += _I1_I4.pack(self.leader_recovery_state, self.partition_epoch)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class BrokerState:
    """BrokerState of AlterPartitionRequest, versions 3."""

    __slots__ = ("broker_epoch", "broker_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "brokerId: int32 3+",
        "brokerEpoch: int64 3+ default=-1",
    )

    def __init__(
        self,
        *,
        broker_id: int = 0,
        broker_epoch: int = -1,
    ) -> None:
        self.broker_id: int = broker_id
        self.broker_epoch: int = broker_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.broker_id, self.broker_epoch) = _I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8.pack(self.broker_id, self.broker_epoch)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterPartitionResponse:
    """AlterPartitionResponse, versions 2-3, flexible from 0."""

    __slots__ = ("error_code", "throttle_time_ms", "topics")

    API_KEY: Final = 56
    MIN_VERSION: Final = 2
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "topics: []AlterPartitionResponseTopicData 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        topics: list[AlterPartitionResponseTopicData] | tuple[AlterPartitionResponseTopicData, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.topics: list[AlterPartitionResponseTopicData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 2 <= version <= 3:
            raise unsupported("AlterPartitionResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.compact_array_length(18)
            self.topics = [AlterPartitionResponseTopicData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 2 <= version <= 3:
            raise unsupported("AlterPartitionResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterPartitionResponseTopicData:
    """TopicData of AlterPartitionResponse, versions 2-3."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 2+ ignorable",
        "partitions: []AlterPartitionResponsePartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[AlterPartitionResponsePartitionData] | tuple[AlterPartitionResponsePartitionData, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[AlterPartitionResponsePartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(21)
        self.partitions = [AlterPartitionResponsePartitionData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterPartitionResponsePartitionData:
    """PartitionData of AlterPartitionResponse, versions 2-3."""

    __slots__ = (
        "error_code",
        "isr",
        "leader_epoch",
        "leader_id",
        "leader_recovery_state",
        "partition_epoch",
        "partition_index",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "leaderId: int32 0+",
        "leaderEpoch: int32 0+",
        "isr: []int32 0+",
        "leaderRecoveryState: int8 1+ default=0 ignorable",
        "partitionEpoch: int32 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        leader_id: int = 0,
        leader_epoch: int = 0,
        isr: list[int] | tuple[int, ...] = (),
        leader_recovery_state: int = 0,
        partition_epoch: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch
        self.isr: list[int] = list(isr) if isinstance(isr, tuple) else isr
        self.leader_recovery_state: int = leader_recovery_state
        self.partition_epoch: int = partition_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.partition_index,
            self.error_code,
            self.leader_id,
            self.leader_epoch,
        ) = _I4_I2_I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 14
        count = reader.compact_array_length(4)
        self.isr = reader.int32s(count)
        (self.leader_recovery_state, self.partition_epoch) = _I1_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 5
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2_I4_I4.pack(self.partition_index, self.error_code, self.leader_id, self.leader_epoch)
        writer.compact_array_length(len(self.isr))
        writer.int32s(self.isr)
        writer.buffer += _I1_I4.pack(self.leader_recovery_state, self.partition_epoch)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
