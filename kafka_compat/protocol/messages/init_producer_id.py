# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""InitProducerId, API key 22."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1_B1: Final = Struct(">??")
_I4: Final = Struct(">i")
_I4_I2_I8_I2: Final = Struct(">ihqh")
_I8_I2: Final = Struct(">qh")


class InitProducerIdRequest:
    """InitProducerIdRequest, versions 0-6, flexible from 2; version 6 is unstable."""

    __slots__ = (
        "enable2_pc",
        "keep_prepared_txn",
        "producer_epoch",
        "producer_id",
        "transaction_timeout_ms",
        "transactional_id",
    )

    API_KEY: Final = 22
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 6
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 0+ nullable=0+",
        "transactionTimeoutMs: int32 0+",
        "producerId: int64 3+ default=-1",
        "producerEpoch: int16 3+ default=-1",
        "enable2Pc: bool 6+ default=false",
        "keepPreparedTxn: bool 6+ default=false",
    )

    def __init__(
        self,
        *,
        transactional_id: str | None = "",
        transaction_timeout_ms: int = 0,
        producer_id: int = -1,
        producer_epoch: int = -1,
        enable2_pc: bool = False,
        keep_prepared_txn: bool = False,
    ) -> None:
        self.transactional_id: str | None = transactional_id
        self.transaction_timeout_ms: int = transaction_timeout_ms
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.enable2_pc: bool = enable2_pc
        self.keep_prepared_txn: bool = keep_prepared_txn

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 6:
            raise unsupported("InitProducerIdRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                self.transactional_id = reader.compact_nullable_string()
                (self.transaction_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version >= 3:
                    (self.producer_id, self.producer_epoch) = _I8_I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 10
                else:
                    self.producer_id = -1
                    self.producer_epoch = -1
                if version == 6:
                    (self.enable2_pc, self.keep_prepared_txn) = _B1_B1.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                else:
                    self.enable2_pc = False
                    self.keep_prepared_txn = False
                reader.skip_tagged_fields()
            else:
                self.transactional_id = reader.nullable_string()
                (self.transaction_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.producer_id = -1
                self.producer_epoch = -1
                self.enable2_pc = False
                self.keep_prepared_txn = False
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 6:
            raise unsupported("InitProducerIdRequest", version)
        if version >= 2:
            writer.compact_nullable_string(self.transactional_id)
            writer.buffer += _I4.pack(self.transaction_timeout_ms)
            if version >= 3:
                writer.buffer += _I8_I2.pack(self.producer_id, self.producer_epoch)
            else:
                if self.producer_id != -1:
                    raise not_in_version("InitProducerIdRequest.producer_id", version)
                if self.producer_epoch != -1:
                    raise not_in_version("InitProducerIdRequest.producer_epoch", version)
            if version == 6:
                writer.buffer += _B1_B1.pack(self.enable2_pc, self.keep_prepared_txn)
            else:
                if self.enable2_pc:
                    raise not_in_version("InitProducerIdRequest.enable2_pc", version)
                if self.keep_prepared_txn:
                    raise not_in_version("InitProducerIdRequest.keep_prepared_txn", version)
            writer.buffer.append(0)
        else:
            writer.nullable_string(self.transactional_id)
            writer.buffer += _I4.pack(self.transaction_timeout_ms)
            if self.producer_id != -1:
                raise not_in_version("InitProducerIdRequest.producer_id", version)
            if self.producer_epoch != -1:
                raise not_in_version("InitProducerIdRequest.producer_epoch", version)
            if self.enable2_pc:
                raise not_in_version("InitProducerIdRequest.enable2_pc", version)
            if self.keep_prepared_txn:
                raise not_in_version("InitProducerIdRequest.keep_prepared_txn", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class InitProducerIdResponse:
    """InitProducerIdResponse, versions 0-6, flexible from 2."""

    __slots__ = (
        "error_code",
        "ongoing_txn_producer_epoch",
        "ongoing_txn_producer_id",
        "producer_epoch",
        "producer_id",
        "throttle_time_ms",
    )

    API_KEY: Final = 22
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 6
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+ ignorable",
        "errorCode: int16 0+",
        "producerId: int64 0+ default=-1",
        "producerEpoch: int16 0+",
        "ongoingTxnProducerId: int64 6+ default=-1",
        "ongoingTxnProducerEpoch: int16 6+ default=-1",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        producer_id: int = -1,
        producer_epoch: int = 0,
        ongoing_txn_producer_id: int = -1,
        ongoing_txn_producer_epoch: int = -1,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.producer_id: int = producer_id
        self.producer_epoch: int = producer_epoch
        self.ongoing_txn_producer_id: int = ongoing_txn_producer_id
        self.ongoing_txn_producer_epoch: int = ongoing_txn_producer_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 6:
            raise unsupported("InitProducerIdResponse", version)
        self = cls.__new__(cls)
        try:
            (
                self.throttle_time_ms,
                self.error_code,
                self.producer_id,
                self.producer_epoch,
            ) = _I4_I2_I8_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 16
            if version == 6:
                (
                    self.ongoing_txn_producer_id,
                    self.ongoing_txn_producer_epoch,
                ) = _I8_I2.unpack_from(reader.buffer, reader.position)
                reader.position += 10
            else:
                self.ongoing_txn_producer_id = -1
                self.ongoing_txn_producer_epoch = -1
            if version >= 2:
                reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 6:
            raise unsupported("InitProducerIdResponse", version)
        writer.buffer += _I4_I2_I8_I2.pack(self.throttle_time_ms, self.error_code, self.producer_id, self.producer_epoch)
        if version == 6:
            writer.buffer += _I8_I2.pack(self.ongoing_txn_producer_id, self.ongoing_txn_producer_epoch)
        else:
            if self.ongoing_txn_producer_id != -1:
                raise not_in_version("InitProducerIdResponse.ongoing_txn_producer_id", version)
            if self.ongoing_txn_producer_epoch != -1:
                raise not_in_version("InitProducerIdResponse.ongoing_txn_producer_epoch", version)
        if version >= 2:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
