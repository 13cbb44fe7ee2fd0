# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AllocateProducerIds, API key 67."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2_I8_I4: Final = Struct(">ihqi")
_I4_I8: Final = Struct(">iq")


class AllocateProducerIdsRequest:
    """AllocateProducerIdsRequest, versions 0, flexible from 0."""

    __slots__ = ("broker_epoch", "broker_id")

    API_KEY: Final = 67
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "brokerId: int32 0+",
        "brokerEpoch: int64 0+ default=-1",
    )

    def __init__(
        self,
        *,
        broker_id: int = 0,
        broker_epoch: int = -1,
    ) -> None:
        self.broker_id: int = broker_id
        self.broker_epoch: int = broker_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("AllocateProducerIdsRequest", version)
        self = cls.__new__(cls)
        try:
            (self.broker_id, self.broker_epoch) = _I4_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 12
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("AllocateProducerIdsRequest", version)
        writer.buffer += _I4_I8.pack(self.broker_id, self.broker_epoch)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AllocateProducerIdsResponse:
    """AllocateProducerIdsResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "producer_id_len", "producer_id_start", "throttle_time_ms")

    API_KEY: Final = 67
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "producerIdStart: int64 0+",
        "producerIdLen: int32 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        producer_id_start: int = 0,
        producer_id_len: int = 0,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.producer_id_start: int = producer_id_start
        self.producer_id_len: int = producer_id_len

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("AllocateProducerIdsResponse", version)
        self = cls.__new__(cls)
        try:
            (
                self.throttle_time_ms,
                self.error_code,
                self.producer_id_start,
                self.producer_id_len,
            ) = _I4_I2_I8_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 18
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("AllocateProducerIdsResponse", version)
        writer.buffer += _I4_I2_I8_I4.pack(self.throttle_time_ms, self.error_code, self.producer_id_start, self.producer_id_len)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
