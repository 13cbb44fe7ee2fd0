"""A file system of the machine that fails on request: the faults of `MemoryFileSystem` before a real disk."""

from __future__ import annotations

import os

from kafka_compat.filesystem.faults import Effect, Fault, FaultInjector, Operation
from kafka_compat.filesystem.interface import DirectoryLock, File, FileSystem, ReadBuffer
from kafka_compat.filesystem.region import FileRegion


class FaultyFile:
    """A handle on a file of a `FaultyFileSystem`."""

    __slots__ = ("_faults", "_file")

    def __init__(self, file: File, faults: FaultInjector) -> None:
        self._file = file
        self._faults = faults

    @property
    def path(self) -> str:
        """Where the file is now."""
        return self._file.path

    def moved(self, path: str) -> None:
        """Tell the handle that a directory above the file was renamed."""
        self._file.moved(path)

    def rename(self, path: str) -> None:
        """Rename the file within its directory; other threads that use the handle do not notice."""
        _check(self._faults, Operation.RENAME, self._file.path)
        self._file.rename(path)

    def read(self, offset: int, size: int) -> ReadBuffer:
        """The bytes from `offset` as one buffer."""
        return self._file.read(offset, size)

    def read_buffers(self, offset: int, size: int) -> list[ReadBuffer]:
        """As `read`, in as many pieces as come without copying."""
        return self._file.read_buffers(offset, size)

    def read_cached(self, offset: int, size: int) -> list[ReadBuffer] | None:
        """As `read_buffers` when all of it is in memory."""
        return self._file.read_cached(offset, size)

    def load(self, offset: int, size: int) -> None:
        """Have these bytes in memory before they are read."""
        self._file.load(offset, size)

    def region(self, offset: int, size: int) -> FileRegion | None:
        """These bytes for a socket."""
        return self._file.region(offset, size)

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Write all of `data`."""
        if not self._faults.quiet and (fault := self._faults.count(Operation.WRITE, self._file.path)):
            if fault.effect is Effect.TEAR:
                self._file.write(offset, memoryview(data)[: len(data) // 2])
            raise _error(fault, self._file.path)
        self._file.write(offset, data)

    def size(self) -> int:
        """Length in bytes."""
        return self._file.size()

    def modified_ms(self) -> int:
        """Wall clock of the last change."""
        return self._file.modified_ms()

    def truncate(self, size: int) -> None:
        """Cut or extend (with zeros) to `size` bytes."""
        _check(self._faults, Operation.TRUNCATE, self._file.path)
        self._file.truncate(size)

    def sync(self) -> None:
        """Make content and length survive a power loss."""
        _check(self._faults, Operation.SYNC, self._file.path)
        self._file.sync()

    def close(self) -> None:
        """Give the descriptor back; idempotent."""
        self._file.close()


class FaultyFileSystem:
    """Another file system, with faults on request. It cannot lose what was written: `Effect.LOSE` fails like any other.

    Args:
        file_system: what is below.
    """

    def __init__(self, file_system: FileSystem) -> None:
        self._below = file_system
        self.faults = FaultInjector()

    @property
    def blocking(self) -> bool:
        """Whether calls may wait for a device."""
        return self._below.blocking

    def make_directories(self, path: str) -> None:
        """Make `path` and what is missing above it."""
        if not self._below.exists(path):
            _check(self.faults, Operation.CREATE, path)
        self._below.make_directories(path)

    def list_directory(self, path: str) -> list[str]:
        """Names in the directory."""
        return self._below.list_directory(path)

    def exists(self, path: str) -> bool:
        """Whether a file or directory of that name exists."""
        return self._below.exists(path)

    def open(self, path: str, *, create: bool = False) -> File:
        """Open for reading and writing; with `create` the file is made when missing."""
        if create and not self.faults.quiet and not self._below.exists(path):
            _check(self.faults, Operation.CREATE, path)
        return FaultyFile(self._below.open(path, create=create), self.faults)

    def rename(self, old: str, new: str) -> None:
        """Rename within one directory, atomically."""
        _check(self.faults, Operation.RENAME, old)
        self._below.rename(old, new)

    def sync_directory(self, path: str) -> None:
        """Make the names in `path` survive a power loss."""
        _check(self.faults, Operation.SYNC, path)
        self._below.sync_directory(path)

    def remove(self, path: str) -> None:
        """Remove a file."""
        _check(self.faults, Operation.REMOVE, path)
        self._below.remove(path)

    def remove_tree(self, path: str) -> None:
        """Remove a directory and all in it; a no-op when it does not exist."""
        if self._below.exists(path):
            _check(self.faults, Operation.REMOVE, path)
        self._below.remove_tree(path)

    def lock(self, path: str) -> DirectoryLock:
        """Lock the directory `path` exclusively."""
        return self._below.lock(path)


def _check(faults: FaultInjector, operation: Operation, path: str) -> None:
    if not faults.quiet and (fault := faults.count(operation, path)):
        raise _error(fault, path)


def _error(fault: Fault, path: str) -> OSError:
    return OSError(fault.error, os.strerror(fault.error), path)
