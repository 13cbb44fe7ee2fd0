# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""RemoveRaftVoter, API key 81."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2: Final = Struct(">ih")
_I4_ID: Final = Struct(">i16s")


class RemoveRaftVoterRequest:
    """RemoveRaftVoterRequest, versions 0, flexible from 0."""

    __slots__ = ("cluster_id", "voter_directory_id", "voter_id")

    API_KEY: Final = 81
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clusterId: string 0+ nullable=0+",
        "voterId: int32 0+",
        "voterDirectoryId: uuid 0+",
    )

    def __init__(
        self,
        *,
        cluster_id: str | None = "",
        voter_id: int = 0,
        voter_directory_id: bytes = ZERO_UUID,
    ) -> None:
        self.cluster_id: str | None = cluster_id
        self.voter_id: int = voter_id
        self.voter_directory_id: bytes = voter_directory_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("RemoveRaftVoterRequest", version)
        self = cls.__new__(cls)
        try:
            self.cluster_id = reader.compact_nullable_string()
            (self.voter_id, self.voter_directory_id) = _I4_ID.unpack_from(reader.buffer, reader.position)
            reader.position += 20
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("RemoveRaftVoterRequest", version)
        writer.compact_nullable_string(self.cluster_id)
        writer.buffer += _I4_ID.pack(self.voter_id, self.voter_directory_id)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class RemoveRaftVoterResponse:
    """RemoveRaftVoterResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "error_message", "throttle_time_ms")

    API_KEY: Final = 81
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
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
        if not 0 <= version <= 0:
            raise unsupported("RemoveRaftVoterResponse", version)
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
        if not 0 <= version <= 0:
            raise unsupported("RemoveRaftVoterResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
