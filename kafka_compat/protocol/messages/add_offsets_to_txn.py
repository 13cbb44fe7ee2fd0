# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AddOffsetsToTxn, API key 25."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2: Final = Struct(">ih")
_I8_I2: Final = Struct(">qh")


class AddOffsetsToTxnRequest:
    """AddOffsetsToTxnRequest, versions 0-4, flexible from 3."""

    __slots__ = ("group_id", "producer_epoch", "producer_id", "transactional_id")

    API_KEY: Final = 25
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 0+",
        "producerId: int64 0+",
        "producerEpoch: int16 0+",
        "groupId: string 0+",
    )

    def __init__(
        self,
        *,
        transactional_id: str = "",
        producer_id: int = 0,
        producer_epoch: int = 0,
        group_id: str = "",
    ) -> None:
        self.transactional_id: str = transactional_id
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.group_id: str = group_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("AddOffsetsToTxnRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                self.transactional_id = reader.compact_string()
                (self.producer_id, self.producer_epoch) = _I8_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 10
                self.group_id = reader.compact_string()
                reader.skip_tagged_fields()
            else:
                self.transactional_id = reader.string()
                (self.producer_id, self.producer_epoch) = _I8_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 10
                self.group_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("AddOffsetsToTxnRequest", version)
        if version >= 3:
            writer.compact_string(self.transactional_id)
            writer.buffer += _I8_I2.pack(self.producer_id, self.producer_epoch)
            writer.compact_string(self.group_id)
            writer.buffer.append(0)
        else:
            writer.string(self.transactional_id)
            writer.buffer += _I8_I2.pack(self.producer_id, self.producer_epoch)
            writer.string(self.group_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AddOffsetsToTxnResponse:
    """AddOffsetsToTxnResponse, versions 0-4, flexible from 3."""

    __slots__ = ("error_code", "throttle_time_ms")

    API_KEY: Final = 25
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
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
            raise unsupported("AddOffsetsToTxnResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            if version >= 3:
                reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("AddOffsetsToTxnResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        if version >= 3:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
