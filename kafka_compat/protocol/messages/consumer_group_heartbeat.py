# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ConsumerGroupHeartbeat, API key 68."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I4: Final = Struct(">ii")
_ID: Final = Struct(">16s")


class ConsumerGroupHeartbeatRequest:
    """ConsumerGroupHeartbeatRequest, versions 0-1, flexible from 0."""

    __slots__ = (
        "group_id",
        "instance_id",
        "member_epoch",
        "member_id",
        "rack_id",
        "rebalance_timeout_ms",
        "server_assignor",
        "subscribed_topic_names",
        "subscribed_topic_regex",
        "topic_partitions",
    )

    API_KEY: Final = 68
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "memberId: string 0+",
        "memberEpoch: int32 0+",
        "instanceId: string 0+ nullable=0+ default=null",
        "rackId: string 0+ nullable=0+ default=null",
        "rebalanceTimeoutMs: int32 0+ default=-1",
        "subscribedTopicNames: []string 0+ nullable=0+ default=null",
        "subscribedTopicRegex: string 1+ nullable=1+ default=null",
        "serverAssignor: string 0+ nullable=0+ default=null",
        "topicPartitions: []ConsumerGroupHeartbeatRequestTopicPartitions 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        member_id: str = "",
        member_epoch: int = 0,
        instance_id: str | None = None,
        rack_id: str | None = None,
        rebalance_timeout_ms: int = -1,
        subscribed_topic_names: list[str] | None = None,
        subscribed_topic_regex: str | None = None,
        server_assignor: str | None = None,
        topic_partitions: list[ConsumerGroupHeartbeatRequestTopicPartitions] | None = None,
    ) -> None:
        self.group_id: str = group_id
        self.member_id: str = member_id
        self.member_epoch: int = member_epoch
        self.instance_id: str | None = instance_id
        self.rack_id: str | None = rack_id
        self.rebalance_timeout_ms: int = rebalance_timeout_ms
        self.subscribed_topic_names: list[str] | None = subscribed_topic_names
        self.subscribed_topic_regex: str | None = subscribed_topic_regex
        self.server_assignor: str | None = server_assignor
        self.topic_partitions: list[ConsumerGroupHeartbeatRequestTopicPartitions] | None = topic_partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("ConsumerGroupHeartbeatRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.compact_string()
            self.member_id = reader.compact_string()
            (self.member_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.instance_id = reader.compact_nullable_string()
            self.rack_id = reader.compact_nullable_string()
            (self.rebalance_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_nullable_array_length(1)
            self.subscribed_topic_names = None if count < 0 else [reader.compact_string() for _ in range(count)]
            if version == 1:
                self.subscribed_topic_regex = reader.compact_nullable_string()
            else:
                self.subscribed_topic_regex = None
            self.server_assignor = reader.compact_nullable_string()
            count = reader.compact_nullable_array_length(18)
            self.topic_partitions = None if count < 0 else [ConsumerGroupHeartbeatRequestTopicPartitions.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("ConsumerGroupHeartbeatRequest", version)
        writer.compact_string(self.group_id)
        writer.compact_string(self.member_id)
        writer.buffer += _I4.pack(self.member_epoch)
        writer.compact_nullable_string(self.instance_id)
        writer.compact_nullable_string(self.rack_id)
        writer.buffer += _I4.pack(self.rebalance_timeout_ms)
        if self.subscribed_topic_names is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.subscribed_topic_names))
            for each_subscribed_topic_names in self.subscribed_topic_names:
                writer.compact_string(each_subscribed_topic_names)
        if version == 1:
            writer.compact_nullable_string(self.subscribed_topic_regex)
        else:
            if self.subscribed_topic_regex is not None:
                raise not_in_version("ConsumerGroupHeartbeatRequest.subscribed_topic_regex", version)
        writer.compact_nullable_string(self.server_assignor)
        if self.topic_partitions is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.topic_partitions))
            for each_topic_partitions in self.topic_partitions:
                each_topic_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupHeartbeatRequestTopicPartitions:
    """TopicPartitions of ConsumerGroupHeartbeatRequest, versions 0-1."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupHeartbeatResponse:
    """ConsumerGroupHeartbeatResponse, versions 0-1, flexible from 0."""

    __slots__ = (
        "assignment",
        "error_code",
        "error_message",
        "heartbeat_interval_ms",
        "member_epoch",
        "member_id",
        "throttle_time_ms",
    )

    API_KEY: Final = 68
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "memberId: string 0+ nullable=0+ default=null",
        "memberEpoch: int32 0+",
        "heartbeatIntervalMs: int32 0+",
        "assignment: Assignment 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        member_id: str | None = None,
        member_epoch: int = 0,
        heartbeat_interval_ms: int = 0,
        assignment: Assignment | None = None,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.member_id: str | None = member_id
        self.member_epoch: int = member_epoch
        self.heartbeat_interval_ms: int = heartbeat_interval_ms
        self.assignment: Assignment | None = assignment

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("ConsumerGroupHeartbeatResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            self.member_id = reader.compact_nullable_string()
            (self.member_epoch, self.heartbeat_interval_ms) = _I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 8
            self.assignment = Assignment.decode(reader, version) if reader.is_present() else None
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("ConsumerGroupHeartbeatResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_nullable_string(self.member_id)
        writer.buffer += _I4_I4.pack(self.member_epoch, self.heartbeat_interval_ms)
        if self.assignment is None:
            writer.int8(-1)
        else:
            writer.int8(1)
            self.assignment.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Assignment:
    """Assignment of ConsumerGroupHeartbeatResponse, versions 0-1."""

    __slots__ = ("topic_partitions",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicPartitions: []ConsumerGroupHeartbeatResponseTopicPartitions 0+",
    )

    def __init__(
        self,
        *,
        topic_partitions: list[ConsumerGroupHeartbeatResponseTopicPartitions] | tuple[ConsumerGroupHeartbeatResponseTopicPartitions, ...] = (),
    ) -> None:
        self.topic_partitions: list[ConsumerGroupHeartbeatResponseTopicPartitions] = list(topic_partitions) if isinstance(topic_partitions, tuple) else topic_partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        count = reader.compact_array_length(18)
        self.topic_partitions = [ConsumerGroupHeartbeatResponseTopicPartitions.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_array_length(len(self.topic_partitions))
        for each_topic_partitions in self.topic_partitions:
            each_topic_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ConsumerGroupHeartbeatResponseTopicPartitions:
    """TopicPartitions of ConsumerGroupHeartbeatResponse, versions 0-1."""

    __slots__ = ("partitions", "topic_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topicId: uuid 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic_id: bytes = ZERO_UUID,
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic_id: bytes = topic_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.topic_id,) = _ID.unpack_from(reader.buffer, reader.position)
        reader.position += 16
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _ID.pack(self.topic_id)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
