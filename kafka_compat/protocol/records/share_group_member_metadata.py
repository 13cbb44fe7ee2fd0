# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of ShareGroupMemberMetadata records of Kafka's group-coordinator."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer



class ShareGroupMemberMetadataKey:
    """ShareGroupMemberMetadataKey, versions 0."""

    __slots__ = ("group_id", "member_id")

    RECORD_TYPE: Final = 10
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
            raise unsupported("ShareGroupMemberMetadataKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.member_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupMemberMetadataKey", version)
        writer.string(self.group_id)
        writer.string(self.member_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ShareGroupMemberMetadataValue:
    """ShareGroupMemberMetadataValue, versions 0, flexible from 0."""

    __slots__ = ("client_host", "client_id", "rack_id", "subscribed_topic_names")

    RECORD_TYPE: Final = 10
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "rackId: string 0+ nullable=0+",
        "clientId: string 0+",
        "clientHost: string 0+",
        "subscribedTopicNames: []string 0+",
    )

    def __init__(
        self,
        *,
        rack_id: str | None = "",
        client_id: str = "",
        client_host: str = "",
        subscribed_topic_names: list[str] | tuple[str, ...] = (),
    ) -> None:
        self.rack_id: str | None = rack_id
        self.client_id: str = client_id
        self.client_host: str = client_host
        self.subscribed_topic_names: list[str] = list(subscribed_topic_names) if isinstance(subscribed_topic_names, tuple) else subscribed_topic_names

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupMemberMetadataValue", version)
        self = cls.__new__(cls)
        try:
            self.rack_id = reader.compact_nullable_string()
            self.client_id = reader.compact_string()
            self.client_host = reader.compact_string()
            count = reader.compact_array_length(1)
            self.subscribed_topic_names = [reader.compact_string() for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ShareGroupMemberMetadataValue", version)
        writer.compact_nullable_string(self.rack_id)
        writer.compact_string(self.client_id)
        writer.compact_string(self.client_host)
        writer.compact_array_length(len(self.subscribed_topic_names))
        for each_subscribed_topic_names in self.subscribed_topic_names:
            writer.compact_string(each_subscribed_topic_names)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
