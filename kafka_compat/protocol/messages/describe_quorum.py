# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeQuorum, API key 55."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I4_I8: Final = Struct(">iiq")
_I8: Final = Struct(">q")
_I8_I8: Final = Struct(">qq")
_ID: Final = Struct(">16s")
_U2: Final = Struct(">H")


class DescribeQuorumRequest:
    """DescribeQuorumRequest, versions 0-2, flexible from 0."""

    __slots__ = ("topics",)

    API_KEY: Final = 55
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "topics: []DescribeQuorumRequestTopicData 0+",
    )

    def __init__(
        self,
        *,
        topics: list[DescribeQuorumRequestTopicData] | tuple[DescribeQuorumRequestTopicData, ...] = (),
    ) -> None:
        self.topics: list[DescribeQuorumRequestTopicData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("DescribeQuorumRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(3)
            self.topics = [DescribeQuorumRequestTopicData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("DescribeQuorumRequest", version)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeQuorumRequestTopicData:
    """TopicData of DescribeQuorumRequest, versions 0-2."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitions: []DescribeQuorumRequestPartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[DescribeQuorumRequestPartitionData] | tuple[DescribeQuorumRequestPartitionData, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[DescribeQuorumRequestPartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        count = reader.compact_array_length(5)
        self.partitions = [DescribeQuorumRequestPartitionData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeQuorumRequestPartitionData:
    """PartitionData of DescribeQuorumRequest, versions 0-2."""

    __slots__ = ("partition_index",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
    ) -> None:
        self.partition_index: int = partition_index

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.partition_index)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeQuorumResponse:
    """DescribeQuorumResponse, versions 0-2, flexible from 0."""

    __slots__ = ("error_code", "error_message", "nodes", "topics")

    API_KEY: Final = 55
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 2+ nullable=2+ ignorable",
        "topics: []DescribeQuorumResponseTopicData 0+",
        "nodes: []Node 2+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = "",
        topics: list[DescribeQuorumResponseTopicData] | tuple[DescribeQuorumResponseTopicData, ...] = (),
        nodes: list[Node] | tuple[Node, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.topics: list[DescribeQuorumResponseTopicData] = list(topics) if isinstance(topics, tuple) else topics
        self.nodes: list[Node] = list(nodes) if isinstance(nodes, tuple) else nodes

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("DescribeQuorumResponse", version)
        self = cls.__new__(cls)
        try:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            if version == 2:
                self.error_message = reader.compact_nullable_string()
            else:
                self.error_message = ""
            count = reader.compact_array_length(3)
            self.topics = [DescribeQuorumResponseTopicData.decode(reader, version) for _ in range(count)]
            if version == 2:
                count = reader.compact_array_length(6)
                self.nodes = [Node.decode(reader, version) for _ in range(count)]
            else:
                self.nodes = []
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("DescribeQuorumResponse", version)
        writer.buffer += _I2.pack(self.error_code)
        if version == 2:
            writer.compact_nullable_string(self.error_message)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        if version == 2:
            writer.compact_array_length(len(self.nodes))
            for each_nodes in self.nodes:
                each_nodes.encode(writer, version)
        else:
            if len(self.nodes) > 0:
                raise not_in_version("DescribeQuorumResponse.nodes", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeQuorumResponseTopicData:
    """TopicData of DescribeQuorumResponse, versions 0-2."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitions: []DescribeQuorumResponsePartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[DescribeQuorumResponsePartitionData] | tuple[DescribeQuorumResponsePartitionData, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[DescribeQuorumResponsePartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        count = reader.compact_array_length(25)
        self.partitions = [DescribeQuorumResponsePartitionData.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic_name)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeQuorumResponsePartitionData:
    """PartitionData of DescribeQuorumResponse, versions 0-2."""

    __slots__ = (
        "current_voters",
        "error_code",
        "error_message",
        "high_watermark",
        "leader_epoch",
        "leader_id",
        "observers",
        "partition_index",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 2+ nullable=2+ ignorable",
        "leaderId: int32 0+",
        "leaderEpoch: int32 0+",
        "highWatermark: int64 0+",
        "currentVoters: []ReplicaState 0+",
        "observers: []ReplicaState 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
        leader_id: int = 0,
        leader_epoch: int = 0,
        high_watermark: int = 0,
        current_voters: list[ReplicaState] | tuple[ReplicaState, ...] = (),
        observers: list[ReplicaState] | tuple[ReplicaState, ...] = (),
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch
        self.high_watermark: int = high_watermark
        self.current_voters: list[ReplicaState] = list(current_voters) if isinstance(current_voters, tuple) else current_voters
        self.observers: list[ReplicaState] = list(observers) if isinstance(observers, tuple) else observers

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        if version == 2:
            self.error_message = reader.compact_nullable_string()
        else:
            self.error_message = ""
        (self.leader_id, self.leader_epoch, self.high_watermark) = _I4_I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(13)
        self.current_voters = [ReplicaState.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(13)
        self.observers = [ReplicaState.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.partition_index, self.error_code)
        if version == 2:
            writer.compact_nullable_string(self.error_message)
        writer.buffer += _I4_I4_I8.pack(self.leader_id, self.leader_epoch, self.high_watermark)
        writer.compact_array_length(len(self.current_voters))
        for each_current_voters in self.current_voters:
            each_current_voters.encode(writer, version)
        writer.compact_array_length(len(self.observers))
        for each_observers in self.observers:
            each_observers.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Node:
    """Node of DescribeQuorumResponse, versions 2."""

    __slots__ = ("listeners", "node_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "nodeId: int32 2+ key",
        "listeners: []Listener 2+",
    )

    def __init__(
        self,
        *,
        node_id: int = 0,
        listeners: list[Listener] | tuple[Listener, ...] = (),
    ) -> None:
        self.node_id: int = node_id
        self.listeners: list[Listener] = list(listeners) if isinstance(listeners, tuple) else listeners

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.node_id,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        count = reader.compact_array_length(5)
        self.listeners = [Listener.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.node_id)
        writer.compact_array_length(len(self.listeners))
        for each_listeners in self.listeners:
            each_listeners.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Listener:
    """Listener of DescribeQuorumResponse, versions 2."""

    __slots__ = ("host", "name", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 2+ key",
        "host: string 2+",
        "port: uint16 2+",
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


class ReplicaState:
    """ReplicaState of DescribeQuorumResponse, versions 0-2."""

    __slots__ = ("last_caught_up_timestamp", "last_fetch_timestamp", "log_end_offset", "replica_directory_id", "replica_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "replicaId: int32 0+",
        "replicaDirectoryId: uuid 2+",
        "logEndOffset: int64 0+",
        "lastFetchTimestamp: int64 1+ default=-1 ignorable",
        "lastCaughtUpTimestamp: int64 1+ default=-1 ignorable",
    )

    def __init__(
        self,
        *,
        replica_id: int = 0,
        replica_directory_id: bytes = ZERO_UUID,
        log_end_offset: int = 0,
        last_fetch_timestamp: int = -1,
        last_caught_up_timestamp: int = -1,
    ) -> None:
        self.replica_id: int = replica_id
        self.replica_directory_id: bytes = replica_directory_id
        self.log_end_offset: int = log_end_offset
        self.last_fetch_timestamp: int = last_fetch_timestamp
        self.last_caught_up_timestamp: int = last_caught_up_timestamp

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.replica_id,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        if version == 2:
            (self.replica_directory_id,) = _ID.unpack_from(reader.buffer, reader.position)
            reader.position += 16
        else:
            self.replica_directory_id = ZERO_UUID
        (self.log_end_offset,) = _I8.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        if version >= 1:
            (self.last_fetch_timestamp, self.last_caught_up_timestamp) = _I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 16
        else:
            self.last_fetch_timestamp = -1
            self.last_caught_up_timestamp = -1
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.replica_id)
        if version == 2:
            writer.buffer += _ID.pack(self.replica_directory_id)
        else:
            if self.replica_directory_id != ZERO_UUID:
                raise not_in_version("ReplicaState.replica_directory_id", version)
        writer.buffer += _I8.pack(self.log_end_offset)
        if version >= 1:
            writer.buffer += _I8_I8.pack(self.last_fetch_timestamp, self.last_caught_up_timestamp)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
