"""The file system port. Paths are strings with `/`; every failure of the medium is an OSError."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from kafka_compat.filesystem.region import FileRegion

ReadBuffer: TypeAlias = bytes | memoryview


class DirectoryInUse(Exception):
    """Another broker holds the lock of a directory.

    Args:
        path: the directory.
        pid: the process that holds it, None when it cannot be told.
    """

    def __init__(self, path: str, pid: int | None) -> None:
        self.path = path
        self.pid = pid
        owner = "another process" if pid is None else f"process {pid}"
        super().__init__(f"the directory {path} is in use by {owner}; give each broker a directory of its own")


class DirectoryLock(Protocol):
    """An exclusive lock that ends with `release` or with the process."""

    def release(self) -> None:
        """Let others lock the directory; idempotent."""


class File(Protocol):
    """A regular file, read and written by position. Safe to use from several threads."""

    @property
    def path(self) -> str:
        """Where the file is now."""

    def moved(self, path: str) -> None:
        """Tell the handle that a directory above the file was renamed."""

    def rename(self, path: str) -> None:
        """Rename the file within its directory; other threads that use the handle do not notice."""

    def read(self, offset: int, size: int) -> ReadBuffer:
        """The bytes from `offset` as one buffer, fewer than `size` only at the end of the file."""

    def read_buffers(self, offset: int, size: int) -> list[ReadBuffer]:
        """As `read`, in as many pieces as come without copying."""

    def read_cached(self, offset: int, size: int) -> list[ReadBuffer] | None:
        """As `read_buffers` when all of it is in memory, None when the disk would have to be waited for."""

    def load(self, offset: int, size: int) -> None:
        """Have these bytes in memory before they are read; waits for the disk where the system can be told so."""

    def region(self, offset: int, size: int) -> FileRegion | None:
        """These bytes for a socket; None where the system cannot send them from the file, or not now."""

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Write all of `data`; when it raises, a part may have been written."""

    def size(self) -> int:
        """Length in bytes."""

    def modified_ms(self) -> int:
        """Wall clock of the last change, -1 when nobody noted it."""

    def truncate(self, size: int) -> None:
        """Cut or extend (with zeros) to `size` bytes."""

    def sync(self) -> None:
        """Make content and length survive a power loss. Its name needs `FileSystem.sync_directory`."""

    def close(self) -> None:
        """Give the descriptor back; idempotent."""


class FileSystem(Protocol):
    """Directories and files. Directory entries survive a power loss once `sync_directory` returned."""

    @property
    def blocking(self) -> bool:
        """Whether calls may wait for a device, so that an event loop hands slow ones to a thread."""

    def make_directories(self, path: str) -> None:
        """Make `path` and what is missing above it; a no-op when it exists."""

    def list_directory(self, path: str) -> list[str]:
        """Names in the directory, in no particular order.

        Raises:
            FileNotFoundError: there is none.
        """

    def exists(self, path: str) -> bool:
        """Whether a file or directory of that name exists."""

    def open(self, path: str, *, create: bool = False) -> File:
        """Open for reading and writing; with `create` the file is made when missing.

        Raises:
            FileNotFoundError: the file (or with `create` its directory) does not exist.
        """

    def rename(self, old: str, new: str) -> None:
        """Rename within one directory, atomically; a file at `new` is replaced."""

    def sync_directory(self, path: str) -> None:
        """Make the names in `path` survive a power loss."""

    def remove(self, path: str) -> None:
        """Remove a file.

        Raises:
            FileNotFoundError: there is none.
        """

    def remove_tree(self, path: str) -> None:
        """Remove a directory and all in it; a no-op when it does not exist."""

    def lock(self, path: str) -> DirectoryLock:
        """Lock the directory `path` exclusively.

        Raises:
            DirectoryInUse: another holder has it, in this process or another.
        """
