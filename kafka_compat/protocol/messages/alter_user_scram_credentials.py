# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""AlterUserScramCredentials, API key 51."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I1_I4: Final = Struct(">bi")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")


class AlterUserScramCredentialsRequest:
    """AlterUserScramCredentialsRequest, versions 0, flexible from 0."""

    __slots__ = ("deletions", "upsertions")

    API_KEY: Final = 51
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "deletions: []ScramCredentialDeletion 0+",
        "upsertions: []ScramCredentialUpsertion 0+",
    )

    def __init__(
        self,
        *,
        deletions: list[ScramCredentialDeletion] | tuple[ScramCredentialDeletion, ...] = (),
        upsertions: list[ScramCredentialUpsertion] | tuple[ScramCredentialUpsertion, ...] = (),
    ) -> None:
        self.deletions: list[ScramCredentialDeletion] = list(deletions) if isinstance(deletions, tuple) else deletions
        self.upsertions: list[ScramCredentialUpsertion] = list(upsertions) if isinstance(upsertions, tuple) else upsertions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("AlterUserScramCredentialsRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(3)
            self.deletions = [ScramCredentialDeletion.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(9)
            self.upsertions = [ScramCredentialUpsertion.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("AlterUserScramCredentialsRequest", version)
        writer.compact_array_length(len(self.deletions))
        for each_deletions in self.deletions:
            each_deletions.encode(writer, version)
        writer.compact_array_length(len(self.upsertions))
        for each_upsertions in self.upsertions:
            each_upsertions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ScramCredentialDeletion:
    """ScramCredentialDeletion of AlterUserScramCredentialsRequest, versions 0."""

    __slots__ = ("mechanism", "name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "mechanism: int8 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        mechanism: int = 0,
    ) -> None:
        self.name: str = name
        self.mechanism: int = mechanism

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        (self.mechanism,) = _I1.unpack_from(reader.buffer, reader.position)
        reader.position += 1
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.buffer += _I1.pack(self.mechanism)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ScramCredentialUpsertion:
    """ScramCredentialUpsertion of AlterUserScramCredentialsRequest, versions 0."""

    __slots__ = ("iterations", "mechanism", "name", "salt", "salted_password")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "mechanism: int8 0+",
        "iterations: int32 0+",
        "salt: bytes 0+",
        "saltedPassword: bytes 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        mechanism: int = 0,
        iterations: int = 0,
        salt: bytes = b"",
        salted_password: bytes = b"",
    ) -> None:
        self.name: str = name
        self.mechanism: int = mechanism
        self.iterations: int = iterations
        self.salt: bytes = salt
        self.salted_password: bytes = salted_password

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        (self.mechanism, self.iterations) = _I1_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 5
        self.salt = reader.compact_bytes()
        self.salted_password = reader.compact_bytes()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.buffer += _I1_I4.pack(self.mechanism, self.iterations)
        writer.compact_bytes(self.salt)
        writer.compact_bytes(self.salted_password)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterUserScramCredentialsResponse:
    """AlterUserScramCredentialsResponse, versions 0, flexible from 0."""

    __slots__ = ("results", "throttle_time_ms")

    API_KEY: Final = 51
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "results: []AlterUserScramCredentialsResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        results: list[AlterUserScramCredentialsResult] | tuple[AlterUserScramCredentialsResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.results: list[AlterUserScramCredentialsResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("AlterUserScramCredentialsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(5)
            self.results = [AlterUserScramCredentialsResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("AlterUserScramCredentialsResponse", version)
        writer.buffer += _I4.pack(self.throttle_time_ms)
        writer.compact_array_length(len(self.results))
        for each_results in self.results:
            each_results.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class AlterUserScramCredentialsResult:
    """AlterUserScramCredentialsResult of AlterUserScramCredentialsResponse, versions 0."""

    __slots__ = ("error_code", "error_message", "user")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "user: string 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        user: str = "",
        error_code: int = 0,
        error_message: str | None = "",
    ) -> None:
        self.user: str = user
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.user = reader.compact_string()
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.error_message = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.user)
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
