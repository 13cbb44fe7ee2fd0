"""Types and limits that reader and writer share."""

from __future__ import annotations

from collections.abc import Sequence
from struct import error
from typing import Final, Protocol


class Unread(Protocol):
    """Bytes that are not in memory: only who made them and who sends them know where they are."""

    def __len__(self) -> int: ...
    def close(self) -> None:
        """Give back what it takes to get them; idempotent."""


Buffer = bytes | bytearray | memoryview
# What goes to a socket.
Part = Buffer | Unread
# What a records field may be written from: one buffer, or the parts that make it up.
Records = Buffer | list[Buffer] | list[Part] | tuple[Buffer, ...]

# Raised by generated code for fixed-width fields that a short buffer does not hold, or numbers out of their range.
StructError = error

MAX_STRING_LENGTH: Final = 0x7FFF  # compact strings too: Kafka's generated classes refuse more in every version
UNLIMITED: Final = 1 << 60
ARRAYS_AT_ONCE: Final = 256  # read or written between two moments at which other threads may run
CHUNK_THRESHOLD: Final = 4096  # from this size on a records field is passed through as its own chunk


def close_parts(parts: Sequence[Part]) -> None:
    """Give back what of `parts` is not in memory, unsent."""
    for part in parts:
        if not isinstance(part, (bytes, bytearray, memoryview)):
            part.close()


def join_parts(parts: Sequence[Part]) -> bytes:
    """`parts` copied into one object.

    Raises:
        TypeError: one of them is not in memory.
    """
    pieces: list[Buffer] = []
    for part in parts:
        if not isinstance(part, (bytes, bytearray, memoryview)):
            raise TypeError("a part of a message is not in memory")
        pieces.append(part)
    return b"".join(pieces)
