# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""LeaderChangeMessage."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I4: Final = Struct(">hi")
_I4: Final = Struct(">i")
_ID: Final = Struct(">16s")


class LeaderChangeMessage:
    """LeaderChangeMessage, versions 0-1, flexible from 0."""

    __slots__ = ("granting_voters", "leader_id", "version_", "voters")

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "version: int16 0+ attribute=version_",
        "leaderId: int32 0+",
        "voters: []Voter 0+",
        "grantingVoters: []Voter 0+",
    )

    def __init__(
        self,
        *,
        version_: int = 0,
        leader_id: int = 0,
        voters: list[Voter] | tuple[Voter, ...] = (),
        granting_voters: list[Voter] | tuple[Voter, ...] = (),
    ) -> None:
        self.version_: int = version_
        self.leader_id: int = leader_id
        self.voters: list[Voter] = list(voters) if isinstance(voters, tuple) else voters
        self.granting_voters: list[Voter] = list(granting_voters) if isinstance(granting_voters, tuple) else granting_voters

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("LeaderChangeMessage", version)
        self = cls.__new__(cls)
        try:
            (self.version_, self.leader_id) = _I2_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            count = reader.compact_array_length(5)
            self.voters = [Voter.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(5)
            self.granting_voters = [Voter.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("LeaderChangeMessage", version)
        writer.buffer += _I2_I4.pack(self.version_, self.leader_id)
        writer.compact_array_length(len(self.voters))
        for each_voters in self.voters:
            each_voters.encode(writer, version)
        writer.compact_array_length(len(self.granting_voters))
        for each_granting_voters in self.granting_voters:
            each_granting_voters.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Voter:
    """Voter of LeaderChangeMessage, versions 0-1."""

    __slots__ = ("voter_directory_id", "voter_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "voterId: int32 0+",
        "voterDirectoryId: uuid 1+",
    )

    def __init__(
        self,
        *,
        voter_id: int = 0,
        voter_directory_id: bytes = ZERO_UUID,
    ) -> None:
        self.voter_id: int = voter_id
        self.voter_directory_id: bytes = voter_directory_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.voter_id,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        if version == 1:
            (self.voter_directory_id,) = _ID.unpack_from(reader.buffer, reader.position)
            reader.position += 16
        else:
            self.voter_directory_id = ZERO_UUID
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.voter_id)
        if version == 1:
            writer.buffer += _ID.pack(self.voter_directory_id)
        else:
            if self.voter_directory_id != ZERO_UUID:
                raise not_in_version("Voter.voter_directory_id", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
