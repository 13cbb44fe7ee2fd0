# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""SaslHandshake, API key 17."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I2: Final = Struct(">h")


class SaslHandshakeRequest:
    """SaslHandshakeRequest, versions 0-1."""

    __slots__ = ("mechanism",)

    API_KEY: Final = 17
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "mechanism: string 0+",
    )

    def __init__(
        self,
        *,
        mechanism: str = "",
    ) -> None:
        self.mechanism: str = mechanism

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("SaslHandshakeRequest", version)
        self = cls.__new__(cls)
        try:
            self.mechanism = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("SaslHandshakeRequest", version)
        writer.string(self.mechanism)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class SaslHandshakeResponse:
    """SaslHandshakeResponse, versions 0-1."""

    __slots__ = ("error_code", "mechanisms")

    API_KEY: Final = 17
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 1
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "mechanisms: []string 0+",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        mechanisms: list[str] | tuple[str, ...] = (),
    ) -> None:
        self.error_code: int = error_code
        self.mechanisms: list[str] = list(mechanisms) if isinstance(mechanisms, tuple) else mechanisms

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 1:
            raise unsupported("SaslHandshakeResponse", version)
        self = cls.__new__(cls)
        try:
            (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
            reader.position += 2
            count = reader.array_length(2)
            self.mechanisms = [reader.string() for _ in range(count)]
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 1:
            raise unsupported("SaslHandshakeResponse", version)
        writer.buffer += _I2.pack(self.error_code)
        writer.array_length(len(self.mechanisms))
        for each_mechanisms in self.mechanisms:
            writer.string(each_mechanisms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
