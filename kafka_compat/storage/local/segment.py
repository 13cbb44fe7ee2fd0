"""One segment: a file of batches, its two indexes, and what is known of its content."""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Iterator

from kafka_compat.checksum import crc32c
from kafka_compat.filesystem import File, FileSystem
from kafka_compat.storage.interface import Corrupt, SegmentInfo
from kafka_compat.storage.local.index import OFFSET_ENTRY_SIZE, TIME_ENTRY_SIZE, OffsetIndex, TimeIndex
from kafka_compat.storage.local.index_files import SegmentIndexes
from kafka_compat.storage.local.journal import SegmentState
from kafka_compat.storage.local.layout import BATCH_HEADER, BATCH_OVERHEAD, CRC_START, MAX_RELATIVE_OFFSET, segment_name
from kafka_compat.storage.local.staging import StagedFile
from kafka_compat.storage.local.window import StoredBatch, Window

SCAN_BYTES = 1 << 20


class Segment:
    """Batches from `base_offset` on. Not thread-safe, but threads may read and sync while the event loop appends.

    The file is made by the first append: an empty log costs no file. Indexes are read on first use.

    Args:
        filesystem: where the file lies.
        directory: of the log.
        base_offset: no offset in the segment is below it, and none 2^31 or more above.
        index_interval_bytes: how much lies between two index entries; changes with the policy.
        suffix: replaces `.log` while the segment is being built by compaction.
    """

    __slots__ = (
        "_file",
        "_filesystem",
        "_first_timestamp_ms",
        "_since_index_entry",
        "_suffix",
        "base_offset",
        "created_ms",
        "directory",
        "dirty",
        "index_interval_bytes",
        "indexes",
        "max_timestamp_ms",
        "next_offset",
        "offset_of_max_timestamp",
        "size",
        "written_ms",
    )

    def __init__(
        self, filesystem: FileSystem, directory: str, base_offset: int, index_interval_bytes: int, suffix: str = ".log"
    ) -> None:
        self._filesystem = filesystem
        self._suffix = suffix
        self._file: File | None = None
        self._first_timestamp_ms: int | None = None
        self._since_index_entry = 0
        self.indexes = SegmentIndexes(filesystem, directory, base_offset)
        self.directory = directory
        self.base_offset = base_offset
        self.next_offset = base_offset
        self.index_interval_bytes = index_interval_bytes
        self.size = 0
        self.max_timestamp_ms = -1
        self.offset_of_max_timestamp = -1
        self.created_ms = -1
        self.written_ms = -1  # last append without a timestamp, as far as it is known
        self.dirty = False  # holds bytes that were not synced, or has such indexes

    @property
    def file(self) -> File:
        """The segment file, opened on first use.

        Raises:
            OSError: it cannot be opened.
            Corrupt: it is shorter than it was when the log was closed.
        """
        if (file := self._file) is None:
            with self.indexes.names:
                if (file := self._file) is None:
                    file = self._filesystem.open(self.path, create=self.size == 0)
                    if self.size and file.size() < self.size:
                        file.close()
                        raise Corrupt(f"{self.path} is shorter than the {self.size} bytes it had")
                    self._file = file
        return file

    @property
    def path(self) -> str:
        """Where the segment file is now."""
        return f"{self.directory}/{segment_name(self.base_offset, self._suffix)}"

    @property
    def offset_index(self) -> OffsetIndex:
        """The offset index, read or rebuilt on first use."""
        # In a loop: another thread reads too, and the event loop may unload what it does not need.
        while (index := self.indexes.offset) is None:
            self._load_indexes()
        return index

    @property
    def time_index(self) -> TimeIndex:
        """The time index, read or rebuilt on first use."""
        while (index := self.indexes.time) is None:
            self._load_indexes()
        return index

    def _load_indexes(self) -> None:
        with self.indexes.names:  # one thread does it for all
            if (self.indexes.offset is None or self.indexes.time is None) and not self.indexes.load(self.size):
                self.rebuild_indexes()

    def info(self, *, sealed: bool) -> SegmentInfo:
        """What retention and compaction see."""
        return SegmentInfo(
            base_offset=self.base_offset,
            next_offset=self.next_offset,
            size_in_bytes=self.size,
            max_timestamp_ms=self.max_timestamp_ms,
            offset_of_max_timestamp=self.offset_of_max_timestamp,
            created_ms=self.created_ms,
            sealed=sealed,
            written_ms=max(self.written_ms, self.created_ms) if self.size and self.max_timestamp_ms < 0 else -1,
        )

    def ask_last_write(self) -> None:
        """Have the file tell when it was written, where no timestamp says how old the segment is."""
        if self.size and self.max_timestamp_ms < 0 and self.written_ms < 0:
            with contextlib.suppress(OSError, Corrupt):  # then its creation has to do
                self.written_ms = self.file.modified_ms()

    def state(self) -> SegmentState:
        """What a clean end writes down."""
        return SegmentState(
            self.base_offset,
            self.size,
            self.next_offset,
            self.max_timestamp_ms,
            self.offset_of_max_timestamp,
            self.created_ms,
        )

    def restore(self, state: SegmentState) -> None:
        """Be what a clean end left, without looking at the file."""
        self.size = state.size_in_bytes
        self.next_offset = state.next_offset
        self.max_timestamp_ms = state.max_timestamp_ms
        self.offset_of_max_timestamp = state.offset_of_max_timestamp
        self.created_ms = state.created_ms
        self.indexes.unload()

    def begin_with(self, staged: StagedFile, batch: bytes | bytearray | memoryview) -> None:
        """Have the file that holds `batch` already, for an empty segment.

        Raises:
            OSError: the segment has no file, or an empty one.
        """
        assert self.size == 0
        self.close()
        self._file = staged.take(batch, self.path)

    def append(
        self, batch: bytes | bytearray | memoryview, last_offset: int, max_timestamp_ms: int, *, is_written: bool = False
    ) -> None:
        """Write one batch at the end, unless it is there (LogSegment.append).

        Raises:
            OSError: it was not written, or in part; nothing else changed.
        """
        length = len(batch)
        position = self.size
        if not is_written:
            (self._file or self.file).write(position, batch)
        self.dirty = True
        self.size = position + length
        self.next_offset = last_offset + 1
        if max_timestamp_ms > self.max_timestamp_ms:
            self.max_timestamp_ms = max_timestamp_ms
            self.offset_of_max_timestamp = last_offset
        if self._since_index_entry > self.index_interval_bytes:
            self._add_index_entry(last_offset, position)
        self._since_index_entry += length

    def append_all(self, batches: bytes | bytearray | memoryview) -> None:
        """Write whole batches at the end.

        Raises:
            OSError: they were not written, or in part; nothing else changed.
            Corrupt: they are no whole batches.
        """
        position = self.size
        self.file.write(position, batches)
        self.dirty = True
        for header in Window(self.path, position, [memoryview(batches)]).headers(position):
            self.see(header)
            self.next_offset = header.last_offset + 1
            self.size = header.end

    def undo_append(self) -> None:
        """Cut what a failed append may have left.

        Raises:
            OSError: it may still be there; recovery will cut it.
        """
        self.file.truncate(self.size)

    def first_timestamp_ms(self) -> int:
        """Largest timestamp of the first batch, which segment.ms counts from; -1 when it carries none or there is none."""
        if self._first_timestamp_ms is None:
            if self.size == 0:
                return -1
            self._first_timestamp_ms = int(BATCH_HEADER.unpack(self.file.read(0, BATCH_HEADER.size))[5])
        return self._first_timestamp_ms

    def has_room(self, last_offset: int, index_max_bytes: int) -> bool:
        """Whether the offset can be kept relative to the base and the indexes are not full."""
        # Each append asks: the properties cost more than all the rest.
        offsets, times = self.indexes.offset, self.indexes.time
        if offsets is None or times is None:
            offsets, times = self.offset_index, self.time_index
        return (
            last_offset - self.base_offset <= MAX_RELATIVE_OFFSET
            and len(offsets.offsets) < index_max_bytes // OFFSET_ENTRY_SIZE
            and len(times) < index_max_bytes // TIME_ENTRY_SIZE - 1  # one is kept for the entry at sealing
        )

    def headers(self, position: int) -> Iterator[StoredBatch]:
        """The batches from `position` to the end.

        Raises:
            OSError: the file cannot be read.
            Corrupt: (at that point) the bytes are no whole batch.
        """
        while position < self.size:
            window = Window(self.path, position, self.file.read_buffers(position, min(SCAN_BYTES, self.size - position)))
            if window.end - position < BATCH_OVERHEAD:
                raise Corrupt(f"{self.path}: incomplete batch at position {position}")
            for header in window.headers(position):
                if header.end > self.size:
                    raise Corrupt(f"{self.path}: incomplete batch at position {header.position}")
                # The checksum leaves the base offset out, as the broker sets it.
                if (
                    not 0
                    <= header.base_offset - self.base_offset
                    <= header.last_offset - self.base_offset
                    <= MAX_RELATIVE_OFFSET
                ):
                    raise Corrupt(f"{self.path}: offset {header.base_offset} at position {header.position} is not of here")
                yield header
                position = header.end

    def verify(self, header: StoredBatch) -> None:
        """Check the CRC32C of a batch.

        Raises:
            Corrupt: it is wrong.
        """
        crc = 0
        position = header.position + CRC_START
        while position < header.end:
            pieces = self.file.read_buffers(position, min(SCAN_BYTES, header.end - position))
            for piece in pieces:
                crc = crc32c(piece, crc)
                position += len(piece)
            if not pieces:
                break
        if crc != header.crc:
            raise Corrupt(f"{self.path}: the batch at position {header.position} fails its checksum")

    def position_of(self, offset: int) -> int:
        """Position of the first batch that reaches `offset`, the size when none does."""
        for header in self.headers(self.offset_index.position_before(offset - self.base_offset)):
            if header.last_offset >= offset:
                return header.position
        return self.size

    def find_timestamp(self, timestamp_ms: int, start_offset: int, end_offset: int) -> int | None:
        """Base offset of the first batch in [start_offset, end_offset) with a max timestamp of at least `timestamp_ms`."""
        if self.max_timestamp_ms < timestamp_ms:
            return None
        relative = max(self.time_index.offset_before(timestamp_ms), start_offset - self.base_offset)
        for header in self.headers(self.offset_index.position_before(relative)):
            if header.base_offset >= end_offset:
                return None
            if header.max_timestamp_ms >= timestamp_ms and header.last_offset >= start_offset:
                return header.base_offset
        return None

    def largest_timestamp(self, start_offset: int, end_offset: int) -> int:
        """Largest max timestamp of the batches in [start_offset, end_offset), -1 without any. Reads all their headers."""
        largest_ms = -1
        for header in self.headers(self.offset_index.position_before(max(start_offset - self.base_offset, 0))):
            if header.base_offset >= end_offset:
                break
            if header.last_offset >= start_offset and header.max_timestamp_ms > largest_ms:
                largest_ms = header.max_timestamp_ms
        return largest_ms

    def cut(self, position: int, next_offset: int, largest: tuple[int, int]) -> None:
        """Serve nothing from `position` on; the files follow with `cut_files`.

        Args:
            position: where the segment ends.
            next_offset: above the last offset that is left.
            largest: the largest timestamp of what is left and its offset.
        """
        self.offset_index.cut(position)
        self.time_index.cut(max(next_offset - self.base_offset, 0))
        self.size = position
        self.next_offset = next_offset
        self._since_index_entry = position - self.offset_index.position_before(MAX_RELATIVE_OFFSET)
        self.max_timestamp_ms, self.offset_of_max_timestamp = largest
        if position == 0:
            self._first_timestamp_ms = None

    def cut_files(self) -> None:
        """Have the files end where the segment and its indexes were cut.

        Raises:
            OSError: they may have kept their lengths.
        """
        self.file.truncate(self.size)
        self.indexes.shorten()

    def largest_timestamp_before(self, position: int, next_offset: int) -> tuple[int, int]:
        """The largest timestamp before `position`, where offsets are below `next_offset`, and its offset; -1 without any."""
        largest_ms, its_offset, begin = -1, -1, 0
        slot = bisect_left(self.time_index.offsets, max(next_offset - self.base_offset, 0)) - 1
        if slot >= 0:
            relative = self.time_index.offsets[slot]
            largest_ms, its_offset = self.time_index.timestamps[slot], self.base_offset + relative
            # Not from the last entry of the offset index: a loss of power may have left that and no such entry here.
            begin = self.offset_index.position_before(relative)
        for header in self.headers(begin):
            if header.position >= position:
                break
            if header.max_timestamp_ms > largest_ms:
                largest_ms, its_offset = header.max_timestamp_ms, header.last_offset
        return largest_ms, its_offset

    def rebuild_indexes(self) -> None:
        """Make both indexes from the batches and replace their files; nobody sees them half made."""
        twin = Segment(self._filesystem, self.directory, self.base_offset, self.index_interval_bytes)
        twin._file, twin.size = self.file, self.size
        for header in twin.headers(0):
            twin.see(header)
        twin.complete_time_index()
        self._since_index_entry = twin._since_index_entry
        self.indexes.replace(twin.offset_index, twin.time_index)

    def begin_rebuild(self) -> None:
        """Forget the indexes and the largest timestamp, to `see` all batches again."""
        self.indexes.clear()
        self.indexes.shorten()
        self.max_timestamp_ms, self.offset_of_max_timestamp = -1, -1
        self._since_index_entry = 0

    def keep_indexes_below(self, position: int, next_offset: int) -> None:
        """Drop index entries of what lies at or above; the rest is about to be seen again."""
        self.offset_index.cut(position)
        self.time_index.cut(max(next_offset - self.base_offset, 0))
        self.indexes.shorten()
        self._since_index_entry = position - self.offset_index.position_before(MAX_RELATIVE_OFFSET)

    def see(self, header: StoredBatch) -> None:
        """Take a batch found in the file into the indexes and the largest timestamp."""
        self._see_timestamp(header)
        if self._since_index_entry > self.index_interval_bytes:
            self._add_index_entry(header.last_offset, header.position)
        self._since_index_entry += header.end - header.position

    def seal(self) -> None:
        """Add the last time index entry and write the indexes out; they are synced with the next sync of the log.

        A recovery point in a later segment says that the indexes of this one are whole.
        """
        self.dirty = True
        self.complete_time_index()
        self.indexes.write()

    def complete_time_index(self) -> None:
        """Add the entry of the largest timestamp, which a sealed segment's index ends with."""
        if self.max_timestamp_ms >= 0:
            self.time_index.append(self.max_timestamp_ms, self.offset_of_max_timestamp - self.base_offset)

    def rename(self, suffix: str) -> None:
        """Give the file another suffix in place of `.log`.

        Raises:
            FileNotFoundError: an empty segment has none.
        """
        with self.indexes.names:
            file = self.file if self.size else self._file  # open, so that no reader goes by the old name
            old = self.path
            self._suffix = suffix
            if file is None:
                self._filesystem.rename(old, self.path)
            else:
                file.rename(self.path)

    def moved_directory(self, directory: str) -> None:
        """Note that the log's directory was renamed."""
        self.directory = self.indexes.directory = directory
        if self._file is not None:
            self._file.moved(self.path)

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _add_index_entry(self, last_offset: int, position: int) -> None:
        self.offset_index.append(last_offset - self.base_offset, position)
        self.complete_time_index()
        self._since_index_entry = 0

    def _see_timestamp(self, header: StoredBatch) -> None:
        if header.max_timestamp_ms > self.max_timestamp_ms:
            self.max_timestamp_ms = header.max_timestamp_ms
            self.offset_of_max_timestamp = header.last_offset
