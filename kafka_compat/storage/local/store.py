"""All logs below one directory."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import logging
from collections.abc import Callable, Sequence
from functools import partial
from weakref import WeakValueDictionary

from kafka_compat.config.topic import TopicConfig
from kafka_compat.filesystem import DirectoryLock, FileSystem
from kafka_compat.pacing import for_each
from kafka_compat.storage.interface import Fenced, LogId, LogPolicy, OpenLog, Refused, StorageError, Unavailable
from kafka_compat.storage.local import layout
from kafka_compat.storage.local.directories import holds_segments, make_root, match_directories
from kafka_compat.storage.local.handle import LocalOpenLog
from kafka_compat.storage.local.identity import write_identity
from kafka_compat.storage.local.journal import Journal, JournaledLog, Json
from kafka_compat.storage.local.log import LocalLog
from kafka_compat.storage.local.ownership import Meta, check_root, write_meta
from kafka_compat.storage.local.policy import LocalPolicy, policy_of
from kafka_compat.storage.local.recovery import recover, restore
from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.worker import Worker
from kafka_compat.tasks import Supervisor

# Logs that are closed at a time: enough for the threads of the worker.
_AT_ONCE = 8
_log = logging.getLogger(__name__)


class LocalLogStore:
    """A `LogStore` in a directory of a file system; `layout` describes the disk format.

    Opening reads the journal and the names in the directory, whatever the number of logs and their size. Use it from one
    event loop.

    Args:
        filesystem: the machine's or one in memory.
        root: the directory; made when missing.
        schedule: calls back after so many milliseconds; without it deleted files stay until `remove_deleted_files` or the
            next start.
        node_id: whose the directory is, or becomes; None when nobody asks.
        required: a log that has to be there when there is any; the caller makes it first.

    Raises:
        DirectoryInUse: another broker uses the directory.
        Refused: it is not ours, another node's, or lacks `required`; nothing in it was changed.
        Corrupt: it was written by a newer version, or does not tell by which.
        Unavailable: it cannot be read or written.
    """

    def __init__(
        self,
        filesystem: FileSystem,
        root: str,
        schedule: Callable[[int, Callable[[], None]], object] | None = None,
        *,
        node_id: int | None = None,
        required: LogId | None = None,
    ) -> None:
        self.filesystem = filesystem
        self.root = root.rstrip("/")
        self._node_id = node_id
        self._required = None if required is None else layout.directory_name(required.topic, required.partition)
        self.journal = Journal(filesystem, self.root, lambda: self.worker.submit(self._rewrite_journal))
        self.worker = Worker(blocking=filesystem.blocking)
        self.tasks = Supervisor("the store")
        # One at a time, and apart: what somebody waits for goes before what somebody may ask for.
        self.loader = Worker(blocking=filesystem.blocking, threads=1)
        self._schedule = schedule
        self._open: dict[str, tuple[LocalLog, LocalOpenLog]] = {}
        self._doomed: set[str] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._names_lock = asyncio.Lock()
        self._names_changed = self._names_synced = 0
        self._closed = False
        try:
            self._check_root()
            make_root(filesystem, self.root)
            self._lock: DirectoryLock = filesystem.lock(self.root)
        except OSError as error:
            raise Unavailable(f"cannot use {self.root}: {error}") from error
        try:
            # Again: another broker may have taken it between the look and the lock.
            self._meta = self._check_root()
            if self._meta is None:
                self._note({})
            self._was_clean = self.journal.load()
            match_directories(filesystem, self.root, self.journal, self._remove)
        except OSError as error:
            self._release()
            raise Unavailable(f"cannot use {self.root}: {error}") from error
        except BaseException:
            self._release()
            raise

    def policy_of(self, config: TopicConfig) -> LocalPolicy:
        """As `LogStore.policy_of`."""
        return policy_of(config)

    @property
    def place(self) -> str:
        """The directory."""
        return self.root

    @property
    def was_clean_shutdown(self) -> bool:
        """Whether the last owner closed the store; False for a store that is new."""
        return self._was_clean

    async def claim(self, cluster_id: str) -> None:
        """Note whose the directory is, where it does not say so yet: of the node, and of this cluster.

        Raises:
            Refused: it is another cluster's.
            Unavailable: the medium failed.
        """
        assert self._meta is not None
        noted = self._meta.get("cluster_id", cluster_id)
        if noted != cluster_id:
            raise Refused(
                f"{self.root} belongs to the cluster {noted} ({layout.META_NAME}), but its metadata log to the cluster "
                f"{cluster_id}: parts of two directories are mixed"
            )
        wanted = {"node_id": self._node_id, "cluster_id": cluster_id}
        if all(self._meta.get(name) == value for name, value in wanted.items()):
            return
        try:
            await self.worker.run(partial(self._note, {"cluster_id": cluster_id}))
        except OSError as error:
            raise Unavailable(f"cannot use {self.root}: {error}") from error

    async def list(self) -> Sequence[LogId]:
        """Every log that exists, in no particular order."""
        return [state.log_id for state in self.journal.states.values()]

    async def create(self, log: LogId, epoch: int) -> None:
        """Make an empty log; idempotent. A log of the same name and another topic id is an older incarnation and goes.

        Raises:
            Fenced: the log exists with a higher epoch.
            Unavailable: the medium failed; nothing was made that a later create would not replace.
        """
        self._check_open()
        name = layout.directory_name(log.topic, log.partition)
        async with self._exclusive(name):
            state = self.journal.states.get(name)
            if state is not None and state.log_id == log:
                self._raise_epoch(name, state, epoch)
                return
            if state is not None:
                await self._retire(name, state)
            directory = f"{self.root}/{name}"

            def make() -> None:
                self.filesystem.make_directories(directory)
                write_identity(self.filesystem, directory, log)

            def note(_: None) -> None:
                identity: dict[str, Json] = {"topic": log.topic, "partition": log.partition, "id": log.topic_id.hex()}
                self.journal.write(["log", name, {**identity, "epoch": epoch}])
                state = self.journal.states[name]
                state.segments, state.is_new = [], True

            try:
                await self.worker.run_to_end(make, note)
            except OSError as error:
                raise Unavailable(f"cannot create {directory}: {error}") from error

    async def delete(self, log: LogId, epoch: int) -> None:
        """Gone at once logically; files go after `file_delete_delay_ms`. A no-op when there is none.

        Raises:
            Fenced: the log was opened with a higher epoch.
        """
        self._check_open()
        name = layout.directory_name(log.topic, log.partition)
        async with self._exclusive(name):
            state = self.journal.states.get(name)
            if state is None or state.log_id != log:
                return
            if epoch < state.epoch:
                raise Fenced(f"{name}: epoch {epoch} is below {state.epoch}")
            await self._retire(name, state)

    async def set_aside(self, log: LogId) -> None:
        """Take a log that nobody owns out of use: its directory becomes a stray; one without segments is deleted."""
        self._check_open()
        name = layout.directory_name(log.topic, log.partition)
        async with self._exclusive(name):
            state = self.journal.states.get(name)
            if state is None or state.log_id != log:
                return
            suffix = layout.DELETE_SUFFIX
            if holds_segments(self.filesystem, f"{self.root}/{name}"):
                _log.warning("%s/%s belongs to no topic: set aside", self.root, name)
                suffix = layout.STRAY_SUFFIX
            await self._retire(name, state, suffix)

    async def open(self, log: LogId, epoch: int, policy: LogPolicy) -> OpenLog:
        """As `LogStore.open`. An equal epoch takes the log over too: the handle before is fenced.

        Raises:
            Fenced: `epoch` is below the one the log was last opened with, or there is no such log.
            Unavailable: the medium failed.
        """
        self._check_open()
        name = layout.directory_name(log.topic, log.partition)
        async with self._exclusive(name):
            state = self.journal.states.get(name)
            if state is None or state.log_id != log:
                raise Fenced(f"there is no log {name} of topic id {log.topic_id.hex()}")
            self._raise_epoch(name, state, epoch)
            held = self._open.get(name)
            if held is not None:
                held[1].fence()
            if held is None or held[0].failed:
                local = await self._load(name, state, LocalPolicy.of(policy), held[0] if held is not None else None)
            else:
                local = held[0]
                local.set_policy(LocalPolicy.of(policy))
            handle = LocalOpenLog(local, epoch)
            self._open[name] = (local, handle)
            return handle

    def remove_deleted_files(self) -> None:
        """Remove now what waits for its delay."""
        doomed, self._doomed = self._doomed, set()
        for path in doomed:
            self.worker.submit(partial(self._remove, path))

    def remove_later(self, paths: builtins.list[str], delay_ms: int) -> None:
        """Remove files or directories after a while."""
        self._doomed.update(paths)
        if delay_ms <= 0:
            self._remove_doomed(paths)
        elif self._schedule is not None:
            self._schedule(delay_ms, partial(self._remove_doomed, paths))

    async def close(self) -> None:
        """Close every open log and leave the clean-shutdown marker, unless one of them failed to close. Idempotent."""
        if self._closed:
            return
        self._closed = True
        clean = True

        async def close_one(entry: tuple[str, tuple[LocalLog, LocalOpenLog]]) -> None:
            nonlocal clean
            name, (log, _) = entry
            try:
                await log.close()
            except StorageError as error:
                clean = False
                _log.error("%s: not closed cleanly: %s", name, error)

        try:
            # Together: their syncs overlap on the threads of the worker.
            await for_each(builtins.list(self._open.items()), close_one, at_once=_AT_ONCE)
            await self.worker.run(partial(self.journal.rewrite, clean=clean))
        except OSError as error:
            raise Unavailable(f"cannot close {self.root}: {error}") from error
        finally:
            self._release()

    def abandon(self) -> None:
        """Let go of the directory and write nothing, not even the clean-shutdown marker: the next start looks at every file.

        For a store that has been opened and must not be used, with nothing appended to any log that is to be kept.
        """
        if self._closed:
            return
        self._closed = True
        for log, _ in self._open.values():
            log.release()
        self._release()

    async def _load(self, name: str, state: JournaledLog, policy: LocalPolicy, failed: LocalLog | None) -> LocalLog:
        directory = f"{self.root}/{name}"
        if failed is not None:
            await failed.close()
        restored = restore(self.filesystem, directory, state, policy.index_interval_bytes)
        state.segments = None
        try:
            recovered = restored
            if recovered is None:
                call = partial(recover, self.filesystem, directory, state, policy.index_interval_bytes)
                recovered = await self.worker.run(call)
            if untimed := [segment for segment in recovered.segments if segment.max_timestamp_ms < 0]:
                await self.worker.run(partial(_ask_last_writes, untimed))
        except OSError as error:
            raise Unavailable(f"cannot open {directory}: {error}") from error
        is_new, state.is_new = state.is_new or restored is None, False
        return LocalLog(self, name, state, policy, recovered, is_new=is_new)

    async def _retire(self, name: str, state: JournaledLog, suffix: str = layout.DELETE_SUFFIX) -> None:
        """Take a log out of use: its directory gets another name, so that the old one is free at once."""
        retired = f"{self.root}/{layout.retired_name(*state.log_id[:2], suffix)}"
        held = self._open.get(name)
        # Threads that sync or swap its files go by names.
        async with held[0].exclusive if held is not None else contextlib.nullcontext():
            try:
                self.filesystem.rename(f"{self.root}/{name}", retired)
            except OSError as error:
                raise Unavailable(f"cannot delete {name}: {error}") from error
            self._open.pop(name, None)
            delay_ms = 60_000
            if held is not None:
                held[0].deleted(retired)
                delay_ms = held[0].policy.file_delete_delay_ms
        self.journal.write(["gone", name])
        if suffix == layout.DELETE_SUFFIX:
            self.remove_later([retired], delay_ms)
        try:
            await self._sync_names()
        except OSError as error:
            raise Unavailable(f"cannot delete {name}: {error}") from error

    async def _sync_names(self) -> None:
        """Make the names of the logs survive a power loss; one sync for all who come while another runs."""
        self._names_changed += 1
        changed = self._names_changed
        async with self._names_lock:
            if self._names_synced >= changed:
                return
            covered = self._names_changed
            await self.worker.run(partial(self.filesystem.sync_directory, self.root))
            self._names_synced = covered

    def _exclusive(self, name: str) -> asyncio.Lock:
        """Held while a log is created, opened or deleted: recovery may take long, and must run once."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock

    def _raise_epoch(self, name: str, state: JournaledLog, epoch: int) -> None:
        if epoch < state.epoch:
            raise Fenced(f"{name}: epoch {epoch} is below {state.epoch}")
        if epoch > state.epoch:
            self.journal.write(["epoch", name, epoch])

    def _check_root(self) -> Meta | None:
        return check_root(self.filesystem, self.root, self._node_id, self._required)

    def _rewrite_journal(self) -> None:
        try:
            self.journal.rewrite()
        except OSError as error:
            _log.warning("the journal of %s cannot be rewritten: %s", self.root, error)

    def _note(self, fields: Meta) -> None:
        meta: dict[str, object] = {"format": layout.FORMAT_VERSION, **(self._meta or {}), **fields}
        if self._node_id is not None:
            meta["node_id"] = self._node_id
        write_meta(self.filesystem, self.root, meta)
        self._meta = meta

    def _remove_doomed(self, paths: builtins.list[str]) -> None:
        self._doomed.difference_update(paths)
        for path in paths:
            self.worker.submit(partial(self._remove, path))

    def _remove(self, path: str) -> None:
        try:
            if path.endswith(".deleted"):
                with contextlib.suppress(FileNotFoundError):  # its log was deleted meanwhile
                    self.filesystem.remove(path)
            else:
                self.filesystem.remove_tree(path)
        except OSError as error:
            _log.warning("cannot remove %s, the next start tries again: %s", path, error)

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable(f"{self.root} is closed")

    def _release(self) -> None:
        self.loader.close(drop=True)
        self.worker.close()
        self.journal.close()
        self._lock.release()


def _ask_last_writes(segments: Sequence[Segment]) -> None:
    for segment in segments:
        segment.ask_last_write()
