"""The header of a RecordBatch v2 (magic 2, KIP-98) and what a broker does to it in place.

Layout, big-endian:

    base offset               int64    0   assigned by the leader
    batch length              int32    8   bytes that follow this field
    partition leader epoch    int32   12   assigned by the leader
    magic                      int8   16
    CRC-32C                  uint32   17   over everything from the attributes to the end
    attributes                int16   21
    last offset delta         int32   23   also the last sequence delta
    base timestamp            int64   27   the delete horizon when attribute bit 6 is set
    max timestamp             int64   35   the append time when attribute bit 3 is set
    producer id               int64   43
    producer epoch            int16   51
    base sequence             int32   53
    record count              int32   57
    records                           61   compressed as one block when a codec is set

Attributes: codec (bits 0-2), timestamp type (3), transactional (4), control (5), delete horizon (6). The rest is unused.
Base offset and leader epoch lie outside the CRC, so an append stamps them without computing it again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from kafka_compat.checksum import crc32c
from kafka_compat.records.errors import CorruptBatch

BASE_OFFSET: Final = 0
BATCH_LENGTH: Final = 8
PARTITION_LEADER_EPOCH: Final = 12
MAGIC: Final = 16
CRC: Final = 17
ATTRIBUTES: Final = 21
LAST_OFFSET_DELTA: Final = 23
BASE_TIMESTAMP: Final = 27
MAX_TIMESTAMP: Final = 35
PRODUCER_ID: Final = 43
PRODUCER_EPOCH: Final = 51
BASE_SEQUENCE: Final = 53
RECORD_COUNT: Final = 57
HEADER_SIZE: Final = 61

LOG_OVERHEAD: Final = 12
"""Base offset and batch length: what `batch_length` does not count."""

CURRENT_MAGIC: Final = 2

CODEC_MASK: Final = 0x07
LOG_APPEND_TIME_FLAG: Final = 0x08
TRANSACTIONAL_FLAG: Final = 0x10
CONTROL_FLAG: Final = 0x20
DELETE_HORIZON_FLAG: Final = 0x40
_USED_ATTRIBUTES: Final = 0x7F

NO_TIMESTAMP: Final = -1
NO_PRODUCER_ID: Final = -1
NO_PRODUCER_EPOCH: Final = -1
NO_SEQUENCE: Final = -1
NO_PARTITION_LEADER_EPOCH: Final = -1
MAX_SEQUENCE: Final = 0x7FFFFFFF

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
_INT64: Final = struct.Struct(">q")
_INT32: Final = struct.Struct(">i")
_UINT32: Final = struct.Struct(">I")
_INT16: Final = struct.Struct(">h")

# Everything between the magic and the batch length is read by every format; 14 is the overhead of the smallest (magic 0).
_SIZE_UP_TO_MAGIC: Final = 17
_SMALLEST_BATCH_LENGTH: Final = 14


def increment_sequence(sequence: int, increment: int) -> int:
    """`sequence` + `increment`, wrapping from 2^31-1 to 0 as Kafka's DefaultRecordBatch.incrementSequence."""
    return (sequence + increment) & MAX_SEQUENCE


def decrement_sequence(sequence: int, decrement: int) -> int:
    """`sequence` - `decrement`, wrapping from 0 to 2^31-1 as Kafka's DefaultRecordBatch.decrementSequence."""
    return (sequence - decrement) & MAX_SEQUENCE


class BatchHeader:
    """The decoded header of one batch. A copy of the fields: stamping the buffer later does not change it."""

    __slots__ = (
        "attributes",
        "base_offset",
        "base_sequence",
        "base_timestamp_ms",
        "batch_length",
        "crc",
        "last_offset_delta",
        "magic",
        "max_timestamp_ms",
        "partition_leader_epoch",
        "producer_epoch",
        "producer_id",
        "record_count",
    )

    def __init__(
        self,
        base_offset: int,
        batch_length: int,
        partition_leader_epoch: int,
        magic: int,
        crc: int,
        attributes: int,
        last_offset_delta: int,
        base_timestamp_ms: int,
        max_timestamp_ms: int,
        producer_id: int,
        producer_epoch: int,
        base_sequence: int,
        record_count: int,
    ) -> None:
        self.base_offset = base_offset
        self.batch_length = batch_length
        self.partition_leader_epoch = partition_leader_epoch
        self.magic = magic
        self.crc = crc
        self.attributes = attributes
        self.last_offset_delta = last_offset_delta
        self.base_timestamp_ms = base_timestamp_ms
        self.max_timestamp_ms = max_timestamp_ms
        self.producer_id = producer_id
        self.producer_epoch = producer_epoch
        self.base_sequence = base_sequence
        self.record_count = record_count

    @property
    def compression(self) -> int:
        """Codec id, 0 to 4; 5 to 7 name no codec."""
        return self.attributes & CODEC_MASK

    @property
    def is_log_append_time(self) -> bool:
        """Whether every record carries the batch's max timestamp, set by the broker, instead of its own."""
        return self.attributes & LOG_APPEND_TIME_FLAG != 0

    @property
    def is_transactional(self) -> bool:
        """Whether the batch belongs to a transaction."""
        return self.attributes & TRANSACTIONAL_FLAG != 0

    @property
    def is_control(self) -> bool:
        """Whether the batch holds control records, which no application ever sees."""
        return self.attributes & CONTROL_FLAG != 0

    @property
    def has_delete_horizon(self) -> bool:
        """Whether the base timestamp is the time from which tombstones and markers may go (KIP-534)."""
        return self.attributes & DELETE_HORIZON_FLAG != 0

    @property
    def last_offset(self) -> int:
        """Offset of the last record the batch was written with, also after compaction removed it."""
        return self.base_offset + self.last_offset_delta

    @property
    def next_offset(self) -> int:
        """The offset behind the batch."""
        return self.base_offset + self.last_offset_delta + 1

    @property
    def last_sequence(self) -> int:
        """Sequence of the last record, wrapping behind 2^31-1; -1 without sequences."""
        if self.base_sequence == NO_SEQUENCE:
            return NO_SEQUENCE
        return increment_sequence(self.base_sequence, self.last_offset_delta)

    @property
    def has_producer_id(self) -> bool:
        """Whether an idempotent or transactional producer wrote the batch."""
        return self.producer_id > NO_PRODUCER_ID

    @property
    def size_in_bytes(self) -> int:
        """The whole batch, header included."""
        return LOG_OVERHEAD + self.batch_length

    def __repr__(self) -> str:
        return (
            f"BatchHeader(offsets=[{self.base_offset}, {self.last_offset}], magic={self.magic}, "
            f"attributes={self.attributes:#x}, records={self.record_count}, size={self.size_in_bytes}, "
            f"producer=({self.producer_id}, {self.producer_epoch}), base_sequence={self.base_sequence})"
        )


def parse_header(buffer: bytes | bytearray | memoryview, position: int = 0) -> BatchHeader:
    """The header at `position`. Only the size is checked: neither magic nor CRC.

    Raises:
        CorruptBatch: fewer than 61 bytes are left, or the batch length does not even cover the header.
    """
    if len(buffer) - position < HEADER_SIZE:
        raise CorruptBatch(f"a batch header needs {HEADER_SIZE} bytes, {len(buffer) - position} are left")
    header = BatchHeader(*_HEADER.unpack_from(buffer, position))
    if header.batch_length < HEADER_SIZE - LOG_OVERHEAD:
        raise CorruptBatch(f"batch size {header.size_in_bytes} is smaller than the header ({HEADER_SIZE})")
    return header


def write_header(
    batch: bytearray,
    base_offset: int,
    partition_leader_epoch: int,
    attributes: int,
    last_offset_delta: int,
    base_timestamp_ms: int,
    max_timestamp_ms: int,
    producer_id: int,
    producer_epoch: int,
    base_sequence: int,
    record_count: int,
) -> None:
    """Write header and CRC into the first 61 bytes of `batch`, whose record section is there already."""
    _HEADER.pack_into(
        batch,
        0,
        base_offset,
        len(batch) - LOG_OVERHEAD,
        partition_leader_epoch,
        CURRENT_MAGIC,
        0,
        attributes,
        last_offset_delta,
        base_timestamp_ms,
        max_timestamp_ms,
        producer_id,
        producer_epoch,
        base_sequence,
        record_count,
    )
    write_crc(batch, 0, len(batch))


def magic_of(buffer: bytes | bytearray | memoryview, position: int = 0) -> int:
    """The magic byte; every message format has it in the same place. Produce since v3 refuses all but 2: INVALID_RECORD."""
    return buffer[position + MAGIC]


def compute_crc(buffer: bytes | bytearray | memoryview, position: int, size: int) -> int:
    """CRC-32C of the batch of `size` bytes at `position`, computed without a copy."""
    return crc32c(memoryview(buffer)[position + ATTRIBUTES : position + size])


def is_crc_valid(buffer: bytes | bytearray | memoryview, position: int, size: int) -> bool:
    """Whether the stored CRC of the batch of `size` bytes at `position` is the computed one."""
    return size >= HEADER_SIZE and _UINT32.unpack_from(buffer, position + CRC)[0] == compute_crc(buffer, position, size)


def verify_crc(buffer: bytes | bytearray | memoryview, position: int, size: int) -> None:
    """Return when the CRC of the batch of `size` bytes at `position` is right.

    Raises:
        CorruptBatch: it is not, or the batch is smaller than its header.
    """
    if size < HEADER_SIZE:
        raise CorruptBatch(f"batch size {size} is smaller than the header ({HEADER_SIZE})")
    stored = _UINT32.unpack_from(buffer, position + CRC)[0]
    computed = compute_crc(buffer, position, size)
    if stored != computed:
        raise CorruptBatch(f"Record is corrupt (stored crc = {stored}, computed crc = {computed})")


def stamp(buffer: bytearray | memoryview, position: int, base_offset: int, leader_epoch: int) -> None:
    """Write base offset and partition leader epoch into the batch at `position`; the CRC covers neither."""
    _INT64.pack_into(buffer, position, base_offset)
    _INT32.pack_into(buffer, position + PARTITION_LEADER_EPOCH, leader_epoch)


def rewrite_timestamps(
    buffer: bytearray | memoryview, position: int, size: int, *, log_append_time: bool, max_timestamp_ms: int
) -> bool:
    """Set timestamp type and max timestamp of the batch at `position`, and its CRC; whether anything changed.

    A batch that has both already stays byte for byte; otherwise the unused attribute bits are cleared as well
    (DefaultRecordBatch.setMaxTimestamp).
    """
    attributes: int = _INT16.unpack_from(buffer, position + ATTRIBUTES)[0]
    has_log_append_time = attributes & LOG_APPEND_TIME_FLAG != 0
    if has_log_append_time == log_append_time and _INT64.unpack_from(buffer, position + MAX_TIMESTAMP)[0] == max_timestamp_ms:
        return False
    attributes = attributes & _USED_ATTRIBUTES & ~LOG_APPEND_TIME_FLAG
    if log_append_time:
        attributes |= LOG_APPEND_TIME_FLAG
    _INT16.pack_into(buffer, position + ATTRIBUTES, attributes)
    _INT64.pack_into(buffer, position + MAX_TIMESTAMP, max_timestamp_ms)
    write_crc(buffer, position, size)
    return True


def write_crc(buffer: bytearray | memoryview, position: int, size: int) -> None:
    """Compute and store the CRC of the batch of `size` bytes at `position`."""
    _UINT32.pack_into(buffer, position + CRC, compute_crc(buffer, position, size))


def iter_batches(buffer: bytes | bytearray | memoryview) -> Iterator[tuple[int, int]]:
    """Position and size of every whole batch in `buffer`; a partial one at the end is left out (ByteBufferLogInputStream).

    Raises:
        CorruptBatch: a length below the smallest of any format, or a magic outside 0 to 2.
    """
    position = 0
    end = len(buffer)
    while end - position >= LOG_OVERHEAD:
        length: int = _INT32.unpack_from(buffer, position + BATCH_LENGTH)[0]
        if length < _SMALLEST_BATCH_LENGTH:
            raise CorruptBatch(f"Record size {length} is less than the minimum record overhead ({_SMALLEST_BATCH_LENGTH})")
        if end - position < _SIZE_UP_TO_MAGIC:
            return
        if buffer[position + MAGIC] > CURRENT_MAGIC:
            raise CorruptBatch(f"Invalid magic found in record: {buffer[position + MAGIC]}")
        size = LOG_OVERHEAD + length
        if end - position < size:
            return
        yield position, size
        position += size
