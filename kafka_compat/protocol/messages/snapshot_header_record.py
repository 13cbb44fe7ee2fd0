# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""SnapshotHeaderRecord."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2_I8: Final = Struct(">hq")


class SnapshotHeaderRecord:
    """SnapshotHeaderRecord, versions 0, flexible from 0."""

    __slots__ = ("last_contained_log_timestamp", "version_")

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "version: int16 0+ attribute=version_",
        "lastContainedLogTimestamp: int64 0+",
    )

    def __init__(
        self,
        *,
        version_: int = 0,
        last_contained_log_timestamp: int = 0,
    ) -> None:
        self.version_: int = version_
        self.last_contained_log_timestamp: int = last_contained_log_timestamp

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("SnapshotHeaderRecord", version)
        self = cls.__new__(cls)
        try:
            (self.version_, self.last_contained_log_timestamp) = _I2_I8.unpack_from(reader.buffer, reader.position)
            reader.position += 10
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("SnapshotHeaderRecord", version)
        writer.buffer += _I2_I8.pack(self.version_, self.last_contained_log_timestamp)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
