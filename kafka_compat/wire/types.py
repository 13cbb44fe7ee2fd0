"""Types and limits that reader and writer share."""

from __future__ import annotations

from struct import error
from typing import Final

Buffer = bytes | bytearray | memoryview
# What a records field may be written from: one buffer, or the buffers that make it up.
Records = Buffer | list[Buffer] | tuple[Buffer, ...]

# Raised by generated code for fixed-width fields that a short buffer does not hold, or numbers out of their range.
StructError = error

MAX_STRING_LENGTH: Final = 0x7FFF  # compact strings too: Kafka's generated classes refuse more in every version
CHUNK_THRESHOLD: Final = 4096  # from this size on a records field is passed through as its own chunk
