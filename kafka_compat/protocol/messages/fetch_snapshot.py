# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""FetchSnapshot, API key 59."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unknown_tag, unsupported
from kafka_compat.wire.primitives import Records, Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I4: Final = Struct(">ii")
_I8: Final = Struct(">q")
_I8_I4: Final = Struct(">qi")
_I8_I8: Final = Struct(">qq")
_ID: Final = Struct(">16s")
_U2: Final = Struct(">H")


class FetchSnapshotRequest:
    """FetchSnapshotRequest, versions 0-1, flexible from 0."""

    __slots__ = ("cluster_id", "max_bytes", "replica_id", "topics")

    API_KEY: Final = 59
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clusterId: string 0+ nullable=0+ tagged=0+ tag=0 default=null",
        "replicaId: int32 0+ default=-1",
        "maxBytes: int32 0+ default=0x7fffffff",
        "topics: []FetchSnapshotRequestTopicSnapshot 0+",
    )

    def __init__(
        self,
        *,
        cluster_id: str | None = None,
        replica_id: int = -1,
        max_bytes: int = 2147483647,
        topics: list[FetchSnapshotRequestTopicSnapshot] | tuple[FetchSnapshotRequestTopicSnapshot, ...] = (),
    ) -> None:
        self.cluster_id: str | None = cluster_id
        self.replica_id: int = replica_id
        self.max_bytes: int = max_bytes
        self.topics: list[FetchSnapshotRequestTopicSnapshot] = list(topics) if isinstance(topics, tuple) else topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("FetchSnapshotRequest", version)
        self = cls.__new__(cls)
        try:
            self.cluster_id = None
            (self.replica_id, self.max_bytes) = _I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 8
            count = reader.compact_array_length(3)
            self.topics = [FetchSnapshotRequestTopicSnapshot.decode(reader, version) for _ in range(count)]
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    self.cluster_id = reader.compact_nullable_string()
                else:
                    reader.skip(size)
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("FetchSnapshotRequest", version)
        writer.buffer += _I4_I4.pack(self.replica_id, self.max_bytes)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        tagged: list[tuple[int, Writer]] = []
        if self.cluster_id is not None:
            field = Writer()
            field.compact_nullable_string(self.cluster_id)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchSnapshotRequestTopicSnapshot:
    """TopicSnapshot of FetchSnapshotRequest, versions 0-1."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []FetchSnapshotRequestPartitionSnapshot 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[FetchSnapshotRequestPartitionSnapshot] | tuple[FetchSnapshotRequestPartitionSnapshot, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[FetchSnapshotRequestPartitionSnapshot] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        count = reader.compact_array_length(30)
        self.partitions = [FetchSnapshotRequestPartitionSnapshot.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchSnapshotRequestPartitionSnapshot:
    """PartitionSnapshot of FetchSnapshotRequest, versions 0-1."""

    __slots__ = ("current_leader_epoch", "partition", "position", "replica_directory_id", "snapshot_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "partition: int32 0+",
        "currentLeaderEpoch: int32 0+",
        "snapshotId: FetchSnapshotRequestSnapshotId 0+",
        "position: int64 0+",
        "replicaDirectoryId: uuid 1+ tagged=1+ tag=0 ignorable",
    )

    def __init__(
        self,
        *,
        partition: int = 0,
        current_leader_epoch: int = 0,
        snapshot_id: FetchSnapshotRequestSnapshotId | None = None,
        position: int = 0,
        replica_directory_id: bytes = ZERO_UUID,
    ) -> None:
        self.partition: int = partition
        self.current_leader_epoch: int = current_leader_epoch
        self.snapshot_id: FetchSnapshotRequestSnapshotId = FetchSnapshotRequestSnapshotId() if snapshot_id is None else snapshot_id
        self.position: int = position
        self.replica_directory_id: bytes = replica_directory_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.partition, self.current_leader_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        self.snapshot_id = FetchSnapshotRequestSnapshotId.decode(reader, version)
        (self.position,) = _I8.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        self.replica_directory_id = ZERO_UUID
        for _ in range(reader.tagged_fields_count()):
            tag = reader.unsigned_varint()
            size = reader.unsigned_varint()
            if tag == 0:
                if version == 1:
                    (self.replica_directory_id,) = _ID.unpack_from(reader.buffer, reader.position)
                    reader.position += 16
                else:
                    raise unknown_tag(tag, version, reader.position)
            else:
                reader.skip(size)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I4.pack(self.partition, self.current_leader_epoch)
        self.snapshot_id.encode(writer, version)
        writer.buffer += _I8.pack(self.position)
        tagged: list[tuple[int, Writer]] = []
        if version == 1 and self.replica_directory_id != ZERO_UUID:
            field = Writer()
            field.buffer += _ID.pack(self.replica_directory_id)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchSnapshotRequestSnapshotId:
    """SnapshotId of FetchSnapshotRequest, versions 0-1."""

    __slots__ = ("end_offset", "epoch")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "endOffset: int64 0+",
        "epoch: int32 0+",
    )

    def __init__(
        self,
        *,
        end_offset: int = 0,
        epoch: int = 0,
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
        return not (self.end_offset != 0 or self.epoch != 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchSnapshotResponse:
    """FetchSnapshotResponse, versions 0-1, flexible from 0."""

    __slots__ = ("error_code", "node_endpoints", "throttle_time_ms", "topics")

    API_KEY: Final = 59
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+ ignorable",
        "errorCode: int16 0+",
        "topics: []FetchSnapshotResponseTopicSnapshot 0+",
        "nodeEndpoints: []NodeEndpoint 1+ tagged=1+ tag=0",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        topics: list[FetchSnapshotResponseTopicSnapshot] | tuple[FetchSnapshotResponseTopicSnapshot, ...] = (),
        node_endpoints: list[NodeEndpoint] | tuple[NodeEndpoint, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.topics: list[FetchSnapshotResponseTopicSnapshot] = list(topics) if isinstance(topics, tuple) else topics
        self.node_endpoints: list[NodeEndpoint] = list(node_endpoints) if isinstance(node_endpoints, tuple) else node_endpoints

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("FetchSnapshotResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.compact_array_length(3)
            self.topics = [FetchSnapshotResponseTopicSnapshot.decode(reader, version) for _ in range(count)]
            self.node_endpoints = []
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    if version == 1:
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
        if not 0 <= version <= 1:
            raise unsupported("FetchSnapshotResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_array_length(len(self.topics))
        for each_topics in self.topics:
            each_topics.encode(writer, version)
        if version < 1 and len(self.node_endpoints) > 0:
            raise not_in_version("FetchSnapshotResponse.node_endpoints", version)
        tagged: list[tuple[int, Writer]] = []
        if version == 1 and len(self.node_endpoints) > 0:
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


class FetchSnapshotResponseTopicSnapshot:
    """TopicSnapshot of FetchSnapshotResponse, versions 0-1."""

    __slots__ = ("name", "partitions")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: []FetchSnapshotResponsePartitionSnapshot 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: list[FetchSnapshotResponsePartitionSnapshot] | tuple[FetchSnapshotResponsePartitionSnapshot, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: list[FetchSnapshotResponsePartitionSnapshot] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        count = reader.compact_array_length(37)
        self.partitions = [FetchSnapshotResponsePartitionSnapshot.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_array_length(len(self.partitions))
        for each_partitions in self.partitions:
            each_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchSnapshotResponsePartitionSnapshot:
    """PartitionSnapshot of FetchSnapshotResponse, versions 0-1."""

    __slots__ = ("current_leader", "error_code", "index", "position", "size", "snapshot_id", "unaligned_records")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "index: int32 0+",
        "errorCode: int16 0+",
        "snapshotId: FetchSnapshotResponseSnapshotId 0+",
        "currentLeader: LeaderIdAndEpoch 0+ tagged=0+ tag=0",
        "size: int64 0+",
        "position: int64 0+",
        "unalignedRecords: records 0+",
    )

    def __init__(
        self,
        *,
        index: int = 0,
        error_code: int = 0,
        snapshot_id: FetchSnapshotResponseSnapshotId | None = None,
        current_leader: LeaderIdAndEpoch | None = None,
        size: int = 0,
        position: int = 0,
        unaligned_records: Records | None = None,
    ) -> None:
        self.index: int = index
        self.error_code: int = error_code
        self.snapshot_id: FetchSnapshotResponseSnapshotId = FetchSnapshotResponseSnapshotId() if snapshot_id is None else snapshot_id
        self.current_leader: LeaderIdAndEpoch = LeaderIdAndEpoch() if current_leader is None else current_leader
        self.size: int = size
        self.position: int = position
        self.unaligned_records: Records | None = unaligned_records

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.index, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        self.snapshot_id = FetchSnapshotResponseSnapshotId.decode(reader, version)
        self.current_leader = LeaderIdAndEpoch()
        (self.size, self.position) = _I8_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        self.unaligned_records = reader.compact_view()
        for _ in range(reader.tagged_fields_count()):
            tag = reader.unsigned_varint()
            size = reader.unsigned_varint()
            if tag == 0:
                self.current_leader = LeaderIdAndEpoch.decode(reader, version)
            else:
                reader.skip(size)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I2.pack(self.index, self.error_code)
        self.snapshot_id.encode(writer, version)
        writer.buffer += _I8_I8.pack(self.size, self.position)
        if self.unaligned_records is None:
            raise writer.null_error("FetchSnapshotResponsePartitionSnapshot.unaligned_records")
        writer.compact_records(self.unaligned_records)
        tagged: list[tuple[int, Writer]] = []
        if not self.current_leader.is_default():
            field = Writer()
            self.current_leader.encode(field, version)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FetchSnapshotResponseSnapshotId:
    """SnapshotId of FetchSnapshotResponse, versions 0-1."""

    __slots__ = ("end_offset", "epoch")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "endOffset: int64 0+",
        "epoch: int32 0+",
    )

    def __init__(
        self,
        *,
        end_offset: int = 0,
        epoch: int = 0,
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
        return not (self.end_offset != 0 or self.epoch != 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class LeaderIdAndEpoch:
    """LeaderIdAndEpoch of FetchSnapshotResponse, versions 0-1."""

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


class NodeEndpoint:
    """NodeEndpoint of FetchSnapshotResponse, versions 1."""

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
