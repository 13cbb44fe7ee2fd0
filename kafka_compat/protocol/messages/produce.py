# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Produce, API key 0."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unknown_tag, unsupported
from kafka_compat.wire.primitives import Buffer, Reader, StructError, Writer

_I2_I4: Final = Struct(">hi")
_I4: Final = Struct(">i")
_I4_I2_I8_I8: Final = Struct(">ihqq")
_I4_I2_I8_I8_I8: Final = Struct(">ihqqq")
_I4_I4: Final = Struct(">ii")
_I8: Final = Struct(">q")
_ID: Final = Struct(">16s")


class ProduceRequest:
    """ProduceRequest, versions 3-13, flexible from 9."""

    __slots__ = ("acks", "timeout_ms", "topic_data", "transactional_id")

    API_KEY: Final = 0
    MIN_VERSION: Final = 3
    MAX_VERSION: Final = 13
    FLEXIBLE_FROM: Final = 9
    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 3+ nullable=3+ default=null",
        "acks: int16 0+",
        "timeoutMs: int32 0+",
        "topicData: []TopicProduceData 0+",
    )

    def __init__(
        self,
        *,
        transactional_id: str | None = None,
        acks: int = 0,
        timeout_ms: int = 0,
        topic_data: list[TopicProduceData] | tuple[TopicProduceData, ...] = (),
    ) -> None:
        self.transactional_id: str | None = transactional_id
        self.acks: int = acks
        self.timeout_ms: int = timeout_ms
        self.topic_data: list[TopicProduceData] = list(topic_data) if isinstance(topic_data, tuple) else topic_data

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 3 <= version <= 13:
            raise unsupported("ProduceRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 9:
                self.transactional_id = reader.compact_nullable_string()
                (self.acks, self.timeout_ms) = _I2_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                count = reader.compact_array_length(3)
                self.topic_data = [TopicProduceData.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                self.transactional_id = reader.nullable_string()
                (self.acks, self.timeout_ms) = _I2_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                count = reader.array_length(6)
                self.topic_data = [TopicProduceData.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 3 <= version <= 13:
            raise unsupported("ProduceRequest", version)
        if version >= 9:
            writer.compact_nullable_string(self.transactional_id)
            writer.buffer += _I2_I4.pack(self.acks, self.timeout_ms)
            writer.compact_array_length(len(self.topic_data))
            for each_topic_data in self.topic_data:
                each_topic_data.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.nullable_string(self.transactional_id)
            writer.buffer += _I2_I4.pack(self.acks, self.timeout_ms)
            writer.array_length(len(self.topic_data))
            for each_topic_data in self.topic_data:
                each_topic_data.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicProduceData:
    """TopicProduceData of ProduceRequest, versions 3-13."""

    __slots__ = ("name", "partition_data", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0-12 ignorable key",
        "topicId: uuid 13+ ignorable key",
        "partitionData: []PartitionProduceData 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        topic_id: bytes = ZERO_UUID,
        partition_data: list[PartitionProduceData] | tuple[PartitionProduceData, ...] = (),
    ) -> None:
        self.name: str = name
        self.topic_id: bytes = topic_id
        self.partition_data: list[PartitionProduceData] = list(partition_data) if isinstance(partition_data, tuple) else partition_data

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 9:
            if version <= 12:
                self.name = reader.compact_string()
            else:
                self.name = ""
            if version == 13:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            count = reader.compact_array_length(6)
            self.partition_data = [PartitionProduceData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.topic_id = ZERO_UUID
            count = reader.array_length(8)
            self.partition_data = [PartitionProduceData.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            if version <= 12:
                writer.compact_string(self.name)
            if version == 13:
                writer.buffer += _ID.pack(self.topic_id)
            writer.compact_array_length(len(self.partition_data))
            for each_partition_data in self.partition_data:
                each_partition_data.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.array_length(len(self.partition_data))
            for each_partition_data in self.partition_data:
                each_partition_data.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class PartitionProduceData:
    """PartitionProduceData of ProduceRequest, versions 3-13."""

    __slots__ = ("index", "records")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "index: int32 0+",
        "records: records 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        index: int = 0,
        records: Buffer | None = None,
    ) -> None:
        self.index: int = index
        self.records: Buffer | None = records

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 9:
            (self.index,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.records = reader.compact_nullable_view()
            reader.skip_tagged_fields()
        else:
            (self.index,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.records = reader.nullable_view()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            writer.buffer += _I4.pack(self.index)
            writer.compact_nullable_records(self.records)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.index)
            writer.nullable_records(self.records)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ProduceResponse:
    """ProduceResponse, versions 3-13, flexible from 9."""

    __slots__ = ("node_endpoints", "responses", "throttle_time_ms")

    API_KEY: Final = 0
    MIN_VERSION: Final = 3
    MAX_VERSION: Final = 13
    FLEXIBLE_FROM: Final = 9
    FIELDS: ClassVar[tuple[str, ...]] = (
        "responses: []TopicProduceResponse 0+",
        "throttleTimeMs: int32 1+ default=0 ignorable",
        "nodeEndpoints: []NodeEndpoint 10+ tagged=10+ tag=0",
    )

    def __init__(
        self,
        *,
        responses: list[TopicProduceResponse] | tuple[TopicProduceResponse, ...] = (),
        throttle_time_ms: int = 0,
        node_endpoints: list[NodeEndpoint] | tuple[NodeEndpoint, ...] = (),
    ) -> None:
        self.responses: list[TopicProduceResponse] = list(responses) if isinstance(responses, tuple) else responses
        self.throttle_time_ms: int = throttle_time_ms
        self.node_endpoints: list[NodeEndpoint] = list(node_endpoints) if isinstance(node_endpoints, tuple) else node_endpoints

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 3 <= version <= 13:
            raise unsupported("ProduceResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 9:
                count = reader.compact_array_length(3)
                self.responses = [TopicProduceResponse.decode(reader, version) for _ in range(count)]
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.node_endpoints = []
                for _ in range(reader.tagged_fields_count()):
                    tag = reader.unsigned_varint()
                    size = reader.unsigned_varint()
                    if tag == 0:
                        if version >= 10:
                            count = reader.compact_array_length(11)
                            self.node_endpoints = [NodeEndpoint.decode(reader, version) for _ in range(count)]
                        else:
                            raise unknown_tag(tag, version, reader.position)
                    else:
                        reader.skip(size)
            else:
                count = reader.array_length(6)
                self.responses = [TopicProduceResponse.decode(reader, version) for _ in range(count)]
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.node_endpoints = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 3 <= version <= 13:
            raise unsupported("ProduceResponse", version)
        if version >= 9:
            writer.compact_array_length(len(self.responses))
            for each_responses in self.responses:
                each_responses.encode(writer, version)
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if version < 10 and len(self.node_endpoints) > 0:
                raise not_in_version("ProduceResponse.node_endpoints", version)
            tagged: list[tuple[int, Writer]] = []
            if version >= 10 and len(self.node_endpoints) > 0:
                field = Writer()
                field.compact_array_length(len(self.node_endpoints))
                for each_node_endpoints in self.node_endpoints:
                    each_node_endpoints.encode(field, version)
                tagged.append((0, field))
            writer.tagged_fields(tagged)
        else:
            writer.array_length(len(self.responses))
            for each_responses in self.responses:
                each_responses.encode(writer, version)
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if len(self.node_endpoints) > 0:
                raise not_in_version("ProduceResponse.node_endpoints", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicProduceResponse:
    """TopicProduceResponse of ProduceResponse, versions 3-13."""

    __slots__ = ("name", "partition_responses", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0-12 ignorable key",
        "topicId: uuid 13+ ignorable key",
        "partitionResponses: []PartitionProduceResponse 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        topic_id: bytes = ZERO_UUID,
        partition_responses: list[PartitionProduceResponse] | tuple[PartitionProduceResponse, ...] = (),
    ) -> None:
        self.name: str = name
        self.topic_id: bytes = topic_id
        self.partition_responses: list[PartitionProduceResponse] = list(partition_responses) if isinstance(partition_responses, tuple) else partition_responses

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 9:
            if version <= 12:
                self.name = reader.compact_string()
            else:
                self.name = ""
            if version == 13:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            count = reader.compact_array_length(33)
            self.partition_responses = [PartitionProduceResponse.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.topic_id = ZERO_UUID
            count = reader.array_length(22)
            self.partition_responses = [PartitionProduceResponse.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            if version <= 12:
                writer.compact_string(self.name)
            if version == 13:
                writer.buffer += _ID.pack(self.topic_id)
            writer.compact_array_length(len(self.partition_responses))
            for each_partition_responses in self.partition_responses:
                each_partition_responses.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.array_length(len(self.partition_responses))
            for each_partition_responses in self.partition_responses:
                each_partition_responses.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class PartitionProduceResponse:
    """PartitionProduceResponse of ProduceResponse, versions 3-13."""

    __slots__ = (
        "base_offset",
        "current_leader",
        "error_code",
        "error_message",
        "index",
        "log_append_time_ms",
        "log_start_offset",
        "record_errors",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "index: int32 0+",
        "errorCode: int16 0+",
        "baseOffset: int64 0+",
        "logAppendTimeMs: int64 2+ default=-1 ignorable",
        "logStartOffset: int64 5+ default=-1 ignorable",
        "recordErrors: []BatchIndexAndErrorMessage 8+ ignorable",
        "errorMessage: string 8+ nullable=8+ default=null ignorable",
        "currentLeader: LeaderIdAndEpoch 10+ tagged=10+ tag=0",
    )

    def __init__(
        self,
        *,
        index: int = 0,
        error_code: int = 0,
        base_offset: int = 0,
        log_append_time_ms: int = -1,
        log_start_offset: int = -1,
        record_errors: list[BatchIndexAndErrorMessage] | tuple[BatchIndexAndErrorMessage, ...] = (),
        error_message: str | None = None,
        current_leader: LeaderIdAndEpoch | None = None,
    ) -> None:
        self.index: int = index
        self.error_code: int = error_code
        self.base_offset: int = base_offset
        self.log_append_time_ms: int = log_append_time_ms
        self.log_start_offset: int = log_start_offset
        self.record_errors: list[BatchIndexAndErrorMessage] = list(record_errors) if isinstance(record_errors, tuple) else record_errors
        self.error_message: str | None = error_message
        self.current_leader: LeaderIdAndEpoch = LeaderIdAndEpoch() if current_leader is None else current_leader

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 9:
            (
                self.index,
                self.error_code,
                self.base_offset,
                self.log_append_time_ms,
                self.log_start_offset,
            ) = _I4_I2_I8_I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 30
            count = reader.compact_array_length(6)
            self.record_errors = [BatchIndexAndErrorMessage.decode(reader, version) for _ in range(count)]
            self.error_message = reader.compact_nullable_string()
            self.current_leader = LeaderIdAndEpoch()
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    if version >= 10:
                        self.current_leader = LeaderIdAndEpoch.decode(reader, version)
                    else:
                        raise unknown_tag(tag, version, reader.position)
                else:
                    reader.skip(size)
        else:
            (
                self.index,
                self.error_code,
                self.base_offset,
                self.log_append_time_ms,
            ) = _I4_I2_I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 22
            if version >= 5:
                (self.log_start_offset,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
            else:
                self.log_start_offset = -1
            if version == 8:
                count = reader.array_length(6)
                self.record_errors = [BatchIndexAndErrorMessage.decode(reader, version) for _ in range(count)]
                self.error_message = reader.nullable_string()
            else:
                self.record_errors = []
                self.error_message = None
            self.current_leader = LeaderIdAndEpoch()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            writer.buffer += _I4_I2_I8_I8_I8.pack(
                self.index,
                self.error_code,
                self.base_offset,
                self.log_append_time_ms,
                self.log_start_offset,
            )
            writer.compact_array_length(len(self.record_errors))
            for each_record_errors in self.record_errors:
                each_record_errors.encode(writer, version)
            writer.compact_nullable_string(self.error_message)
            if version < 10 and not self.current_leader.is_default():
                raise not_in_version("PartitionProduceResponse.current_leader", version)
            tagged: list[tuple[int, Writer]] = []
            if version >= 10 and not self.current_leader.is_default():
                field = Writer()
                self.current_leader.encode(field, version)
                tagged.append((0, field))
            writer.tagged_fields(tagged)
        else:
            writer.buffer += _I4_I2_I8_I8.pack(self.index, self.error_code, self.base_offset, self.log_append_time_ms)
            if version >= 5:
                writer.buffer += _I8.pack(self.log_start_offset)
            if version == 8:
                writer.array_length(len(self.record_errors))
                for each_record_errors in self.record_errors:
                    each_record_errors.encode(writer, version)
                writer.nullable_string(self.error_message)
            if not self.current_leader.is_default():
                raise not_in_version("PartitionProduceResponse.current_leader", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class BatchIndexAndErrorMessage:
    """BatchIndexAndErrorMessage of ProduceResponse, versions 8-13."""

    __slots__ = ("batch_index", "batch_index_error_message")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "batchIndex: int32 8+",
        "batchIndexErrorMessage: string 8+ nullable=8+ default=null",
    )

    def __init__(
        self,
        *,
        batch_index: int = 0,
        batch_index_error_message: str | None = None,
    ) -> None:
        self.batch_index: int = batch_index
        self.batch_index_error_message: str | None = batch_index_error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 9:
            (self.batch_index,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.batch_index_error_message = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            (self.batch_index,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.batch_index_error_message = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            writer.buffer += _I4.pack(self.batch_index)
            writer.compact_nullable_string(self.batch_index_error_message)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.batch_index)
            writer.nullable_string(self.batch_index_error_message)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class LeaderIdAndEpoch:
    """LeaderIdAndEpoch of ProduceResponse, versions 10-13."""

    __slots__ = ("leader_epoch", "leader_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "leaderId: int32 10+ default=-1",
        "leaderEpoch: int32 10+ default=-1",
    )

    def __init__(
        self,
        *,
        leader_id: int = -1,
        leader_epoch: int = -1,
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
        return not (self.leader_id != -1 or self.leader_epoch != -1)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class NodeEndpoint:
    """NodeEndpoint of ProduceResponse, versions 10-13."""

    __slots__ = ("host", "node_id", "port", "rack")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "nodeId: int32 10+ key",
        "host: string 10+",
        "port: int32 10+",
        "rack: string 10+ nullable=10+ default=null",
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
