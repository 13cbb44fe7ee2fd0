"""A file system in memory that can lose power, die and fail like a disk.

Theory of operation. A file is a list of chunks that are never resized: readers get memoryviews of them, and a bytearray with
exported views cannot grow. Bytes below the length are never changed in place either; overwriting or cutting replaces the chunks
concerned, so that views handed out stay as they were and the synced state can be kept as a list of the same chunks.

A file's synced state is "the first n bytes" until something below n changes; then the old chunks are kept beside the new
ones. A directory keeps the names that were synced and the changes since, in order; each rename is one change. `crash` with
power loss keeps the synced state and, as real disks do, some of the rest: a prefix of each directory's changes, any subset of
a file's pages.
"""

from __future__ import annotations

import errno
import os
import random
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from kafka_compat.filesystem.interface import DirectoryInUse, DirectoryLock, File, ReadBuffer
from kafka_compat.filesystem.region import FileRegion

PAGE_SIZE = 4096
_FIRST_CHUNK = 512
_LARGEST_CHUNK = 1 << 20


class Operation(StrEnum):
    """The calls a fault can hit."""

    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    RENAME = "rename"
    REMOVE = "remove"


class Effect(StrEnum):
    """What a fault does to the call it hits."""

    FAIL = "fail"  # nothing happens but the error
    TEAR = "tear"  # the first half of a write lands before the error; any other call just fails
    LOSE = "lose"  # the file's unsynced pages are gone, as after a failed fsync on Linux


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One failure to come.

    Attributes:
        at_call: which of the matching calls from now on, 1 being the next.
        effect: what happens to the call.
        error: errno of the OSError.
        operations: the calls that count.
        halt: every later call fails as well, as if the process had died within the call: `crash` next.
    """

    at_call: int
    effect: Effect = Effect.FAIL
    error: int = errno.EIO
    operations: frozenset[Operation] = frozenset(Operation)
    halt: bool = False


class _Content:
    """The bytes of one file, now and as of the last sync."""

    __slots__ = ("chunks", "durable_chunks", "durable_size", "size", "starts", "views")

    def __init__(self) -> None:
        self.chunks: list[memoryview] = []
        self.views: list[memoryview] = []  # the same, read-only
        self.starts: list[int] = []
        self.size = 0
        self.durable_size = 0
        self.durable_chunks: list[memoryview] | None = None  # None: the first durable_size bytes of `chunks`

    def read_buffers(self, offset: int, size: int) -> list[ReadBuffer]:
        end = min(offset + size, self.size)
        if offset >= end:
            return []
        index = bisect_right(self.starts, offset) - 1
        start = self.starts[index]
        view = self.views[index]
        if end <= start + len(view):
            return [view[offset - start : end - start]]
        pieces: list[ReadBuffer] = []
        while offset < end:
            start = self.starts[index]
            piece = self.views[index][offset - start : end - start]
            pieces.append(piece)
            offset += len(piece)
            index += 1
        return pieces

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        if offset > self.size:
            self._append(memoryview(bytes(offset - self.size)))
        elif offset < self.size:
            tail = b"".join(self.read_buffers(offset + len(data), self.size))
            self.truncate(offset)
            self._append(memoryview(data))
            if tail:
                self._append(memoryview(tail))
            return
        self._append(memoryview(data))

    def truncate(self, size: int) -> None:
        if size > self.size:
            self._append(memoryview(bytes(size - self.size)))
            return
        if size < self.durable_size and self.durable_chunks is None:
            self.durable_chunks = list(self.chunks)
        keep = bisect_right(self.starts, size - 1) if size else 0
        del self.chunks[keep:], self.views[keep:], self.starts[keep:]
        self.size = size
        if keep and (used := size - self.starts[-1]) < len(self.chunks[-1]):
            fresh = memoryview(bytearray(len(self.chunks[-1])))
            fresh[:used] = self.chunks[-1][:used]
            self.chunks[-1] = fresh
            self.views[-1] = fresh.toreadonly()

    def sync(self) -> None:
        self.durable_size = self.size
        self.durable_chunks = None

    def after_power_loss(self, chance: random.Random | None) -> _Content:
        """What the disk holds when the power fails now; without `chance` just what was synced."""
        durable = self.durable_chunks if self.durable_chunks is not None else self.chunks
        synced = b"".join(durable)[: self.durable_size]
        survivor = _Content()
        survivor.write(0, self._with_some_pages(synced, chance) if chance is not None else synced)
        survivor.sync()
        return survivor

    def _with_some_pages(self, synced: bytes, chance: random.Random) -> bytes:
        current = b"".join(self.read_buffers(0, self.size))
        fate = chance.randrange(4)
        if fate == 0 or current == synced:
            return synced
        if fate == 1:
            return current
        size = chance.randint(min(len(synced), len(current)), max(len(synced), len(current)))
        image = bytearray(synced[:size].ljust(size, b"\0"))
        for start in range(0, size, PAGE_SIZE):
            if chance.random() < 0.5:
                page = current[start : start + PAGE_SIZE][: size - start]
                image[start : start + len(page)] = page
        return bytes(image)

    def _append(self, data: memoryview) -> None:
        while len(data):
            start = self.starts[-1] if self.starts else 0
            room = start + len(self.chunks[-1]) - self.size if self.chunks else 0
            if room == 0:
                last = len(self.chunks[-1]) if self.chunks else _FIRST_CHUNK // 2
                room = min(_LARGEST_CHUNK, max(last * 2, len(data)))
                self.chunks.append(memoryview(bytearray(room)))
                self.views.append(self.chunks[-1].toreadonly())
                self.starts.append(self.size)
                start = self.size
            piece = data[:room]
            self.chunks[-1][self.size - start : self.size - start + len(piece)] = piece
            self.size += len(piece)
            data = data[len(piece) :]


@dataclass(slots=True)
class _Directory:
    """Names now, names as of the last sync, and the changes between the two in order."""

    entries: dict[str, _Node] = field(default_factory=dict)
    durable: dict[str, _Node] = field(default_factory=dict)
    changes: list[dict[str, _Node | None]] = field(default_factory=list)

    def change(self, names: dict[str, _Node | None]) -> None:
        self.changes.append(names)
        _apply(self.entries, [names])

    def sync(self) -> None:
        _apply(self.durable, self.changes)
        self.changes.clear()

    def after_power_loss(self, chance: random.Random | None) -> _Directory:
        names = dict(self.durable)
        if chance is not None:
            _apply(names, self.changes[: chance.randint(0, len(self.changes))])
        entries = {name: node.after_power_loss(chance) for name, node in names.items()}
        return _Directory(entries=entries, durable=dict(entries))


_Node: TypeAlias = _Content | _Directory


def _apply(names: dict[str, _Node], changes: Iterable[dict[str, _Node | None]]) -> None:
    for change in changes:
        for name, node in change.items():
            if node is None:
                names.pop(name, None)
            else:
                names[name] = node


class MemoryFile:
    """A handle on a file of a `MemoryFileSystem`."""

    __slots__ = ("_content", "_path", "_system")

    def __init__(self, system: MemoryFileSystem, path: str, content: _Content) -> None:
        self._system = system
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
        if self._system.quiet:  # the hot path of a test double
            self._content.write(offset, data)
            return
        fault = self._system.count(Operation.WRITE)
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
        if fault := self._system.count(Operation.TRUNCATE):
            self._fail(fault)
        self._content.truncate(size)

    def sync(self) -> None:
        """Make content and length survive a power loss."""
        if fault := self._system.count(Operation.SYNC):
            self._fail(fault)
        self._content.sync()

    def close(self) -> None:
        """Nothing to give back."""

    def _fail(self, fault: Fault) -> None:
        if fault.effect is Effect.LOSE:
            survivor = self._content.after_power_loss(None)
            for name in _Content.__slots__:
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
        self._root = _Directory()
        self._locked: set[str] = set()
        self._fault: Fault | None = None
        self._halted: Fault | None = None
        self.quiet = True  # no fault is armed and the file system lives
        self.calls = 0  # matching calls since the fault was armed
        self.fired = False  # whether the armed fault hit a call

    def inject(self, fault: Fault | None) -> None:
        """Arm one fault, or none; replaces the one armed before and ends a halt."""
        self._fault = fault
        self._halted = None
        self.quiet = fault is None
        self.calls = 0
        self.fired = False

    def crash(self, *, power_loss: bool, seed: int | None = None) -> MemoryFileSystem:
        """The file system the next process finds; this one fails every call from now on.

        Args:
            power_loss: False for the death of the process, which keeps all that was written.
            seed: with power loss, what unsynced pages and names survive; None keeps none of them.
        """
        successor = MemoryFileSystem()
        chance = random.Random(seed) if seed is not None else None  # noqa: S311 (no secret)
        successor._root = self._root.after_power_loss(chance) if power_loss else self._root
        self._halted = Fault(at_call=1)
        self.quiet = False
        return successor

    def count(self, operation: Operation) -> Fault | None:
        """The fault that hits this call, if any; a halted file system raises at once."""
        if self._halted is not None:
            raise OSError(self._halted.error, "the file system is halted")
        fault = self._fault
        if fault is None or operation not in fault.operations:
            return None
        self.calls += 1
        if self.calls != fault.at_call:
            return None
        self.fired = True
        if fault.halt:
            self._halted = fault
        return fault

    def make_directories(self, path: str) -> None:
        """Make `path` and what is missing above it."""
        directory = self._root
        for name in _parts(path):
            node = directory.entries.get(name)
            if node is None:
                self._check(Operation.CREATE, path)
                node = _Directory()
                directory.change({name: node})
            if not isinstance(node, _Directory):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
            directory = node

    def list_directory(self, path: str) -> list[str]:
        """Names in the directory."""
        node = self._find(path)
        if not isinstance(node, _Directory):
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
            node = _Content()
            directory.change({name: node})
        if not isinstance(node, _Content):
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
        if isinstance(node, _Directory):
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
        if isinstance(node, _Directory):
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
        if fault := self.count(operation):
            raise OSError(fault.error, os.strerror(fault.error), path)

    def _find(self, path: str) -> _Node:
        node: _Node = self._root
        for name in _parts(path):
            if not isinstance(node, _Directory) or name not in node.entries:
                raise _missing(path)
            node = node.entries[name]
        return node

    def _parent(self, path: str) -> tuple[_Directory, str]:
        head, _, name = path.rstrip("/").rpartition("/")
        node = self._find(head)
        if not isinstance(node, _Directory):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return node, name


def _parts(path: str) -> list[str]:
    return [name for name in path.split("/") if name]


def _missing(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
