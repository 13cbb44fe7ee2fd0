"""Which part of a log compaction may clean, how dirty it is, and which segments become one (Kafka's LogCleanerManager).

[log start .. first dirty)            cleaned by an earlier round
[first dirty .. first uncleanable)    dirty: sealed segments below the last stable offset, older than min.compaction.lag.ms
[first uncleanable .. log end)        left alone, with the active segment
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from kafka_compat.log.partition import PartitionLog
from kafka_compat.storage.interface import SegmentInfo

_MAX_OFFSET_SPAN = (1 << 31) - 1


class CleanablePart(NamedTuple):
    """What a round would clean: whole segments. Sizes are in bytes."""

    first_dirty_offset: int
    first_uncleanable_offset: int
    clean_bytes: int
    cleanable_bytes: int

    @property
    def cleanable_ratio(self) -> float:
        """Share of the log below the first uncleanable offset that is dirty; 0 when there is nothing."""
        total = self.clean_bytes + self.cleanable_bytes
        return self.cleanable_bytes / total if total else 0.0


def cleanable_part(log: PartitionLog, checkpoint: int | None, now_ms: int) -> CleanablePart:
    """The cleanable part of `log` (LogCleanerManager.cleanableOffsets, calculateCleanableBytes).

    Args:
        log: Only looked at.
        checkpoint: Where the last round ended, None before the first. Outside the log it counts as none.
        now_ms: Wall clock.
    """
    segments = log.segments()
    active = segments[-1]
    first_dirty = first_dirty_offset(log, checkpoint)
    uncleanable = min(log.last_stable_offset, active.base_offset)
    lag_ms = log.config.min_compaction_lag_ms
    if lag_ms > 0:
        for segment in segments_between(segments, first_dirty, active.base_offset):
            if segment.largest_timestamp_ms > now_ms - lag_ms:
                uncleanable = min(uncleanable, segment.base_offset)
                break
    uncleanable = max(uncleanable, first_dirty)
    within = segments_between(segments, uncleanable, active.base_offset)
    uncleanable = within[0].base_offset if within else active.base_offset
    return CleanablePart(
        first_dirty,
        uncleanable,
        sum(segment.size_in_bytes for segment in segments if segment.base_offset < first_dirty),
        sum(segment.size_in_bytes for segment in segments_between(segments, min(first_dirty, uncleanable), uncleanable)),
    )


def first_dirty_offset(log: PartitionLog, checkpoint: int | None) -> int:
    """Where the dirty part of `log` begins; arguments as above."""
    if checkpoint is not None and log.log_start_offset <= checkpoint <= log.log_end_offset:
        return checkpoint
    return log.log_start_offset


def segments_between(segments: Sequence[SegmentInfo], start_offset: int, end_offset: int) -> Sequence[SegmentInfo]:
    """From the segment that holds `start_offset` (or the first) to the last that begins below `end_offset`."""
    first = max(bisect_right(segments, start_offset, key=_base_offset) - 1, 0)
    return [segment for segment in segments[first:] if segment.base_offset < end_offset]


def group_segments(segments: Sequence[SegmentInfo], segment_bytes: int) -> list[list[SegmentInfo]]:
    """Adjacent segments that fit into one of `segment_bytes`, in size and span of offsets (Cleaner.groupSegmentsBySize)."""
    groups: list[list[SegmentInfo]] = []
    size = 0
    for segment in segments:
        if (
            groups
            and size + segment.size_in_bytes <= segment_bytes
            and segment.next_offset - 1 - groups[-1][0].base_offset <= _MAX_OFFSET_SPAN
        ):
            groups[-1].append(segment)
            size += segment.size_in_bytes
        else:
            groups.append([segment])
            size = segment.size_in_bytes
    return groups


def _base_offset(segment: SegmentInfo) -> int:
    return segment.base_offset
