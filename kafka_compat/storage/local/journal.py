"""The checkpoint journal: per log its highest epoch, start offset, recovery point and, after a clean end, its segments.

Kafka keeps these in one checkpoint file each and rewrites it whole. One journal for all of them costs a single small write per
change and a single read at start, with 10,000 logs too. A line is `<CRC32C of the JSON, 8 hex digits> <JSON array>`:

    ["log", directory, {...}]                   the whole state of a log
    ["epoch", directory, epoch]                 opened under a higher leader epoch
    ["start", directory, offset]                log start offset
    ["synced", directory, offset, base offset, position, max timestamp, its offset]
                                                recovery point: all below `offset` is on disk; the rest describes the segment
                                                `offset` lies in up to there
    ["created", directory, base offset, ms]     first append to a segment
    ["gone", directory]                         deleted
    ["open"], ["clean"]                         first and last line of a broker's life

A line that fails its CRC is skipped: what is lost with it costs a longer recovery, never data. Only `start`, a lowered recovery
point, `open`, and before a compaction the recovery point have to be on disk before what follows them. An epoch need not: the
lock lets one process at a time use the directory, so no writer outlives the loss of power that could take the epoch back. The
journal is rewritten, atomically, at a clean end and, by a thread, when it has grown.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, cast

from kafka_compat.checksum import crc32c
from kafka_compat.filesystem import File, FileSystem
from kafka_compat.ids import TopicId
from kafka_compat.storage.interface import LogId, Unavailable
from kafka_compat.storage.local.layout import JOURNAL_NAME

Json: TypeAlias = "int | str | list[Json] | dict[str, Json] | None"

_REWRITE_ABOVE = 16 << 20


class SegmentState(NamedTuple):
    """A segment as a clean end left it."""

    base_offset: int
    size_in_bytes: int
    next_offset: int
    max_timestamp_ms: int
    offset_of_max_timestamp: int
    created_ms: int


class RecoveryPoint(NamedTuple):
    """Everything below `offset` is on disk; `position` and the largest timestamp describe the segment `offset` lies in."""

    offset: int = 0
    base_offset: int = -1
    position: int = 0
    max_timestamp_ms: int = -1
    offset_of_max_timestamp: int = -1


@dataclass(slots=True)
class JournaledLog:
    """What the journal knows of one log."""

    log_id: LogId
    epoch: int = -1
    start_offset: int = 0
    recovery_point: RecoveryPoint = field(default_factory=RecoveryPoint)
    created_ms: dict[int, int] = field(default_factory=dict)  # by base offset
    segments: list[SegmentState] | None = None  # None: look at the files and recover
    gaps_are_possible: bool = False  # the recovery point is not known: see recovery.py; not written down
    is_new: bool = False  # made by this process: the names of its files may not be on disk; not written down

    def forget_created_except(self, base_offsets: Iterable[int]) -> None:
        """Only the segments at `base_offsets` are left."""
        created_ms = self.created_ms
        self.created_ms = {base: created_ms[base] for base in base_offsets if base in created_ms}


class Journal:
    """Owns `checkpoint.journal` and the states it describes. Used from the event loop only, except `sync` and `rewrite`.

    Args:
        filesystem: where it lies.
        root: the directory.
        rewrite_later: has `rewrite` called, in a thread where that may wait; without it the journal grows, and is rewritten
            by who writes only when a write has failed.
    """

    def __init__(self, filesystem: FileSystem, root: str, rewrite_later: Callable[[], None] | None = None) -> None:
        self._filesystem = filesystem
        self._root = root
        self._path = f"{root}/{JOURNAL_NAME}"
        self._rewrite_later = rewrite_later
        self._is_rewrite_due = False
        self._rewriting = threading.Lock()
        # Guards what follows, for moments only; a thread that rewrites changes it too.
        self._lock = threading.Lock()
        self._file: File | None = None
        self._size = 0
        self._since: list[bytes] | None = None  # while it is being rewritten: the lines written meanwhile
        self._renames = 0
        self._limit = _REWRITE_ABOVE
        self._damaged = False
        self._naming = threading.Lock()
        self._renames_synced = 0
        self.is_damaged = False  # lines are missing, or the whole of a journal there should be
        self.states: dict[str, JournaledLog] = {}

    def load(self) -> bool:
        """Read what the last owner left; returns whether it closed the store.

        Raises:
            OSError: the journal cannot be read or marked as in use.
        """
        is_new = not self._filesystem.exists(self._path)
        self._file = file = self._filesystem.open(self._path, create=True)
        content = bytes(file.read(0, file.size()))
        clean = False
        position = 0
        for line in content.splitlines(keepends=True):
            record = _decode(line)
            if record is not None:
                # A bad line before a good one is no torn end.
                self.is_damaged = self.is_damaged or position > self._size
                clean = record[0] == "clean"
                self._apply(record)
                self._size = position + len(line)
            position += len(line)
        self.is_damaged = self.is_damaged or self._size == 0
        if self._size < len(content):
            file.truncate(self._size)
        clean = clean and not self.is_damaged
        for state in self.states.values():
            if not clean:
                state.segments = None
                state.gaps_are_possible = self.is_damaged
            elif state.segments is not None:
                state.forget_created_except(segment.base_offset for segment in state.segments)
        self.write(["open"])
        file.sync()
        if is_new:
            self._filesystem.sync_directory(self._root)
        return clean

    def write(self, record: Sequence[Json]) -> None:
        """Apply and append one record. It survives the process at once, a power loss after `sync`.

        Raises:
            Unavailable: it could not be written; it is applied in memory and goes out with the next rewrite.
        """
        self._apply(record)
        line = _encode(record)
        failure: OSError | None = None
        with self._lock:
            assert self._file is not None
            if self._since is not None:
                self._since.append(line)
            is_damaged = self._damaged
            if not is_damaged:
                try:
                    self._file.write(self._size, line)
                    self._size += len(line)
                except OSError as error:
                    # A torn line would hide all that follow it.
                    self._damaged = True
                    failure = error
            elif self._since is not None:
                raise Unavailable(f"cannot write {self._path} before it is rewritten")
        if is_damaged and self._rewrite_later is None:
            try:
                self.rewrite()
            except OSError as error:
                raise Unavailable(f"cannot write {self._path}: {error}") from error
            return
        if is_damaged or failure is not None or self._size > self._limit:
            self._ask_for_rewrite()
        if failure is not None:
            raise Unavailable(f"cannot write {self._path}: {failure}") from failure
        if is_damaged and self._damaged:
            raise Unavailable(f"cannot write {self._path} before it is rewritten")

    def _ask_for_rewrite(self) -> None:
        if not self._is_rewrite_due and self._rewrite_later is not None:
            self._is_rewrite_due = True
            self._rewrite_later()

    def sync(self) -> None:
        """Make all records written so far survive a power loss."""
        file = self._file
        assert file is not None
        try:
            file.sync()
        except ValueError:
            if file is self._file:
                raise
            # It was rewritten meanwhile, and the new one was synced.
        self._sync_name()

    def _sync_name(self) -> None:
        with self._naming:
            renames = self._renames
            if self._renames_synced < renames:
                self._filesystem.sync_directory(self._root)
                self._renames_synced = renames

    def rewrite(self, *, clean: bool = False) -> None:
        """Replace the journal by one with just the present states; with `clean` as the last act of the store.

        Others may write meanwhile: their lines follow on the states. A line says what is, not what changes, so it does no harm
        that a state may show it already.

        Raises:
            OSError: the old one goes on.
        """
        with self._rewriting:
            with self._lock:
                self._since = []
            try:
                self._write_anew(clean=clean)
            finally:
                with self._lock:
                    self._since = None
                    self._limit = max(_REWRITE_ABOVE, 4 * self._size)
                self._is_rewrite_due = False
        self._sync_name()

    def _write_anew(self, *, clean: bool) -> None:
        records: list[Sequence[Json]] = [["log", name, _state_to_json(state)] for name, state in list(self.states.items())]
        records.append(["clean" if clean else "open"])
        content = b"".join(map(_encode, records))
        temporary = f"{self._path}.tmp"
        file = self._filesystem.open(temporary, create=True)
        try:
            file.truncate(0)
            file.write(0, content)
            file.sync()
            size = len(content)
            # What came meanwhile, and what came while that was synced; the little that is left holds the lock.
            for _ in range(2):
                with self._lock:
                    assert self._since is not None
                    content, self._since = b"".join(self._since), []
                if content:
                    file.write(size, content)
                    file.sync()
                    size += len(content)
            with self._lock:
                if content := b"".join(self._since or ()):
                    file.write(size, content)
                    file.sync()
                    size += len(content)
                self._filesystem.rename(temporary, self._path)
                file.moved(self._path)
                old, self._file, self._size = self._file, file, size
                self._damaged = False
                self._renames += 1
        except OSError:
            file.close()
            raise
        if old is not None:
            old.close()

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()

    def _apply(self, record: Sequence[Json]) -> None:
        match record:
            case ["log", str(name), dict(state)]:
                self.states[name] = _state_from_json(state)
            case ["gone", str(name)]:
                self.states.pop(name, None)
            case ["epoch", str(name), int(epoch)] if name in self.states:
                self.states[name].epoch = epoch
            case ["start", str(name), int(offset)] if name in self.states:
                self.states[name].start_offset = offset
            case ["created", str(name), int(base_offset), int(created_ms)] if name in self.states:
                self.states[name].created_ms[base_offset] = created_ms
            case ["synced", str(name), *numbers] if name in self.states:
                self.states[name].recovery_point = RecoveryPoint(*cast("list[int]", numbers))  # written below as integers
            case _:
                pass  # an operation of a later minor version


def _encode(record: Sequence[Json]) -> bytes:
    text = json.dumps(record, separators=(",", ":")).encode()
    return b"%08x %b\n" % (crc32c(text), text)


def _decode(line: bytes) -> list[Json] | None:
    if len(line) < 11 or not line.endswith(b"\n") or line[:8] != b"%08x" % crc32c(line[9:-1]):
        return None
    record = json.loads(line[9:-1])
    return record if isinstance(record, list) and record else None


def _state_to_json(state: JournaledLog) -> Json:
    point = state.recovery_point
    segments: Json = None
    if state.segments is not None:
        segments = [
            [s.base_offset, s.size_in_bytes, s.next_offset, s.max_timestamp_ms, s.offset_of_max_timestamp, s.created_ms]
            for s in state.segments
        ]
    return {
        "topic": state.log_id.topic,
        "partition": state.log_id.partition,
        "id": state.log_id.topic_id.hex(),
        "epoch": state.epoch,
        "start": state.start_offset,
        "synced": [point.offset, point.base_offset, point.position, point.max_timestamp_ms, point.offset_of_max_timestamp],
        "created": [[base_offset, created_ms] for base_offset, created_ms in list(state.created_ms.items())],
        "segments": segments,
    }


def _state_from_json(fields: dict[str, Json]) -> JournaledLog:
    # The line passed its CRC: these are the types `_state_to_json` wrote. A new log has only its identity.
    segments = cast("list[list[int]] | None", fields.get("segments"))
    return JournaledLog(
        log_id=LogId(
            cast("str", fields["topic"]),
            cast("int", fields["partition"]),
            TopicId(bytes.fromhex(cast("str", fields["id"]))),
        ),
        epoch=cast("int", fields.get("epoch", -1)),
        start_offset=cast("int", fields.get("start", 0)),
        recovery_point=RecoveryPoint(*cast("list[int]", fields.get("synced", []))),
        created_ms=dict(cast("list[tuple[int, int]]", fields.get("created", []))),
        segments=None if segments is None else [SegmentState(*segment) for segment in segments],
    )
