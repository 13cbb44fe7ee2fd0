# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ShareFetch, API key 78."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Records, Reader, StructError, Writer

_I1_B1: Final = Struct(">b?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I4: Final = Struct(">ii")
_I4_I4_I4_I4_I4_I4: Final = Struct(">iiiiii")
_I8_I8: Final = Struct(">qq")
_I8_I8_I2: Final = Struct(">qqh")
_ID: Final = Struct(">16s")


class ShareFetchRequest:
    """ShareFetchRequest, versions 1-2, flexible from 0."""

    __slots__ = (
        "batch_size",
        "forgotten_topics_data",
        "group_id",
        "is_renew_ack",
        "max_bytes",
        "max_records",
        "max_wait_ms",
        "member_id",
        "min_bytes",
        "share_acquire_mode",
        "share_session_epoch",
        "topics",
    )

    API_KEY: Final = 78
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+ nullable=0+ default=null",
        "memberId: string 0+ nullable=0+",
        "shareSessionEpoch: int32 0+",
        "maxWaitMs: int32 0+",
        "minBytes: int32 0+",
        "maxBytes: int32 0+ default=0x7fffffff",
        "maxRecords: int32 1+",
        "batchSize: int32 1+",
        "shareAcquireMode: int8 2+ default=0 ignorable",
        "isRenewAck: bool 2+ default=false",
        "topics: []FetchTopic 0+",
        "forgottenTopicsData: []ForgottenTopic 0+",
    )

    def __init__(
        self,
        *,
        group_id: str | None = None,
        member_id: str | None = "",
        share_session_epoch: int = 0,
        max_wait_ms: int = 0,
        min_bytes: int = 0,
        max_bytes: int = 2147483647,
        max_records: int = 0,
        batch_size: int = 0,
        share_acquire_mode: int = 0,
        is_renew_ack: bool = False,
        topics: list[FetchTopic] | tuple[FetchTopic, ...] = (),
        forgotten_topics_data: list[ForgottenTopic] | tuple[ForgottenTopic, ...] = (),
    ) -> None:
        self.group_id: str | None = group_id
        self.member_id: str | None = member_id
        self.share_session_epoch: int = share_session_epoch
        self.max_wait_ms: int = max_wait_ms
        self.min_bytes: int = min_bytes
        self.max_bytes: int = max_bytes
        self.max_records: int = max_records
        self.batch_size: int = batch_size
        self.share_acquire_mode: int = share_acquire_mode
        self.is_renew_ack: bool = is_renew_ack
        self.topics: list[FetchTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.forgotten_topics_data: list[ForgottenTopic] = list(forgotten_topics_data) if isinstance(forgotten_topics_data, tuple) else forgotten_topics_data

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("ShareFetchRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.compact_nullable_string()
            self.member_id = reader.compact_nullable_string()
            (
                self.share_session_epoch,
                self.max_wait_ms,
                self.min_bytes,
                self.max_bytes,
                self.max_records,
                self.batch_size,
            ) = _I4_I4_I4_I4_I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 24
            if version == 2:
                (self.share_acquire_mode, self.is_renew_ack) = _I1_B1.unpack_from(reader.buffer, reader.position)
                reader.position += 2
            else:
                self.share_acquire_mode = 0
                self.is_renew_ack = False
            count = reader.compact_array_length(18)
            self.topics = [FetchTopic.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(18)
            self.forgotten_topics_data = [ForgottenTopic.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("ShareFetchRequest", version)
        writer.compact_nullable_string(self.group_id)
        writer.compact_nullable_string(self.member_id)
        writer.buffer += _I4_I4_I4_I4_I4_I4.pack(
            self.share_session_epoch,
            self.max_wait_ms,
            self.min_bytes,
            self.max_bytes,
            self.max_records,
            self.batch_size,
        )
        if version == 2:
            writer.buffer += _I1_B1.pack(self.share_acquire_mode, self.is_renew_ack)
        else:
            if self.is_renew_ack:
                raise not_in_version("ShareFetchRequest.is_renew_ack", version)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.compact_array_length(len(self.forgotten_topics_data))
        for each_forgotten_topics_data in self.forgotten_topics_data:
            each_forgotten_topics_data.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchTopic:
    """FetchTopic of ShareFetchRequest, versions 1-2."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+ key",
        "partitions: []FetchPartition 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[FetchPartition] | tuple[FetchPartition, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[FetchPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(6)
        self.partitions = [FetchPartition.decode(reader, version) for _ in range(count)]
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


class FetchPartition:
    """FetchPartition of ShareFetchRequest, versions 1-2."""

    __slots__ = ("acknowledgement_batches", "partition_index", "partition_max_bytes")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+ key",
        "partitionMaxBytes: int32 0",
        "acknowledgementBatches: []AcknowledgementBatch 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        partition_max_bytes: int = 0,
        acknowledgement_batches: list[AcknowledgementBatch] | tuple[AcknowledgementBatch, ...] = (),
    ) -> None:
        self.partition_index: int = partition_index
        self.partition_max_bytes: int = partition_max_bytes
        self.acknowledgement_batches: list[AcknowledgementBatch] = list(acknowledgement_batches) if isinstance(acknowledgement_batches, tuple) else acknowledgement_batches

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.partition_max_bytes = 0
        count = reader.compact_array_length(18)
        self.acknowledgement_batches = [AcknowledgementBatch.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition_index)
        if self.partition_max_bytes != 0:
            raise not_in_version("FetchPartition.partition_max_bytes", version)
        writer.compact_array_length(len(self.acknowledgement_batches))
        for each_acknowledgement_batches in self.acknowledgement_batches:
            each_acknowledgement_batches.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AcknowledgementBatch:
    """AcknowledgementBatch of ShareFetchRequest, versions 1-2."""

    __slots__ = ("acknowledge_types", "first_offset", "last_offset")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "firstOffset: int64 0+",
        "lastOffset: int64 0+",
        "acknowledgeTypes: []int8 0+",
    )

    def __init__(
        self,
        *,
        first_offset: int = 0,
        last_offset: int = 0,
        acknowledge_types: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.first_offset: int = first_offset
        self.last_offset: int = last_offset
        self.acknowledge_types: list[int] = list(acknowledge_types) if isinstance(acknowledge_types, tuple) else acknowledge_types

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.first_offset, self.last_offset) = _I8_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(1)
        self.acknowledge_types = reader.int8s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8_I8.pack(self.first_offset, self.last_offset)
        writer.compact_array_length(len(self.acknowledge_types))
        writer.int8s(self.acknowledge_types)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ForgottenTopic:
    """ForgottenTopic of ShareFetchRequest, versions 1-2."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ShareFetchResponse:
    """ShareFetchResponse, versions 1-2, flexible from 0."""

    __slots__ = (
        "acquisition_lock_timeout_ms",
        "error_code",
        "error_message",
        "node_endpoints",
        "responses",
        "throttle_time_ms",
    )

    API_KEY: Final = 78
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "acquisitionLockTimeoutMs: int32 1+",
        "responses: []ShareFetchableTopicResponse 0+",
        "nodeEndpoints: []NodeEndpoint 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        acquisition_lock_timeout_ms: int = 0,
        responses: list[ShareFetchableTopicResponse] | tuple[ShareFetchableTopicResponse, ...] = (),
        node_endpoints: list[NodeEndpoint] | tuple[NodeEndpoint, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.acquisition_lock_timeout_ms: int = acquisition_lock_timeout_ms
        self.responses: list[ShareFetchableTopicResponse] = list(responses) if isinstance(responses, tuple) else responses
        self.node_endpoints: list[NodeEndpoint] = list(node_endpoints) if isinstance(node_endpoints, tuple) else node_endpoints

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 2:
            raise unsupported("ShareFetchResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            (self.acquisition_lock_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(18)
            self.responses = [ShareFetchableTopicResponse.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(11)
            self.node_endpoints = [NodeEndpoint.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 2:
            raise unsupported("ShareFetchResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer += _I4.pack(self.acquisition_lock_timeout_ms)
        writer.compact_array_length(len(self.responses))
        for each_responses in self.responses:
            each_responses.encode(writer, version)
        writer.compact_array_length(len(self.node_endpoints))
        for each_node_endpoints in self.node_endpoints:
            each_node_endpoints.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ShareFetchableTopicResponse:
    """ShareFetchableTopicResponse of ShareFetchResponse, versions 1-2."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+ key",
        "partitions: []PartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[PartitionData] | tuple[PartitionData, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[PartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(22)
        self.partitions = [PartitionData.decode(reader, version) for _ in range(count)]
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


class PartitionData:
    """PartitionData of ShareFetchResponse, versions 1-2."""

    __slots__ = (
        "acknowledge_error_code",
        "acknowledge_error_message",
        "acquired_records",
        "current_leader",
        "error_code",
        "error_message",
        "partition_index",
        "records",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "acknowledgeErrorCode: int16 0+",
        "acknowledgeErrorMessage: string 0+ nullable=0+ default=null",
        "currentLeader: LeaderIdAndEpoch 0+",
        "records: records 0+ nullable=0",
        "acquiredRecords: []AcquiredRecords 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        acknowledge_error_code: int = 0,
        acknowledge_error_message: str | None = None,
        current_leader: LeaderIdAndEpoch | None = None,
        records: Records | None = None,
        acquired_records: list[AcquiredRecords] | tuple[AcquiredRecords, ...] = (),
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.acknowledge_error_code: int = acknowledge_error_code
        self.acknowledge_error_message: str | None = acknowledge_error_message
        self.current_leader: LeaderIdAndEpoch = LeaderIdAndEpoch() if current_leader is None else current_leader
        self.records: Records | None = records
        self.acquired_records: list[AcquiredRecords] = list(acquired_records) if isinstance(acquired_records, tuple) else acquired_records

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        self.error_message = reader.compact_nullable_string()
        (self.acknowledge_error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.acknowledge_error_message = reader.compact_nullable_string()
        self.current_leader = LeaderIdAndEpoch.decode(reader, version)
        self.records = reader.compact_view()
        count = reader.compact_array_length(19)
        self.acquired_records = [AcquiredRecords.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer += _I2.pack(self.acknowledge_error_code)
        writer.compact_nullable_string(self.acknowledge_error_message)
        self.current_leader.encode(writer, version)
        if self.records is None:
            raise writer.null_error("PartitionData.records")
        writer.compact_records(self.records)
        writer.compact_array_length(len(self.acquired_records))
        for each_acquired_records in self.acquired_records:
            each_acquired_records.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class LeaderIdAndEpoch:
    """LeaderIdAndEpoch of ShareFetchResponse, versions 1-2."""

    __slots__ = ("leader_epoch", "leader_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "leaderId: int32 0+",
        "leaderEpoch: int32 0+",
    )

    def __init__(
        self,
        *,
        leader_id: int = 0,
        leader_epoch: int = 0,
    ) -> None:
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.leader_id, self.leader_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I4.pack(self.leader_id, self.leader_epoch)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (self.leader_id != 0 or self.leader_epoch != 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AcquiredRecords:
    """AcquiredRecords of ShareFetchResponse, versions 1-2."""

    __slots__ = ("delivery_count", "first_offset", "last_offset")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "firstOffset: int64 0+",
        "lastOffset: int64 0+",
        "deliveryCount: int16 0+",
    )

    def __init__(
        self,
        *,
        first_offset: int = 0,
        last_offset: int = 0,
        delivery_count: int = 0,
    ) -> None:
        self.first_offset: int = first_offset
        self.last_offset: int = last_offset
        self.delivery_count: int = delivery_count

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.first_offset, self.last_offset, self.delivery_count) = _I8_I8_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 18
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8_I8_I2.pack(self.first_offset, self.last_offset, self.delivery_count)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class NodeEndpoint:
    """NodeEndpoint of ShareFetchResponse, versions 1-2."""

    __slots__ = ("host", "node_id", "port", "rack")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "nodeId: int32 0+ key",
        "host: string 0+",
        "port: int32 0+",
        "rack: string 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        node_id: int = 0,
        host: str = "",
        port: int = 0,
        rack: str | None = None,
    ) -> None:
        self.node_id: int = node_id
        self.host: str = host
        self.port: int = port
        self.rack: str | None = rack

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.node_id,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.host = reader.compact_string()
        (self.port,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.rack = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.node_id)
        writer.compact_string(self.host)
        writer.buffer += _I4.pack(self.port)
        writer.compact_nullable_string(self.rack)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
