# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AddRaftVoter, API key 80."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I4_I2: Final = Struct(">ih")
_I4_I4_ID: Final = Struct(">ii16s")
_U2: Final = Struct(">H")


class AddRaftVoterRequest:
    """AddRaftVoterRequest, versions 0-1, flexible from 0."""

    __slots__ = ("ack_when_committed", "cluster_id", "listeners", "timeout_ms", "voter_directory_id", "voter_id")

    API_KEY: Final = 80
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clusterId: string 0+ nullable=0+",
        "timeoutMs: int32 0+",
        "voterId: int32 0+",
        "voterDirectoryId: uuid 0+",
        "listeners: []Listener 0+",
        "ackWhenCommitted: bool 1+ default=true",
    )

    def __init__(
        self,
        *,
        cluster_id: str | None = "",
        timeout_ms: int = 0,
        voter_id: int = 0,
        voter_directory_id: bytes = ZERO_UUID,
        listeners: list[Listener] | tuple[Listener, ...] = (),
        ack_when_committed: bool = True,
    ) -> None:
        self.cluster_id: str | None = cluster_id
        self.timeout_ms: int = timeout_ms
        self.voter_id: int = voter_id
        self.voter_directory_id: bytes = voter_directory_id
        self.listeners: list[Listener] = list(listeners) if isinstance(listeners, tuple) else listeners
        self.ack_when_committed: bool = ack_when_committed

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("AddRaftVoterRequest", version)
        self = cls.__new__(cls)
        try:
            self.cluster_id = reader.compact_nullable_string()
            (self.timeout_ms, self.voter_id, self.voter_directory_id) = _I4_I4_ID.unpack_from(reader.buffer, reader.position)
            reader.position += 24
            count = reader.compact_array_length(5)
            self.listeners = [Listener.decode(reader, version) for _ in range(count)]
            if version == 1:
                (self.ack_when_committed,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.ack_when_committed = True
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("AddRaftVoterRequest", version)
        writer.compact_nullable_string(self.cluster_id)
        writer.buffer += _I4_I4_ID.pack(self.timeout_ms, self.voter_id, self.voter_directory_id)
        writer.compact_array_length(len(self.listeners))
        for each_listeners in self.listeners:
            each_listeners.encode(writer, version)
        if version == 1:
            writer.buffer += _B1.pack(self.ack_when_committed)
        else:
            if not self.ack_when_committed:
                raise not_in_version("AddRaftVoterRequest.ack_when_committed", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Listener:
    """Listener of AddRaftVoterRequest, versions 0-1."""

    __slots__ = ("host", "name", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+ key",
        "host: string 0+",
        "port: uint16 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        host: str = "",
        port: int = 0,
    ) -> None:
        self.name: str = name
        self.host: str = host
        self.port: int = port

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        self.host = reader.compact_string()
        (self.port,) = _U2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.compact_string(self.host)
        writer.buffer += _U2.pack(self.port)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AddRaftVoterResponse:
    """AddRaftVoterResponse, versions 0-1, flexible from 0."""

    __slots__ = ("error_code", "error_message", "throttle_time_ms")

    API_KEY: Final = 80
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ ignorable",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("AddRaftVoterResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("AddRaftVoterResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
