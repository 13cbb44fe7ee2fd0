"""The machine's file system with a bounded number of open descriptors."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
from collections import OrderedDict

from kafka_compat.filesystem.descriptors import open_limit, shares
from kafka_compat.filesystem.interface import DirectoryInUse, DirectoryLock, File, ReadBuffer
from kafka_compat.filesystem.region import HAS_SENDFILE, FileRegion

LOCK_NAME = ".lock"
_OPEN_FLAGS = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_RWF_NOWAIT: int = getattr(os, "RWF_NOWAIT", 0) if hasattr(os, "preadv") else 0
# What tmpfs, overlay and older file systems answer to RWF_NOWAIT, and some to sendfile.
_UNSUPPORTED = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS})

# The process, or the machine, has none left: idle files are closed then, whatever the cache's own limit.
_NO_DESCRIPTOR = frozenset({errno.EMFILE, errno.ENFILE})


class OsFile:
    """A file whose descriptor may be closed while idle and comes back on use."""

    __slots__ = ("_files", "_nowait", "_path", "_sendfile", "closed", "descriptor", "pins")

    def __init__(self, files: _DescriptorCache, path: str, descriptor: int) -> None:
        self._files = files
        self._path = path
        self._nowait = _RWF_NOWAIT != 0
        self._sendfile = HAS_SENDFILE
        self.descriptor = descriptor
        self.pins = 0
        self.closed = False

    @property
    def path(self) -> str:
        """Where the file is now."""
        return self._path

    def moved(self, path: str) -> None:
        """Tell the handle that a directory above the file was renamed."""
        self._path = path

    def rename(self, path: str) -> None:
        """Rename the file within its directory; other threads that use the handle do not notice."""
        self._files.rename(self, path)

    def read(self, offset: int, size: int) -> ReadBuffer:
        """The bytes from `offset`, fewer than `size` only at the end of the file."""
        descriptor = self._files.acquire(self)
        try:
            chunk = _pread(descriptor, size, offset)
            if len(chunk) in (0, size):
                return chunk
            pieces = [chunk]
            done = len(chunk)
            # A short read is the end of the file, or the system's limit of 2 GiB for one call.
            while done < size and (chunk := _pread(descriptor, size - done, offset + done)):
                pieces.append(chunk)
                done += len(chunk)
            return b"".join(pieces) if len(pieces) > 1 else pieces[0]
        finally:
            self._files.release(self)

    def read_buffers(self, offset: int, size: int) -> list[ReadBuffer]:
        """As `read`, as a list of one buffer, or of none at the end of the file."""
        chunk = self.read(offset, size)
        return [chunk] if len(chunk) else []

    def read_cached(self, offset: int, size: int) -> list[ReadBuffer] | None:
        """What the page cache holds, None when part of it is missing; a plain read where the system cannot tell."""
        if not self._nowait:
            return self.read_buffers(offset, size)
        buffer = bytearray(size)
        descriptor = self._files.acquire(self)
        try:
            done = _preadv_nowait(descriptor, buffer, offset)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            self._nowait = False
            return self.read_buffers(offset, size)
        finally:
            self._files.release(self)
        if done == size:
            return [memoryview(buffer)]
        # Short: a page is missing, or the file ends here.
        return None if done + offset < self.size() else [memoryview(buffer)[:done]] if done else []

    def load(self, offset: int, size: int) -> None:
        """Bring the bytes into the page cache; where that takes a copy of them, only have the system begin."""
        descriptor = self._files.acquire(self)
        try:
            if self._sendfile and not _send_to_nobody(descriptor, offset, size):
                self._sendfile = False
            if not self._sendfile and hasattr(os, "posix_fadvise"):
                os.posix_fadvise(descriptor, offset, size, os.POSIX_FADV_WILLNEED)
        finally:
            self._files.release(self)

    def region(self, offset: int, size: int) -> FileRegion | None:
        """These bytes for a socket; None where sendfile is missing or the file system lacks it, or with too many regions."""
        if not self._sendfile:
            return None
        descriptor = self._files.acquire(self)
        try:
            return FileRegion.open(descriptor, offset, size)
        finally:
            self._files.release(self)

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Write all of `data`; when it raises, a part may have been written."""
        descriptor = self._files.acquire(self)
        try:
            done = _pwrite(descriptor, data, offset)
            while done < len(data):
                done += _pwrite(descriptor, memoryview(data)[done:], offset + done)
        finally:
            self._files.release(self)

    def size(self) -> int:
        """Length in bytes."""
        descriptor = self._files.acquire(self)
        try:
            return os.fstat(descriptor).st_size
        finally:
            self._files.release(self)

    def modified_ms(self) -> int:
        """Wall clock of the last change."""
        descriptor = self._files.acquire(self)
        try:
            return os.fstat(descriptor).st_mtime_ns // 1_000_000
        finally:
            self._files.release(self)

    def truncate(self, size: int) -> None:
        """Cut or extend (with zeros) to `size` bytes."""
        descriptor = self._files.acquire(self)
        try:
            os.ftruncate(descriptor, size)
        finally:
            self._files.release(self)

    def sync(self) -> None:
        """Make content and length survive a power loss."""
        descriptor = self._files.acquire(self)
        try:
            _sync(descriptor)
        finally:
            self._files.release(self)

    def close(self) -> None:
        """Give the descriptor back; idempotent."""
        self._files.forget(self)


def _send_to_nobody(descriptor: int, offset: int, size: int) -> bool:
    """Read a file into the page cache and no further; False when the file system has no sendfile."""
    end = offset + size
    nobody = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    try:
        while offset < end and (sent := os.sendfile(nobody, descriptor, offset, end - offset)):
            offset += sent
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        return False
    finally:
        os.close(nobody)
    return True


class _DescriptorCache:
    """Descriptors in order of last use; above `limit` the idle ones are closed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: OrderedDict[OsFile, None] = OrderedDict()
        # A thread may sync one file while the event loop opens another: a descriptor in use must not be closed and reused.
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._open)

    def open(self, path: str, flags: int) -> OsFile:
        try:
            descriptor = os.open(path, flags, 0o644)
        except OSError as error:
            if error.errno not in _NO_DESCRIPTOR:
                raise
            with self._lock:
                self._evict(len(self._open) // 2)
            descriptor = os.open(path, flags, 0o644)
        file = OsFile(self, path, descriptor)
        with self._lock:
            self._open[file] = None
            self._evict()
        return file

    def rename(self, file: OsFile, path: str) -> None:
        with self._lock:  # a descriptor that comes back is opened by name
            os.replace(file.path, path)
            file.moved(path)

    def acquire(self, file: OsFile) -> int:
        with self._lock:
            if file.descriptor < 0:
                if file.closed:
                    raise ValueError(f"{file.path} was closed")
                file.descriptor = self._reopen(file.path)
                self._open[file] = None
                file.pins += 1
                self._evict()
            else:
                self._open.move_to_end(file)
                file.pins += 1
            return file.descriptor

    def release(self, file: OsFile) -> None:
        with self._lock:
            file.pins -= 1
            if file.closed and file.pins == 0:
                self._close(file)

    def forget(self, file: OsFile) -> None:
        with self._lock:
            file.closed = True
            if file.pins == 0:
                self._close(file)

    def _reopen(self, path: str) -> int:
        try:
            return os.open(path, _OPEN_FLAGS)
        except OSError as error:
            if error.errno not in _NO_DESCRIPTOR:
                raise
            self._evict(len(self._open) // 2)
            return os.open(path, _OPEN_FLAGS)

    def _evict(self, limit: int | None = None) -> None:
        while len(self._open) > (self._limit if limit is None else limit):
            idle = next((file for file in self._open if file.pins == 0), None)
            if idle is None:
                return
            self._close(idle)

    def _close(self, file: OsFile) -> None:
        if file.descriptor >= 0:
            self._open.pop(file, None)
            descriptor, file.descriptor = file.descriptor, -1
            os.close(descriptor)


class _OsDirectoryLock:
    """Holds the open lock file; the system drops the lock with the descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let others lock the directory; idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class OsFileSystem:
    """The machine's file system.

    Args:
        max_open_files: descriptors kept open at most (those in use at one moment may exceed it); None follows the process's
            limit.
    """

    blocking = True

    def __init__(self, max_open_files: int | None = None) -> None:
        self._files = _DescriptorCache(shares(open_limit()).files if max_open_files is None else max_open_files)

    @property
    def open_files(self) -> int:
        """Descriptors open now."""
        return len(self._files)

    def make_directories(self, path: str) -> None:
        """Make `path` and what is missing above it; a no-op when it exists."""
        os.makedirs(path, exist_ok=True)

    def list_directory(self, path: str) -> list[str]:
        """Names in the directory, in no particular order."""
        return os.listdir(path)

    def exists(self, path: str) -> bool:
        """Whether a file or directory of that name exists."""
        return os.path.lexists(path)

    def open(self, path: str, *, create: bool = False) -> File:
        """Open for reading and writing; with `create` the file is made when missing."""
        return self._files.open(path, _OPEN_FLAGS | os.O_CREAT if create else _OPEN_FLAGS)

    def rename(self, old: str, new: str) -> None:
        """Rename within one directory, atomically; a file at `new` is replaced."""
        os.replace(old, new)

    def sync_directory(self, path: str) -> None:
        """Make the names in `path` survive a power loss."""
        if sys.platform == "win32":
            return  # directories cannot be opened there; NTFS journals names itself
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: str) -> None:
        """Remove a file."""
        os.unlink(path)

    def remove_tree(self, path: str) -> None:
        """Remove a directory and all in it; a no-op when it does not exist."""
        from shutil import rmtree  # brings compressors; a cluster in memory never needs it

        with contextlib.suppress(FileNotFoundError):
            rmtree(path)

    def lock(self, path: str) -> DirectoryLock:
        """Lock the directory `path` through the file `.lock` in it, which holds the owner's process id."""
        lock_path = f"{path}/{LOCK_NAME}"
        descriptor = os.open(lock_path, _OPEN_FLAGS | os.O_CREAT, 0o644)
        try:
            _lock_exclusively(descriptor)
        except OSError as error:
            owner = _pread(descriptor, 32, _PID_OFFSET).strip()
            os.close(descriptor)
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise
            raise DirectoryInUse(path, int(owner) if owner.isdigit() else None) from None
        os.ftruncate(descriptor, 0)
        _pwrite(descriptor, f"{os.getpid()}\n".encode(), _PID_OFFSET)
        return _OsDirectoryLock(descriptor)


if sys.platform == "win32":
    import msvcrt

    # msvcrt locks bytes against reading as well: the first is the lock, the process id lies behind it.
    _PID_OFFSET = 1
    _position_lock = threading.Lock()

    def _pread(descriptor: int, size: int, offset: int) -> bytes:
        with _position_lock:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, size)

    def _pwrite(descriptor: int, data: bytes | bytearray | memoryview, offset: int) -> int:
        with _position_lock:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.write(descriptor, data)

    def _preadv_nowait(descriptor: int, buffer: bytearray, offset: int) -> int:
        raise OSError(errno.ENOSYS, "no preadv on this platform")

    def _sync(descriptor: int) -> None:
        os.fsync(descriptor)

    def _lock_exclusively(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    _PID_OFFSET = 0

    def _pread(descriptor: int, size: int, offset: int) -> bytes:
        return os.pread(descriptor, size, offset)

    def _pwrite(descriptor: int, data: bytes | bytearray | memoryview, offset: int) -> int:
        return os.pwrite(descriptor, data, offset)

    def _preadv_nowait(descriptor: int, buffer: bytearray, offset: int) -> int:
        return os.preadv(descriptor, [buffer], offset, _RWF_NOWAIT)

    def _sync(descriptor: int) -> None:
        if sys.platform == "linux":
            os.fdatasync(descriptor)  # leaves out the modification time only
        elif sys.platform == "darwin":
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync stops at the drive's cache there
        else:
            os.fsync(descriptor)

    def _lock_exclusively(descriptor: int) -> None:
        # flock, not lockf: two stores of one process must exclude each other too.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
