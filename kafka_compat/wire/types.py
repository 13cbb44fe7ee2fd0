"""Types and limits that reader and writer share."""

from __future__ import annotations

from collections.abc import Sequence
from struct import error
from typing import Final

from kafka_compat.filesystem.region import FileRegion

Buffer = bytes | bytearray | memoryview
# What goes to a socket.
Part = Buffer | FileRegion
# What a records field may be written from: one buffer, or the parts that make it up.
Records = Buffer | list[Buffer] | list[Part] | tuple[Buffer, ...]

# Raised by generated code for fixed-width fields that a short buffer does not hold, or numbers out of their range.
StructError = error

MAX_STRING_LENGTH: Final = 0x7FFF  # compact strings too: Kafka's generated classes refuse more in every version
UNLIMITED: Final = 1 << 60
CHUNK_THRESHOLD: Final = 4096  # from this size on a records field is passed through as its own chunk


def read_parts(parts: Sequence[Part]) -> list[Buffer]:
    """`parts` as buffers; regions are read, and are empty then.

    Raises:
        OSError: the file of a region cannot be read.
    """
    return [part.take_all() if isinstance(part, FileRegion) else part for part in parts]


def join_parts(parts: Sequence[Part]) -> bytes:
    """As `read_parts`, copied into one object."""
    return b"".join(read_parts(parts))
