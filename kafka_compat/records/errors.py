"""What the record layer raises; the per-partition boundary turns each class into Kafka's error code."""

from __future__ import annotations


class RecordsError(Exception):
    """Base of everything that is wrong with a record batch."""


class CorruptBatch(RecordsError):
    """Framing, magic or checksum of a batch is wrong: CORRUPT_MESSAGE (2)."""


class InvalidRecord(RecordsError):
    """The batch is whole but what it says about its records is not true: INVALID_RECORD (87)."""


class UnparsableRecords(RecordsError):
    """The record section cannot be read or decompressed: UNKNOWN_SERVER_ERROR (-1), as Kafka answers."""


class UnknownCompression(UnparsableRecords):
    """The attributes name a codec above zstd (4)."""


class DecompressionTooLarge(RecordsError):
    """The record section decompresses to more than the caller allows."""
