# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of StreamsGroupMemberMetadata records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I4: Final = Struct(">ii")
_U2: Final = Struct(">H")


class StreamsGroupMemberMetadataKey:
    """StreamsGroupMemberMetadataKey, versions 0."""

    __slots__ = ("group_id", "member_id")

    RECORD_TYPE: Final = 19
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0",
        "memberId: string 0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        member_id: str = "",
    ) -> None:
        self.group_id: str = group_id
        self.member_id: str = member_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupMemberMetadataKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.member_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupMemberMetadataKey", version)
        writer.string(self.group_id)
        writer.string(self.member_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupMemberMetadataValue:
    """StreamsGroupMemberMetadataValue, versions 0, flexible from 0."""

    __slots__ = (
        "client_host",
        "client_id",
        "client_tags",
        "instance_id",
        "process_id",
        "rack_id",
        "rebalance_timeout_ms",
        "topology_epoch",
        "user_endpoint",
    )

    RECORD_TYPE: Final = 19
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "instanceId: string 0+ nullable=0+",
        "rackId: string 0+ nullable=0+",
        "clientId: string 0+",
        "clientHost: string 0+",
        "rebalanceTimeoutMs: int32 0+ default=-1",
        "topologyEpoch: int32 0+",
        "processId: string 0+",
        "userEndpoint: Endpoint 0+ nullable=0+ default=null",
        "clientTags: []KeyValue 0+",
    )

    def __init__(
        self,
        *,
        instance_id: str | None = "",
        rack_id: str | None = "",
        client_id: str = "",
        client_host: str = "",
        rebalance_timeout_ms: int = -1,
        topology_epoch: int = 0,
        process_id: str = "",
        user_endpoint: Endpoint | None = None,
        client_tags: list[KeyValue] | tuple[KeyValue, ...] = (),
    ) -> None:
        self.instance_id: str | None = instance_id
        self.rack_id: str | None = rack_id
        self.client_id: str = client_id
        self.client_host: str = client_host
        self.rebalance_timeout_ms: int = rebalance_timeout_ms
        self.topology_epoch: int = topology_epoch
        self.process_id: str = process_id
        self.user_endpoint: Endpoint | None = user_endpoint
        self.client_tags: list[KeyValue] = list(client_tags) if isinstance(client_tags, tuple) else client_tags

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupMemberMetadataValue", version)
        self = cls.__new__(cls)
        try:
            self.instance_id = reader.compact_nullable_string()
            self.rack_id = reader.compact_nullable_string()
            self.client_id = reader.compact_string()
            self.client_host = reader.compact_string()
            (self.rebalance_timeout_ms, self.topology_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 8
            self.process_id = reader.compact_string()
            self.user_endpoint = Endpoint.decode(reader, version) if reader.is_present() else None
            count = reader.compact_array_length(3)
            self.client_tags = [KeyValue.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupMemberMetadataValue", version)
        writer.compact_nullable_string(self.instance_id)
        writer.compact_nullable_string(self.rack_id)
        writer.compact_string(self.client_id)
        writer.compact_string(self.client_host)
        writer.buffer += _I4_I4.pack(self.rebalance_timeout_ms, self.topology_epoch)
        writer.compact_string(self.process_id)
        if self.user_endpoint is None:
            writer.int8(-1)
        else:
            writer.int8(1)
            self.user_endpoint.encode(writer, version)
        writer.compact_array_length(len(self.client_tags))
        for each_client_tags in self.client_tags:
            each_client_tags.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Endpoint:
    """Endpoint of StreamsGroupMemberMetadataValue, versions 0."""

    __slots__ = ("host", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "host: string 0+",
        "port: uint16 0+",
    )

    def __init__(
        self,
        *,
        host: str = "",
        port: int = 0,
    ) -> None:
        self.host: str = host
        self.port: int = port

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.host = reader.compact_string()
        (self.port,) = _U2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.host)
        writer.buffer += _U2.pack(self.port)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class KeyValue:
    """KeyValue of StreamsGroupMemberMetadataValue, versions 0."""

    __slots__ = ("key", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "key: string 0+",
        "value: string 0+",
    )

    def __init__(
        self,
        *,
        key: str = "",
        value: str = "",
    ) -> None:
        self.key: str = key
        self.value: str = value

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.key = reader.compact_string()
        self.value = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.key)
        writer.compact_string(self.value)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
