"""From the files of a log to its segments.

After a clean end the journal tells the segments and no file is touched. Otherwise the directory is read: unfinished files are
removed, a finished compaction is completed, and everything behind the recovery point is checked batch by batch: framing,
magic, CRC32C and rising offsets. The log ends before the first bad byte, and segments behind that one go (LogLoader and
LogSegment.recover in Kafka).

Segments are chained: one that was not yet synced begins exactly where the one before ends, because `LocalLog` rolls at the end
offset. A gap there means that the tail of the earlier file was lost with the power, and what follows it goes too: a log is a
prefix, without holes. Below the recovery point compaction makes gaps; when the journal was damaged none is taken for a loss.
"""

from __future__ import annotations

import contextlib
import logging

from kafka_compat.filesystem import FileSystem
from kafka_compat.storage.interface import Corrupt
from kafka_compat.storage.local.index_files import INDEX_SUFFIXES
from kafka_compat.storage.local.journal import JournaledLog
from kafka_compat.storage.local.layout import parse_aux_name, parse_segment_name, parse_swap_name, segment_name
from kafka_compat.storage.local.segment import Segment

_UNFINISHED = (".tmp", ".cleaned", ".deleted")
_log = logging.getLogger(__name__)


class Recovered:
    """The content of a log directory."""

    __slots__ = ("end_offset", "segments")

    def __init__(self, end_offset: int = 0) -> None:
        self.segments: list[Segment] = []
        self.end_offset = end_offset


def restore(filesystem: FileSystem, directory: str, state: JournaledLog, index_interval_bytes: int) -> Recovered | None:
    """The log as a clean end left it, without I/O; None when it did not end cleanly."""
    if state.segments is None:
        return None
    recovered = Recovered(end_offset=state.start_offset)
    for segment_state in state.segments:
        segment = Segment(filesystem, directory, segment_state.base_offset, index_interval_bytes)
        segment.restore(segment_state)
        recovered.segments.append(segment)
        recovered.end_offset = segment.next_offset
    return recovered


def recover(filesystem: FileSystem, directory: str, state: JournaledLog, index_interval_bytes: int) -> Recovered:
    """The log as far as its bytes can be trusted; the rest is removed. May take long: it reads what was not synced.

    Raises:
        OSError: the medium fails.
    """
    names = _finish_interrupted_work(filesystem, directory, filesystem.list_directory(directory))
    bases = sorted(base for name in names if (base := parse_segment_name(name)) is not None)
    recovered = Recovered()
    point = state.recovery_point
    is_dropped = False
    for number, base_offset in enumerate(bases):
        segment = Segment(filesystem, directory, base_offset, index_interval_bytes)
        following = bases[number + 1] if number + 1 < len(bases) else None
        previous_end = recovered.segments[-1].next_offset if recovered.segments else min(base_offset, state.start_offset)
        if base_offset < previous_end or (base_offset > max(previous_end, point.offset) and not state.gaps_are_possible):
            _log.warning("%s: segments from %d on do not follow on %d and are dropped", directory, base_offset, previous_end)
            _remove_segments(filesystem, directory, bases[number:])
            is_dropped = True
            break
        segment.created_ms = state.created_ms.get(base_offset, -1)
        whole = _recover_segment(segment, state, following)
        if segment.created_ms < 0:
            segment.created_ms = max(segment.max_timestamp_ms, 0)
        if segment.size:
            recovered.segments.append(segment)
        else:
            # Kept, it would look like the successor of a segment that is appended to.
            segment.close()
            _remove_segments(filesystem, directory, [base_offset])
            is_dropped = True
        if not whole:
            _remove_segments(filesystem, directory, bases[number + 1 :])
            is_dropped = True
            break
    _trim_start(filesystem, directory, state, recovered)
    for name in names:
        if (aux := parse_aux_name(name)) is not None and aux[0] > recovered.end_offset:
            filesystem.remove(f"{directory}/{name}")
    state.forget_created_except(segment.base_offset for segment in recovered.segments)
    if is_dropped:
        # Or a second loss of power would bring back what others have been told is gone.
        filesystem.sync_directory(directory)
    return recovered


def _recover_segment(segment: Segment, state: JournaledLog, following: int | None) -> bool:
    """Load one segment; False when it had to be cut."""
    point = state.recovery_point
    segment.size = segment.file.size()
    sane = segment.indexes.load(segment.size)
    if not sane:
        segment.begin_rebuild()
    if sane and following is not None and following <= point.base_offset and len(segment.time_index):
        # Sealed and synced when the recovery point was taken, with its indexes and their last time entry.
        segment.next_offset = following
        segment.max_timestamp_ms = segment.time_index.timestamps[-1]
        segment.offset_of_max_timestamp = segment.base_offset + segment.time_index.offsets[-1]
        return True
    segment.dirty = True  # the page cache may hold what the disk does not
    position = 0
    # With a damaged journal the point may be older than a compaction, and its position one in a file that was replaced.
    is_position_known = not state.gaps_are_possible and segment.base_offset == point.base_offset
    # Of a segment that was cut to nothing the point may lie above its first offset: what came later begins there again.
    synced_offset = segment.base_offset if is_position_known and not point.position else point.offset
    if sane and is_position_known and point.position <= segment.size:
        position = point.position
        segment.keep_indexes_below(position, synced_offset)
        segment.next_offset = synced_offset
        segment.max_timestamp_ms = point.max_timestamp_ms
        segment.offset_of_max_timestamp = point.offset_of_max_timestamp
    else:
        segment.begin_rebuild()
    try:
        for header in segment.headers(position):
            if header.base_offset < segment.next_offset:
                raise Corrupt(
                    f"{segment.path}: offset {header.base_offset} at position {header.position} is not above the one before"
                )
            if following is not None and header.last_offset >= following:
                raise Corrupt(
                    f"{segment.path}: offset {header.last_offset} at position {header.position} is not below the next segment"
                )
            if header.last_offset >= synced_offset:
                segment.verify(header)
            segment.see(header)
            segment.next_offset = header.last_offset + 1
            position = header.end
    except Corrupt as error:
        _log.warning("the log is cut at offset %d: %s", segment.next_offset, error)
        segment.cut(position, segment.next_offset, (segment.max_timestamp_ms, segment.offset_of_max_timestamp))
        segment.cut_files()
        segment.file.sync()
        return False
    if following is not None:
        segment.complete_time_index()
    if following is not None and following <= point.offset:
        segment.next_offset = following  # compaction may have taken the last records
    return True


def _trim_start(filesystem: FileSystem, directory: str, state: JournaledLog, recovered: Recovered) -> None:
    """Drop segments wholly below the start offset, all of them when the log ends below it."""
    segments = recovered.segments
    recovered.end_offset = segments[-1].next_offset if segments else state.start_offset
    if recovered.end_offset < state.start_offset:
        recovered.end_offset = state.start_offset
        keep = len(segments)
    else:
        keep = next((n for n, s in enumerate(segments) if s.next_offset > state.start_offset or s is segments[-1]), 0)
    for segment in segments[:keep]:
        segment.close()
    _remove_segments(filesystem, directory, [segment.base_offset for segment in segments[:keep]])
    del segments[:keep]


def _finish_interrupted_work(filesystem: FileSystem, directory: str, names: list[str]) -> list[str]:
    swaps: list[tuple[int, int, str]] = []
    for name in names:
        if name.endswith(_UNFINISHED):
            filesystem.remove(f"{directory}/{name}")
        elif (swap := parse_swap_name(name)) is not None:
            swaps.append((*swap, name))
    for base_offset, next_offset, name in swaps:
        replaced = [
            base for old in names if (base := parse_segment_name(old)) is not None and base_offset <= base < next_offset
        ]
        _remove_segments(filesystem, directory, [*replaced, base_offset])
        filesystem.rename(f"{directory}/{name}", f"{directory}/{segment_name(base_offset)}")
        filesystem.sync_directory(directory)
    return filesystem.list_directory(directory) if swaps else names


def _remove_segments(filesystem: FileSystem, directory: str, bases: list[int]) -> None:
    # Backwards: an interruption leaves a log without a hole.
    for base_offset in reversed(bases):
        for suffix in (".log", *INDEX_SUFFIXES):
            with contextlib.suppress(FileNotFoundError):
                filesystem.remove(f"{directory}/{segment_name(base_offset, suffix)}")
