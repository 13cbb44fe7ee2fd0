# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DescribeDelegationToken, API key 41."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I8_I8_I8: Final = Struct(">qqq")


class DescribeDelegationTokenRequest:
    """DescribeDelegationTokenRequest, versions 1-3, flexible from 2."""

    __slots__ = ("owners",)

    API_KEY: Final = 41
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "owners: []DescribeDelegationTokenOwner 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        owners: list[DescribeDelegationTokenOwner] | None | tuple[DescribeDelegationTokenOwner, ...] = (),
    ) -> None:
        self.owners: list[DescribeDelegationTokenOwner] | None = list(owners) if isinstance(owners, tuple) else owners

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("DescribeDelegationTokenRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                count = reader.compact_nullable_array_length(3)
                self.owners = None if count < 0 else [DescribeDelegationTokenOwner.decode(reader, version) for _ in range(count)]
                reader.skip_tagged_fields()
            else:
                count = reader.nullable_array_length(4)
                self.owners = None if count < 0 else [DescribeDelegationTokenOwner.decode(reader, version) for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("DescribeDelegationTokenRequest", version)
        if version >= 2:
            if self.owners is None:
                writer.compact_array_length(-1)
            else:
                writer.compact_array_length(len(self.owners))
                for each_owners in self.owners:
                    each_owners.encode(writer, version)
            writer.buffer.append(0)
        else:
            if self.owners is None:
                writer.array_length(-1)
            else:
                writer.array_length(len(self.owners))
                for each_owners in self.owners:
                    each_owners.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribeDelegationTokenOwner:
    """DescribeDelegationTokenOwner of DescribeDelegationTokenRequest, versions 1-3."""

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


class DescribeDelegationTokenResponse:
    """DescribeDelegationTokenResponse, versions 1-3, flexible from 2."""

    __slots__ = ("error_code", "throttle_time_ms", "tokens")

    API_KEY: Final = 41
    MIN_VERSION: Final = 1
    MAX_VERSION: Final = 3
    FLEXIBLE_FROM: Final = 2
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "tokens: []DescribedDelegationToken 0+",
        "throttleTimeMs: int32 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        tokens: list[DescribedDelegationToken] | tuple[DescribedDelegationToken, ...] = (),
        throttle_time_ms: int = 0,
    ) -> None:
        self.error_code: int = error_code
        self.tokens: list[DescribedDelegationToken] = list(tokens) if isinstance(tokens, tuple) else tokens
        self.throttle_time_ms: int = throttle_time_ms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 1 <= version <= 3:
            raise unsupported("DescribeDelegationTokenResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 2:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                count = reader.compact_array_length(30)
                self.tokens = [DescribedDelegationToken.decode(reader, version) for _ in range(count)]
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                reader.skip_tagged_fields()
            else:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                count = reader.array_length(38)
                self.tokens = [DescribedDelegationToken.decode(reader, version) for _ in range(count)]
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 1 <= version <= 3:
            raise unsupported("DescribeDelegationTokenResponse", version)
        if version >= 2:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_array_length(len(self.tokens))
            for each_tokens in self.tokens:
                each_tokens.encode(writer, version)
            writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.buffer.append(0)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.array_length(len(self.tokens))
            for each_tokens in self.tokens:
                each_tokens.encode(writer, version)
            writer.buffer += _I4.pack(self.throttle_time_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribedDelegationToken:
    """DescribedDelegationToken of DescribeDelegationTokenResponse, versions 1-3."""

    __slots__ = (
        "expiry_timestamp",
        "hmac",
        "issue_timestamp",
        "max_timestamp",
        "principal_name",
        "principal_type",
        "renewers",
        "token_id",
        "token_requester_principal_name",
        "token_requester_principal_type",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "principalType: string 0+",
        "principalName: string 0+",
        "tokenRequesterPrincipalType: string 3+",
        "tokenRequesterPrincipalName: string 3+",
        "issueTimestamp: int64 0+",
        "expiryTimestamp: int64 0+",
        "maxTimestamp: int64 0+",
        "tokenId: string 0+",
        "hmac: bytes 0+",
        "renewers: []DescribedDelegationTokenRenewer 0+",
    )

    def __init__(
        self,
        *,
        principal_type: str = "",
        principal_name: str = "",
        token_requester_principal_type: str = "",
        token_requester_principal_name: str = "",
        issue_timestamp: int = 0,
        expiry_timestamp: int = 0,
        max_timestamp: int = 0,
        token_id: str = "",
        hmac: bytes = b"",
        renewers: list[DescribedDelegationTokenRenewer] | tuple[DescribedDelegationTokenRenewer, ...] = (),
    ) -> None:
        self.principal_type: str = principal_type
        self.principal_name: str = principal_name
        self.token_requester_principal_type: str = token_requester_principal_type
        self.token_requester_principal_name: str = token_requester_principal_name
        self.issue_timestamp: int = issue_timestamp
        self.expiry_timestamp: int = expiry_timestamp
        self.max_timestamp: int = max_timestamp
        self.token_id: str = token_id
        self.hmac: bytes = hmac
        self.renewers: list[DescribedDelegationTokenRenewer] = list(renewers) if isinstance(renewers, tuple) else renewers

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        if version >= 2:
            self.principal_type = reader.compact_string()
            self.principal_name = reader.compact_string()
            if version == 3:
                self.token_requester_principal_type = reader.compact_string()
                self.token_requester_principal_name = reader.compact_string()
            else:
                self.token_requester_principal_type = ""
                self.token_requester_principal_name = ""
            (
                self.issue_timestamp,
                self.expiry_timestamp,
                self.max_timestamp,
            ) = _I8_I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 24
            self.token_id = reader.compact_string()
            self.hmac = reader.compact_bytes()
            count = reader.compact_array_length(3)
            self.renewers = [DescribedDelegationTokenRenewer.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        else:
            self.principal_type = reader.string()
            self.principal_name = reader.string()
            self.token_requester_principal_type = ""
            self.token_requester_principal_name = ""
            (
                self.issue_timestamp,
                self.expiry_timestamp,
                self.max_timestamp,
            ) = _I8_I8_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 24
            self.token_id = reader.string()
            self.hmac = reader.bytes_()
            count = reader.array_length(4)
            self.renewers = [DescribedDelegationTokenRenewer.decode(reader, version) for _ in range(count)]
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if version >= 2:
            writer.compact_string(self.principal_type)
            writer.compact_string(self.principal_name)
            if version == 3:
                writer.compact_string(self.token_requester_principal_type)
                writer.compact_string(self.token_requester_principal_name)
            else:
                if self.token_requester_principal_type != "":
                    raise not_in_version("DescribedDelegationToken.token_requester_principal_type", version)
                if self.token_requester_principal_name != "":
                    raise not_in_version("DescribedDelegationToken.token_requester_principal_name", version)
            writer.buffer += _I8_I8_I8.pack(self.issue_timestamp, self.expiry_timestamp, self.max_timestamp)
            writer.compact_string(self.token_id)
            writer.compact_bytes(self.hmac)
            writer.compact_array_length(len(self.renewers))
            for each_renewers in self.renewers:
                each_renewers.encode(writer, version)
            writer.buffer.append(0)
        else:
            writer.string(self.principal_type)
            writer.string(self.principal_name)
            if self.token_requester_principal_type != "":
                raise not_in_version("DescribedDelegationToken.token_requester_principal_type", version)
            if self.token_requester_principal_name != "":
                raise not_in_version("DescribedDelegationToken.token_requester_principal_name", version)
            writer.buffer += _I8_I8_I8.pack(self.issue_timestamp, self.expiry_timestamp, self.max_timestamp)
            writer.string(self.token_id)
            writer.bytes_(self.hmac)
            writer.array_length(len(self.renewers))
            for each_renewers in self.renewers:
                each_renewers.encode(writer, version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribedDelegationTokenRenewer:
    """DescribedDelegationTokenRenewer of DescribeDelegationTokenResponse, versions 1-3."""

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
