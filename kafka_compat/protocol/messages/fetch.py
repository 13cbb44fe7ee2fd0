# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Fetch, API key 1."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unknown_tag, unsupported
from kafka_compat.wire.primitives import Records, Reader, StructError, Writer

_I2_I4: Final = Struct(">hi")
_I4: Final = Struct(">i")
_I4_I2_I4: Final = Struct(">ihi")
_I4_I2_I8_I8: Final = Struct(">ihqq")
_I4_I2_I8_I8_I8: Final = Struct(">ihqqq")
_I4_I4: Final = Struct(">ii")
_I4_I4_I4_I1: Final = Struct(">iiib")
_I4_I4_I4_I1_I4_I4: Final = Struct(">iiibii")
_I4_I8: Final = Struct(">iq")
_I8: Final = Struct(">q")
_I8_I4: Final = Struct(">qi")
_I8_I8: Final = Struct(">qq")
_ID: Final = Struct(">16s")


class FetchRequest:
    """FetchRequest, versions 4-18, flexible from 12."""

    __slots__ = (
        "cluster_id",
        "forgotten_topics_data",
        "isolation_level",
        "max_bytes",
        "max_wait_ms",
        "min_bytes",
        "rack_id",
        "replica_id",
        "replica_state",
        "session_epoch",
        "session_id",
        "topics",
    )

    API_KEY: Final = 1
    MIN_VERSION: Final = 4
    MAX_VERSION: Final = 18
    FLEXIBLE_FROM: Final = 12
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clusterId: string 12+ nullable=12+ tagged=12+ tag=0 default=null ignorable",
        "replicaId: int32 0-14 default=-1",
        "replicaState: ReplicaState 15+ tagged=15+ tag=1",
        "maxWaitMs: int32 0+",
        "minBytes: int32 0+",
        "maxBytes: int32 3+ default=0x7fffffff ignorable",
        "isolationLevel: int8 4+ default=0 ignorable",
        "sessionId: int32 7+ default=0 ignorable",
        "sessionEpoch: int32 7+ default=-1 ignorable",
        "topics: []FetchTopic 0+",
        "forgottenTopicsData: []ForgottenTopic 7+",
        "rackId: string 11+ ignorable",
    )

    def __init__(
        self,
        *,
        cluster_id: str | None = None,
        replica_id: int = -1,
        replica_state: ReplicaState | None = None,
        max_wait_ms: int = 0,
        min_bytes: int = 0,
        max_bytes: int = 2147483647,
        isolation_level: int = 0,
        session_id: int = 0,
        session_epoch: int = -1,
        topics: list[FetchTopic] | tuple[FetchTopic, ...] = (),
        forgotten_topics_data: list[ForgottenTopic] | tuple[ForgottenTopic, ...] = (),
        rack_id: str = "",
    ) -> None:
        self.cluster_id: str | None = cluster_id
        self.replica_id: int = replica_id
        self.replica_state: ReplicaState = ReplicaState() if replica_state is None else replica_state
        self.max_wait_ms: int = max_wait_ms
        self.min_bytes: int = min_bytes
        self.max_bytes: int = max_bytes
        self.isolation_level: int = isolation_level
        self.session_id: int = session_id
        self.session_epoch: int = session_epoch
        self.topics: list[FetchTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.forgotten_topics_data: list[ForgottenTopic] = list(forgotten_topics_data) if isinstance(forgotten_topics_data, tuple) else forgotten_topics_data
        self.rack_id: str = rack_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 4 <= version <= 18:
            raise unsupported("FetchRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 12:
                self.cluster_id = None
                if version <= 14:
                    (self.replica_id,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.replica_id = -1
                self.replica_state = ReplicaState()
                (
                    self.max_wait_ms,
                    self.min_bytes,
                    self.max_bytes,
                    self.isolation_level,
                    self.session_id,
                    self.session_epoch,
                ) = _I4_I4_I4_I1_I4_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 21
                count = reader.compact_array_length(3)
                self.topics = [FetchTopic.decode(reader, version) for _ in range(count)]
                count = reader.compact_array_length(3)
                self.forgotten_topics_data = [ForgottenTopic.decode(reader, version) for _ in range(count)]
                self.rack_id = reader.compact_string()
                for _ in range(reader.tagged_fields_count()):
                    tag = reader.unsigned_varint()
                    size = reader.unsigned_varint()
                    if tag == 0:
                        self.cluster_id = reader.compact_nullable_string()
                    elif tag == 1:
                        if version >= 15:
                            self.replica_state = ReplicaState.decode(reader, version)
                        else:
                            raise unknown_tag(tag, version, reader.position)
                    else:
                        reader.skip(size)
            else:
                self.cluster_id = None
                (self.replica_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.replica_state = ReplicaState()
                (
                    self.max_wait_ms,
                    self.min_bytes,
                    self.max_bytes,
                    self.isolation_level,
                ) = _I4_I4_I4_I1.unpack_from(reader.buffer, reader.position)
                reader.position += 13
                if version >= 7:
                    (self.session_id, self.session_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 8
                else:
                    self.session_id = 0
                    self.session_epoch = -1
                count = reader.array_length(6)
                self.topics = [FetchTopic.decode(reader, version) for _ in range(count)]
                if version >= 7:
                    count = reader.array_length(6)
                    self.forgotten_topics_data = [ForgottenTopic.decode(reader, version) for _ in range(count)]
                else:
                    self.forgotten_topics_data = []
                if version == 11:
                    self.rack_id = reader.string()
                else:
                    self.rack_id = ""
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 4 <= version <= 18:
            raise unsupported("FetchRequest", version)
        if version >= 12:
            if version <= 14:
                writer.buffer += _I4.pack(self.replica_id)
            else:
                if self.replica_id != -1:
                    raise not_in_version("FetchRequest.replica_id", version)
            if version < 15 and not self.replica_state.is_default():
                raise not_in_version("FetchRequest.replica_state", version)
            writer.buffer += _I4_I4_I4_I1_I4_I4.pack(
                self.max_wait_ms,
                self.min_bytes,
                self.max_bytes,
                self.isolation_level,
                self.session_id,
                self.session_epoch,
            )
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.compact_array_length(len(self.forgotten_topics_data))
            for each_forgotten_topics_data in self.forgotten_topics_data:
                each_forgotten_topics_data.encode(writer, version)
            writer.compact_string(self.rack_id)
            tagged: list[tuple[int, Writer]] = []
            if self.cluster_id is not None:
                field = Writer()
                field.compact_nullable_string(self.cluster_id)
                tagged.append((0, field))
            if version >= 15 and not self.replica_state.is_default():
                field = Writer()
                self.replica_state.encode(field, version)
                tagged.append((1, field))
            writer.tagged_fields(tagged)
        else:
            writer.buffer += _I4.pack(self.replica_id)
            if not self.replica_state.is_default():
                raise not_in_version("FetchRequest.replica_state", version)
            writer.buffer += _I4_I4_I4_I1.pack(self.max_wait_ms, self.min_bytes, self.max_bytes, self.isolation_level)
            if version >= 7:
                writer.buffer += _I4_I4.pack(self.session_id, self.session_epoch)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            if version >= 7:
                writer.array_length(len(self.forgotten_topics_data))
                for each_forgotten_topics_data in self.forgotten_topics_data:
                    each_forgotten_topics_data.encode(writer, version)
            else:
                if len(self.forgotten_topics_data) > 0:
                    raise not_in_version("FetchRequest.forgotten_topics_data", version)
            if version == 11:
                writer.string(self.rack_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ReplicaState:
    """ReplicaState of FetchRequest, versions 15-18."""

    __slots__ = ("replica_epoch", "replica_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "replicaId: int32 15+ default=-1",
        "replicaEpoch: int64 15+ default=-1",
    )

    def __init__(
        self,
        *,
        replica_id: int = -1,
        replica_epoch: int = -1,
    ) -> None:
        self.replica_id: int = replica_id
        self.replica_epoch: int = replica_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.replica_id, self.replica_epoch) = _I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8.pack(self.replica_id, self.replica_epoch)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (self.replica_id != -1 or self.replica_epoch != -1)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchTopic:
    """FetchTopic of FetchRequest, versions 4-18."""

    __slots__ = ("partitions", "topic", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0-12 ignorable",
        "topicId: uuid 13+ ignorable",
        "partitions: []FetchPartition 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        topic_id: bytes = ZERO_UUID,
        partitions: list[FetchPartition] | tuple[FetchPartition, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.topic_id: bytes = topic_id
        self.partitions: list[FetchPartition] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 12:
            if version == 12:
                self.topic = reader.compact_string()
            else:
                self.topic = ""
            if version >= 13:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            count = reader.compact_array_length(33)
            self.partitions = [FetchPartition.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            self.topic_id = ZERO_UUID
            count = reader.array_length(16)
            self.partitions = [FetchPartition.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 12:
            if version == 12:
                writer.compact_string(self.topic)
            if version >= 13:
                writer.buffer += _ID.pack(self.topic_id)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.topic)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchPartition:
    """FetchPartition of FetchRequest, versions 4-18."""

    __slots__ = (
        "current_leader_epoch",
        "fetch_offset",
        "high_watermark",
        "last_fetched_epoch",
        "log_start_offset",
        "partition",
        "partition_max_bytes",
        "replica_directory_id",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
        "currentLeaderEpoch: int32 9+ default=-1 ignorable",
        "fetchOffset: int64 0+",
        "lastFetchedEpoch: int32 12+ default=-1",
        "logStartOffset: int64 5+ default=-1 ignorable",
        "partitionMaxBytes: int32 0+",
        "replicaDirectoryId: uuid 17+ tagged=17+ tag=0 ignorable",
        "highWatermark: int64 18+ tagged=18+ tag=1 default=9223372036854775807 ignorable",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
        current_leader_epoch: int = -1,
        fetch_offset: int = 0,
        last_fetched_epoch: int = -1,
        log_start_offset: int = -1,
        partition_max_bytes: int = 0,
        replica_directory_id: bytes = ZERO_UUID,
        high_watermark: int = 9223372036854775807,
    ) -> None:
        self.partition: int = partition
        self.current_leader_epoch: int = current_leader_epoch
        self.fetch_offset: int = fetch_offset
        self.last_fetched_epoch: int = last_fetched_epoch
        self.log_start_offset: int = log_start_offset
        self.partition_max_bytes: int = partition_max_bytes
        self.replica_directory_id: bytes = replica_directory_id
        self.high_watermark: int = high_watermark

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        if version >= 9:
            (self.current_leader_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
        else:
            self.current_leader_epoch = -1
        (self.fetch_offset,) = _I8.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        if version >= 12:
            (self.last_fetched_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
        else:
            self.last_fetched_epoch = -1
        if version >= 5:
            (self.log_start_offset,) = _I8.unpack_from(reader.buffer, reader.position)
            reader.position += 8
        else:
            self.log_start_offset = -1
        (self.partition_max_bytes,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.replica_directory_id = ZERO_UUID
        self.high_watermark = 9223372036854775807
        if version >= 12:
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    if version >= 17:
                        (self.replica_directory_id,) = _ID.unpack_from(reader.buffer, reader.position)
                        reader.position += 16
                    else:
                        raise unknown_tag(tag, version, reader.position)
                elif tag == 1:
                    if version == 18:
                        (self.high_watermark,) = _I8.unpack_from(reader.buffer, reader.position)
                        reader.position += 8
                    else:
                        raise unknown_tag(tag, version, reader.position)
                else:
                    reader.skip(size)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition)
        if version >= 9:
            writer.buffer += _I4.pack(self.current_leader_epoch)
        writer.buffer += _I8.pack(self.fetch_offset)
        if version >= 12:
            writer.buffer += _I4.pack(self.last_fetched_epoch)
        else:
            if self.last_fetched_epoch != -1:
                raise not_in_version("FetchPartition.last_fetched_epoch", version)
        if version >= 5:
            writer.buffer += _I8.pack(self.log_start_offset)
        writer.buffer += _I4.pack(self.partition_max_bytes)
        if version >= 12:
            tagged: list[tuple[int, Writer]] = []
            if version >= 17 and self.replica_directory_id != ZERO_UUID:
                field = Writer()
                field.buffer += _ID.pack(self.replica_directory_id)
                tagged.append((0, field))
            if version == 18 and self.high_watermark != 9223372036854775807:
                field = Writer()
                field.buffer += _I8.pack(self.high_watermark)
                tagged.append((1, field))
            writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ForgottenTopic:
    """ForgottenTopic of FetchRequest, versions 7-18."""

    __slots__ = ("partitions", "topic", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 7-12 ignorable",
        "topicId: uuid 13+ ignorable",
        "partitions: []int32 7+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        topic_id: bytes = ZERO_UUID,
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.topic_id: bytes = topic_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 12:
            if version == 12:
                self.topic = reader.compact_string()
            else:
                self.topic = ""
            if version >= 13:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            count = reader.compact_array_length(4)
            self.partitions = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            self.topic_id = ZERO_UUID
            count = reader.array_length(4)
            self.partitions = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 12:
            if version == 12:
                writer.compact_string(self.topic)
            if version >= 13:
                writer.buffer += _ID.pack(self.topic_id)
            writer.compact_array_length(len(self.partitions))
            writer.int32s(self.partitions)
            writer.buffer.append(0)
        else:
            writer.string(self.topic)
            writer.array_length(len(self.partitions))
            writer.int32s(self.partitions)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchResponse:
    """FetchResponse, versions 4-18, flexible from 12."""

    __slots__ = ("error_code", "node_endpoints", "responses", "session_id", "throttle_time_ms")

    API_KEY: Final = 1
    MIN_VERSION: Final = 4
    MAX_VERSION: Final = 18
    FLEXIBLE_FROM: Final = 12
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 1+ ignorable",
        "errorCode: int16 7+ ignorable",
        "sessionId: int32 7+ default=0",
        "responses: []FetchableTopicResponse 0+",
        "nodeEndpoints: []NodeEndpoint 16+ tagged=16+ tag=0",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        session_id: int = 0,
        responses: list[FetchableTopicResponse] | tuple[FetchableTopicResponse, ...] = (),
        node_endpoints: list[NodeEndpoint] | tuple[NodeEndpoint, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.session_id: int = session_id
        self.responses: list[FetchableTopicResponse] = list(responses) if isinstance(responses, tuple) else responses
        self.node_endpoints: list[NodeEndpoint] = list(node_endpoints) if isinstance(node_endpoints, tuple) else node_endpoints

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 4 <= version <= 18:
            raise unsupported("FetchResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 12:
                (
                    self.throttle_time_ms,
                    self.error_code,
                    self.session_id,
                ) = _I4_I2_I4.unpack_from(reader.buffer, reader.position)
                reader.position += 10
                count = reader.compact_array_length(3)
                self.responses = [FetchableTopicResponse.decode(reader, version) for _ in range(count)]
                self.node_endpoints = []
                for _ in range(reader.tagged_fields_count()):
                    tag = reader.unsigned_varint()
                    size = reader.unsigned_varint()
                    if tag == 0:
                        if version >= 16:
                            count = reader.compact_array_length(11)
                            self.node_endpoints = [NodeEndpoint.decode(reader, version) for _ in range(count)]
                        else:
                            raise unknown_tag(tag, version, reader.position)
                    else:
                        reader.skip(size)
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version >= 7:
                    (self.error_code, self.session_id) = _I2_I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 6
                else:
                    self.error_code = 0
                    self.session_id = 0
                count = reader.array_length(6)
                self.responses = [FetchableTopicResponse.decode(reader, version) for _ in range(count)]
                self.node_endpoints = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 4 <= version <= 18:
            raise unsupported("FetchResponse", version)
        if version >= 12:
            writer.buffer += _I4_I2_I4.pack(self.throttle_time_ms, self.error_code, self.session_id)
            writer.compact_array_length(len(self.responses))
            for each_responses in self.responses:
                each_responses.encode(writer, version)
            if version < 16 and len(self.node_endpoints) > 0:
                raise not_in_version("FetchResponse.node_endpoints", version)
            tagged: list[tuple[int, Writer]] = []
            if version >= 16 and len(self.node_endpoints) > 0:
                field = Writer()
                field.compact_array_length(len(self.node_endpoints))
                for each_node_endpoints in self.node_endpoints:
                    each_node_endpoints.encode(field, version)
                tagged.append((0, field))
            writer.tagged_fields(tagged)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if version >= 7:
                writer.buffer += _I2_I4.pack(self.error_code, self.session_id)
            else:
                if self.session_id != 0:
                    raise not_in_version("FetchResponse.session_id", version)
            writer.array_length(len(self.responses))
            for each_responses in self.responses:
                each_responses.encode(writer, version)
            if len(self.node_endpoints) > 0:
                raise not_in_version("FetchResponse.node_endpoints", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchableTopicResponse:
    """FetchableTopicResponse of FetchResponse, versions 4-18."""

    __slots__ = ("partitions", "topic", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0-12 ignorable",
        "topicId: uuid 13+ ignorable",
        "partitions: []PartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        topic_id: bytes = ZERO_UUID,
        partitions: list[PartitionData] | tuple[PartitionData, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.topic_id: bytes = topic_id
        self.partitions: list[PartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 12:
            if version == 12:
                self.topic = reader.compact_string()
            else:
                self.topic = ""
            if version >= 13:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            count = reader.compact_array_length(37)
            self.partitions = [PartitionData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            self.topic_id = ZERO_UUID
            count = reader.array_length(30)
            self.partitions = [PartitionData.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 12:
            if version == 12:
                writer.compact_string(self.topic)
            if version >= 13:
                writer.buffer += _ID.pack(self.topic_id)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.topic)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class PartitionData:
    """PartitionData of FetchResponse, versions 4-18."""

    __slots__ = (
        "aborted_transactions",
        "current_leader",
        "diverging_epoch",
        "error_code",
        "high_watermark",
        "last_stable_offset",
        "log_start_offset",
        "partition_index",
        "preferred_read_replica",
        "records",
        "snapshot_id",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "highWatermark: int64 0+",
        "lastStableOffset: int64 4+ default=-1 ignorable",
        "logStartOffset: int64 5+ default=-1 ignorable",
        "divergingEpoch: EpochEndOffset 12+ tagged=12+ tag=0",
        "currentLeader: LeaderIdAndEpoch 12+ tagged=12+ tag=1",
        "snapshotId: SnapshotId 12+ tagged=12+ tag=2",
        "abortedTransactions: []AbortedTransaction 4+ nullable=4+ ignorable",
        "preferredReadReplica: int32 11+ default=-1",
        "records: records 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        high_watermark: int = 0,
        last_stable_offset: int = -1,
        log_start_offset: int = -1,
        diverging_epoch: EpochEndOffset | None = None,
        current_leader: LeaderIdAndEpoch | None = None,
        snapshot_id: SnapshotId | None = None,
        aborted_transactions: list[AbortedTransaction] | None | tuple[AbortedTransaction, ...] = (),
        preferred_read_replica: int = -1,
        records: Records | None = None,
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.high_watermark: int = high_watermark
        self.last_stable_offset: int = last_stable_offset
        self.log_start_offset: int = log_start_offset
        self.diverging_epoch: EpochEndOffset = EpochEndOffset() if diverging_epoch is None else diverging_epoch
        self.current_leader: LeaderIdAndEpoch = LeaderIdAndEpoch() if current_leader is None else current_leader
        self.snapshot_id: SnapshotId = SnapshotId() if snapshot_id is None else snapshot_id
        self.aborted_transactions: list[AbortedTransaction] | None = list(aborted_transactions) if isinstance(aborted_transactions, tuple) else aborted_transactions
        self.preferred_read_replica: int = preferred_read_replica
        self.records: Records | None = records

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 12:
            (
                self.partition_index,
                self.error_code,
                self.high_watermark,
                self.last_stable_offset,
                self.log_start_offset,
            ) = _I4_I2_I8_I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 30
            self.diverging_epoch = EpochEndOffset()
            self.current_leader = LeaderIdAndEpoch()
            self.snapshot_id = SnapshotId()
            count = reader.compact_nullable_array_length(17)
            self.aborted_transactions = None if count < 0 else [AbortedTransaction.decode(reader, version) for _ in range(count)]
            (self.preferred_read_replica,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.records = reader.compact_nullable_view()
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    self.diverging_epoch = EpochEndOffset.decode(reader, version)
                elif tag == 1:
                    self.current_leader = LeaderIdAndEpoch.decode(reader, version)
                elif tag == 2:
                    self.snapshot_id = SnapshotId.decode(reader, version)
                else:
                    reader.skip(size)
        else:
            (
                self.partition_index,
                self.error_code,
                self.high_watermark,
                self.last_stable_offset,
            ) = _I4_I2_I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 22
            if version >= 5:
                (self.log_start_offset,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
            else:
                self.log_start_offset = -1
            self.diverging_epoch = EpochEndOffset()
            self.current_leader = LeaderIdAndEpoch()
            self.snapshot_id = SnapshotId()
            count = reader.nullable_array_length(16)
            self.aborted_transactions = None if count < 0 else [AbortedTransaction.decode(reader, version) for _ in range(count)]
            if version == 11:
                (self.preferred_read_replica,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.preferred_read_replica = -1
            self.records = reader.nullable_view()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 12:
            writer.buffer += _I4_I2_I8_I8_I8.pack(
                self.partition_index,
                self.error_code,
                self.high_watermark,
                self.last_stable_offset,
                self.log_start_offset,
            )
            if self.aborted_transactions is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.aborted_transactions))
                for each_aborted_transactions in self.aborted_transactions:
                    each_aborted_transactions.encode(writer, version)
            writer.buffer += _I4.pack(self.preferred_read_replica)
            writer.compact_nullable_records(self.records)
            tagged: list[tuple[int, Writer]] = []
            if not self.diverging_epoch.is_default():
                field = Writer()
                self.diverging_epoch.encode(field, version)
                tagged.append((0, field))
            if not self.current_leader.is_default():
                field = Writer()
                self.current_leader.encode(field, version)
                tagged.append((1, field))
            if not self.snapshot_id.is_default():
                field = Writer()
                self.snapshot_id.encode(field, version)
                tagged.append((2, field))
            writer.tagged_fields(tagged)
        else:
            writer.buffer += _I4_I2_I8_I8.pack(
                self.partition_index,
                self.error_code,
                self.high_watermark,
                self.last_stable_offset,
            )
            if version >= 5:
                writer.buffer += _I8.pack(self.log_start_offset)
            if not self.diverging_epoch.is_default():
                raise not_in_version("PartitionData.diverging_epoch", version)
            if not self.current_leader.is_default():
                raise not_in_version("PartitionData.current_leader", version)
            if not self.snapshot_id.is_default():
                raise not_in_version("PartitionData.snapshot_id", version)
            if self.aborted_transactions is None:
                writer.array_length(-1)
            else:
                writer.array_length(len(self.aborted_transactions))
                for each_aborted_transactions in self.aborted_transactions:
                    each_aborted_transactions.encode(writer, version)
            if version == 11:
                writer.buffer += _I4.pack(self.preferred_read_replica)
            else:
                if self.preferred_read_replica != -1:
                    raise not_in_version("PartitionData.preferred_read_replica", version)
            writer.nullable_records(self.records)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class EpochEndOffset:
    """EpochEndOffset of FetchResponse, versions 12-18."""

    __slots__ = ("end_offset", "epoch")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "epoch: int32 12+ default=-1",
        "endOffset: int64 12+ default=-1",
    )

    def __init__(
        self,
        *,
        epoch: int = -1,
        end_offset: int = -1,
    ) -> None:
        self.epoch: int = epoch
        self.end_offset: int = end_offset

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.epoch, self.end_offset) = _I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I8.pack(self.epoch, self.end_offset)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (self.epoch != -1 or self.end_offset != -1)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class LeaderIdAndEpoch:
    """LeaderIdAndEpoch of FetchResponse, versions 12-18."""

    __slots__ = ("leader_epoch", "leader_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "leaderId: int32 12+ default=-1",
        "leaderEpoch: int32 12+ default=-1",
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


class SnapshotId:
    """SnapshotId of FetchResponse, versions 12-18."""

    __slots__ = ("end_offset", "epoch")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "endOffset: int64 0+ default=-1",
        "epoch: int32 0+ default=-1",
    )

    def __init__(
        self,
        *,
        end_offset: int = -1,
        epoch: int = -1,
    ) -> None:
        self.end_offset: int = end_offset
        self.epoch: int = epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.end_offset, self.epoch) = _I8_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8_I4.pack(self.end_offset, self.epoch)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (self.end_offset != -1 or self.epoch != -1)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AbortedTransaction:
    """AbortedTransaction of FetchResponse, versions 4-18."""

    __slots__ = ("first_offset", "producer_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "producerId: int64 4+",
        "firstOffset: int64 4+",
    )

    def __init__(
        self,
        *,
        producer_id: int = 0,
        first_offset: int = 0,
    ) -> None:
        self.producer_id: int = producer_id
        self.first_offset: int = first_offset

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.producer_id, self.first_offset) = _I8_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        if version >= 12:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I8_I8.pack(self.producer_id, self.first_offset)
        if version >= 12:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class NodeEndpoint:
    """NodeEndpoint of FetchResponse, versions 16-18."""

    __slots__ = ("host", "node_id", "port", "rack")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "nodeId: int32 16+ key",
        "host: string 16+",
        "port: int32 16+",
        "rack: string 16+ nullable=16+ default=null",
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
