# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""DefaultPrincipalData."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")


class DefaultPrincipalData:
    """DefaultPrincipalData, versions 0, flexible from 0."""

    __slots__ = ("name", "token_authenticated", "type")

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "type: string 0+",
        "name: string 0+",
        "tokenAuthenticated: bool 0+",
    )

    def __init__(
        self,
        *,
        type: str = "",
        name: str = "",
        token_authenticated: bool = False,
    ) -> None:
        self.type: str = type
        self.name: str = name
        self.token_authenticated: bool = token_authenticated

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("DefaultPrincipalData", version)
        self = cls.__new__(cls)
        try:
            self.type = reader.compact_string()
            self.name = reader.compact_string()
            (self.token_authenticated,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("DefaultPrincipalData", version)
        writer.compact_string(self.type)
        writer.compact_string(self.name)
        writer.buffer += _B1.pack(self.token_authenticated)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
