# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ListTransactions, API key 66."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2: Final = Struct(">ih")
_I8: Final = Struct(">q")


class ListTransactionsRequest:
    """ListTransactionsRequest, versions 0-2, flexible from 0."""

    __slots__ = ("duration_filter", "producer_id_filters", "state_filters", "transactional_id_pattern")

    API_KEY: Final = 66
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "stateFilters: []string 0+",
        "producerIdFilters: []int64 0+",
        "durationFilter: int64 1+ default=-1",
        "transactionalIdPattern: string 2+ nullable=2+ default=null",
    )

    def __init__(
        self,
        *,
        state_filters: list[str] | tuple[str, ...] = (),
        producer_id_filters: list[int] | tuple[int, ...] = (),
        duration_filter: int = -1,
        transactional_id_pattern: str | None = None,
    ) -> None:
        self.state_filters: list[str] = list(state_filters) if isinstance(state_filters, tuple) else state_filters
        self.producer_id_filters: list[int] = list(producer_id_filters) if isinstance(producer_id_filters, tuple) else producer_id_filters
        self.duration_filter: int = duration_filter
        self.transactional_id_pattern: str | None = transactional_id_pattern

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("ListTransactionsRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(1)
            self.state_filters = [reader.compact_string() for _ in range(count)]
            count = reader.compact_array_length(8)
            self.producer_id_filters = reader.int64s(count)
            if version >= 1:
                (self.duration_filter,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
            else:
                self.duration_filter = -1
            if version == 2:
                self.transactional_id_pattern = reader.compact_nullable_string()
            else:
                self.transactional_id_pattern = None
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("ListTransactionsRequest", version)
        writer.compact_array_length(len(self.state_filters))
        for each_state_filters in self.state_filters:
            writer.compact_string(each_state_filters)
        writer.compact_array_length(len(self.producer_id_filters))
        writer.int64s(self.producer_id_filters)
        if version >= 1:
            writer.buffer += _I8.pack(self.duration_filter)
        else:
            if self.duration_filter != -1:
                raise not_in_version("ListTransactionsRequest.duration_filter", version)
        if version == 2:
            writer.compact_nullable_string(self.transactional_id_pattern)
        else:
            if self.transactional_id_pattern is not None:
                raise not_in_version("ListTransactionsRequest.transactional_id_pattern", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ListTransactionsResponse:
    """ListTransactionsResponse, versions 0-2, flexible from 0."""

    __slots__ = ("error_code", "throttle_time_ms", "transaction_states", "unknown_state_filters")

    API_KEY: Final = 66
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "unknownStateFilters: []string 0+",
        "transactionStates: []TransactionState 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        unknown_state_filters: list[str] | tuple[str, ...] = (),
        transaction_states: list[TransactionState] | tuple[TransactionState, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.unknown_state_filters: list[str] = list(unknown_state_filters) if isinstance(unknown_state_filters, tuple) else unknown_state_filters
        self.transaction_states: list[TransactionState] = list(transaction_states) if isinstance(transaction_states, tuple) else transaction_states

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("ListTransactionsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.compact_array_length(1)
            self.unknown_state_filters = [reader.compact_string() for _ in range(count)]
            count = reader.compact_array_length(11)
            self.transaction_states = [TransactionState.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("ListTransactionsResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_array_length(len(self.unknown_state_filters))
        for each_unknown_state_filters in self.unknown_state_filters:
            writer.compact_string(each_unknown_state_filters)
        writer.compact_array_length(len(self.transaction_states))
        for each_transaction_states in self.transaction_states:
            each_transaction_states.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TransactionState:
    """TransactionState of ListTransactionsResponse, versions 0-2."""

    __slots__ = ("producer_id", "transaction_state", "transactional_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "transactionalId: string 0+",
        "producerId: int64 0+",
        "transactionState: string 0+",
    )

    def __init__(
        self,
        *,
        transactional_id: str = "",
        producer_id: int = 0,
        transaction_state: str = "",
    ) -> None:
        self.transactional_id: str = transactional_id
        self.producer_id: int = producer_id
        self.transaction_state: str = transaction_state

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.transactional_id = reader.compact_string()
        (self.producer_id,) = _I8.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        self.transaction_state = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.transactional_id)
        writer.buffer += _I8.pack(self.producer_id)
        writer.compact_string(self.transaction_state)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
