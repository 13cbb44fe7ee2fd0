# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""BeginQuorumEpoch, API key 53."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2_I4_I4: Final = Struct(">ihii")
_I4_I4: Final = Struct(">ii")
_ID: Final = Struct(">16s")
_U2: Final = Struct(">H")


class BeginQuorumEpochRequest:
    """BeginQuorumEpochRequest, versions 0-1, flexible from 1."""

    __slots__ = ("cluster_id", "leader_endpoints", "topics", "voter_id")

    API_KEY: Final = 53
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clusterId: string 0+ nullable=0+ default=null",
        "voterId: int32 1+ default=-1 ignorable",
        "topics: []BeginQuorumEpochRequestTopicData 0+",
        "leaderEndpoints: []LeaderEndpoint 1+ ignorable",
    )

    def __init__(
        self,
        *,
        cluster_id: str | None = None,
        voter_id: int = -1,
        topics: list[BeginQuorumEpochRequestTopicData] | tuple[BeginQuorumEpochRequestTopicData, ...] = (),
        leader_endpoints: list[LeaderEndpoint] | tuple[LeaderEndpoint, ...] = (),
    ) -> None:
        self.cluster_id: str | None = cluster_id
        self.voter_id: int = voter_id
        self.topics: list[BeginQuorumEpochRequestTopicData] = list(topics) if isinstance(topics, tuple) else topics
        self.leader_endpoints: list[LeaderEndpoint] = list(leader_endpoints) if isinstance(leader_endpoints, tuple) else leader_endpoints

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("BeginQuorumEpochRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                self.cluster_id = reader.compact_nullable_string()
                (self.voter_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                count = reader.compact_array_length(3)
                self.topics = [BeginQuorumEpochRequestTopicData.decode(reader, version) for _ in range(count)]
                count = reader.compact_array_length(5)
                self.leader_endpoints = [LeaderEndpoint.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                self.cluster_id = reader.nullable_string()
                self.voter_id = -1
                count = reader.array_length(6)
                self.topics = [BeginQuorumEpochRequestTopicData.decode(reader, version) for _ in range(count)]
                self.leader_endpoints = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("BeginQuorumEpochRequest", version)
        if version == 1:
            writer.compact_nullable_string(self.cluster_id)
            writer.buffer += _I4.pack(self.voter_id)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            writer.compact_array_length(len(self.leader_endpoints))
            for each_leader_endpoints in self.leader_endpoints:
                each_leader_endpoints.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.nullable_string(self.cluster_id)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class BeginQuorumEpochRequestTopicData:
    """TopicData of BeginQuorumEpochRequest, versions 0-1."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitions: []BeginQuorumEpochRequestPartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[BeginQuorumEpochRequestPartitionData] | tuple[BeginQuorumEpochRequestPartitionData, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[BeginQuorumEpochRequestPartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            self.topic_name = reader.compact_string()
            count = reader.compact_array_length(29)
            self.partitions = [BeginQuorumEpochRequestPartitionData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.topic_name = reader.string()
            count = reader.array_length(12)
            self.partitions = [BeginQuorumEpochRequestPartitionData.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_string(self.topic_name)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.topic_name)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class BeginQuorumEpochRequestPartitionData:
    """PartitionData of BeginQuorumEpochRequest, versions 0-1."""

    __slots__ = ("leader_epoch", "leader_id", "partition_index", "voter_directory_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "voterDirectoryId: uuid 1+ ignorable",
        "leaderId: int32 0+",
        "leaderEpoch: int32 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        voter_directory_id: bytes = ZERO_UUID,
        leader_id: int = 0,
        leader_epoch: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.voter_directory_id: bytes = voter_directory_id
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        if version == 1:
            (self.voter_directory_id,) = _ID.unpack_from(reader.buffer, reader.position)
            reader.position += 16
        else:
            self.voter_directory_id = ZERO_UUID
        (self.leader_id, self.leader_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        if version == 1:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition_index)
        if version == 1:
            writer.buffer += _ID.pack(self.voter_directory_id)
        writer.buffer += _I4_I4.pack(self.leader_id, self.leader_epoch)
        if version == 1:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class LeaderEndpoint:
    """LeaderEndpoint of BeginQuorumEpochRequest, versions 1."""

    __slots__ = ("host", "name", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 1+ key",
        "host: string 1+",
        "port: uint16 1+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        host: str = "",
        port: int = 0,
    ) -> None:
        self.name: str = name
        self.host: str = host
        self.port: int = port

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        self.host = reader.compact_string()
        (self.port,) = _U2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_string(self.host)
        writer.buffer += _U2.pack(self.port)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class BeginQuorumEpochResponse:
    """BeginQuorumEpochResponse, versions 0-1, flexible from 1."""

    __slots__ = ("error_code", "node_endpoints", "topics")

    API_KEY: Final = 53
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "topics: []BeginQuorumEpochResponseTopicData 0+",
        "nodeEndpoints: []NodeEndpoint 1+ tagged=1+ tag=0",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        topics: list[BeginQuorumEpochResponseTopicData] | tuple[BeginQuorumEpochResponseTopicData, ...] = (),
        node_endpoints: list[NodeEndpoint] | tuple[NodeEndpoint, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.topics: list[BeginQuorumEpochResponseTopicData] = list(topics) if isinstance(topics, tuple) else topics
        self.node_endpoints: list[NodeEndpoint] = list(node_endpoints) if isinstance(node_endpoints, tuple) else node_endpoints

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("BeginQuorumEpochResponse", version)
        self = cls.__new__(cls)
        try:
            if version == 1:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                count = reader.compact_array_length(3)
                self.topics = [BeginQuorumEpochResponseTopicData.decode(reader, version) for _ in range(count)]
                self.node_endpoints = []
                for _ in range(reader.tagged_fields_count()):
                    tag = reader.unsigned_varint()
                    size = reader.unsigned_varint()
                    if tag == 0:
                        count = reader.compact_array_length(8)
                        self.node_endpoints = [NodeEndpoint.decode(reader, version) for _ in range(count)]
                    else:
                        reader.skip(size)
            else:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                count = reader.array_length(6)
                self.topics = [BeginQuorumEpochResponseTopicData.decode(reader, version) for _ in range(count)]
                self.node_endpoints = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("BeginQuorumEpochResponse", version)
        if version == 1:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            tagged: list[tuple[int, Writer]] = []
            if len(self.node_endpoints) > 0:
                field = Writer()
                field.compact_array_length(len(self.node_endpoints))
                for each_node_endpoints in self.node_endpoints:
                    each_node_endpoints.encode(field, version)
                tagged.append((0, field))
            writer.tagged_fields(tagged)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.array_length(len(self.topics))
            for each_topics in self.topics:
                each_topics.encode(writer, version)
            if len(self.node_endpoints) > 0:
                raise not_in_version("BeginQuorumEpochResponse.node_endpoints", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class BeginQuorumEpochResponseTopicData:
    """TopicData of BeginQuorumEpochResponse, versions 0-1."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitions: []BeginQuorumEpochResponsePartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[BeginQuorumEpochResponsePartitionData] | tuple[BeginQuorumEpochResponsePartitionData, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[BeginQuorumEpochResponsePartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version == 1:
            self.topic_name = reader.compact_string()
            count = reader.compact_array_length(15)
            self.partitions = [BeginQuorumEpochResponsePartitionData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.topic_name = reader.string()
            count = reader.array_length(14)
            self.partitions = [BeginQuorumEpochResponsePartitionData.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version == 1:
            writer.compact_string(self.topic_name)
            writer.compact_array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.topic_name)
            writer.array_length(len(self.partitions))
            for each_partitions in self.partitions:
                each_partitions.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class BeginQuorumEpochResponsePartitionData:
    """PartitionData of BeginQuorumEpochResponse, versions 0-1."""

    __slots__ = ("error_code", "leader_epoch", "leader_id", "partition_index")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "leaderId: int32 0+",
        "leaderEpoch: int32 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        leader_id: int = 0,
        leader_epoch: int = 0,
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch

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
        if version == 1:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2_I4_I4.pack(self.partition_index, self.error_code, self.leader_id, self.leader_epoch)
        if version == 1:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class NodeEndpoint:
    """NodeEndpoint of BeginQuorumEpochResponse, versions 1."""

    __slots__ = ("host", "node_id", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "nodeId: int32 1+ key",
        "host: string 1+",
        "port: uint16 1+",
    )

    def __init__(
        self,
        *,
        node_id: int = 0,
        host: str = "",
        port: int = 0,
    ) -> None:
        self.node_id: int = node_id
        self.host: str = host
        self.port: int = port

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.node_id,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.host = reader.compact_string()
        (self.port,) = _U2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.node_id)
        writer.compact_string(self.host)
        writer.buffer += _U2.pack(self.port)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
