"""Syncing a log for many at once: what one sync does, and who waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kafka_compat.filesystem import File, FileSystem
from kafka_compat.storage.interface import LogId, StorageError, Unavailable
from kafka_compat.storage.local.identity import sync_identity
from kafka_compat.storage.local.journal import Journal, RecoveryPoint
from kafka_compat.storage.local.segment import Segment
from kafka_compat.tasks import Supervisor


class SyncPlan:
    """What one sync has to do, collected by the event loop and carried out by a thread."""

    __slots__ = ("directories", "files", "identity", "indexes_of", "point", "sealed")

    def __init__(self, point: RecoveryPoint) -> None:
        self.point = point
        self.identity: tuple[str, LogId] | None = None  # of a directory whose first sync this is
        self.files: list[File] = []
        self.indexes_of: list[Segment] = []
        self.sealed: list[Segment] = []
        self.directories: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.files and not self.directories and self.identity is None

    def run(self, filesystem: FileSystem, journal: Journal) -> None:
        """Do it.

        Raises:
            OSError: what was to be synced may or may not be on disk.
        """
        if self.identity is not None:
            sync_identity(filesystem, *self.identity)
            journal.sync()  # that there is such a log
        for file in self.files:
            file.sync()
        for segment in self.indexes_of:
            segment.indexes.write()
        for segment in self.sealed:
            segment.indexes.sync()
        for directory in self.directories:
            filesystem.sync_directory(directory)


class GroupCommit:
    """Those who wait for what they appended to be on disk: whoever comes while one sync runs shares the next.

    Args:
        name: of the log.
        tasks: where syncs run.
        sync: one sync, run when nobody else works on the log's files; it tells `synced` how far it got, or raises StorageError.
        refuse: has the log take no more changes, which tells `fail`.
    """

    def __init__(
        self, name: str, tasks: Supervisor, sync: Callable[[], Awaitable[None]], refuse: Callable[[StorageError], object]
    ) -> None:
        self._name = name
        self._tasks = tasks
        self._sync = sync
        self._refuse = refuse
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._is_syncing = False

    @property
    def is_awaited(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiters)

    def wait_for(self, end_offset: int) -> asyncio.Future[None]:
        """Resolves when everything below `end_offset` is on disk."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append((end_offset, waiter))
        if not self._is_syncing:
            self._is_syncing = True
            self._tasks.spawn(f"syncing {self._name}", self._sync_all(), on_failure=self._fail_as_unexpected)
        return waiter

    def synced(self, offset: int) -> None:
        """Everything below `offset` is on disk."""
        waiting = self._waiters
        self._waiters = [entry for entry in waiting if entry[0] > offset]
        for end_offset, waiter in waiting:
            if end_offset <= offset and not waiter.done():
                waiter.set_result(None)

    def fail(self, refusal: StorageError) -> None:
        """Nothing more gets there."""
        waiting, self._waiters = self._waiters, []
        for _, waiter in waiting:
            if not waiter.done():
                waiter.set_exception(type(refusal)(*refusal.args))

    async def _sync_all(self) -> None:
        try:
            while self._waiters:
                await self._sync()
        except StorageError as error:
            self._refuse(error)  # those that came since as well
        finally:
            self._is_syncing = False

    def _fail_as_unexpected(self, error: Exception) -> None:
        self._refuse(Unavailable(f"{self._name}: {error!r}"))
