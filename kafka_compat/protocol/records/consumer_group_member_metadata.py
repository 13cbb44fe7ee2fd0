# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ConsumerGroupMemberMetadata records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")


class ConsumerGroupMemberMetadataKey:
    """ConsumerGroupMemberMetadataKey, versions 0."""

    __slots__ = ("group_id", "member_id")

    RECORD_TYPE: Final = 5
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
            raise unsupported("ConsumerGroupMemberMetadataKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.member_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupMemberMetadataKey", version)
        writer.string(self.group_id)
        writer.string(self.member_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupMemberMetadataValue:
    """ConsumerGroupMemberMetadataValue, versions 0, flexible from 0."""

    __slots__ = (
        "classic_member_metadata",
        "client_host",
        "client_id",
        "instance_id",
        "rack_id",
        "rebalance_timeout_ms",
        "server_assignor",
        "subscribed_topic_names",
        "subscribed_topic_regex",
    )

    RECORD_TYPE: Final = 5
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "instanceId: string 0+ nullable=0+",
        "rackId: string 0+ nullable=0+",
        "clientId: string 0+",
        "clientHost: string 0+",
        "subscribedTopicNames: []string 0+",
        "subscribedTopicRegex: string 0+ nullable=0+",
        "rebalanceTimeoutMs: int32 0+ default=-1",
        "serverAssignor: string 0+ nullable=0+",
        "classicMemberMetadata: ClassicMemberMetadata 0+ nullable=0+ tagged=0+ tag=0",
    )

    def __init__(
        self,
        *,
        instance_id: str | None = "",
        rack_id: str | None = "",
        client_id: str = "",
        client_host: str = "",
        subscribed_topic_names: list[str] | tuple[str, ...] = (),
        subscribed_topic_regex: str | None = "",
        rebalance_timeout_ms: int = -1,
        server_assignor: str | None = "",
        classic_member_metadata: ClassicMemberMetadata | None | tuple[()] = (),
    ) -> None:
        self.instance_id: str | None = instance_id
        self.rack_id: str | None = rack_id
        self.client_id: str = client_id
        self.client_host: str = client_host
        self.subscribed_topic_names: list[str] = list(subscribed_topic_names) if isinstance(subscribed_topic_names, tuple) else subscribed_topic_names
        self.subscribed_topic_regex: str | None = subscribed_topic_regex
        self.rebalance_timeout_ms: int = rebalance_timeout_ms
        self.server_assignor: str | None = server_assignor
        self.classic_member_metadata: ClassicMemberMetadata | None = ClassicMemberMetadata() if isinstance(classic_member_metadata, tuple) else classic_member_metadata

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupMemberMetadataValue", version)
        self = cls.__new__(cls)
        try:
            self.instance_id = reader.compact_nullable_string()
            self.rack_id = reader.compact_nullable_string()
            self.client_id = reader.compact_string()
            self.client_host = reader.compact_string()
            count = reader.compact_array_length(1)
            self.subscribed_topic_names = [reader.compact_string() for _ in range(count)]
            self.subscribed_topic_regex = reader.compact_nullable_string()
            (self.rebalance_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.server_assignor = reader.compact_nullable_string()
            self.classic_member_metadata = ClassicMemberMetadata()
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    self.classic_member_metadata = ClassicMemberMetadata.decode(reader, version) if reader.unsigned_varint() > 0 else None
                else:
                    reader.skip(size)
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ConsumerGroupMemberMetadataValue", version)
        writer.compact_nullable_string(self.instance_id)
        writer.compact_nullable_string(self.rack_id)
        writer.compact_string(self.client_id)
        writer.compact_string(self.client_host)
        writer.compact_array_length(len(self.subscribed_topic_names))
        for each_subscribed_topic_names in self.subscribed_topic_names:
            writer.compact_string(each_subscribed_topic_names)
        writer.compact_nullable_string(self.subscribed_topic_regex)
        writer.buffer += _I4.pack(self.rebalance_timeout_ms)
        writer.compact_nullable_string(self.server_assignor)
        tagged: list[tuple[int, Writer]] = []
        if self.classic_member_metadata is None or not self.classic_member_metadata.is_default():
            field = Writer()
            if self.classic_member_metadata is None:
                field.unsigned_varint(0)
            else:
                field.unsigned_varint(1)
                self.classic_member_metadata.encode(field, version)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ClassicMemberMetadata:
    """ClassicMemberMetadata of ConsumerGroupMemberMetadataValue, versions 0."""

    __slots__ = ("session_timeout_ms", "supported_protocols")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "sessionTimeoutMs: int32 0+",
        "supportedProtocols: []ClassicProtocol 0+",
    )

    def __init__(
        self,
        *,
        session_timeout_ms: int = 0,
        supported_protocols: list[ClassicProtocol] | tuple[ClassicProtocol, ...] = (),
    ) -> None:
        self.session_timeout_ms: int = session_timeout_ms
        self.supported_protocols: list[ClassicProtocol] = list(supported_protocols) if isinstance(supported_protocols, tuple) else supported_protocols

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.session_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        count = reader.compact_array_length(3)
        self.supported_protocols = [ClassicProtocol.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.session_timeout_ms)
        writer.compact_array_length(len(self.supported_protocols))
        for each_supported_protocols in self.supported_protocols:
            each_supported_protocols.encode(writer, version)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (self.session_timeout_ms != 0 or len(self.supported_protocols) > 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ClassicProtocol:
    """ClassicProtocol of ConsumerGroupMemberMetadataValue, versions 0."""

    __slots__ = ("metadata", "name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "metadata: bytes 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        metadata: bytes = b"",
    ) -> None:
        self.name: str = name
        self.metadata: bytes = metadata

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        self.metadata = reader.compact_bytes()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_bytes(self.metadata)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
