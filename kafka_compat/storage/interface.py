"""The storage ports: batches in fenced, segmented logs, below all of Kafka's semantics.

A store knows record batches only by base offset, last offset, size and largest timestamp. It knows no groups, transactions or
API versions, and what it has to obey comes in a `LogPolicy`. There is one writer per log; every open log carries the leader
epoch it was opened with, and a handle with an older epoch than the newest open is Fenced in every mutation.

Deliberately not here: offset assignment, validation, the high watermark, retention and compaction decisions (they live in
`log/`), and any cache of decoded records.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kafka_compat.config.topic import TopicConfig
from kafka_compat.ids import TopicId
from kafka_compat.wire.types import Unread


class LogId(NamedTuple):
    """Names one log: a partition of one incarnation of a topic."""

    topic: str
    partition: int
    topic_id: TopicId


class StorageError(Exception):
    """Base of what a store raises."""


class Refused(StorageError):
    """The place is not this broker's, or a part of it is missing; nothing in it was changed. The text is for a person."""


class OutOfRange(StorageError):
    """The offset lies outside [start_offset, end_offset]."""


class Fenced(StorageError):
    """The log was opened since with a higher epoch, or it was deleted."""


class Corrupt(StorageError):
    """Stored bytes do not parse or fail their checksum."""


class Unavailable(StorageError):
    """The medium failed (disk full, I/O error); the log takes no more writes until it is reopened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPolicy:
    """What every store must obey for one log; a change is handed over by `OpenLog.set_policy`.

    Each kind of store may obey more: `LogStore.policy_of` makes what it knows of a topic's configs.
    """

    segment_bytes: int = 1 << 30
    segment_ms: int = 7 * 24 * 3600 * 1000
    segment_jitter_ms: int = 0  # up to so much is taken off `segment_ms`, drawn for each segment
    file_delete_delay_ms: int = 60_000
    flush_messages: int = (1 << 63) - 1
    flush_ms: int = (1 << 63) - 1


class Chunk(Protocol):
    """Whole batches in offset order, as buffers that stay valid until `close`."""

    @property
    def buffers(self) -> Sequence[bytes | memoryview]:
        """The bytes; together they are whole batches, the first of which contains the offset asked for."""

    @property
    def parts(self) -> Sequence[bytes | memoryview | Unread]:
        """The same for a socket, valid after `close` too: what has to be given back is unread, and the receiver's to close."""

    @property
    def bytes_in_memory(self) -> int:
        """How much of `parts` is not unread."""

    @property
    def size_in_bytes(self) -> int:
        """Sum of the buffers' lengths."""

    @property
    def next_offset(self) -> int:
        """What the batch behind them begins with, or one above their last offset; -1 when that was not looked at."""

    def close(self) -> None:
        """Give the buffers back; they must not be used afterwards."""


class Staged(Protocol):
    """A batch that lies in the store and in no log yet."""

    @property
    def size_in_bytes(self) -> int:
        """Of the batch."""

    def close(self) -> None:
        """Give it up, unless an append has taken it; idempotent."""


class SegmentInfo(NamedTuple):
    """One segment as retention and compaction see it."""

    base_offset: int
    next_offset: int  # one above the last offset; the next segment's base for sealed segments
    size_in_bytes: int
    max_timestamp_ms: int  # -1 when no record carries one
    offset_of_max_timestamp: int  # -1 likewise; the last offset of the batch is exact enough for an index
    created_ms: int  # wall clock of the first append, or of the file
    sealed: bool
    written_ms: int = -1  # wall clock of the last append when no record carries a timestamp; -1 when nobody needs it

    @property
    def largest_timestamp_ms(self) -> int:
        """The largest timestamp, or the time of the last append where no record has one (LogSegment.largestTimestamp)."""
        return self.max_timestamp_ms if self.max_timestamp_ms >= 0 else self.written_ms


class OpenLog(Protocol):
    """One log, opened for reading and writing under a leader epoch. Not thread-safe: the event loop owns it."""

    @property
    def log_id(self) -> LogId: ...
    @property
    def epoch(self) -> int: ...
    @property
    def start_offset(self) -> int: ...
    @property
    def end_offset(self) -> int: ...
    @property
    def synced_offset(self) -> int: ...
    @property
    def size_in_bytes(self) -> int: ...

    def append(
        self,
        batch: bytes | bytearray | memoryview,
        base_offset: int,
        last_offset: int,
        max_timestamp_ms: int,
        now_ms: int,
        staged: Staged | None = None,
    ) -> asyncio.Future[None] | None:
        """Write one batch, whose header already carries `base_offset`, at the end of the log.

        `base_offset` may leave a gap above `end_offset`, never lie below it: of two who write at one offset the later one is
        refused, and nothing of its batch is stored. Returns None when the write already has the durability the policy asks for
        (`flush_messages`, `flush_ms` since the last such sync), otherwise a future that resolves when it has, or fails with
        Unavailable or Fenced. One failed append fails all that follow.

        With `staged`, which `stage` has made of this batch, only its header, 61 bytes that may have changed since, is written.
        It is the caller's to close afterwards.

        Raises:
            Fenced: a higher epoch owns the log.
            Unavailable: the write failed; nothing of the batch is visible. The log must be reopened.
            OutOfRange: `base_offset` is below the end offset.
        """

    async def stage(self, batch: bytes | bytearray | memoryview) -> Staged:
        """Have a thread write a batch that is too large to be written on the event loop, for an `append` to take.

        Raises:
            Fenced: a higher epoch owns the log.
            Unavailable: it could not be written; the log is as before.
        """

    async def sync(self, up_to: int) -> int:
        """Make everything below `up_to` survive a power loss; returns the new synced offset. Runs off the loop, grouped."""

    def read_now(self, offset: int, max_offset: int, max_bytes: int, min_one: bool, *, to_socket: bool = False) -> Chunk | None:
        """Whole batches from the one that contains `offset` (or the next one above, after compaction).

        Stops before a batch whose base offset is `max_offset` or above, and before exceeding `max_bytes`; with `min_one` the
        first batch is returned whatever its size. An empty chunk when `offset` is the end. None when the read would block:
        call `read` then. With `to_socket` the parts of the chunk may be unread.

        Raises:
            OutOfRange: `offset` is below `start_offset` or above `end_offset`.
        """

    async def read(self, offset: int, max_offset: int, max_bytes: int, min_one: bool, *, to_socket: bool = False) -> Chunk:
        """As `read_now`, waiting for the medium where it must."""

    def segments(self) -> Sequence[SegmentInfo]:
        """A snapshot of all segments in offset order, the active one last: taken from memory, and the caller's own."""

    async def find_batch(self, timestamp_ms: int, start_offset: int, end_offset: int) -> int | None:
        """Base offset of the first batch in [start_offset, end_offset) whose max timestamp is >= `timestamp_ms`."""

    async def find_max_timestamp(self, start_offset: int, end_offset: int) -> int | None:
        """Base offset of the first batch with the largest max timestamp in [start_offset, end_offset); None without any."""

    async def roll(self, now_ms: int) -> None:
        """Seal the active segment and begin a new one at `end_offset`; a no-op when the active one is empty."""

    async def truncate(self, end_offset: int) -> None:
        """Drop every batch that reaches `end_offset` or above; interrupted, it may have dropped only some of the last ones.

        Nothing may be appended meanwhile: OutOfRange.
        """

    async def truncate_fully_and_start_at(self, offset: int) -> None:
        """Drop everything; the log is empty and begins at `offset`. Nothing may be appended meanwhile: OutOfRange."""

    async def advance_start(self, offset: int) -> None:
        """Raise `start_offset` durably; no file goes (`delete_below_start`).

        Raises:
            OutOfRange: `offset` is above the end offset.
        """

    async def delete_below_start(self) -> None:
        """Delete the sealed segments wholly below `start_offset`; their files go after `file_delete_delay_ms`."""

    async def rewrite(self, base_offsets: Sequence[int], batches: AsyncIterator[bytes | memoryview], created_ms: int) -> None:
        """Replace the adjacent sealed segments at `base_offsets` by one with `batches`, atomically across a crash.

        Without batches they are just removed. An exception from `batches` gives up and leaves the log as it was.

        Raises:
            OutOfRange: the segments are not adjacent and sealed, any more or from the first, or span 2^31 offsets or more.
            Unavailable: the medium failed. Before the swap the log goes on as it was; in it, it must be reopened.
        """

    async def put_aux(self, kind: str, at_offset: int, blob: bytes) -> None:
        """Store `blob` beside the log (producer snapshot, leader epochs); the two newest of each kind stay, older ones go.

        `kind` is lower-case letters and dashes. The blob survives a power loss once a later `sync` or `close` returned.
        """

    async def read_aux(self, kinds: Sequence[str], at_or_before: int) -> Mapping[str, tuple[int, bytes]]:
        """For each of `kinds` that there is: its newest blob whose offset is at most `at_or_before`, with its offset.

        Raises:
            Unavailable: the medium failed.
        """

    def set_policy(self, policy: LogPolicy) -> None:
        """Obey `policy` from the next append on."""

    async def close(self) -> None:
        """Sync and release; idempotent."""


class LogStore(Protocol):
    """All logs of one broker (or of several brokers in one process that share them)."""

    def policy_of(self, config: TopicConfig) -> LogPolicy:
        """What the logs of a topic with `config` are to be opened with."""

    @property
    def place(self) -> str:
        """Where the logs lie, for people."""

    async def claim(self, cluster_id: str) -> None:
        """Note whose the store is, where it does not say so yet.

        Raises:
            Refused: it is another cluster's.
            Unavailable: the medium failed.
        """

    async def list(self) -> Sequence[LogId]:
        """Every log that exists, in no particular order."""

    async def create(self, log: LogId, epoch: int) -> None:
        """Make an empty log; idempotent. A log of the same name and another topic id is an older incarnation and is deleted.

        Raises:
            Fenced: the log exists with a higher epoch.
        """

    async def delete(self, log: LogId, epoch: int) -> None:
        """Gone at once logically; files go after `file_delete_delay_ms`, so that slow readers are not cut."""

    async def set_aside(self, log: LogId) -> None:
        """Take a log that nobody owns out of use and leave its files to the operator; one without records is deleted."""

    async def open(self, log: LogId, epoch: int, policy: LogPolicy) -> OpenLog:
        """Open for writing under `epoch`, fence lower epochs, and recover.

        After an unclean end the bytes behind the recovery point are checked batch by batch (framing and CRC) and the log is
        cut at the first bad one.

        Raises:
            Fenced: `epoch` is below the one the log was last opened with, or there is no such log. An equal epoch takes the
                log over: the handle before is fenced too.
            Unavailable: the medium failed.
        """

    @property
    def was_clean_shutdown(self) -> bool:
        """Whether the last owner closed the store; False for a store that is new."""

    async def close(self) -> None:
        """Close every open log and leave the clean-shutdown marker, unless one of them failed to close. Idempotent.

        Raises:
            Unavailable: the medium failed.
        """

    def abandon(self) -> None:
        """Let go of a store that has been opened and must not be used: the next start looks at everything again.

        Nothing may have been appended to any log that is to be kept.
        """
