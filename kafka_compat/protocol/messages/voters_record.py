# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""VotersRecord."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")
_I2_I2: Final = Struct(">hh")
_I4_ID: Final = Struct(">i16s")
_U2: Final = Struct(">H")


class VotersRecord:
    """VotersRecord, versions 0, flexible from 0."""

    __slots__ = ("version_", "voters")

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "version: int16 0+ attribute=version_",
        "voters: []Voter 0+",
    )

    def __init__(
        self,
        *,
        version_: int = 0,
        voters: list[Voter] | tuple[Voter, ...] = (),
    ) -> None:
        self.version_: int = version_
        self.voters: list[Voter] = list(voters) if isinstance(voters, tuple) else voters

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("VotersRecord", version)
        self = cls.__new__(cls)
        try:
            (self.version_,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            count = reader.compact_array_length(27)
            self.voters = [Voter.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("VotersRecord", version)
        writer.buffer += _I2.pack(self.version_)
        writer.compact_array_length(len(self.voters))
        for each_voters in self.voters:
            each_voters.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Voter:
    """Voter of VotersRecord, versions 0."""

    __slots__ = ("endpoints", "kraft_version_feature", "voter_directory_id", "voter_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "voterId: int32 0+",
        "voterDirectoryId: uuid 0+",
        "endpoints: []Endpoint 0+",
        "kRaftVersionFeature: KRaftVersionFeature 0+",
    )

    def __init__(
        self,
        *,
        voter_id: int = 0,
        voter_directory_id: bytes = ZERO_UUID,
        endpoints: list[Endpoint] | tuple[Endpoint, ...] = (),
        kraft_version_feature: KRaftVersionFeature | None = None,
    ) -> None:
        self.voter_id: int = voter_id
        self.voter_directory_id: bytes = voter_directory_id
        self.endpoints: list[Endpoint] = list(endpoints) if isinstance(endpoints, tuple) else endpoints
        self.kraft_version_feature: KRaftVersionFeature = KRaftVersionFeature() if kraft_version_feature is None else kraft_version_feature

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.voter_id, self.voter_directory_id) = _I4_ID.unpack_from(reader.buffer, reader.position)
        reader.position += 20
        count = reader.compact_array_length(5)
        self.endpoints = [Endpoint.decode(reader, version) for _ in range(count)]
        self.kraft_version_feature = KRaftVersionFeature.decode(reader, version)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_ID.pack(self.voter_id, self.voter_directory_id)
        writer.compact_array_length(len(self.endpoints))
        for each_endpoints in self.endpoints:
            each_endpoints.encode(writer, version)
        self.kraft_version_feature.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Endpoint:
    """Endpoint of VotersRecord, versions 0."""

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


class KRaftVersionFeature:
    """KRaftVersionFeature of VotersRecord, versions 0."""

    __slots__ = ("max_supported_version", "min_supported_version")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "minSupportedVersion: int16 0+",
        "maxSupportedVersion: int16 0+",
    )

    def __init__(
        self,
        *,
        min_supported_version: int = 0,
        max_supported_version: int = 0,
    ) -> None:
        self.min_supported_version: int = min_supported_version
        self.max_supported_version: int = max_supported_version

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.min_supported_version, self.max_supported_version) = _I2_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I2_I2.pack(self.min_supported_version, self.max_supported_version)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (self.min_supported_version != 0 or self.max_supported_version != 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
