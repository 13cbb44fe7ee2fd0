# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""UpdateRaftVoter, API key 82."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import ZERO_UUID, describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I2: Final = Struct(">hh")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I4: Final = Struct(">ii")
_I4_I4_ID: Final = Struct(">ii16s")
_U2: Final = Struct(">H")


class UpdateRaftVoterRequest:
    """UpdateRaftVoterRequest, versions 0, flexible from 0."""

    __slots__ = ("cluster_id", "current_leader_epoch", "kraft_version_feature", "listeners", "voter_directory_id", "voter_id")

    API_KEY: Final = 82
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clusterId: string 0+ nullable=0+",
        "currentLeaderEpoch: int32 0+",
        "voterId: int32 0+",
        "voterDirectoryId: uuid 0+",
        "listeners: []Listener 0+",
        "kRaftVersionFeature: KRaftVersionFeature 0+",
    )

    def __init__(
        self,
        *,
        cluster_id: str | None = "",
        current_leader_epoch: int = 0,
        voter_id: int = 0,
        voter_directory_id: bytes = ZERO_UUID,
        listeners: list[Listener] | tuple[Listener, ...] = (),
        kraft_version_feature: KRaftVersionFeature | None = None,
    ) -> None:
        self.cluster_id: str | None = cluster_id
        self.current_leader_epoch: int = current_leader_epoch
        self.voter_id: int = voter_id
        self.voter_directory_id: bytes = voter_directory_id
        self.listeners: list[Listener] = list(listeners) if isinstance(listeners, tuple) else listeners
        self.kraft_version_feature: KRaftVersionFeature = KRaftVersionFeature() if kraft_version_feature is None else kraft_version_feature

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("UpdateRaftVoterRequest", version)
        self = cls.__new__(cls)
        try:
            self.cluster_id = reader.compact_nullable_string()
            (
                self.current_leader_epoch,
                self.voter_id,
                self.voter_directory_id,
            ) = _I4_I4_ID.unpack_from(reader.buffer, reader.position)
            reader.position += 24
            count = reader.compact_array_length(5)
            self.listeners = [Listener.decode(reader, version) for _ in range(count)]
            self.kraft_version_feature = KRaftVersionFeature.decode(reader, version)
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("UpdateRaftVoterRequest", version)
        writer.compact_nullable_string(self.cluster_id)
        writer.buffer += _I4_I4_ID.pack(self.current_leader_epoch, self.voter_id, self.voter_directory_id)
        writer.compact_array_length(len(self.listeners))
        for each_listeners in self.listeners:
            each_listeners.encode(writer, version)
        self.kraft_version_feature.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Listener:
    """Listener of UpdateRaftVoterRequest, versions 0."""

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
    """KRaftVersionFeature of UpdateRaftVoterRequest, versions 0."""

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


class UpdateRaftVoterResponse:
    """UpdateRaftVoterResponse, versions 0, flexible from 0."""

    __slots__ = ("current_leader", "error_code", "throttle_time_ms")

    API_KEY: Final = 82
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "currentLeader: CurrentLeader 0+ tagged=0+ tag=0",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        current_leader: CurrentLeader | None = None,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.current_leader: CurrentLeader = CurrentLeader() if current_leader is None else current_leader

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("UpdateRaftVoterResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.current_leader = CurrentLeader()
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    self.current_leader = CurrentLeader.decode(reader, version)
                else:
                    reader.skip(size)
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("UpdateRaftVoterResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        tagged: list[tuple[int, Writer]] = []
        if not self.current_leader.is_default():
            field = Writer()
            self.current_leader.encode(field, version)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CurrentLeader:
    """CurrentLeader of UpdateRaftVoterResponse, versions 0."""

    __slots__ = ("host", "leader_epoch", "leader_id", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "leaderId: int32 0+ default=-1",
        "leaderEpoch: int32 0+ default=-1",
        "host: string 0+",
        "port: int32 0+",
    )

    def __init__(
        self,
        *,
        leader_id: int = -1,
        leader_epoch: int = -1,
        host: str = "",
        port: int = 0,
    ) -> None:
        self.leader_id: int = leader_id
        self.leader_epoch: int = leader_epoch
        self.host: str = host
        self.port: int = port

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.leader_id, self.leader_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        self.host = reader.compact_string()
        (self.port,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4_I4.pack(self.leader_id, self.leader_epoch)
        writer.compact_string(self.host)
        writer.buffer += _I4.pack(self.port)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (self.leader_id != -1 or self.leader_epoch != -1 or self.host != "" or self.port != 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
