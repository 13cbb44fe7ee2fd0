# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""KRaftVersionRecord."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I2: Final = Struct(">hh")


class KRaftVersionRecord:
    """KRaftVersionRecord, versions 0, flexible from 0."""

    __slots__ = ("kraft_version", "version_")

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "version: int16 0+ attribute=version_",
        "kRaftVersion: int16 0+",
    )

    def __init__(
        self,
        *,
        version_: int = 0,
        kraft_version: int = 0,
    ) -> None:
        self.version_: int = version_
        self.kraft_version: int = kraft_version

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("KRaftVersionRecord", version)
        self = cls.__new__(cls)
        try:
            (self.version_, self.kraft_version) = _I2_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("KRaftVersionRecord", version)
        writer.buffer += _I2_I2.pack(self.version_, self.kraft_version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
