# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ResponseHeader."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")


class ResponseHeader:
    """ResponseHeader, versions 0-1, flexible from 1."""

    __slots__ = ("correlation_id",)

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 1
    FIELDS: ClassVar[tuple[str, ...]] = (
        "correlationId: int32 0+",
    )

    def __init__(
        self,
        *,
        correlation_id: int = 0,
    ) -> None:
        self.correlation_id: int = correlation_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("ResponseHeader", version)
        self = cls.__new__(cls)
        try:
            (self.correlation_id,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            if version == 1:
                reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("ResponseHeader", version)
        writer.buffer += _I4.pack(self.correlation_id)
        if version == 1:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
