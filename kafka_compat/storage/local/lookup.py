"""Where a timestamp is found in a log: over its segments, in whatever thread asks."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.storage.local.segment import Segment


def find_batch(segments: Sequence[Segment], timestamp_ms: int, start_offset: int, end_offset: int) -> int | None:
    """As `OpenLog.find_batch`.

    Raises:
        OSError: a file cannot be read.
    """
    for segment in segments:
        if segment.next_offset > start_offset and segment.base_offset < end_offset:
            found = segment.find_timestamp(timestamp_ms, start_offset, end_offset)
            if found is not None:
                return found
    return None


def find_max_timestamp(segments: Sequence[Segment], start_offset: int, end_offset: int) -> int | None:
    """As `OpenLog.find_max_timestamp`.

    Raises:
        OSError: a file cannot be read.
    """
    largest_ms, found = -1, None
    for segment in segments:
        if segment.next_offset <= start_offset or segment.base_offset >= end_offset:
            continue
        is_whole = start_offset <= segment.offset_of_max_timestamp and segment.next_offset <= end_offset
        timestamp_ms = segment.max_timestamp_ms if is_whole else segment.largest_timestamp(start_offset, end_offset)
        if timestamp_ms > largest_ms:
            batch = segment.find_timestamp(timestamp_ms, start_offset, end_offset)
            if batch is not None:
                largest_ms, found = timestamp_ms, batch
    return found
