# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ElectLeaders, API key 43."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class ElectLeadersRequest:
    """ElectLeadersRequest, versions 0-2, flexible from 2."""

    __slots__ = ("election_type", "timeout_ms", "topic_partitions")

    API_KEY: Final = 43
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "electionType: int8 1+",
        "topicPartitions: []TopicPartitions 0+ nullable=0+",
        "timeoutMs: int32 0+ default=60000",
    )

    def __init__(
        self,
        *,
        election_type: int = 0,
        topic_partitions: list[TopicPartitions] | None | tuple[TopicPartitions, ...] = (),
        timeout_ms: int = 60000,
    ) -> None:
        self.election_type: int = election_type
        self.topic_partitions: list[TopicPartitions] | None = list(topic_partitions) if isinstance(topic_partitions, tuple) else topic_partitions
        self.timeout_ms: int = timeout_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("ElectLeadersRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                (self.election_type,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                count = reader.compact_nullable_array_length(3)
                self.topic_partitions = None if count < 0 else [TopicPartitions.decode(reader, version) for _ in range(count)]
                (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                reader.skip_tagged_fields()
            else:
                if version == 1:
                    (self.election_type,) = _I1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.election_type = 0
                count = reader.nullable_array_length(6)
                self.topic_partitions = None if count < 0 else [TopicPartitions.decode(reader, version) for _ in range(count)]
                (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("ElectLeadersRequest", version)
        if version == 2:
            writer.buffer += _I1.pack(self.election_type)
            if self.topic_partitions is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.topic_partitions))
                for each_topic_partitions in self.topic_partitions:
                    each_topic_partitions.encode(writer, version)
            writer.buffer += _I4.pack(self.timeout_ms)
            writer.buffer.append(0)
        else:
            if version == 1:
                writer.buffer += _I1.pack(self.election_type)
            else:
                if self.election_type != 0:
                    raise not_in_version("ElectLeadersRequest.election_type", version)
            if self.topic_partitions is None:
                writer.array_length(-1)
            else:
                writer.array_length(len(self.topic_partitions))
                for each_topic_partitions in self.topic_partitions:
                    each_topic_partitions.encode(writer, version)
            writer.buffer += _I4.pack(self.timeout_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartitions:
    """TopicPartitions of ElectLeadersRequest, versions 0-2."""

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
        if version == 2:
            self.topic = reader.compact_string()
            count = reader.compact_array_length(4)
            self.partitions = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            count = reader.array_length(4)
            self.partitions = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
            writer.compact_string(self.topic)
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


class ElectLeadersResponse:
    """ElectLeadersResponse, versions 0-2, flexible from 2."""

    __slots__ = ("error_code", "replica_election_results", "throttle_time_ms")

    API_KEY: Final = 43
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 1+",
        "replicaElectionResults: []ReplicaElectionResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        replica_election_results: list[ReplicaElectionResult] | tuple[ReplicaElectionResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.replica_election_results: list[ReplicaElectionResult] = list(replica_election_results) if isinstance(replica_election_results, tuple) else replica_election_results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("ElectLeadersResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 2:
                (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 6
                count = reader.compact_array_length(3)
                self.replica_election_results = [ReplicaElectionResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version == 1:
                    (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                else:
                    self.error_code = 0
                count = reader.array_length(6)
                self.replica_election_results = [ReplicaElectionResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("ElectLeadersResponse", version)
        if version == 2:
            writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
            writer.compact_array_length(len(self.replica_election_results))
            for each_replica_election_results in self.replica_election_results:
                each_replica_election_results.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if version == 1:
                writer.buffer += _I2.pack(self.error_code)
            else:
                if self.error_code != 0:
                    raise not_in_version("ElectLeadersResponse.error_code", version)
            writer.array_length(len(self.replica_election_results))
            for each_replica_election_results in self.replica_election_results:
                each_replica_election_results.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ReplicaElectionResult:
    """ReplicaElectionResult of ElectLeadersResponse, versions 0-2."""

    __slots__ = ("partition_result", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0+",
        "partitionResult: []PartitionResult 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        partition_result: list[PartitionResult] | tuple[PartitionResult, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.partition_result: list[PartitionResult] = list(partition_result) if isinstance(partition_result, tuple) else partition_result

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 2:
            self.topic = reader.compact_string()
            count = reader.compact_array_length(8)
            self.partition_result = [PartitionResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.topic = reader.string()
            count = reader.array_length(8)
            self.partition_result = [PartitionResult.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
            writer.compact_string(self.topic)
            writer.compact_array_length(len(self.partition_result))
            for each_partition_result in self.partition_result:
                each_partition_result.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.topic)
            writer.array_length(len(self.partition_result))
            for each_partition_result in self.partition_result:
                each_partition_result.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class PartitionResult:
    """PartitionResult of ElectLeadersResponse, versions 0-2."""

    __slots__ = ("error_code", "error_message", "partition_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionId: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        partition_id: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
    ) -> None:
        self.partition_id: int = partition_id
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 2:
            (self.partition_id, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            (self.partition_id, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 2:
            writer.buffer += _I4_I2.pack(self.partition_id, self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4_I2.pack(self.partition_id, self.error_code)
            writer.nullable_string(self.error_message)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
