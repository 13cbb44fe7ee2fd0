# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeUserScramCredentials, API key 50."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1_I4: Final = Struct(">bi")
_I2: Final = Struct(">h")
_I4_I2: Final = Struct(">ih")


class DescribeUserScramCredentialsRequest:
    """DescribeUserScramCredentialsRequest, versions 0, flexible from 0."""

    __slots__ = ("users",)

    API_KEY: Final = 50
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "users: []UserName 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        users: list[UserName] | None | tuple[UserName, ...] = (),
    ) -> None:
        self.users: list[UserName] | None = list(users) if isinstance(users, tuple) else users

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DescribeUserScramCredentialsRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_nullable_array_length(2)
            self.users = None if count < 0 else [UserName.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DescribeUserScramCredentialsRequest", version)
        if self.users is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.users))
            for each_users in self.users:
                each_users.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class UserName:
    """UserName of DescribeUserScramCredentialsRequest, versions 0."""

    __slots__ = ("name",)

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
    ) -> None:
        self.name: str = name

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeUserScramCredentialsResponse:
    """DescribeUserScramCredentialsResponse, versions 0, flexible from 0."""

    __slots__ = ("error_code", "error_message", "results", "throttle_time_ms")

    API_KEY: Final = 50
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "results: []DescribeUserScramCredentialsResult 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
        results: list[DescribeUserScramCredentialsResult] | tuple[DescribeUserScramCredentialsResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.results: list[DescribeUserScramCredentialsResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DescribeUserScramCredentialsResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            count = reader.compact_array_length(6)
            self.results = [DescribeUserScramCredentialsResult.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DescribeUserScramCredentialsResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_array_length(len(self.results))
        for each_results in self.results:
            each_results.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeUserScramCredentialsResult:
    """DescribeUserScramCredentialsResult of DescribeUserScramCredentialsResponse, versions 0."""

    __slots__ = ("credential_infos", "error_code", "error_message", "user")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "user: string 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "credentialInfos: []CredentialInfo 0+",
    )

    def __init__(
        self,
        *,
        user: str = "",
        error_code: int = 0,
        error_message: str | None = "",
        credential_infos: list[CredentialInfo] | tuple[CredentialInfo, ...] = (),
    ) -> None:
        self.user: str = user
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.credential_infos: list[CredentialInfo] = list(credential_infos) if isinstance(credential_infos, tuple) else credential_infos

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.user = reader.compact_string()
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.error_message = reader.compact_nullable_string()
        count = reader.compact_array_length(6)
        self.credential_infos = [CredentialInfo.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.user)
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_array_length(len(self.credential_infos))
        for each_credential_infos in self.credential_infos:
            each_credential_infos.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CredentialInfo:
    """CredentialInfo of DescribeUserScramCredentialsResponse, versions 0."""

    __slots__ = ("iterations", "mechanism")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "mechanism: int8 0+",
        "iterations: int32 0+",
    )

    def __init__(
        self,
        *,
        mechanism: int = 0,
        iterations: int = 0,
    ) -> None:
        self.mechanism: int = mechanism
        self.iterations: int = iterations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.mechanism, self.iterations) = _I1_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 5
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I1_I4.pack(self.mechanism, self.iterations)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
