"""Changes of a log's shape: truncation, a new start offset, compaction's swap.

Each runs under the log's `exclusive` lock and orders its steps so that a crash between any two leaves a log that recovery
takes to the state before or after.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Sequence

from kafka_compat.storage.interface import OutOfRange, StorageError, Unavailable
from kafka_compat.storage.local.index_files import INDEX_SUFFIXES
from kafka_compat.storage.local.journal import RecoveryPoint
from kafka_compat.storage.local.layout import MAX_RELATIVE_OFFSET, segment_name, swap_name
from kafka_compat.storage.local.log import LocalLog
from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.window import Window

_CLEANED = ".log.cleaned"
_retired = itertools.count()


async def truncate(log: LocalLog, end_offset: int) -> None:
    """As `OpenLog.truncate`."""
    if end_offset >= log.end_offset:
        return
    if end_offset < log.start_offset:
        await start_at(log, end_offset)
        return
    async with log.exclusive:
        await _guarded(log, lambda: _truncate(log, end_offset))
        await log.sync_exclusively()


async def start_at(log: LocalLog, offset: int) -> None:
    """As `OpenLog.truncate_fully_and_start_at`."""
    async with log.exclusive:
        await _guarded(log, lambda: _start_at(log, offset))
        await log.sync_exclusively()


async def advance_start(log: LocalLog, offset: int) -> None:
    """As `OpenLog.advance_start`."""
    if offset <= log.start_offset:
        return
    if offset > log.end_offset:
        raise OutOfRange(f"{log.name}: start offset {offset} above the end offset {log.end_offset}")
    journal = log.store.journal
    async with log.exclusive:
        log.check()
        if log.names_dirty or log.root_dirty:
            # What a loss of power takes must not be missed above the start: the directory, a blob that says what was below.
            await log.sync_exclusively()
        await _guarded(log, lambda: journal.write(["start", log.name, offset]))
        try:
            await log.store.worker.run(journal.sync)
        except OSError as error:
            raise log.fail(error) from error


async def delete_below_start(log: LocalLog) -> None:
    """As `OpenLog.delete_below_start`."""
    async with log.exclusive:
        await _guarded(log, lambda: _drop_below(log, log.start_offset))


async def roll(log: LocalLog) -> None:
    """As `OpenLog.roll`."""
    async with log.exclusive:
        await _guarded(log, log.roll)


async def put_aux(log: LocalLog, kind: str, at_offset: int, blob: bytes) -> None:
    """As `OpenLog.put_aux`."""
    async with log.exclusive:
        log.check()
        try:
            await log.store.worker.run(lambda: log.aux.put(kind, at_offset, blob))
        except OSError as error:
            raise log.fail(error) from error
        log.names_dirty = True


async def rewrite(
    log: LocalLog,
    base_offsets: Sequence[int],
    batches: AsyncIterator[bytes | memoryview],
    created_ms: int,
    check_owner: Callable[[], object],
) -> None:
    """As `OpenLog.rewrite`; `check_owner` raises when the log changed hands while batches came in."""
    old = _sealed_segments(log, base_offsets)
    next_offset = old[-1].next_offset
    if next_offset - 1 - base_offsets[0] > MAX_RELATIVE_OFFSET:
        raise OutOfRange(f"{log.name}: {list(base_offsets)} span more offsets than a segment can")
    # Below the recovery point offsets may be missing, and its position must lie in no file that is replaced: the swap has to
    # happen below the one on disk.
    log.check()
    if log.synced_offset < next_offset or log.state.recovery_point.base_offset < log.active.base_offset:
        async with log.exclusive:
            await log.sync_exclusively()
    try:
        await log.store.worker.run(log.store.journal.sync)
    except OSError as error:
        raise log.fail(error) from error
    cleaned = Segment(log.store.filesystem, log.directory, base_offsets[0], log.policy.index_interval_bytes, _CLEANED)
    cleaned.created_ms = created_ms
    cleaned.written_ms = old[-1].written_ms
    try:
        await _fill(log, cleaned, batches)
        async with log.exclusive:
            check_owner()
            if _sealed_segments(log, base_offsets) != old:
                raise OutOfRange(f"{log.name}: {list(base_offsets)} were replaced meanwhile")
            cleaned.next_offset = next_offset
            await _guarded(log, lambda: _swap(log, old, cleaned))
    except BaseException:
        if not log.failed:
            # The caller or the medium gave up before the swap: the log is as before.
            _remove_cleaned(log, cleaned)
        raise


def _sealed_segments(log: LocalLog, base_offsets: Sequence[int]) -> list[Segment]:
    slot = next((n for n, segment in enumerate(log.segments) if segment.base_offset == base_offsets[0]), -1)
    found = log.segments[slot : slot + len(base_offsets)] if slot >= 0 else []
    if [segment.base_offset for segment in found] != list(base_offsets) or log.active in found:
        raise OutOfRange(f"{log.name}: {list(base_offsets)} are not adjacent sealed segments")
    return found


async def _fill(log: LocalLog, cleaned: Segment, batches: AsyncIterator[bytes | memoryview]) -> None:
    """Write the batches and sync them. A medium that fails here fails nothing else: the log does not know the file."""
    try:
        cleaned.file.truncate(0)
        async for batch in batches:
            header = Window(cleaned.path, 0, [batch]).header(0)
            cleaned.append(batch, header.last_offset, header.max_timestamp_ms)
        await log.store.worker.run(cleaned.file.sync)
    except OSError as error:
        raise Unavailable(f"{log.name}: {error}") from error


def _remove_cleaned(log: LocalLog, cleaned: Segment) -> None:
    cleaned.close()
    with contextlib.suppress(OSError):
        log.store.filesystem.remove(cleaned.path)


def _truncate(log: LocalLog, end_offset: int) -> None:
    _lower_recovery_point(log, min(log.synced_offset, end_offset))
    segments = log.segments
    kept = [segment for segment in segments if segment.base_offset < end_offset] or segments[:1]
    _discard(log, segments[len(kept) :], 0)
    log.segments = kept
    log.active = last = kept[-1]
    last.cut(last.position_of(end_offset), end_offset)
    last.dirty = True
    if last.size == 0:
        last.close()
    log.end_offset = end_offset
    log.aux.drop_above(end_offset)
    log.shape_changed()


def _start_at(log: LocalLog, offset: int) -> None:
    _lower_recovery_point(log, min(log.synced_offset, log.start_offset))
    _discard(log, log.segments, 0)
    log.store.filesystem.sync_directory(log.directory)
    log.segments = []
    log.replace_active(log.new_segment(offset, log.policy))
    log.end_offset = offset
    log.store.journal.write(["start", log.name, offset])
    _lower_recovery_point(log, offset)
    log.aux.drop_above(offset)
    log.shape_changed()


def _drop_below(log: LocalLog, offset: int) -> None:
    doomed = [segment for segment in log.segments if segment.next_offset <= offset and segment is not log.active]
    if doomed:
        log.segments = log.segments[len(doomed) :]
        _discard(log, doomed, log.policy.file_delete_delay_ms)
        log.shape_changed()


def _swap(log: LocalLog, old: list[Segment], cleaned: Segment) -> None:
    filesystem = log.store.filesystem
    slot = log.segments.index(old[0])
    if cleaned.size == 0:
        cleaned.close()
        filesystem.remove(cleaned.path)
        _discard(log, old, log.policy.file_delete_delay_ms)
        log.segments = log.segments[:slot] + log.segments[slot + len(old) :]
        log.shape_changed()
        filesystem.sync_directory(log.directory)
        return
    swap = swap_name(cleaned.base_offset, cleaned.next_offset)
    cleaned.rename(swap[20:])
    filesystem.sync_directory(log.directory)
    # From here on recovery completes the swap.
    _discard(log, old, log.policy.file_delete_delay_ms)
    cleaned.rename(".log")
    cleaned.seal()
    cleaned.indexes.sync()
    filesystem.sync_directory(log.directory)
    log.store.journal.write(["created", log.name, cleaned.base_offset, cleaned.created_ms])
    cleaned.dirty = False
    log.segments = [*log.segments[:slot], cleaned, *log.segments[slot + len(old) :]]
    log.shape_changed()


def _lower_recovery_point(log: LocalLog, offset: int) -> None:
    log.checkpoint(RecoveryPoint(offset))
    log.store.journal.sync()


def _discard(log: LocalLog, segments: Sequence[Segment], delay_ms: int) -> None:
    """Rename the files out of the way, last segment first, and remove them later. Reads that run go on.

    The names are new ones each time: an earlier segment of the same offsets may still be on its way out, and be read.
    """
    filesystem = log.store.filesystem
    doomed: list[str] = []
    for segment in reversed(segments):
        segment.indexes.detach()
        retired = f".{next(_retired)}.deleted"
        for suffix in INDEX_SUFFIXES:
            path = f"{log.directory}/{segment_name(segment.base_offset, suffix)}"
            with contextlib.suppress(FileNotFoundError):
                filesystem.rename(path, path + retired)
                doomed.append(path + retired)
        with contextlib.suppress(FileNotFoundError):
            segment.rename(".log" + retired)
            doomed.append(segment.path)
    log.store.remove_later(doomed, delay_ms)


async def _guarded(log: LocalLog, change: Callable[[], None]) -> None:
    """Run one change; when it fails half-way the log has to be opened anew."""
    log.check()
    try:
        change()
    except (OSError, StorageError) as error:
        raise log.fail(error) from error
