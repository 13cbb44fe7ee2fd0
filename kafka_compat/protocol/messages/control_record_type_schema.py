# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ControlRecordTypeSchema."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")


class ControlRecordTypeSchema:
    """ControlRecordTypeSchema, versions 0."""

    __slots__ = ("type",)

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "type: int16 0+",
    )

    def __init__(
        self,
        *,
        type: int = 0,
    ) -> None:
        self.type: int = type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("ControlRecordTypeSchema", version)
        self = cls.__new__(cls)
        try:
            (self.type,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("ControlRecordTypeSchema", version)
        writer.buffer += _I2.pack(self.type)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
