"""Changes of a log's shape: truncation, a new start offset, compaction's swap.

Each runs under the log's `exclusive` lock and orders its steps so that a crash between any two leaves a log that recovery
takes to the state before or after. What waits for the disk is done by a thread, to its end also when the caller is cancelled;
appends and reads go on meanwhile, appends not while the log is cut.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeAlias, TypeVar

from kafka_compat.storage.interface import OutOfRange, StorageError, Unavailable
from kafka_compat.storage.local.index_files import INDEX_SUFFIXES
from kafka_compat.storage.local.journal import RecoveryPoint
from kafka_compat.storage.local.layout import MAX_RELATIVE_OFFSET, segment_name, swap_name
from kafka_compat.storage.local.log import LocalLog
from kafka_compat.storage.local.segment import Segment

_CLEANED = ".log.cleaned"
_WRITE_BYTES: Final = 256 << 10
_retired = itertools.count()
_T = TypeVar("_T")
# Raises Fenced when whoever asked for a change has lost the log.
CheckOwner: TypeAlias = Callable[[], object]


def _nothing(_: object) -> None:
    """Follows on what a thread did."""


async def truncate(log: LocalLog, check_owner: CheckOwner, end_offset: int) -> None:
    """As `OpenLog.truncate`."""
    if end_offset >= log.end_offset:
        return
    if end_offset < log.start_offset:
        await start_at(log, check_owner, end_offset)
        return
    async with _alone(log, check_owner):
        with _cutting(log):
            await _lower_recovery_point(log, min(log.synced_offset, end_offset))
            await _truncate(log, end_offset)
            await log.sync_exclusively()


async def start_at(log: LocalLog, check_owner: CheckOwner, offset: int) -> None:
    """As `OpenLog.truncate_fully_and_start_at`."""
    async with _alone(log, check_owner):
        with _cutting(log):
            await _lower_recovery_point(log, min(log.synced_offset, log.start_offset))
            old = log.segments
            await _in_thread(log, lambda: _retire_durably(log, old), lambda paths: _begin_at(log, old, paths, offset))
            _guarded(log, lambda: log.store.journal.write(["start", log.name, offset]))
            await _lower_recovery_point(log, offset)
            await _in_thread(log, lambda: log.aux.drop_above(offset))
            log.shape_changed()
            await log.sync_exclusively()


async def advance_start(log: LocalLog, check_owner: CheckOwner, offset: int) -> None:
    """As `OpenLog.advance_start`."""
    if offset <= log.start_offset:
        return
    if offset > log.end_offset:
        raise OutOfRange(f"{log.name}: start offset {offset} above the end offset {log.end_offset}")
    journal = log.store.journal
    async with _alone(log, check_owner):
        if log.names_dirty or log.root_dirty:
            # What a loss of power takes must not be missed above the start: the directory, a blob that says what was below.
            await log.sync_exclusively()
        _guarded(log, lambda: journal.write(["start", log.name, offset]))
        await _in_thread(log, journal.sync)


async def delete_below_start(log: LocalLog, check_owner: CheckOwner) -> None:
    """As `OpenLog.delete_below_start`."""
    async with _alone(log, check_owner):
        offset = log.start_offset
        doomed = [segment for segment in log.segments if segment.next_offset <= offset and segment is not log.active]
        if not doomed:
            return
        log.segments = log.segments[len(doomed) :]
        log.shape_changed()
        delay_ms = log.policy.file_delete_delay_ms
        await _in_thread(log, lambda: _retire(log, doomed), lambda paths: _remove_later(log, doomed, paths, delay_ms))


async def roll(log: LocalLog, check_owner: CheckOwner) -> None:
    """As `OpenLog.roll`."""
    async with _alone(log, check_owner):
        _guarded(log, log.roll)


async def put_aux(log: LocalLog, check_owner: CheckOwner, kind: str, at_offset: int, blob: bytes) -> None:
    """As `OpenLog.put_aux`."""
    async with _alone(log, check_owner):
        await _in_thread(log, lambda: log.aux.put(kind, at_offset, blob))
        log.names_dirty = True


async def read_aux(log: LocalLog, kinds: Sequence[str], at_or_before: int) -> dict[str, tuple[int, bytes]]:
    """As `OpenLog.read_aux`; under the lock, since the first to ask lists the directory."""

    def read() -> dict[str, tuple[int, bytes]]:
        return {kind: found for kind in kinds if (found := log.aux.get(kind, at_or_before)) is not None}

    async with log.exclusive:
        try:
            return await log.store.worker.run_to_end(read, lambda found: found)
        except OSError as error:
            raise Unavailable(f"{log.name}: {error}") from error


async def rewrite(
    log: LocalLog,
    check_owner: CheckOwner,
    base_offsets: Sequence[int],
    batches: AsyncIterator[bytes | memoryview],
    created_ms: int,
) -> None:
    """As `OpenLog.rewrite`."""
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
    await _in_thread(log, log.store.journal.sync)
    cleaned = Segment(log.store.filesystem, log.directory, base_offsets[0], log.policy.index_interval_bytes, _CLEANED)
    cleaned.created_ms = created_ms
    cleaned.written_ms = old[-1].written_ms
    try:
        await _fill(log, cleaned, batches)
        async with _alone(log, check_owner):
            if _sealed_segments(log, base_offsets) != old:
                raise OutOfRange(f"{log.name}: {list(base_offsets)} were replaced meanwhile")
            cleaned.next_offset = next_offset
            await _in_thread(log, lambda: _swap_files(log, old, cleaned), lambda paths: _swap(log, old, cleaned, paths))
    except BaseException:
        if not log.failed and cleaned not in log.segments:
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
    worker = log.store.worker
    pending = bytearray()  # a copy: what comes in is good until the next is asked for, and a thread for each costs more
    try:
        await worker.run_to_end(lambda: cleaned.file.truncate(0), _nothing)
        async for batch in batches:
            if pending and len(pending) + len(batch) > _WRITE_BYTES:
                await worker.run_to_end(partial(cleaned.append_all, pending), _nothing)
                pending = bytearray()
            if len(batch) >= _WRITE_BYTES:
                await worker.run_to_end(partial(cleaned.append_all, batch), _nothing)
            else:
                pending += batch
        if pending:
            await worker.run_to_end(partial(cleaned.append_all, pending), _nothing)
        await worker.run_to_end(cleaned.file.sync, _nothing)
    except OSError as error:
        raise Unavailable(f"{log.name}: {error}") from error


def _remove_cleaned(log: LocalLog, cleaned: Segment) -> None:
    cleaned.close()
    with contextlib.suppress(OSError):
        log.store.filesystem.remove(cleaned.path)


async def _truncate(log: LocalLog, end_offset: int) -> None:
    segments = log.segments
    if end_offset < segments[0].base_offset:
        # Compaction has left nothing below: no segment can hold what comes at `end_offset`.
        await _in_thread(log, lambda: _retire(log, segments), lambda paths: _begin_at(log, segments, paths, end_offset))
        await _in_thread(log, lambda: log.aux.drop_above(end_offset))
        log.shape_changed()
        return
    kept = [segment for segment in segments if segment.base_offset < end_offset] or segments[:1]
    doomed = segments[len(kept) :]
    last = kept[-1]

    def prepare() -> tuple[list[str], int, tuple[int, int]]:
        position = last.position_of(end_offset)
        largest = last.largest_timestamp_before(position, end_offset)
        return _retire(log, doomed), position, largest

    def show(prepared: tuple[list[str], int, tuple[int, int]]) -> None:
        paths, position, largest = prepared
        _remove_later(log, doomed, paths, 0)
        log.segments = kept
        log.active = last
        last.cut(position, end_offset, largest)
        last.dirty = True
        log.end_offset = end_offset
        log.shape_changed()

    def cut() -> None:
        last.ask_last_write()
        last.cut_files()
        log.aux.drop_above(end_offset)

    # Readers on the loop are told first: in the file they would find less than the segment says.
    await _in_thread(log, prepare, show)
    await _in_thread(log, cut)
    if last.size == 0:
        last.close()


def _retire_durably(log: LocalLog, segments: Sequence[Segment]) -> list[str]:
    paths = _retire(log, segments)
    log.store.filesystem.sync_directory(log.directory)
    return paths


def _begin_at(log: LocalLog, old: Sequence[Segment], paths: list[str], offset: int) -> None:
    """Serve nothing, from `offset` on; the files of the `old` segments are at `paths`."""
    _remove_later(log, old, paths, 0)
    log.segments = []
    log.replace_active(log.new_segment(offset, log.policy))
    log.end_offset = offset


def _swap_files(log: LocalLog, old: Sequence[Segment], cleaned: Segment) -> list[str]:
    """Put the file of `cleaned` in place of those of `old`, in a thread; the paths of what is to be removed."""
    filesystem = log.store.filesystem
    cleaned.ask_last_write()
    if cleaned.size == 0:
        cleaned.close()
        filesystem.remove(cleaned.path)
        doomed = _retire(log, old)
        filesystem.sync_directory(log.directory)
        return doomed
    swap = swap_name(cleaned.base_offset, cleaned.next_offset)
    cleaned.rename(swap[20:])
    filesystem.sync_directory(log.directory)
    # From here on recovery completes the swap.
    doomed = _retire(log, old)
    cleaned.rename(".log")
    cleaned.seal()
    cleaned.indexes.sync()
    filesystem.sync_directory(log.directory)
    return doomed


def _swap(log: LocalLog, old: Sequence[Segment], cleaned: Segment, paths: list[str]) -> None:
    """Serve from `cleaned`, whose file is in its place."""
    _remove_later(log, old, paths, log.policy.file_delete_delay_ms)
    replacement = [cleaned] if cleaned.size else []
    if replacement:
        log.store.journal.write(["created", log.name, cleaned.base_offset, cleaned.created_ms])
        cleaned.dirty = False
    slot = log.segments.index(old[0])
    log.segments = [*log.segments[:slot], *replacement, *log.segments[slot + len(old) :]]
    log.shape_changed()


async def _lower_recovery_point(log: LocalLog, offset: int) -> None:
    _guarded(log, lambda: log.checkpoint(RecoveryPoint(offset)))
    await _in_thread(log, log.store.journal.sync)


def _retire(log: LocalLog, segments: Sequence[Segment]) -> list[str]:
    """Rename the files out of the way, last segment first; where they are now. Reads that run go on.

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
    return doomed


def _remove_later(log: LocalLog, segments: Sequence[Segment], paths: list[str], delay_ms: int) -> None:
    """Forget segments whose files are at `paths` now, and remove these after a while."""
    for segment in segments:
        log.state.created_ms.pop(segment.base_offset, None)
    log.store.remove_later(paths, delay_ms)


@contextlib.asynccontextmanager
async def _alone(log: LocalLog, check_owner: CheckOwner) -> AsyncIterator[None]:
    """Hold the log's lock; the log may have changed hands, or have failed, while this waited for it."""
    async with log.exclusive:
        check_owner()
        log.check()
        yield


@contextlib.contextmanager
def _cutting(log: LocalLog) -> Iterator[None]:
    """Appends are refused: between the steps the event loop goes on."""
    log.is_cut = True
    try:
        yield
    finally:
        log.is_cut = False


def _guarded(log: LocalLog, change: Callable[[], None]) -> None:
    """Run one change; when it fails half-way the log has to be opened anew."""
    log.check()
    try:
        change()
    except (OSError, StorageError) as error:
        raise log.fail(error) from error


async def _in_thread(log: LocalLog, call: Callable[[], _T], then: Callable[[_T], None] = _nothing) -> None:
    """Run `call` in a thread and `then` on the loop, both to their ends; as `_guarded` when one fails."""
    try:
        await log.store.worker.run_to_end(call, then)
    except (OSError, StorageError) as error:
        raise log.fail(error) from error
