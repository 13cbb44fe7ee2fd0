"""Builds record batches: for coordinators, the metadata log, compaction, recompression and tests."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.records.batch import (
    CONTROL_FLAG,
    DELETE_HORIZON_FLAG,
    HEADER_SIZE,
    LOG_APPEND_TIME_FLAG,
    NO_PARTITION_LEADER_EPOCH,
    NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID,
    NO_SEQUENCE,
    NO_TIMESTAMP,
    TRANSACTIONAL_FLAG,
    BatchHeader,
    write_header,
)
from kafka_compat.records.compression import compress
from kafka_compat.records.record import Headers, Record
from kafka_compat.wire.types import Buffer

PlainRecord = tuple[int, bytes | None, bytes | None, Headers]
"""Timestamp in ms, key, value, headers: a record whose offset follows from its place."""


def build_batch(
    records: Sequence[Record | PlainRecord],
    *,
    base_offset: int = 0,
    last_offset: int | None = None,
    codec: int = 0,
    level: int | None = None,
    log_append_time_ms: int | None = None,
    delete_horizon_ms: int | None = None,
    producer_id: int = NO_PRODUCER_ID,
    producer_epoch: int = NO_PRODUCER_EPOCH,
    base_sequence: int = NO_SEQUENCE,
    transactional: bool = False,
    control: bool = False,
    partition_leader_epoch: int = NO_PARTITION_LEADER_EPOCH,
) -> bytearray:
    """One whole batch with its CRC.

    A `Record` keeps its offset, so that compaction may leave gaps; a plain tuple takes the offset of its place. `last_offset`
    keeps the end of a batch whose last records were compacted away. Without records the batch is an empty header that only
    preserves producer state. `log_append_time_ms` sets the timestamp type and the max timestamp.

    Raises:
        ValueError: an offset lies below `base_offset` or above `last_offset`.
    """
    body = bytearray()
    base_timestamp_ms = NO_TIMESTAMP
    max_timestamp_ms = NO_TIMESTAMP
    offset = base_offset - 1
    for index, record in enumerate(records):
        if isinstance(record, Record):
            offset, timestamp_ms, key, value, headers = record
        else:
            offset = base_offset + index
            timestamp_ms, key, value, headers = record
        if index == 0:
            base_timestamp_ms = timestamp_ms if delete_horizon_ms is None else delete_horizon_ms
        max_timestamp_ms = max(max_timestamp_ms, timestamp_ms)
        if not 0 <= offset - base_offset <= 0x7FFFFFFF:
            raise ValueError(f"offset {offset} does not fit a batch with base offset {base_offset}")
        append_record(body, offset - base_offset, timestamp_ms - base_timestamp_ms, key, value, headers)
    if last_offset is None:
        last_offset = max(offset, base_offset)
    elif last_offset < offset:
        raise ValueError(f"last offset {last_offset} is below a record's offset {offset}")
    attributes = int(codec) if records else 0
    if log_append_time_ms is not None:
        attributes |= LOG_APPEND_TIME_FLAG
        max_timestamp_ms = log_append_time_ms
    if transactional:
        attributes |= TRANSACTIONAL_FLAG
    if control:
        attributes |= CONTROL_FLAG
    if delete_horizon_ms is not None:
        attributes |= DELETE_HORIZON_FLAG
        base_timestamp_ms = delete_horizon_ms
    return frame_batch(
        base_offset,
        partition_leader_epoch,
        attributes,
        last_offset - base_offset,
        base_timestamp_ms,
        max_timestamp_ms,
        producer_id,
        producer_epoch,
        base_sequence,
        len(records),
        compress(codec, body, level) if codec and records else body,
    )


def rebuild_batch(
    header: BatchHeader,
    body: Buffer,
    record_count: int,
    *,
    base_timestamp_ms: int = NO_TIMESTAMP,
    max_timestamp_ms: int | None = None,
    delete_horizon: bool = False,
) -> bytearray:
    """The batch with `header` around other records: same offsets, producer, epoch, kind and compression, with its CRC.

    Args:
        header: of the batch as it was.
        body: the records, not compressed. Without records the batch is an empty header that preserves offsets and the
            producer's last sequence (DefaultRecordBatch.writeEmptyHeader).
        record_count: in `body`.
        base_timestamp_ms: that the records are relative to; the delete horizon with `delete_horizon`.
        max_timestamp_ms: of the records; None keeps the header's, as log append time does whatever is given.
        delete_horizon: whether the base timestamp is one.
    """
    codec = header.compression if record_count else 0
    attributes = codec | header.attributes & (LOG_APPEND_TIME_FLAG | TRANSACTIONAL_FLAG | CONTROL_FLAG)
    if delete_horizon:
        attributes |= DELETE_HORIZON_FLAG
    return frame_batch(
        header.base_offset,
        header.partition_leader_epoch,
        attributes,
        header.last_offset_delta,
        base_timestamp_ms,
        header.max_timestamp_ms if max_timestamp_ms is None or header.is_log_append_time else max_timestamp_ms,
        header.producer_id,
        header.producer_epoch,
        header.base_sequence,
        record_count,
        compress(codec, body) if codec else body,
    )


def frame_batch(
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
    payload: Buffer,
) -> bytearray:
    """A whole batch: the header and its CRC in front of a record section as it is stored."""
    batch = bytearray(HEADER_SIZE)
    batch += payload
    write_header(
        batch,
        base_offset,
        partition_leader_epoch,
        attributes,
        last_offset_delta,
        base_timestamp_ms,
        max_timestamp_ms,
        producer_id,
        producer_epoch,
        base_sequence,
        record_count,
    )
    return batch


def append_record(
    body: bytearray,
    offset_delta: int,
    timestamp_delta: int,
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
) -> None:
    """Append one record to an uncompressed record section."""
    record = bytearray(1)  # the attributes
    append_varint(record, timestamp_delta)
    append_varint(record, offset_delta)
    _append_nullable_bytes(record, key)
    _append_nullable_bytes(record, value)
    append_varint(record, len(headers))
    for header_key, header_value in headers:
        _append_nullable_bytes(record, header_key.encode())
        _append_nullable_bytes(record, header_value)
    append_varint(body, len(record))
    body += record


def _append_nullable_bytes(output: bytearray, field: bytes | None) -> None:
    if field is None:
        output.append(1)  # -1 in zig-zag form
        return
    append_varint(output, len(field))
    output += field


def append_varint(output: bytearray, value: int) -> None:
    """Append `value` as a zig-zag varint."""
    raw = value << 1 if value >= 0 else (-value << 1) - 1
    while raw > 0x7F:
        output.append(raw & 0x7F | 0x80)
        raw >>= 7
    output.append(raw)
