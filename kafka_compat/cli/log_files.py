"""What `kafka-compat log` reads: the logs below a path, without ever writing to one.

Broken data is the normal case here, and the broker may be running: nothing is locked, repaired or made, and a file may have
grown or gone since it was listed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kafka_compat.filesystem import DirectoryLock, File, FileRegion, MemoryFileSystem
from kafka_compat.filesystem.interface import ReadBuffer
from kafka_compat.filesystem.operating_system import LOCK_NAME
from kafka_compat.storage.interface import LogId
from kafka_compat.storage.local import layout
from kafka_compat.storage.local.identity import read_identity
from kafka_compat.storage.local.journal import Journal, JournaledLog
from kafka_compat.storage.local.segment import Segment


class Unusable(Exception):
    """The path is nothing this command can look at; the text is one line for a person."""


class ReadOnlyFile:
    """A `File` that can only be read."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by `close`
        self.path = path

    def moved(self, path: str) -> None:
        """Note where the file is now."""
        self.path = path

    def read(self, offset: int, size: int) -> ReadBuffer:
        """The bytes from `offset`, fewer than `size` only at the end of the file."""
        self._file.seek(offset)
        pieces: list[bytes] = []
        while size > 0 and (piece := self._file.read(size)):
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read_buffers(self, offset: int, size: int) -> list[ReadBuffer]:
        """As `read`, as a list of one buffer, or of none at the end of the file."""
        chunk = self.read(offset, size)
        return [chunk] if len(chunk) else []

    def read_cached(self, offset: int, size: int) -> list[ReadBuffer] | None:
        """As `read_buffers`."""
        return self.read_buffers(offset, size)

    def load(self, offset: int, size: int) -> None:
        """Nothing to prepare."""

    def region(self, offset: int, size: int) -> FileRegion | None:
        """None: nothing is sent."""

    def rename(self, path: str) -> None:
        """Refused."""
        raise _refusal(self.path)

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Refused."""
        raise _refusal(self.path)

    def size(self) -> int:
        """Length in bytes."""
        return os.fstat(self._file.fileno()).st_size

    def modified_ms(self) -> int:
        """Wall clock of the last change."""
        return os.fstat(self._file.fileno()).st_mtime_ns // 1_000_000

    def truncate(self, size: int) -> None:
        """Refused."""
        raise _refusal(self.path)

    def sync(self) -> None:
        """Refused."""
        raise _refusal(self.path)

    def close(self) -> None:
        """Give the descriptor back; idempotent."""
        self._file.close()


class ReadOnlyFileSystem:
    """A `FileSystem` whose changing calls raise, so that the store's own readers can be used on data that must not change."""

    blocking = True

    def make_directories(self, path: str) -> None:
        """Refused."""
        raise _refusal(path)

    def list_directory(self, path: str) -> list[str]:
        """Names in the directory, in no particular order."""
        return os.listdir(path)

    def exists(self, path: str) -> bool:
        """Whether a file or directory of that name exists."""
        return os.path.lexists(path)

    def open(self, path: str, *, create: bool = False) -> File:
        """Open for reading, whatever `create` says.

        Raises:
            FileNotFoundError: the file does not exist.
        """
        return ReadOnlyFile(path)

    def rename(self, old: str, new: str) -> None:
        """Refused."""
        raise _refusal(old)

    def sync_directory(self, path: str) -> None:
        """Refused."""
        raise _refusal(path)

    def remove(self, path: str) -> None:
        """Refused."""
        raise _refusal(path)

    def remove_tree(self, path: str) -> None:
        """Refused."""
        raise _refusal(path)

    def lock(self, path: str) -> DirectoryLock:
        """Refused."""
        raise _refusal(path)


def _refusal(path: str) -> OSError:
    return io.UnsupportedOperation(f"{path} is only read")


@dataclass(slots=True)
class LogFiles:
    """One log directory.

    Args:
        path: the directory.
        name: of the directory.
        state: what the journal says of the log; None without a journal or when it does not know the log.
        only: look at the segment with this base offset alone.
    """

    path: str
    name: str
    state: JournaledLog | None
    only: int | None = None
    identity: LogId | None = None
    names: list[str] = field(default_factory=list)

    @property
    def topic(self) -> str:
        """The topic's name, the directory's when nothing tells it."""
        if self.identity is not None:
            return self.identity.topic
        parsed = layout.parse_directory_name(self.name)
        return parsed[0] if parsed is not None else self.name

    @property
    def base_offsets(self) -> list[int]:
        """Base offsets of the segments, ascending."""
        bases = (base for name in self.names if (base := layout.parse_segment_name(name)) is not None)
        return sorted(base for base in bases if self.only in (None, base))

    def size_in_bytes(self) -> int:
        """What the segments to look at hold; files that went meanwhile count nothing."""
        size = 0
        for base_offset in self.base_offsets:
            with contextlib.suppress(OSError):
                size += os.path.getsize(f"{self.path}/{layout.segment_name(base_offset)}")
        return size

    def segment(self, filesystem: ReadOnlyFileSystem, base_offset: int) -> Segment:
        """The segment, as long as its file is now, with its indexes not looked at.

        Raises:
            OSError: it cannot be opened.
        """
        segment = Segment(filesystem, self.path, base_offset, index_interval_bytes=0)
        segment.size = os.path.getsize(segment.path)
        return segment


@dataclass(slots=True)
class Target:
    """What a path stands for.

    Args:
        logs: the logs to look at, by name.
        root: the data directory they lie in, None when it is not one of ours.
        journal: the data directory's journal, None without one.
        journal_is_clean: whether the last broker stopped cleanly.
        is_whole: whether `logs` are all logs of `root`.
        user: who has the data directory open; None when nobody has.
    """

    logs: list[LogFiles]
    root: str | None
    journal: Journal | None
    journal_is_clean: bool
    is_whole: bool
    user: str | None


def find_logs(filesystem: ReadOnlyFileSystem, path: Path, topics: Sequence[str] = ()) -> Target:
    """The logs `path` stands for: a data directory, a log directory or a segment file.

    Raises:
        Unusable: it is none of them, or of a newer version.
        OSError: it cannot be read.
    """
    path = Path(os.path.abspath(path))
    if not path.exists():
        raise Unusable(f"{path}: no such file or directory")
    only: int | None = None
    directory = path
    if not path.is_dir():
        only = layout.parse_segment_name(path.name)
        if only is None:
            raise Unusable(f"{path}: not named like a segment (20 digits and .log)")
        directory = path.parent
    names = sorted(os.listdir(directory))
    is_log = only is not None or layout.PARTITION_NAME in names or any(layout.parse_segment_name(n) is not None for n in names)
    root = directory.parent if is_log else directory
    journal, is_clean = _read_journal(root)
    ours = journal is not None or (root / layout.META_NAME).exists()
    if ours:
        _check_format(root)
    wanted = [directory] if is_log else [directory / n for n in names if layout.parse_directory_name(n) is not None]
    logs = [_log_files(filesystem, p, journal, only) for p in wanted if p.is_dir()]
    if not ours:
        # Kafka's own data directory may be looked at; any other directory whose name ends in a number may not.
        logs = [log for log in logs if log.base_offsets or log.identity is not None]
    if not logs and not ours:
        raise Unusable(f"{path}: no data directory of kafka-compat, no log and no segment")
    if topics:
        missing = set(topics) - {log.topic for log in logs}
        if missing:
            raise Unusable(f"{path}: no log of topic {', '.join(sorted(missing))}")
        logs = [log for log in logs if log.topic in topics]
    return Target(logs, str(root) if ours else None, journal, is_clean, not is_log and not topics, user_of(root))


def _log_files(filesystem: ReadOnlyFileSystem, path: Path, journal: Journal | None, only: int | None) -> LogFiles:
    log = LogFiles(str(path), path.name, None if journal is None else journal.states.get(path.name), only)
    with contextlib.suppress(OSError):  # gone meanwhile, or unreadable: the look at its segments says it
        log.names = sorted(os.listdir(path))
        log.identity = read_identity(filesystem, log.path)
    return log


def _read_journal(root: Path) -> tuple[Journal | None, bool]:
    try:
        content = (root / layout.JOURNAL_NAME).read_bytes()
    except FileNotFoundError:
        return None, False
    # Loading marks the journal as in use, so it is done on a copy.
    copy = MemoryFileSystem()
    copy.make_directories("/copy")
    with contextlib.closing(copy.open(f"/copy/{layout.JOURNAL_NAME}", create=True)) as file:
        file.write(0, content)
    journal = Journal(copy, "/copy")
    is_clean = journal.load()
    journal.close()
    return journal, is_clean


def _check_format(root: Path) -> None:
    try:
        version = json.loads((root / layout.META_NAME).read_bytes())["format"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # a start refuses it; the logs can be read nevertheless
    if isinstance(version, int) and version > layout.FORMAT_VERSION:
        raise Unusable(f"{root} has format {version}, this version reads up to {layout.FORMAT_VERSION}")


def user_of(root: Path) -> str | None:
    """Who has the data directory open ("process 123"), None when nobody has or nobody can tell."""
    try:
        with open(root / LOCK_NAME, "rb", buffering=0) as file:
            if not _is_locked(file.fileno()):
                return None
            file.seek(1 if sys.platform == "win32" else 0)
            owner = file.read(32).strip()
            return f"process {owner.decode()}" if owner.isdigit() else "another process"
    except OSError:
        return None


if sys.platform == "win32":

    def _is_locked(descriptor: int) -> bool:
        try:
            os.read(descriptor, 1)  # a lock there keeps others from reading
        except PermissionError:
            return True
        return False

else:
    import fcntl

    def _is_locked(descriptor: int) -> bool:
        # Shared and let go at once: a broker that starts is in the way of it, not the other way round but for that instant.
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False
