# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""EndTxnMarker."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")


class EndTxnMarker:
    """EndTxnMarker, versions 0."""

    __slots__ = ("coordinator_epoch",)

    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "coordinatorEpoch: int32 0+",
    )

    def __init__(
        self,
        *,
        coordinator_epoch: int = 0,
    ) -> None:
        self.coordinator_epoch: int = coordinator_epoch

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("EndTxnMarker", version)
        self = cls.__new__(cls)
        try:
            (self.coordinator_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("EndTxnMarker", version)
        writer.buffer += _I4.pack(self.coordinator_epoch)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
