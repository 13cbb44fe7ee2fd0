# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Heartbeat, API key 12."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class HeartbeatRequest:
    """HeartbeatRequest, versions 0-4, flexible from 4."""

    __slots__ = ("generation_id", "group_id", "group_instance_id", "member_id")

    API_KEY: Final = 12
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "generationId: int32 0+",
        "memberId: string 0+",
        "groupInstanceId: string 3+ nullable=3+ default=null",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        generation_id: int = 0,
        member_id: str = "",
        group_instance_id: str | None = None,
    ) -> None:
        self.group_id: str = group_id
        self.generation_id: int = generation_id
        self.member_id: str = member_id
        self.group_instance_id: str | None = group_instance_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("HeartbeatRequest", version)
        self = cls.__new__(cls)
        try:
            if version == 4:
                self.group_id = reader.compact_string()
                (self.generation_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.member_id = reader.compact_string()
                self.group_instance_id = reader.compact_nullable_string()
                reader.skip_tagged_fields()
            else:
                self.group_id = reader.string()
                (self.generation_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.member_id = reader.string()
                if version == 3:
                    self.group_instance_id = reader.nullable_string()
                else:
                    self.group_instance_id = None
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("HeartbeatRequest", version)
        if version == 4:
            writer.compact_string(self.group_id)
            writer.buffer += _I4.pack(self.generation_id)
            writer.compact_string(self.member_id)
            writer.compact_nullable_string(self.group_instance_id)
            writer.buffer.append(0)
        else:
            writer.string(self.group_id)
            writer.buffer += _I4.pack(self.generation_id)
            writer.string(self.member_id)
            if version == 3:
                writer.nullable_string(self.group_instance_id)
            else:
                if self.group_instance_id is not None:
                    raise not_in_version("HeartbeatRequest.group_instance_id", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class HeartbeatResponse:
    """HeartbeatResponse, versions 0-4, flexible from 4."""

    __slots__ = ("error_code", "throttle_time_ms")

    API_KEY: Final = 12
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 4
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 1+ ignorable",
        "errorCode: int16 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("HeartbeatResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 1:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
            else:
                self.throttle_time_ms = 0
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            if version == 4:
                reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("HeartbeatResponse", version)
        if version >= 1:
            writer.buffer += _I4.pack(self.throttle_time_ms)
        writer.buffer += _I2.pack(self.error_code)
        if version == 4:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
