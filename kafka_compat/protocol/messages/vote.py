# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Vote, API key 52."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unknown_tag, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2_I4_I4_B1: Final = Struct(">ihii?")
_I4_I4_I4: Final = Struct(">iii")
_I4_I8: Final = Struct(">iq")
_ID_ID: Final = Struct(">16s16s")
_U2: Final = Struct(">H")


class VoteRequest:
    """VoteRequest, versions 0-2, flexible from 0."""

    __slots__ = ("cluster_id", "topics", "voter_id")

    API_KEY: Final = 52
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clusterId: string 0+ nullable=0+ default=null",
        "voterId: int32 1+ default=-1 ignorable",
        "topics: []VoteRequestTopicData 0+",
    )

    def __init__(
        self,
        *,
        cluster_id: str | None = None,
        voter_id: int = -1,
        topics: list[VoteRequestTopicData] | tuple[VoteRequestTopicData, ...] = (),
    ) -> None:
        self.cluster_id: str | None = cluster_id
        self.voter_id: int = voter_id
        self.topics: list[VoteRequestTopicData] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("VoteRequest", version)
        self = cls.__new__(cls)
        try:
            self.cluster_id = reader.compact_nullable_string()
            if version >= 1:
                (self.voter_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.voter_id = -1
            count = reader.compact_array_length(3)
            self.topics = [VoteRequestTopicData.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("VoteRequest", version)
        writer.compact_nullable_string(self.cluster_id)
        if version >= 1:
            writer.buffer += _I4.pack(self.voter_id)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class VoteRequestTopicData:
    """TopicData of VoteRequest, versions 0-2."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitions: []VoteRequestPartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[VoteRequestPartitionData] | tuple[VoteRequestPartitionData, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[VoteRequestPartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        count = reader.compact_array_length(25)
        self.partitions = [VoteRequestPartitionData.decode(reader, version) for _ in range(count)]
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


class VoteRequestPartitionData:
    """PartitionData of VoteRequest, versions 0-2."""

    __slots__ = (
        "last_offset",
        "last_offset_epoch",
        "partition_index",
        "pre_vote",
        "replica_directory_id",
        "replica_epoch",
        "replica_id",
        "voter_directory_id",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "replicaEpoch: int32 0+",
        "replicaId: int32 0+",
        "replicaDirectoryId: uuid 1+ ignorable",
        "voterDirectoryId: uuid 1+ ignorable",
        "lastOffsetEpoch: int32 0+",
        "lastOffset: int64 0+",
        "preVote: bool 2+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        replica_epoch: int = 0,
        replica_id: int = 0,
        replica_directory_id: bytes = ZERO_UUID,
        voter_directory_id: bytes = ZERO_UUID,
        last_offset_epoch: int = 0,
        last_offset: int = 0,
        pre_vote: bool = False,
    ) -> None:
        self.partition_index: int = partition_index
        self.replica_epoch: int = replica_epoch
        self.replica_id: int = replica_id
        self.replica_directory_id: bytes = replica_directory_id
        self.voter_directory_id: bytes = voter_directory_id
        self.last_offset_epoch: int = last_offset_epoch
        self.last_offset: int = last_offset
        self.pre_vote: bool = pre_vote

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition_index, self.replica_epoch, self.replica_id) = _I4_I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        if version >= 1:
            (self.replica_directory_id, self.voter_directory_id) = _ID_ID.unpack_from(reader.buffer, reader.position)
            reader.position += 32
        else:
            self.replica_directory_id = ZERO_UUID
            self.voter_directory_id = ZERO_UUID
        (self.last_offset_epoch, self.last_offset) = _I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        if version == 2:
            (self.pre_vote,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
        else:
            self.pre_vote = False
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I4_I4.pack(self.partition_index, self.replica_epoch, self.replica_id)
        if version >= 1:
            writer.buffer += _ID_ID.pack(self.replica_directory_id, self.voter_directory_id)
        writer.buffer += _I4_I8.pack(self.last_offset_epoch, self.last_offset)
        if version == 2:
            writer.buffer += _B1.pack(self.pre_vote)
        else:
            if self.pre_vote:
                raise not_in_version("VoteRequestPartitionData.pre_vote", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class VoteResponse:
    """VoteResponse, versions 0-2, flexible from 0."""

    __slots__ = ("error_code", "node_endpoints", "topics")

    API_KEY: Final = 52
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "topics: []VoteResponseTopicData 0+",
        "nodeEndpoints: []NodeEndpoint 1+ tagged=1+ tag=0",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        topics: list[VoteResponseTopicData] | tuple[VoteResponseTopicData, ...] = (),
        node_endpoints: list[NodeEndpoint] | tuple[NodeEndpoint, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.topics: list[VoteResponseTopicData] = list(topics) if isinstance(topics, tuple) else topics
        self.node_endpoints: list[NodeEndpoint] = list(node_endpoints) if isinstance(node_endpoints, tuple) else node_endpoints

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("VoteResponse", version)
        self = cls.__new__(cls)
        try:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            count = reader.compact_array_length(3)
            self.topics = [VoteResponseTopicData.decode(reader, version) for _ in range(count)]
            self.node_endpoints = []
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    if version >= 1:
                        count = reader.compact_array_length(8)
                        self.node_endpoints = [NodeEndpoint.decode(reader, version) for _ in range(count)]
                    else:
                        raise unknown_tag(tag, version, reader.position)
                else:
                    reader.skip(size)
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("VoteResponse", version)
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        if version < 1 and len(self.node_endpoints) > 0:
            raise not_in_version("VoteResponse.node_endpoints", version)
        tagged: list[tuple[int, Writer]] = []
        if version >= 1 and len(self.node_endpoints) > 0:
            field = Writer()
            field.compact_array_length(len(self.node_endpoints))
            for each_node_endpoints in self.node_endpoints:
                each_node_endpoints.encode(field, version)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class VoteResponseTopicData:
    """TopicData of VoteResponse, versions 0-2."""

    __slots__ = ("partitions", "topic_name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicName: string 0+",
        "partitions: []VoteResponsePartitionData 0+",
    )

    def __init__(
        self,
        *,
        topic_name: str = "",
        partitions: list[VoteResponsePartitionData] | tuple[VoteResponsePartitionData, ...] = (),
    ) -> None:
        self.topic_name: str = topic_name
        self.partitions: list[VoteResponsePartitionData] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic_name = reader.compact_string()
        count = reader.compact_array_length(16)
        self.partitions = [VoteResponsePartitionData.decode(reader, version) for _ in range(count)]
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


class VoteResponsePartitionData:
    """PartitionData of VoteResponse, versions 0-2."""

    __slots__ = ("error_code", "leader_epoch", "leader_id", "partition_index", "vote_granted")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partitionIndex: int32 0+",
        "errorCode: int16 0+",
        "leaderId: int32 0+",
        "leaderEpoch: int32 0+",
        "voteGranted: bool 0+",
    )

    def __init__(
        self,
        *,
        partition_index: int = 0,
        error_code: int = 0,
        leader_id: int = 0,
        leader_epoch: int = 0,
        vote_granted: bool = False,
    ) -> None:
        self.partition_index: int = partition_index
        self.error_code: int = error_code
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch
        self.vote_granted: bool = vote_granted

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (
            self.partition_index,
            self.error_code,
            self.leader_id,
            self.leader_epoch,
            self.vote_granted,
        ) = _I4_I2_I4_I4_B1.unpack_from(reader.buffer, reader.position)
        reader.position += 15
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2_I4_I4_B1.pack(
            self.partition_index,
            self.error_code,
            self.leader_id,
            self.leader_epoch,
            self.vote_granted,
        )
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class NodeEndpoint:
    """NodeEndpoint of VoteResponse, versions 1-2."""

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
