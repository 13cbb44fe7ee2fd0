# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""CreateTopics, API key 19."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1_I1_B1: Final = Struct(">?b?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_B1: Final = Struct(">i?")
_I4_I2: Final = Struct(">ih")
_ID: Final = Struct(">16s")


class CreateTopicsRequest:
    """CreateTopicsRequest, versions 2-7, flexible from 5."""

    __slots__ = ("timeout_ms", "topics", "validate_only")

    API_KEY: Final = 19
    MIN_VERSION: Final = 2
    MAX_VERSION: Final = 7
    FLEXIBLE_FROM: Final = 5
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []CreatableTopic 0+",
        "timeoutMs: int32 0+ default=60000",
        "validateOnly: bool 1+ default=false",
    )

    def __init__(
        self,
        *,
        topics: list[CreatableTopic] | tuple[CreatableTopic, ...] = (),
        timeout_ms: int = 60000,
        validate_only: bool = False,
    ) -> None:
        self.topics: list[CreatableTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.timeout_ms: int = timeout_ms
        self.validate_only: bool = validate_only

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 2 <= version <= 7:
            raise unsupported("CreateTopicsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 5:
                count = reader.compact_array_length(10)
                self.topics = [CreatableTopic.decode(reader, version) for _ in range(count)]
                (self.timeout_ms, self.validate_only) = _I4_B1.unpack_from(reader.buffer, reader.position)
                reader.position += 5
                reader.skip_tagged_fields()
            else:
                count = reader.array_length(16)
                self.topics = [CreatableTopic.decode(reader, version) for _ in range(count)]
                (self.timeout_ms, self.validate_only) = _I4_B1.unpack_from(reader.buffer, reader.position)
                reader.position += 5
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 2 <= version <= 7:
            raise unsupported("CreateTopicsRequest", version)
        if version >= 5:
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer += _I4_B1.pack(self.timeout_ms, self.validate_only)
            writer.buffer.append(0)
        else:
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer += _I4_B1.pack(self.timeout_ms, self.validate_only)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatableTopic:
    """CreatableTopic of CreateTopicsRequest, versions 2-7."""

    __slots__ = ("assignments", "configs", "name", "num_partitions", "replication_factor")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "numPartitions: int32 0+",
        "replicationFactor: int16 0+",
        "assignments: []CreatableReplicaAssignment 0+",
        "configs: []CreatableTopicConfig 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        num_partitions: int = 0,
        replication_factor: int = 0,
        assignments: list[CreatableReplicaAssignment] | tuple[CreatableReplicaAssignment, ...] = (),
        configs: list[CreatableTopicConfig] | tuple[CreatableTopicConfig, ...] = (),
    ) -> None:
        self.name: str = name
        self.num_partitions: int = num_partitions
        self.replication_factor: int = replication_factor
        self.assignments: list[CreatableReplicaAssignment] = list(assignments) if isinstance(assignments, tuple) else assignments
        self.configs: list[CreatableTopicConfig] = list(configs) if isinstance(configs, tuple) else configs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 5:
            self.name = reader.compact_string()
            (self.num_partitions, self.replication_factor) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.compact_array_length(6)
            self.assignments = [CreatableReplicaAssignment.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(3)
            self.configs = [CreatableTopicConfig.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            (self.num_partitions, self.replication_factor) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.array_length(8)
            self.assignments = [CreatableReplicaAssignment.decode(reader, version) for _ in range(count)]
            count = reader.array_length(4)
            self.configs = [CreatableTopicConfig.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 5:
            writer.compact_string(self.name)
            writer.buffer += _I4_I2.pack(self.num_partitions, self.replication_factor)
            writer.compact_array_length(len(self.assignments))
            for each_assignments in self.assignments:
                each_assignments.encode(writer, version)
            writer.compact_array_length(len(self.configs))
            for each_configs in self.configs:
                each_configs.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.buffer += _I4_I2.pack(self.num_partitions, self.replication_factor)
            writer.array_length(len(self.assignments))
            for each_assignments in self.assignments:
                each_assignments.encode(writer, version)
            writer.array_length(len(self.configs))
            for each_configs in self.configs:
                each_configs.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatableReplicaAssignment:
    """CreatableReplicaAssignment of CreateTopicsRequest, versions 2-7."""

    __slots__ = ("broker_ids", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+ key",
        "brokerIds: []int32 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        broker_ids: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.partition_index: int = partition_index
        self.broker_ids: list[int] = list(broker_ids) if isinstance(broker_ids, tuple) else broker_ids

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 5:
            (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(4)
            self.broker_ids = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.array_length(4)
            self.broker_ids = reader.int32s(count)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 5:
            writer.buffer += _I4.pack(self.partition_index)
            writer.compact_array_length(len(self.broker_ids))
            writer.int32s(self.broker_ids)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.partition_index)
            writer.array_length(len(self.broker_ids))
            writer.int32s(self.broker_ids)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatableTopicConfig:
    """CreatableTopicConfig of CreateTopicsRequest, versions 2-7."""

    __slots__ = ("name", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "value: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        value: str | None = "",
    ) -> None:
        self.name: str = name
        self.value: str | None = value

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 5:
            self.name = reader.compact_string()
            self.value = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            self.name = reader.string()
            self.value = reader.nullable_string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 5:
            writer.compact_string(self.name)
            writer.compact_nullable_string(self.value)
            writer.buffer.append(0)
        else:
            writer.string(self.name)
            writer.nullable_string(self.value)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreateTopicsResponse:
    """CreateTopicsResponse, versions 2-7, flexible from 5."""

    __slots__ = ("throttle_time_ms", "topics")

    API_KEY: Final = 19
    MIN_VERSION: Final = 2
    MAX_VERSION: Final = 7
    FLEXIBLE_FROM: Final = 5
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 2+ ignorable",
        "topics: []CreatableTopicResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        topics: list[CreatableTopicResult] | tuple[CreatableTopicResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.topics: list[CreatableTopicResult] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 2 <= version <= 7:
            raise unsupported("CreateTopicsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 5:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(12)
                self.topics = [CreatableTopicResult.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.array_length(6)
                self.topics = [CreatableTopicResult.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 2 <= version <= 7:
            raise unsupported("CreateTopicsResponse", version)
        if version >= 5:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatableTopicResult:
    """CreatableTopicResult of CreateTopicsResponse, versions 2-7."""

    __slots__ = (
        "configs",
        "error_code",
        "error_message",
        "name",
        "num_partitions",
        "replication_factor",
        "topic_config_error_code",
        "topic_id",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "topicId: uuid 7+ ignorable",
        "errorCode: int16 0+",
        "errorMessage: string 1+ nullable=0+ ignorable",
        "topicConfigErrorCode: int16 5+ tagged=5+ tag=0 ignorable",
        "numPartitions: int32 5+ default=-1 ignorable",
        "replicationFactor: int16 5+ default=-1 ignorable",
        "configs: []CreatableTopicConfigs 5+ nullable=5+ ignorable",
    )

    def __init__(
        self,
        *,
        name: str = "",
        topic_id: bytes = ZERO_UUID,
        error_code: int = 0,
        error_message: str | None = "",
        topic_config_error_code: int = 0,
        num_partitions: int = -1,
        replication_factor: int = -1,
        configs: list[CreatableTopicConfigs] | None | tuple[CreatableTopicConfigs, ...] = (),
    ) -> None:
        self.name: str = name
        self.topic_id: bytes = topic_id
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.topic_config_error_code: int = topic_config_error_code
        self.num_partitions: int = num_partitions
        self.replication_factor: int = replication_factor
        self.configs: list[CreatableTopicConfigs] | None = list(configs) if isinstance(configs, tuple) else configs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 5:
            self.name = reader.compact_string()
            if version == 7:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.compact_nullable_string()
            self.topic_config_error_code = 0
            (self.num_partitions, self.replication_factor) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.compact_nullable_array_length(6)
            self.configs = None if count < 0 else [CreatableTopicConfigs.decode(reader, version) for _ in range(count)]
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    (self.topic_config_error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                else:
                    reader.skip(size)
        else:
            self.name = reader.string()
            self.topic_id = ZERO_UUID
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.error_message = reader.nullable_string()
            self.topic_config_error_code = 0
            self.num_partitions = -1
            self.replication_factor = -1
            self.configs = []
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 5:
            writer.compact_string(self.name)
            if version == 7:
                writer.buffer += _ID.pack(self.topic_id)
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_nullable_string(self.error_message)
            writer.buffer += _I4_I2.pack(self.num_partitions, self.replication_factor)
            if self.configs is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.configs))
                for each_configs in self.configs:
                    each_configs.encode(writer, version)
            tagged: list[tuple[int, Writer]] = []
            if self.topic_config_error_code != 0:
                field = Writer()
                field.buffer += _I2.pack(self.topic_config_error_code)
                tagged.append((0, field))
            writer.tagged_fields(tagged)
        else:
            writer.string(self.name)
            writer.buffer += _I2.pack(self.error_code)
            writer.nullable_string(self.error_message)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatableTopicConfigs:
    """CreatableTopicConfigs of CreateTopicsResponse, versions 5-7."""

    __slots__ = ("config_source", "is_sensitive", "name", "read_only", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 5+",
        "value: string 5+ nullable=5+",
        "readOnly: bool 5+",
        "configSource: int8 5+ default=-1 ignorable",
        "isSensitive: bool 5+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        value: str | None = "",
        read_only: bool = False,
        config_source: int = -1,
        is_sensitive: bool = False,
    ) -> None:
        self.name: str = name
        self.value: str | None = value
        self.read_only: bool = read_only
        self.config_source: int = config_source
        self.is_sensitive: bool = is_sensitive

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        self.value = reader.compact_nullable_string()
        (self.read_only, self.config_source, self.is_sensitive) = _B1_I1_B1.unpack_from(reader.buffer, reader.position)
        reader.position += 3
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_nullable_string(self.value)
        writer.buffer += _B1_I1_B1.pack(self.read_only, self.config_source, self.is_sensitive)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
