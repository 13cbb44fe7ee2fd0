# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""SnapshotFooterRecord."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")


class SnapshotFooterRecord:
    """SnapshotFooterRecord, versions 0, flexible from 0."""

    __slots__ = ("version_",)

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "version: int16 0+ attribute=version_",
    )

    def __init__(
        self,
        *,
        version_: int = 0,
    ) -> None:
        self.version_: int = version_

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("SnapshotFooterRecord", version)
        self = cls.__new__(cls)
        try:
            (self.version_,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("SnapshotFooterRecord", version)
        writer.buffer += _I2.pack(self.version_)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
