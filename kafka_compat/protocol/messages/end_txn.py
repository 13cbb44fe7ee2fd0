# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""EndTxn, API key 26."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2: Final = Struct(">ih")
_I8_I2: Final = Struct(">qh")
_I8_I2_B1: Final = Struct(">qh?")


class EndTxnRequest:
    """EndTxnRequest, versions 0-5, flexible from 3."""

    __slots__ = ("committed", "producer_epoch", "producer_id", "transactional_id")

    API_KEY: Final = 26
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 0+",
        "producerId: int64 0+",
        "producerEpoch: int16 0+",
        "committed: bool 0+",
    )

    def __init__(
        self,
        *,
        transactional_id: str = "",
        producer_id: int = 0,
        producer_epoch: int = 0,
        committed: bool = False,
    ) -> None:
        self.transactional_id: str = transactional_id
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.committed: bool = committed

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("EndTxnRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                self.transactional_id = reader.compact_string()
                (self.producer_id, self.producer_epoch, self.committed) = _I8_I2_B1.unpack_from(reader.buffer, reader.position)
                reader.position += 11
                reader.skip_tagged_fields()
            else:
                self.transactional_id = reader.string()
                (self.producer_id, self.producer_epoch, self.committed) = _I8_I2_B1.unpack_from(reader.buffer, reader.position)
                reader.position += 11
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("EndTxnRequest", version)
        if version >= 3:
            writer.compact_string(self.transactional_id)
            writer.buffer += _I8_I2_B1.pack(self.producer_id, self.producer_epoch, self.committed)
            writer.buffer.append(0)
        else:
            writer.string(self.transactional_id)
            writer.buffer += _I8_I2_B1.pack(self.producer_id, self.producer_epoch, self.committed)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class EndTxnResponse:
    """EndTxnResponse, versions 0-5, flexible from 3."""

    __slots__ = ("error_code", "producer_epoch", "producer_id", "throttle_time_ms")

    API_KEY: Final = 26
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 5
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "producerId: int64 5+ default=-1 ignorable",
        "producerEpoch: int16 5+ default=-1 ignorable",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        producer_id: int = -1,
        producer_epoch: int = -1,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 5:
            raise unsupported("EndTxnResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            if version == 5:
                (self.producer_id, self.producer_epoch) = _I8_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 10
            else:
                self.producer_id = -1
                self.producer_epoch = -1
            if version >= 3:
                reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 5:
            raise unsupported("EndTxnResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        if version == 5:
            writer.buffer += _I8_I2.pack(self.producer_id, self.producer_epoch)
        if version >= 3:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
