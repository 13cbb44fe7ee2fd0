"""A file system in memory that can lose power, die and fail like a disk.

What a file and a directory hold, and what of it survives, is in `memory_content.py`; faults that are put in are in `faults.py`.
"""

from __future__ import annotations

import errno
import os
import random

from kafka_compat.filesystem.faults import Effect, Fault, FaultInjector, Operation
from kafka_compat.filesystem.interface import DirectoryInUse, DirectoryLock, File, ReadBuffer
from kafka_compat.filesystem.memory_content import Content, Directory, Node
from kafka_compat.filesystem.region import FileRegion


class MemoryFile:
    """A handle on a file of a `MemoryFileSystem`."""

    __slots__ = ("_content", "_faults", "_path", "_system")

    def __init__(self, system: MemoryFileSystem, path: str, content: Content) -> None:
        self._system = system
        self._faults = system.faults
        self._path = path
        self._content = content

    @property
    def path(self) -> str:
        """Where the file is now."""
        return self._path

    def moved(self, path: str) -> None:
        """Tell the handle that a directory above the file was renamed."""
        self._path = path

    def rename(self, path: str) -> None:
        """Rename the file within its directory; other threads that use the handle do not notice."""
        self._system.rename(self._path, path)
        self._path = path

    def read(self, offset: int, size: int) -> ReadBuffer:
        """The bytes from `offset`; a view when they lie in one chunk, else a copy."""
        pieces = self._content.read_buffers(offset, size)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read_buffers(self, offset: int, size: int) -> list[ReadBuffer]:
        """Views of the bytes from `offset`."""
        return self._content.read_buffers(offset, size)

    def read_cached(self, offset: int, size: int) -> list[ReadBuffer] | None:
        """Views of the bytes from `offset`; never None."""
        return self._content.read_buffers(offset, size)

    def load(self, offset: int, size: int) -> None:
        """It is in memory."""

    def region(self, offset: int, size: int) -> FileRegion | None:
        """None: a socket takes the buffers as they are."""

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Write all of `data`."""
        if self._faults.quiet:  # the hot path of a test double
            self._content.write(offset, data)
            return
        fault = self._faults.count(Operation.WRITE, self._path)
        if fault is None:
            self._content.write(offset, data)
            return
        if fault.effect is Effect.TEAR:
            self._content.write(offset, memoryview(data)[: len(data) // 2])
        self._fail(fault)

    def size(self) -> int:
        """Length in bytes."""
        return self._content.size

    def modified_ms(self) -> int:
        """-1: a file system in memory has no clock."""
        return -1

    def truncate(self, size: int) -> None:
        """Cut or extend (with zeros) to `size` bytes."""
        if fault := self._faults.count(Operation.TRUNCATE, self._path):
            self._fail(fault)
        self._content.truncate(size)

    def sync(self) -> None:
        """Make content and length survive a power loss."""
        if fault := self._faults.count(Operation.SYNC, self._path):
            self._fail(fault)
        self._content.sync()

    def close(self) -> None:
        """Nothing to give back."""

    def _fail(self, fault: Fault) -> None:
        if fault.effect is Effect.LOSE:
            survivor = self._content.after_power_loss(None)
            for name in Content.__slots__:
                setattr(self._content, name, getattr(survivor, name))
        raise OSError(fault.error, os.strerror(fault.error), self._path)


class _MemoryLock:
    def __init__(self, locked: set[str], path: str) -> None:
        self._locked = locked
        self._path = path

    def release(self) -> None:
        """Let others lock the directory; idempotent."""
        self._locked.discard(self._path)


class MemoryFileSystem:
    """Files in memory, with faults on request."""

    blocking = False

    def __init__(self) -> None:
        self._root = Directory()
        self._locked: set[str] = set()
        self.faults = FaultInjector()

    def inject(self, fault: Fault | None) -> None:
        """Arm one fault, or none; replaces the one armed before and ends a halt."""
        self.faults.inject(fault)

    def clear(self) -> None:
        """Have nothing in it, no lock and no fault; files that are open go on with what nobody else finds."""
        self._root = Directory()
        self._locked = set()
        self.faults.inject(None)

    def crash(self, *, power_loss: bool, seed: int | None = None) -> MemoryFileSystem:
        """The file system the next process finds; this one fails every call from now on.

        Args:
            power_loss: False for the death of the process, which keeps all that was written.
            seed: with power loss, what unsynced pages and names survive; None keeps none of them.
        """
        successor = MemoryFileSystem()
        chance = random.Random(seed) if seed is not None else None  # noqa: S311 (no secret)
        successor._root = self._root.after_power_loss(chance) if power_loss else self._root
        self.faults.halt()
        return successor

    def make_directories(self, path: str) -> None:
        """Make `path` and what is missing above it."""
        directory = self._root
        for name in _parts(path):
            node = directory.entries.get(name)
            if node is None:
                self._check(Operation.CREATE, path)
                node = Directory()
                directory.change({name: node})
            if not isinstance(node, Directory):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
            directory = node

    def list_directory(self, path: str) -> list[str]:
        """Names in the directory."""
        node = self._find(path)
        if not isinstance(node, Directory):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return list(node.entries)

    def exists(self, path: str) -> bool:
        """Whether a file or directory of that name exists."""
        try:
            self._find(path)
        except FileNotFoundError:
            return False
        return True

    def open(self, path: str, *, create: bool = False) -> File:
        """Open for reading and writing; with `create` the file is made when missing."""
        directory, name = self._parent(path)
        node = directory.entries.get(name)
        if node is None:
            if not create:
                raise _missing(path)
            self._check(Operation.CREATE, path)
            node = Content()
            directory.change({name: node})
        if not isinstance(node, Content):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        return MemoryFile(self, path, node)

    def rename(self, old: str, new: str) -> None:
        """Rename within one directory, atomically; a file at `new` is replaced."""
        directory, old_name = self._parent(old)
        target, new_name = self._parent(new)
        if directory is not target:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), old)
        if old_name not in directory.entries:
            raise _missing(old)
        self._check(Operation.RENAME, old)
        directory.change({old_name: None, new_name: directory.entries[old_name]})

    def sync_directory(self, path: str) -> None:
        """Make the names in `path` survive a power loss."""
        node = self._find(path)
        self._check(Operation.SYNC, path)
        if isinstance(node, Directory):
            node.sync()

    def remove(self, path: str) -> None:
        """Remove a file."""
        directory, name = self._parent(path)
        if name not in directory.entries:
            raise _missing(path)
        self._check(Operation.REMOVE, path)
        directory.change({name: None})

    def remove_tree(self, path: str) -> None:
        """Remove a directory and all in it, name by name."""
        if not self.exists(path):
            return
        node = self._find(path)
        if isinstance(node, Directory):
            for name in list(node.entries):
                self.remove_tree(f"{path}/{name}")
        self.remove(path)

    def lock(self, path: str) -> DirectoryLock:
        """Lock the directory `path` exclusively."""
        if path in self._locked:
            raise DirectoryInUse(path, os.getpid())
        self._locked.add(path)
        return _MemoryLock(self._locked, path)

    def _check(self, operation: Operation, path: str) -> None:
        if fault := self.faults.count(operation, path):
            raise OSError(fault.error, os.strerror(fault.error), path)

    def _find(self, path: str) -> Node:
        node: Node = self._root
        for name in _parts(path):
            if not isinstance(node, Directory) or name not in node.entries:
                raise _missing(path)
            node = node.entries[name]
        return node

    def _parent(self, path: str) -> tuple[Directory, str]:
        head, _, name = path.rstrip("/").rpartition("/")
        node = self._find(head)
        if not isinstance(node, Directory):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return node, name


def _parts(path: str) -> list[str]:
    return [name for name in path.split("/") if name]


def _missing(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
