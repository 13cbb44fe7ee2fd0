"""One log of the local store: appending, reading, syncing.

Changes of its shape are in reshaping.py, fencing in handle.py, what one sync does and who waits for it in group_commit.py.

Ownership: the event loop owns all fields. Threads get what they work on handed over and change nothing of the log: they sync
files, rename those of segments on their way out, cut what nobody is shown any more, and write the file of a compaction that
nobody sees yet; what follows from it is done on the loop, under `exclusive`. Reading is the exception: `read` runs in either,
and with it the hints of `_readers`, `_loaded`, and the loading and unloading of a sealed segment's indexes. All of that may be
lost or done twice without harm, and each step is one operation on one dict, deque or attribute.

Whatever fails to write or sync makes the log refuse all later changes until it is opened anew, because after a failed write or
fsync memory and disk may disagree.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from kafka_compat.filesystem import File, FileSystem
from kafka_compat.storage.interface import (
    Chunk,
    Fenced,
    OutOfRange,
    SegmentInfo,
    Staged,
    StorageError,
    Unavailable,
)
from kafka_compat.storage.local import lookup
from kafka_compat.storage.local.aux_files import AuxFiles
from kafka_compat.storage.local.group_commit import GroupCommit, SyncPlan
from kafka_compat.storage.local.journal import Journal, JournaledLog, RecoveryPoint
from kafka_compat.storage.local.layout import MAX_RELATIVE_OFFSET
from kafka_compat.storage.local.policy import LocalPolicy
from kafka_compat.storage.local.reading import EMPTY, Range, read_slice
from kafka_compat.storage.local.recovery import Recovered
from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.sequential import SequentialReaders
from kafka_compat.storage.local.staging import StagedFile, write_staged
from kafka_compat.storage.local.worker import Worker
from kafka_compat.tasks import Supervisor

_NEVER = (1 << 63) - 1
_LOADED_INDEXES = 16  # of sealed segments; one of a full segment takes 2 MiB


class Store(Protocol):
    """What a log needs of its store."""

    filesystem: FileSystem
    root: str
    journal: Journal
    worker: Worker
    loader: Worker
    tasks: Supervisor

    def remove_later(self, paths: list[str], delay_ms: int) -> None:
        """Remove files after a while."""


class LocalLog:
    """The shared state behind all handles of one log.

    Args:
        store: file system, journal and threads.
        name: of the log's directory.
        state: what the journal knows of it; this log keeps it up to date.
        policy: what to obey.
        recovered: the content.
        is_new: whether the directory's own name may not be on disk yet, nor the names in it.
    """

    def __init__(
        self, store: Store, name: str, state: JournaledLog, policy: LocalPolicy, recovered: Recovered, *, is_new: bool
    ) -> None:
        self.store = store
        self.name = name
        self.state = state
        self.directory = f"{store.root}/{name}"
        self.segments = recovered.segments or [self.new_segment(recovered.end_offset, policy)]
        self.active = self.segments[-1]
        self._sealed_infos: tuple[SegmentInfo, ...] | None = None  # until segments come or go
        self.end_offset = recovered.end_offset
        self.synced_offset = min(state.recovery_point.offset, recovered.end_offset)
        self.aux = AuxFiles(store.filesystem, self.directory)
        self.exclusive = asyncio.Lock()  # sync and changes of shape exclude each other
        self.names_dirty = is_new
        self.root_dirty = is_new
        self.is_cut = False  # a truncation is under way: offsets are about to change
        self._refusal: StorageError | None = None
        self._loaded: deque[Segment] = deque()
        self._readers = SequentialReaders(store.loader)
        self._commits = GroupCommit(name, store.tasks, self._sync_for_waiters, self._refuse)
        self._last_sync_ms = -1
        self.set_policy(policy)

    @property
    def start_offset(self) -> int:
        """The log start offset."""
        return self.state.start_offset

    @property
    def failed(self) -> bool:
        """Whether the log has to be opened anew."""
        return self._refusal is not None

    def set_policy(self, policy: LocalPolicy) -> None:
        """Obey `policy` from the next append on."""
        self.policy = policy
        self._flushes = min(policy.flush_messages, policy.flush_ms) < _NEVER
        self._roll_after_ms = _roll_after_ms(policy)
        for segment in self.segments:
            segment.index_interval_bytes = policy.index_interval_bytes

    def new_segment(self, base_offset: int, policy: LocalPolicy) -> Segment:
        """An empty segment without a file."""
        return Segment(self.store.filesystem, self.directory, base_offset, policy.index_interval_bytes)

    def append(
        self,
        batch: bytes | bytearray | memoryview,
        base_offset: int,
        last_offset: int,
        max_timestamp_ms: int,
        now_ms: int,
        staged: Staged | None,
    ) -> asyncio.Future[None] | None:
        """As `OpenLog.append`."""
        if self._refusal is not None:
            self.check()
        taken = staged if isinstance(staged, StagedFile) and staged.owner is self else None
        if base_offset < self.end_offset or self.is_cut:
            raise OutOfRange(f"{self.name}: append at {base_offset}, below the end offset {self.end_offset}")
        try:
            segment = self.active
            if (
                taken is not None
                or segment.size == 0
                or self._must_roll(segment, len(batch), last_offset, max_timestamp_ms, now_ms)
            ):
                segment = self._next_segment(base_offset, last_offset, now_ms)
            if taken is not None:
                segment.begin_with(taken, batch)
            segment.append(batch, last_offset, max_timestamp_ms, is_written=taken is not None)
            if max_timestamp_ms < 0:
                segment.written_ms = now_ms
        except (OSError, StorageError) as error:
            with contextlib.suppress(OSError, StorageError):  # what stays is cut when the log is opened again
                self.active.undo_append()
            raise self.fail(error) from error
        self.end_offset = last_offset + 1
        return self._flush(now_ms) if self._flushes else None

    async def stage(self, batch: bytes | bytearray | memoryview) -> StagedFile:
        """As `OpenLog.stage`."""
        self.check()
        store = self.store
        staged: list[StagedFile] = []

        def show(file: File) -> None:
            staged.append(StagedFile(self, file, len(batch), lambda path: store.remove_later([path], 0)))

        try:
            # To its end also when the caller is cancelled: else the file would be nobody's.
            await store.worker.run_to_end(partial(write_staged, store.filesystem, self.directory, batch), show)
        except OSError as error:
            raise Unavailable(f"{self.name}: {error}") from error
        except asyncio.CancelledError:
            for each in staged:
                each.close()
            raise
        return staged[0]

    def read(self, wanted: Range, *, cached: bool) -> Chunk | None:
        """As `OpenLog.read_now` with `cached`, else waiting for the disk in this thread."""
        offset = wanted.offset
        end_offset = self.end_offset
        if not self.state.start_offset <= offset <= end_offset:
            raise OutOfRange(f"{self.name}: offset {offset} is outside [{self.state.start_offset}, {end_offset}]")
        if offset >= wanted.max_offset or offset == end_offset:
            return EMPTY
        segment, position, ahead = self._readers.find(offset) or (self.segment_of(offset), None, None)
        if segment.indexes.offset is None and segment is not self.active:
            self._make_room_for_index(segment)
        try:
            while True:
                old_below = self._readers.old_below(segment, is_active=segment is self.active)
                loaded = 0 if ahead is None else ahead.loaded
                found = read_slice(segment, wanted, position, cached=cached, old_below=old_below, loaded=loaded)
                if found is None:
                    return None
                if found.chunk.size_in_bytes:
                    if found.next_offset >= 0:
                        found.chunk.next_offset = found.next_offset
                        self._readers.remember(found.next_offset, segment, found.end, ahead, old_below)
                    return found.chunk
                # The offset lies behind the segment's last batch: compaction took the rest.
                following = self._segment_after(segment)
                if following is None or found.end < segment.size or following.base_offset >= wanted.max_offset:
                    return EMPTY
                segment, position, ahead = following, 0, None
        except OSError as error:
            raise Unavailable(f"{self.name}: {error}") from error

    def segment_of(self, offset: int) -> Segment:
        """The segment that would hold `offset`; the first one when it lies below all."""
        if offset >= self.active.base_offset:
            return self.active
        return self.segments[max(bisect_right(self.segments, offset, key=_base_offset) - 1, 0)]

    def find_batch(self, timestamp_ms: int, start_offset: int, end_offset: int) -> int | None:
        """As `OpenLog.find_batch`, in this thread."""
        try:
            return lookup.find_batch(list(self.segments), timestamp_ms, start_offset, end_offset)
        except OSError as error:
            raise Unavailable(f"{self.name}: {error}") from error

    def find_max_timestamp(self, start_offset: int, end_offset: int) -> int | None:
        """As `OpenLog.find_max_timestamp`, in this thread."""
        try:
            return lookup.find_max_timestamp(list(self.segments), start_offset, end_offset)
        except OSError as error:
            raise Unavailable(f"{self.name}: {error}") from error

    def infos(self) -> Sequence[SegmentInfo]:
        """As `OpenLog.segments`."""
        if (sealed := self._sealed_infos) is None:
            sealed = self._sealed_infos = tuple(segment.info(sealed=True) for segment in self.segments[:-1])
        return (*sealed, self.active.info(sealed=False))

    def roll(self) -> None:
        """Seal the active segment, if it holds anything; the next begins at the end offset."""
        if self.active.size:
            # Not at the next batch's base offset, which may be higher: recovery relies on the chain.
            self.active.seal()
            self._make_room_for_index(self.active)
            self.replace_active(self.new_segment(self.end_offset, self.policy))

    def replace_active(self, segment: Segment) -> None:
        """Append to `segment` from now on; an empty segment before it is forgotten."""
        if self.segments and self.segments[-1].size == 0:
            self.segments.pop().close()
        self.segments.append(segment)
        self.active = segment
        self._sealed_infos = None
        self._roll_after_ms = _roll_after_ms(self.policy)
        self._readers.clear()

    async def sync(self, up_to: int) -> int:
        """As `OpenLog.sync`."""
        self.check()
        target = min(up_to, self.end_offset)
        if target > self.synced_offset:
            await self.durable(target)
        return self.synced_offset

    async def durable(self, end_offset: int) -> None:
        """Return when everything below `end_offset` is on disk; runs together with what others wait for."""
        if not self.store.worker.blocking:
            self._sync_here()
            return
        await self._commits.wait_for(end_offset)

    async def sync_exclusively(self) -> None:
        """Sync now; the caller holds `exclusive`."""
        plan = self._plan_sync()
        is_all_synced = self.end_offset == self.synced_offset and not self._commits.is_awaited
        if plan.is_empty and is_all_synced and self.state.recovery_point.base_offset >= self.active.base_offset:
            return
        try:
            # To the end: the plan has taken the marks of what is not on disk yet, and must tell when it fails.
            await self.store.worker.run_to_end(
                lambda: plan.run(self.store.filesystem, self.store.journal), lambda _: self._synced(plan)
            )
        except OSError as error:
            raise self.fail(error) from error

    def checkpoint(self, point: RecoveryPoint) -> None:
        """Write a recovery point into the journal: a higher one after a sync, a lower one before a truncation.

        Raises:
            Unavailable: the journal cannot be written.
        """
        self.synced_offset = point.offset
        self.store.journal.write(
            [
                "synced",
                self.name,
                point.offset,
                point.base_offset,
                point.position,
                point.max_timestamp_ms,
                point.offset_of_max_timestamp,
            ]
        )

    def check(self) -> None:
        """Raise when the log takes no changes.

        Raises:
            Unavailable: an earlier write failed, or the log is closed.
            Fenced: the log was deleted.
        """
        if self._refusal is not None:
            raise type(self._refusal)(*self._refusal.args)

    def fail(self, error: Exception) -> StorageError:
        """Refuse all later changes, and those that wait; returns what to raise."""
        return self._refuse(Unavailable(f"{self.name}: {error}"))

    def shape_changed(self) -> None:
        """Forget positions, after segments were replaced or cut."""
        self._readers.clear()
        self._sealed_infos = None
        self.names_dirty = True

    def deleted(self, directory: str) -> None:
        """Refuse changes for good; the files are now in `directory`, where reads go on until they are removed."""
        self._refuse(Fenced(f"{self.name} was deleted"))
        self.directory = self.aux.directory = directory
        for segment in self.segments:
            segment.moved_directory(directory)

    async def close(self) -> None:
        """Sync, write down the segments and release the files; a failed log only releases them."""
        try:
            async with self.exclusive:
                if not self.failed:
                    await self.sync_exclusively()
                    self.state.segments = [segment.state() for segment in self.segments if segment.size]
        finally:
            self.release()

    def release(self) -> None:
        """Refuse changes and release the files; nothing is written."""
        self._refuse(Unavailable(f"{self.name} is closed"))
        for segment in self.segments:
            segment.close()

    def _must_roll(self, segment: Segment, size: int, last_offset: int, max_timestamp_ms: int, now_ms: int) -> bool:
        """Whether a non-empty segment is full or old (LogSegment.shouldRoll)."""
        policy = self.policy
        if segment.size > policy.segment_bytes - size or not segment.has_room(last_offset, policy.index_max_bytes):
            return True
        first_timestamp_ms = segment.first_timestamp_ms()
        age_ms = max_timestamp_ms - first_timestamp_ms if first_timestamp_ms >= 0 else now_ms - segment.created_ms
        return age_ms > self._roll_after_ms

    def _next_segment(self, base_offset: int, last_offset: int, now_ms: int) -> Segment:
        """The segment for a batch that opens one."""
        self.roll()
        if last_offset - self.active.base_offset > MAX_RELATIVE_OFFSET:
            self._sync_here()
            self.replace_active(self.new_segment(base_offset, self.policy))
            # The gap breaks the chain of segments, which recovery accepts below the recovery point only.
            self.checkpoint(RecoveryPoint(base_offset))
            self.store.journal.sync()
        segment = self.active
        segment.created_ms = now_ms
        self.names_dirty = True
        self.store.journal.write(["created", self.name, segment.base_offset, now_ms])
        return segment

    def _segment_after(self, segment: Segment) -> Segment | None:
        slot = bisect_right(self.segments, segment.base_offset, key=_base_offset)
        return self.segments[slot] if slot < len(self.segments) else None

    def _make_room_for_index(self, segment: Segment) -> None:
        """Unload the index of the sealed segment that was loaded longest ago, when there are many."""
        loaded = self._loaded
        loaded.append(segment)
        if len(loaded) > _LOADED_INDEXES:
            eldest = loaded.popleft()  # two threads may take two: what they leave is far from none
            if eldest is not self.active:
                eldest.indexes.unload()

    def _flush(self, now_ms: int) -> asyncio.Future[None] | None:
        if self._last_sync_ms < 0:
            self._last_sync_ms = now_ms
        due = self.end_offset - self.synced_offset >= self.policy.flush_messages
        if not due and now_ms - self._last_sync_ms < self.policy.flush_ms:
            return None
        self._last_sync_ms = now_ms
        if not self.store.worker.blocking:
            self._sync_here()
            return None
        return self._commits.wait_for(self.end_offset)

    async def _sync_for_waiters(self) -> None:
        async with self.exclusive:
            if self._commits.is_awaited:
                await self.sync_exclusively()

    def _sync_here(self) -> None:
        plan = self._plan_sync()
        try:
            plan.run(self.store.filesystem, self.store.journal)
        except OSError as error:
            raise self.fail(error) from error
        self._synced(plan)

    def _plan_sync(self) -> SyncPlan:
        active = self.active
        plan = SyncPlan(
            RecoveryPoint(
                self.end_offset, active.base_offset, active.size, active.max_timestamp_ms, active.offset_of_max_timestamp
            )
        )
        for segment in reversed(self.segments):
            if segment is not self.active and not segment.dirty:
                break
            if segment.dirty:
                segment.dirty = False
                plan.files.append(segment.file)
                plan.indexes_of.append(segment)
                if segment is not self.active:
                    plan.sealed.append(segment)
        if self.names_dirty:
            self.names_dirty = False
            plan.directories.append(self.directory)
        if self.root_dirty:
            self.root_dirty = False
            plan.directories.append(self.store.root)
            plan.identity = (self.directory, self.state.log_id)
        plan.files.reverse()
        return plan

    def _synced(self, plan: SyncPlan) -> None:
        if self._refusal is not None:
            return
        point = plan.point
        if point.offset > self.synced_offset or point.base_offset > self.state.recovery_point.base_offset:
            with contextlib.suppress(Unavailable):  # the data is durable; the next start checks more than it would have to
                self.checkpoint(point)
        self._commits.synced(self.synced_offset)

    def _refuse(self, refusal: StorageError) -> StorageError:
        if self._refusal is None:
            self._refusal = refusal
        self._commits.fail(refusal)
        return refusal


def _roll_after_ms(policy: LocalPolicy) -> int:
    """The age at which one segment is full; drawn anew for each, so that logs that began together do not roll together."""
    jitter_ms = min(policy.segment_jitter_ms, policy.segment_ms)
    return policy.segment_ms - (random.randrange(jitter_ms) if jitter_ms > 0 else 0)  # noqa: S311 (no secret)


def _base_offset(segment: Segment) -> int:
    return segment.base_offset
