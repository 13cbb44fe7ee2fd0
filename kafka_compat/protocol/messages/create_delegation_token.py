# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""CreateDelegationToken, API key 38."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I8: Final = Struct(">q")
_I8_I8_I8: Final = Struct(">qqq")


class CreateDelegationTokenRequest:
    """CreateDelegationTokenRequest, versions 1-3, flexible from 2."""

    __slots__ = ("max_lifetime_ms", "owner_principal_name", "owner_principal_type", "renewers")

    API_KEY: Final = 38
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "ownerPrincipalType: string 3+ nullable=3+",
        "ownerPrincipalName: string 3+ nullable=3+",
        "renewers: []CreatableRenewers 0+",
        "maxLifetimeMs: int64 0+",
    )

    def __init__(
        self,
        *,
        owner_principal_type: str | None = "",
        owner_principal_name: str | None = "",
        renewers: list[CreatableRenewers] | tuple[CreatableRenewers, ...] = (),
        max_lifetime_ms: int = 0,
    ) -> None:
        self.owner_principal_type: str | None = owner_principal_type
        self.owner_principal_name: str | None = owner_principal_name
        self.renewers: list[CreatableRenewers] = list(renewers) if isinstance(renewers, tuple) else renewers
        self.max_lifetime_ms: int = max_lifetime_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("CreateDelegationTokenRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                if version == 3:
                    self.owner_principal_type = reader.compact_nullable_string()
                    self.owner_principal_name = reader.compact_nullable_string()
                else:
                    self.owner_principal_type = ""
                    self.owner_principal_name = ""
                count = reader.compact_array_length(3)
                self.renewers = [CreatableRenewers.decode(reader, version) for _ in range(count)]
                (self.max_lifetime_ms,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
                reader.skip_tagged_fields()
            else:
                self.owner_principal_type = ""
                self.owner_principal_name = ""
                count = reader.array_length(4)
                self.renewers = [CreatableRenewers.decode(reader, version) for _ in range(count)]
                (self.max_lifetime_ms,) = _I8.unpack_from(reader.buffer, reader.position)
                reader.position += 8
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("CreateDelegationTokenRequest", version)
        if version >= 2:
            if version == 3:
                writer.compact_nullable_string(self.owner_principal_type)
                writer.compact_nullable_string(self.owner_principal_name)
            else:
                if self.owner_principal_type != "":
                    raise not_in_version("CreateDelegationTokenRequest.owner_principal_type", version)
                if self.owner_principal_name != "":
                    raise not_in_version("CreateDelegationTokenRequest.owner_principal_name", version)
            writer.compact_array_length(len(self.renewers))
            for each_renewers in self.renewers:
                each_renewers.encode(writer, version)
            writer.buffer += _I8.pack(self.max_lifetime_ms)
            writer.buffer.append(0)
        else:
            if self.owner_principal_type != "":
                raise not_in_version("CreateDelegationTokenRequest.owner_principal_type", version)
            if self.owner_principal_name != "":
                raise not_in_version("CreateDelegationTokenRequest.owner_principal_name", version)
            writer.array_length(len(self.renewers))
            for each_renewers in self.renewers:
                each_renewers.encode(writer, version)
            writer.buffer += _I8.pack(self.max_lifetime_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreatableRenewers:
    """CreatableRenewers of CreateDelegationTokenRequest, versions 1-3."""

    __slots__ = ("principal_name", "principal_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "principalType: string 0+",
        "principalName: string 0+",
    )

    def __init__(
        self,
        *,
        principal_type: str = "",
        principal_name: str = "",
    ) -> None:
        self.principal_type: str = principal_type
        self.principal_name: str = principal_name

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            self.principal_type = reader.compact_string()
            self.principal_name = reader.compact_string()
            reader.skip_tagged_fields()
        else:
            self.principal_type = reader.string()
            self.principal_name = reader.string()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.compact_string(self.principal_type)
            writer.compact_string(self.principal_name)
            writer.buffer.append(0)
        else:
            writer.string(self.principal_type)
            writer.string(self.principal_name)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CreateDelegationTokenResponse:
    """CreateDelegationTokenResponse, versions 1-3, flexible from 2."""

    __slots__ = (
        "error_code",
        "expiry_timestamp_ms",
        "hmac",
        "issue_timestamp_ms",
        "max_timestamp_ms",
        "principal_name",
        "principal_type",
        "throttle_time_ms",
        "token_id",
        "token_requester_principal_name",
        "token_requester_principal_type",
    )

    API_KEY: Final = 38
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "principalType: string 0+",
        "principalName: string 0+",
        "tokenRequesterPrincipalType: string 3+",
        "tokenRequesterPrincipalName: string 3+",
        "issueTimestampMs: int64 0+",
        "expiryTimestampMs: int64 0+",
        "maxTimestampMs: int64 0+",
        "tokenId: string 0+",
        "hmac: bytes 0+",
        "throttleTimeMs: int32 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        principal_type: str = "",
        principal_name: str = "",
        token_requester_principal_type: str = "",
        token_requester_principal_name: str = "",
        issue_timestamp_ms: int = 0,
        expiry_timestamp_ms: int = 0,
        max_timestamp_ms: int = 0,
        token_id: str = "",
        hmac: bytes = b"",
        throttle_time_ms: int = 0,
    ) -> None:
        self.error_code: int = error_code
        self.principal_type: str = principal_type
        self.principal_name: str = principal_name
        self.token_requester_principal_type: str = token_requester_principal_type
        self.token_requester_principal_name: str = token_requester_principal_name
        self.issue_timestamp_ms: int = issue_timestamp_ms
        self.expiry_timestamp_ms: int = expiry_timestamp_ms
        self.max_timestamp_ms: int = max_timestamp_ms
        self.token_id: str = token_id
        self.hmac: bytes = hmac
        self.throttle_time_ms: int = throttle_time_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("CreateDelegationTokenResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                self.principal_type = reader.compact_string()
                self.principal_name = reader.compact_string()
                if version == 3:
                    self.token_requester_principal_type = reader.compact_string()
                    self.token_requester_principal_name = reader.compact_string()
                else:
                    self.token_requester_principal_type = ""
                    self.token_requester_principal_name = ""
                (
                    self.issue_timestamp_ms,
                    self.expiry_timestamp_ms,
                    self.max_timestamp_ms,
                ) = _I8_I8_I8.unpack_from(reader.buffer, reader.position)
                reader.position += 24
                self.token_id = reader.compact_string()
                self.hmac = reader.compact_bytes()
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                reader.skip_tagged_fields()
            else:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                self.principal_type = reader.string()
                self.principal_name = reader.string()
                self.token_requester_principal_type = ""
                self.token_requester_principal_name = ""
                (
                    self.issue_timestamp_ms,
                    self.expiry_timestamp_ms,
                    self.max_timestamp_ms,
                ) = _I8_I8_I8.unpack_from(reader.buffer, reader.position)
                reader.position += 24
                self.token_id = reader.string()
                self.hmac = reader.bytes_()
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("CreateDelegationTokenResponse", version)
        if version >= 2:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_string(self.principal_type)
            writer.compact_string(self.principal_name)
            if version == 3:
                writer.compact_string(self.token_requester_principal_type)
                writer.compact_string(self.token_requester_principal_name)
            else:
                if self.token_requester_principal_type != "":
                    raise not_in_version("CreateDelegationTokenResponse.token_requester_principal_type", version)
                if self.token_requester_principal_name != "":
                    raise not_in_version("CreateDelegationTokenResponse.token_requester_principal_name", version)
            writer.buffer += _I8_I8_I8.pack(self.issue_timestamp_ms, self.expiry_timestamp_ms, self.max_timestamp_ms)
            writer.compact_string(self.token_id)
            writer.compact_bytes(self.hmac)
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.string(self.principal_type)
            writer.string(self.principal_name)
            if self.token_requester_principal_type != "":
                raise not_in_version("CreateDelegationTokenResponse.token_requester_principal_type", version)
            if self.token_requester_principal_name != "":
                raise not_in_version("CreateDelegationTokenResponse.token_requester_principal_name", version)
            writer.buffer += _I8_I8_I8.pack(self.issue_timestamp_ms, self.expiry_timestamp_ms, self.max_timestamp_ms)
            writer.string(self.token_id)
            writer.bytes_(self.hmac)
            writer.buffer += _I4.pack(self.throttle_time_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
