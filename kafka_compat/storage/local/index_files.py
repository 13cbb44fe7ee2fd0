"""The two indexes of one segment with their files: read on first use, appended to, cut.

A segment that was replaced or deleted lives on for those who read it, while files of its names may belong to its successor. So
whoever goes by a name holds `names`, and `detach` ends that: the indexes are then what is loaded, or are made from the segment.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from kafka_compat.filesystem import File, FileSystem
from kafka_compat.storage.local.index import OFFSET_ENTRY_SIZE, TIME_ENTRY_SIZE, OffsetIndex, TimeIndex
from kafka_compat.storage.local.layout import segment_name

INDEX_SUFFIXES = (".index", ".timeindex")
_T = TypeVar("_T")


class SegmentIndexes:
    """Offset and time index of the segment at `base_offset` in `directory`. New ones are empty and count as loaded."""

    __slots__ = (
        "_filesystem",
        "_is_detached",
        "_offset_entries_written",
        "_time_entries_written",
        "base_offset",
        "directory",
        "names",
        "offset",
        "time",
    )

    def __init__(self, filesystem: FileSystem, directory: str, base_offset: int) -> None:
        self._filesystem = filesystem
        self._is_detached = False
        self.names = threading.RLock()
        self.directory = directory
        self.base_offset = base_offset
        self.offset: OffsetIndex | None = OffsetIndex()
        self.time: TimeIndex | None = TimeIndex()
        self._offset_entries_written = 0
        self._time_entries_written = 0

    def detach(self) -> None:
        """Touch the files no more."""
        with self.names:
            self._is_detached = True

    @property
    def is_detached(self) -> bool:
        """Whether the segment was replaced or deleted."""
        return self._is_detached

    def replace(self, offset: OffsetIndex, time: TimeIndex) -> None:
        """Have other indexes, in memory and, from their next `write` on, in the files."""
        with self.names:
            self._offset_entries_written = self._time_entries_written = 0
            for suffix in INDEX_SUFFIXES:
                self._with_file(suffix, lambda file: file.truncate(0), None)
            self.offset, self.time = offset, time

    def clear(self) -> None:
        """Begin anew with empty indexes."""
        self.offset, self.time = OffsetIndex(), TimeIndex()

    def unload(self) -> None:
        """Give the memory back: the files are read on the next use."""
        with contextlib.suppress(OSError):  # then they stay in memory
            self.write()
            self.offset, self.time = None, None

    def load(self, segment_size: int) -> bool:
        """Read both files; False when one is damaged or they are detached, and then nothing is loaded.

        A missing file is an empty index.
        """
        with self.names:
            if self._is_detached:
                return False
            contents = [
                self._with_file(suffix, lambda file: bytes(file.read(0, file.size())), b"") for suffix in INDEX_SUFFIXES
            ]
        self._offset_entries_written = len(contents[0]) // OFFSET_ENTRY_SIZE
        self._time_entries_written = len(contents[1]) // TIME_ENTRY_SIZE
        offset = OffsetIndex.decode(memoryview(contents[0]), segment_size)
        time = TimeIndex.decode(memoryview(contents[1]))
        if offset is None or time is None:
            return False
        self.offset, self.time = offset, time
        return True

    def write(self) -> None:
        """Append to the files what they lack. Two threads may do it at once: they write the same bytes to the same place."""
        # Once: another thread may unload them in between.
        offset, time = self.offset, self.time
        if offset is not None and (count := len(offset)) > (first := self._offset_entries_written):
            content = offset.encode(first)
            self._with_file(".index", lambda file: file.write(first * OFFSET_ENTRY_SIZE, content), None, create=True)
            self._offset_entries_written = count
        if time is not None and (count := len(time)) > (first := self._time_entries_written):
            content = time.encode(first)
            self._with_file(".timeindex", lambda file: file.write(first * TIME_ENTRY_SIZE, content), None, create=True)
            self._time_entries_written = count

    def shorten(self) -> None:
        """Cut the files back to what the loaded indexes begin with, after entries were dropped from these."""
        assert self.offset is not None
        assert self.time is not None
        self._offset_entries_written = min(self._offset_entries_written, len(self.offset))
        self._time_entries_written = min(self._time_entries_written, len(self.time))
        sizes = (self._offset_entries_written * OFFSET_ENTRY_SIZE, self._time_entries_written * TIME_ENTRY_SIZE)
        for suffix, size in zip(INDEX_SUFFIXES, sizes, strict=True):
            self._with_file(suffix, lambda file, size=size: file.truncate(size), None)  # type: ignore[misc]

    def sync(self) -> None:
        """Make the files survive a power loss."""
        for suffix in INDEX_SUFFIXES:
            self._with_file(suffix, lambda file: file.sync(), None)

    def _with_file(self, suffix: str, use: Callable[[File], _T], missing: _T, *, create: bool = False) -> _T:
        # No entry was due in a small segment: its index files do not exist.
        with self.names, contextlib.suppress(FileNotFoundError):
            if self._is_detached:
                return missing
            file = self._filesystem.open(f"{self.directory}/{segment_name(self.base_offset, suffix)}", create=create)
            try:
                return use(file)
            finally:
                file.close()
        return missing
