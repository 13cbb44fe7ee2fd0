# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Metadata, API key 3."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_B1_B1: Final = Struct(">??")
_I2: Final = Struct(">h")
_I2_I4_I4: Final = Struct(">hii")
_I2_I4_I4_I4: Final = Struct(">hiii")
_I4: Final = Struct(">i")
_ID: Final = Struct(">16s")


class MetadataRequest:
    """MetadataRequest, versions 0-13, flexible from 9."""

    __slots__ = (
        "allow_auto_topic_creation",
        "include_cluster_authorized_operations",
        "include_topic_authorized_operations",
        "topics",
    )

    API_KEY: Final = 3
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 13
    FLEXIBLE_FROM: Final = 9
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []MetadataRequestTopic 0+ nullable=1+",
        "allowAutoTopicCreation: bool 4+ default=true",
        "includeClusterAuthorizedOperations: bool 8-10",
        "includeTopicAuthorizedOperations: bool 8+",
    )

    def __init__(
        self,
        *,
        topics: list[MetadataRequestTopic] | None | tuple[MetadataRequestTopic, ...] = (),
        allow_auto_topic_creation: bool = True,
        include_cluster_authorized_operations: bool = False,
        include_topic_authorized_operations: bool = False,
    ) -> None:
        self.topics: list[MetadataRequestTopic] | None = list(topics) if isinstance(topics, tuple) else topics
        self.allow_auto_topic_creation: bool = allow_auto_topic_creation
        self.include_cluster_authorized_operations: bool = include_cluster_authorized_operations
        self.include_topic_authorized_operations: bool = include_topic_authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 13:
            raise unsupported("MetadataRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 9:
                count = reader.compact_nullable_array_length(2)
                self.topics = None if count < 0 else [MetadataRequestTopic.decode(reader, version) for _ in range(count)]
                (self.allow_auto_topic_creation,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                if version <= 10:
                    (self.include_cluster_authorized_operations,) = _B1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.include_cluster_authorized_operations = False
                (self.include_topic_authorized_operations,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                reader.skip_tagged_fields()
            else:
                if version >= 1:
                    count = reader.nullable_array_length(2)
                    self.topics = None if count < 0 else [MetadataRequestTopic.decode(reader, version) for _ in range(count)]
                else:
                    count = reader.array_length(2)
                    self.topics = [MetadataRequestTopic.decode(reader, version) for _ in range(count)]
                if version >= 4:
                    (self.allow_auto_topic_creation,) = _B1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.allow_auto_topic_creation = True
                if version == 8:
                    (
                        self.include_cluster_authorized_operations,
                        self.include_topic_authorized_operations,
                    ) = _B1_B1.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                else:
                    self.include_cluster_authorized_operations = False
                    self.include_topic_authorized_operations = False
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 13:
            raise unsupported("MetadataRequest", version)
        if version >= 9:
            if self.topics is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.topics))
                for each_topics in self.topics:
                    each_topics.encode(writer, version)
            writer.buffer += _B1.pack(self.allow_auto_topic_creation)
            if version <= 10:
                writer.buffer += _B1.pack(self.include_cluster_authorized_operations)
            else:
                if self.include_cluster_authorized_operations:
                    raise not_in_version("MetadataRequest.include_cluster_authorized_operations", version)
            writer.buffer += _B1.pack(self.include_topic_authorized_operations)
            writer.buffer.append(0)
        else:
            if version >= 1:
                if self.topics is None:
                    writer.array_length(-1)
                else:
                    writer.array_length(len(self.topics))
                    for each_topics in self.topics:
                        each_topics.encode(writer, version)
            else:
                if self.topics is None:
                    raise writer.null_error("MetadataRequest.topics")
                writer.array_length(len(self.topics))
                for each_topics in self.topics:
                    each_topics.encode(writer, version)
            if version >= 4:
                writer.buffer += _B1.pack(self.allow_auto_topic_creation)
            else:
                if not self.allow_auto_topic_creation:
                    raise not_in_version("MetadataRequest.allow_auto_topic_creation", version)
            if version == 8:
                writer.buffer += _B1_B1.pack(
                    self.include_cluster_authorized_operations,
                    self.include_topic_authorized_operations,
                )
            else:
                if self.include_cluster_authorized_operations:
                    raise not_in_version("MetadataRequest.include_cluster_authorized_operations", version)
                if self.include_topic_authorized_operations:
                    raise not_in_version("MetadataRequest.include_topic_authorized_operations", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class MetadataRequestTopic:
    """MetadataRequestTopic of MetadataRequest, versions 0-13."""

    __slots__ = ("name", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 10+ ignorable",
        "name: string 0+ nullable=10+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        name: str | None = "",
    ) -> None:
        self.topic_id: bytes = topic_id
        self.name: str | None = name

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 9:
            if version >= 10:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            if version >= 10:
                self.name = reader.compact_nullable_string()
            else:
                self.name = reader.compact_string()
            reader.skip_tagged_fields()
        else:
            self.topic_id = ZERO_UUID
            self.name = reader.string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            if version >= 10:
                writer.buffer += _ID.pack(self.topic_id)
            if version >= 10:
                writer.compact_nullable_string(self.name)
            else:
                if self.name is None:
                    raise writer.null_error("MetadataRequestTopic.name")
                writer.compact_string(self.name)
            writer.buffer.append(0)
        else:
            if self.name is None:
                raise writer.null_error("MetadataRequestTopic.name")
            writer.string(self.name)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class MetadataResponse:
    """MetadataResponse, versions 0-13, flexible from 9."""

    __slots__ = (
        "brokers",
        "cluster_authorized_operations",
        "cluster_id",
        "controller_id",
        "error_code",
        "throttle_time_ms",
        "topics",
    )

    API_KEY: Final = 3
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 13
    FLEXIBLE_FROM: Final = 9
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 3+ ignorable",
        "brokers: []MetadataResponseBroker 0+",
        "clusterId: string 2+ nullable=2+ default=null ignorable",
        "controllerId: int32 1+ default=-1 ignorable",
        "topics: []MetadataResponseTopic 0+",
        "clusterAuthorizedOperations: int32 8-10 default=-2147483648",
        "errorCode: int16 13+ ignorable",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        brokers: list[MetadataResponseBroker] | tuple[MetadataResponseBroker, ...] = (),
        cluster_id: str | None = None,
        controller_id: int = -1,
        topics: list[MetadataResponseTopic] | tuple[MetadataResponseTopic, ...] = (),
        cluster_authorized_operations: int = -2147483648,
        error_code: int = 0,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.brokers: list[MetadataResponseBroker] = list(brokers) if isinstance(brokers, tuple) else brokers
        self.cluster_id: str | None = cluster_id
        self.controller_id: int = controller_id
        self.topics: list[MetadataResponseTopic] = list(topics) if isinstance(topics, tuple) else topics
        self.cluster_authorized_operations: int = cluster_authorized_operations
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 13:
            raise unsupported("MetadataResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 9:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(11)
                self.brokers = [MetadataResponseBroker.decode(reader, version) for _ in range(count)]
                self.cluster_id = reader.compact_nullable_string()
                (self.controller_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(10)
                self.topics = [MetadataResponseTopic.decode(reader, version) for _ in range(count)]
                if version <= 10:
                    (self.cluster_authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.cluster_authorized_operations = -2147483648
                if version == 13:
                    (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                else:
                    self.error_code = 0
                reader.skip_tagged_fields()
            else:
                if version >= 3:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                count = reader.array_length(10)
                self.brokers = [MetadataResponseBroker.decode(reader, version) for _ in range(count)]
                if version >= 2:
                    self.cluster_id = reader.nullable_string()
                else:
                    self.cluster_id = None
                if version >= 1:
                    (self.controller_id,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.controller_id = -1
                count = reader.array_length(8)
                self.topics = [MetadataResponseTopic.decode(reader, version) for _ in range(count)]
                if version == 8:
                    (self.cluster_authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.cluster_authorized_operations = -2147483648
                self.error_code = 0
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 13:
            raise unsupported("MetadataResponse", version)
        if version >= 9:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.compact_array_length(len(self.brokers))
            for each_brokers in self.brokers:
                each_brokers.encode(writer, version)
            writer.compact_nullable_string(self.cluster_id)
            writer.buffer += _I4.pack(self.controller_id)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            if version <= 10:
                writer.buffer += _I4.pack(self.cluster_authorized_operations)
            else:
                if self.cluster_authorized_operations != -2147483648:
                    raise not_in_version("MetadataResponse.cluster_authorized_operations", version)
            if version == 13:
                writer.buffer += _I2.pack(self.error_code)
            writer.buffer.append(0)
        else:
            if version >= 3:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.array_length(len(self.brokers))
            for each_brokers in self.brokers:
                each_brokers.encode(writer, version)
            if version >= 2:
                writer.nullable_string(self.cluster_id)
            if version >= 1:
                writer.buffer += _I4.pack(self.controller_id)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            if version == 8:
                writer.buffer += _I4.pack(self.cluster_authorized_operations)
            else:
                if self.cluster_authorized_operations != -2147483648:
                    raise not_in_version("MetadataResponse.cluster_authorized_operations", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class MetadataResponseBroker:
    """MetadataResponseBroker of MetadataResponse, versions 0-13."""

    __slots__ = ("host", "node_id", "port", "rack")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "nodeId: int32 0+ key",
        "host: string 0+",
        "port: int32 0+",
        "rack: string 1+ nullable=1+ default=null ignorable",
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
        if version >= 9:
            (self.node_id,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.host = reader.compact_string()
            (self.port,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.rack = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        else:
            (self.node_id,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.host = reader.string()
            (self.port,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            if version >= 1:
                self.rack = reader.nullable_string()
            else:
                self.rack = None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            writer.buffer += _I4.pack(self.node_id)
            writer.compact_string(self.host)
            writer.buffer += _I4.pack(self.port)
            writer.compact_nullable_string(self.rack)
            writer.buffer.append(0)
        else:
            writer.buffer += _I4.pack(self.node_id)
            writer.string(self.host)
            writer.buffer += _I4.pack(self.port)
            if version >= 1:
                writer.nullable_string(self.rack)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class MetadataResponseTopic:
    """MetadataResponseTopic of MetadataResponse, versions 0-13."""

    __slots__ = ("error_code", "is_internal", "name", "partitions", "topic_authorized_operations", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "name: string 0+ nullable=12+ key",
        "topicId: uuid 10+ ignorable",
        "isInternal: bool 1+ default=false ignorable",
        "partitions: []MetadataResponsePartition 0+",
        "topicAuthorizedOperations: int32 8+ default=-2147483648",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        name: str | None = "",
        topic_id: bytes = ZERO_UUID,
        is_internal: bool = False,
        partitions: list[MetadataResponsePartition] | tuple[MetadataResponsePartition, ...] = (),
        topic_authorized_operations: int = -2147483648,
    ) -> None:
        self.error_code: int = error_code
        self.name: str | None = name
        self.topic_id: bytes = topic_id
        self.is_internal: bool = is_internal
        self.partitions: list[MetadataResponsePartition] = list(partitions) if isinstance(partitions, tuple) else partitions
        self.topic_authorized_operations: int = topic_authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 9:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            if version >= 12:
                self.name = reader.compact_nullable_string()
            else:
                self.name = reader.compact_string()
            if version >= 10:
                (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
                reader.position += 16
            else:
                self.topic_id = ZERO_UUID
            (self.is_internal,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            count = reader.compact_array_length(18)
            self.partitions = [MetadataResponsePartition.decode(reader, version) for _ in range(count)]
            (self.topic_authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            reader.skip_tagged_fields()
        else:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            self.name = reader.string()
            self.topic_id = ZERO_UUID
            if version >= 1:
                (self.is_internal,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.is_internal = False
            count = reader.array_length(18)
            self.partitions = [MetadataResponsePartition.decode(reader, version) for _ in range(count)]
            if version == 8:
                (self.topic_authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.topic_authorized_operations = -2147483648
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            writer.buffer += _I2.pack(self.error_code)
            if version >= 12:
                writer.compact_nullable_string(self.name)
            else:
                if self.name is None:
                    raise writer.null_error("MetadataResponseTopic.name")
                writer.compact_string(self.name)
            if version >= 10:
                writer.buffer += _ID.pack(self.topic_id)
            writer.buffer += _B1.pack(self.is_internal)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer += _I4.pack(self.topic_authorized_operations)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            if self.name is None:
                raise writer.null_error("MetadataResponseTopic.name")
            writer.string(self.name)
            if version >= 1:
                writer.buffer += _B1.pack(self.is_internal)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            if version == 8:
                writer.buffer += _I4.pack(self.topic_authorized_operations)
            else:
                if self.topic_authorized_operations != -2147483648:
                    raise not_in_version("MetadataResponseTopic.topic_authorized_operations", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class MetadataResponsePartition:
    """MetadataResponsePartition of MetadataResponse, versions 0-13."""

    __slots__ = ("error_code", "isr_nodes", "leader_epoch", "leader_id", "offline_replicas", "partition_index", "replica_nodes")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "partitionIndex: int32 0+",
        "leaderId: int32 0+",
        "leaderEpoch: int32 7+ default=-1 ignorable",
        "replicaNodes: []int32 0+",
        "isrNodes: []int32 0+",
        "offlineReplicas: []int32 5+ ignorable",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        partition_index: int = 0,
        leader_id: int = 0,
        leader_epoch: int = -1,
        replica_nodes: list[int] | tuple[int, ...] = (),
        isr_nodes: list[int] | tuple[int, ...] = (),
        offline_replicas: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.partition_index: int = partition_index
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch
        self.replica_nodes: list[int] = list(replica_nodes) if isinstance(replica_nodes, tuple) else replica_nodes
        self.isr_nodes: list[int] = list(isr_nodes) if isinstance(isr_nodes, tuple) else isr_nodes
        self.offline_replicas: list[int] = list(offline_replicas) if isinstance(offline_replicas, tuple) else offline_replicas

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 9:
            (
                self.error_code,
                self.partition_index,
                self.leader_id,
                self.leader_epoch,
            ) = _I2_I4_I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 14
            count = reader.compact_array_length(4)
            self.replica_nodes = reader.int32s(count)
            count = reader.compact_array_length(4)
            self.isr_nodes = reader.int32s(count)
            count = reader.compact_array_length(4)
            self.offline_replicas = reader.int32s(count)
            reader.skip_tagged_fields()
        else:
            (self.error_code, self.partition_index, self.leader_id) = _I2_I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 10
            if version >= 7:
                (self.leader_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.leader_epoch = -1
            count = reader.array_length(4)
            self.replica_nodes = reader.int32s(count)
            count = reader.array_length(4)
            self.isr_nodes = reader.int32s(count)
            if version >= 5:
                count = reader.array_length(4)
                self.offline_replicas = reader.int32s(count)
            else:
                self.offline_replicas = []
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 9:
            writer.buffer += _I2_I4_I4_I4.pack(self.error_code, self.partition_index, self.leader_id, self.leader_epoch)
            writer.compact_array_length(len(self.replica_nodes))
            writer.int32s(self.replica_nodes)
            writer.compact_array_length(len(self.isr_nodes))
            writer.int32s(self.isr_nodes)
            writer.compact_array_length(len(self.offline_replicas))
            writer.int32s(self.offline_replicas)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2_I4_I4.pack(self.error_code, self.partition_index, self.leader_id)
            if version >= 7:
                writer.buffer += _I4.pack(self.leader_epoch)
            writer.array_length(len(self.replica_nodes))
            writer.int32s(self.replica_nodes)
            writer.array_length(len(self.isr_nodes))
            writer.int32s(self.isr_nodes)
            if version >= 5:
                writer.array_length(len(self.offline_replicas))
                writer.int32s(self.offline_replicas)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
