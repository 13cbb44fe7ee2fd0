"""Offsets for timestamps (ListOffsets, UnifiedLog.fetchOffsetByTimestamp): the index finds the batch, reading it the record."""

from __future__ import annotations

from kafka_compat.records.batch import NO_TIMESTAMP, BatchHeader, parse_header
from kafka_compat.records.reader import find_first_at_or_after_timestamp, offset_of_max_timestamp
from kafka_compat.storage.interface import Chunk, OpenLog


def contiguous(chunk: Chunk) -> bytes | memoryview:
    """The chunk's bytes in one buffer; copied only when it has several."""
    buffers = chunk.buffers
    return buffers[0] if len(buffers) == 1 else b"".join(buffers)


async def find_timestamp(log: OpenLog, timestamp_ms: int, start_offset: int, end_offset: int) -> tuple[int, int, int] | None:
    """(offset, timestamp, leader epoch) of the first record at or after `timestamp_ms` in [start_offset, end_offset)."""
    position = start_offset
    while position < end_offset:
        base_offset = await log.find_batch(timestamp_ms, position, end_offset)
        if base_offset is None:
            return None
        chunk = await log.read(max(base_offset, position), end_offset, 1, True)
        try:
            if not chunk.size_in_bytes:
                return None
            buffer = contiguous(chunk)
            header = parse_header(buffer)
            found = find_first_at_or_after_timestamp(buffer, timestamp_ms, start_offset)
        finally:
            chunk.close()
        if found is not None:
            return found[0], found[1], header.partition_leader_epoch
        # The record that gave the batch its max timestamp was compacted away, or lies below the log start offset.
        position = header.next_offset
    return None


async def find_max_timestamp(log: OpenLog) -> tuple[int, int, int] | None:
    """(offset, timestamp, leader epoch) of the first record with the log's largest timestamp (KIP-734).

    In a log without any timestamp that is its first record, with -1; None when the log is empty.
    """
    start, end = log.start_offset, log.end_offset
    base_offset = await log.find_max_timestamp(start, end)
    if base_offset is None:
        return await _first_batch(log)
    chunk = await log.read(max(base_offset, start), end, 1, True)
    try:
        if not chunk.size_in_bytes:
            return None
        buffer = contiguous(chunk)
        header: BatchHeader = parse_header(buffer)
        # With log append time all records carry the max timestamp; a running 4.3.1 broker answers the first of them.
        offset = header.base_offset if header.is_log_append_time else offset_of_max_timestamp(buffer)
    finally:
        chunk.close()
    return None if offset is None else (offset, header.max_timestamp_ms, header.partition_leader_epoch)


async def _first_batch(log: OpenLog) -> tuple[int, int, int] | None:
    if log.start_offset == log.end_offset:
        return None
    chunk = await log.read(log.start_offset, log.end_offset, 1, True)
    try:
        if not chunk.size_in_bytes:
            return None
        header = parse_header(contiguous(chunk))
    finally:
        chunk.close()
    return max(header.base_offset, log.start_offset), NO_TIMESTAMP, header.partition_leader_epoch
