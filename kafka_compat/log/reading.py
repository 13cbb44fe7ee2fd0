"""What one request reads of many partitions: what is at hand, what is still to be waited for, and what has changed since.

A plan goes through its partitions in order, within one budget of bytes of which the first that has records may take one batch
too many. It goes on where it stopped, for the medium or because it is somebody else's turn:

    plan = ReadPlan(reads, find, ...)
    plan.step()                     whether everything has been read; if not, `await plan.finish()`
    plan.park()                     before a wait for the keys of `wait_keys`
    plan.has_news                   after registering: whether it is over already
    plan.begin_again(max_bytes)     after it: the same again

The second time only partitions are looked at in which something has happened. A partition at whose end the reader stands has
nothing for it until its offsets move, or it changes hands or its log; all of that is compared, not remembered from wakes, which
may come when nobody waits yet or any more.

Deliberately not here: which partitions there are and who may read them (`find`), what is answered, and how long to wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Final

from kafka_compat.ids import BrokerId
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.partition_view import NO_EPOCH
from kafka_compat.pacing import SLICE_S, next_slice
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import Chunk
from kafka_compat.wire.types import Part, close_parts

NO_REPLICA: Final = -1
_PARTITIONS_PER_LOOK: Final = 32


class PartitionRead:
    """What is asked of one partition, and what was found.

    Attributes:
        offset: to read from.
        max_bytes: of this partition.
        last_fetched_epoch: of the record before `offset` where the reader has it, to see whether its log differs; or -1.
        log: what was read; None where there is none.
        error_code: why there is nothing.
        ends_wait: whether the error is worth an answer at once.
        chunk: the records; None where there are none.
        diverging: (epoch, end offset) where the reader's log departs from this one; nothing is read then.
        high_watermark, last_stable_offset, log_start_offset: as of then.
        replica: the follower that is read, which may be behind; -1 where it is the leader.
        preferred_replica: the follower that the reader is sent to, -1 for none; nothing is read then (KIP-392).
    """

    __slots__ = (
        "_disruptions",
        "_end",
        "_is_at_end",
        "chunk",
        "diverging",
        "ends_wait",
        "error_code",
        "high_watermark",
        "last_fetched_epoch",
        "last_stable_offset",
        "log",
        "log_start_offset",
        "max_bytes",
        "offset",
        "preferred_replica",
        "replica",
    )

    def __init__(self, offset: int, max_bytes: int, last_fetched_epoch: int = NO_EPOCH) -> None:
        self.offset: Final = offset
        self.max_bytes: Final = max_bytes
        self.last_fetched_epoch: Final = last_fetched_epoch
        self.log: PartitionLog | None = None
        self.error_code = ErrorCode.NONE
        self.ends_wait = False
        self.chunk: Chunk | None = None
        self.diverging: tuple[int, int] | None = None
        self.high_watermark = -1
        self.last_stable_offset = -1
        self.log_start_offset = -1
        self.replica = NO_REPLICA
        self.preferred_replica = NO_REPLICA
        self._disruptions = 0
        self._end = -1
        self._is_at_end = False

    def fail(self, error_code: ErrorCode, *, ends_wait: bool = True) -> None:
        """There is nothing to read, because of `error_code`."""
        self.log = None
        self.error_code = error_code
        self.ends_wait = ends_wait
        self.preferred_replica = NO_REPLICA
        self._is_at_end = False

    def take_parts(self) -> list[Part]:
        """The records for a socket; they and what is unread of them are the caller's from now on."""
        chunk = self.chunk
        if chunk is None:
            return []
        self.chunk = None
        parts: list[Part] = [*chunk.parts]
        chunk.close()
        return parts

    def drop(self) -> None:
        """Nobody takes the records."""
        if self.chunk is not None:
            close_parts(self.take_parts())

    def begin(self, log: PartitionLog, read_committed: bool) -> None:
        """Note how `log` is, which is read now."""
        self.log = log
        self.error_code = ErrorCode.NONE
        self.ends_wait = False
        self.diverging = None
        self._disruptions = log.view.marks.disruptions
        self.note_offsets()
        self._end = self.last_stable_offset if read_committed else self.high_watermark
        self._is_at_end = False

    def note_offsets(self) -> None:
        """Note them as they are now."""
        log = self.log
        assert log is not None
        view = log.view
        marks = view.marks
        self.high_watermark = marks.high_watermark
        self.last_stable_offset = marks.last_stable_offset
        self.log_start_offset = view.log.start_offset
        if self.replica >= 0:
            end_offset = self._replica_end()
            self.high_watermark = min(self.high_watermark, end_offset)
            self.last_stable_offset = min(self.last_stable_offset, end_offset)

    def _replica_end(self) -> int:
        """Where the log of the follower that is read ends."""
        log = self.log
        assert log is not None
        replicas = log.replicas
        return log.log_end_offset if replicas is None else replicas.end_offset_of(BrokerId(self.replica))

    @property
    def end(self) -> int:
        """Where the reader has to stop."""
        return self._end

    def is_out_of_range(self) -> bool:
        """Whether the follower that is read has not come to `offset` yet."""
        return self.replica >= 0 and self.offset > self._replica_end()

    def wait_key(self, read_committed: bool) -> Hashable:
        """What to wait for in the purgatory: that more may be read."""
        log = self.log
        assert log is not None
        if self.replica >= 0 and log.replicas is not None and log.replicas.is_standing_still(BrokerId(self.replica)):
            return log.replicas.wait_key(BrokerId(self.replica))
        return log.wait_key(read_committed=read_committed)

    def found(self, chunk: Chunk) -> None:
        """`chunk` was read."""
        self._is_at_end = self.offset >= self._end
        self.chunk = chunk if chunk.size_in_bytes else None

    def has_moved(self, read_committed: bool) -> bool:
        """Whether what was found may be different by now."""
        log = self.log
        if log is None:
            return False
        view = log.view
        marks = view.marks
        if marks.disruptions != self._disruptions or view.log.start_offset != self.log_start_offset:
            return True
        end = view.end_for(read_committed)
        if self.replica >= 0:
            end = min(end, self._replica_end())
        return end != self._end

    def is_still_at_end(self, read_committed: bool) -> bool:
        """Whether there was nothing to read, and is nothing now; the offsets are up to date then."""
        if not self._is_at_end or self.has_moved(read_committed):
            return False
        self.note_offsets()
        return True


class ReadPlan:
    """The reading of one request.

    Args:
        reads: the partitions, in the order in which they are read.
        find: the log of the partition of that number, or None once it has said why with `PartitionRead.fail`. It is asked again
            where there was none, and after the partition has changed hands. (It should not hold the plan, which would be a
            cycle that only the garbage collector frees.)
        max_bytes: of records, in all partitions.
        read_committed: whether to stop at the last stable offset.
        takes_regions: whether records may be left in their files for the connection to send.
        note_read: told how many bytes have been read into memory.

    Attributes:
        size_in_bytes: what has been found.
        remaining_bytes: what may still be.
        is_urgent: whether something is worth an answer at once.
        can_wait: whether there is a partition that more may come to.
    """

    __slots__ = (
        "_blocked",
        "_find",
        "_has_waited",
        "_held",
        "_is_again",
        "_next",
        "_note_read",
        "_read_committed",
        "_takes_regions",
        "can_wait",
        "is_urgent",
        "reads",
        "remaining_bytes",
        "size_in_bytes",
    )

    def __init__(
        self,
        reads: Sequence[PartitionRead],
        find: Callable[[int, PartitionRead], PartitionLog | None],
        *,
        max_bytes: int,
        read_committed: bool,
        takes_regions: bool,
        note_read: Callable[[int], None],
    ) -> None:
        self.reads: Final[list[PartitionRead]] = list(reads)
        self.size_in_bytes = 0
        self.remaining_bytes = max_bytes
        self.is_urgent = False
        self.can_wait = False
        self._find = find
        self._read_committed = read_committed
        self._takes_regions = takes_regions
        self._note_read = note_read
        # A partition whose data the medium does not have at hand.
        self._blocked: PartitionRead | None = None
        self._held: list[PartitionRead] = []
        self._has_waited = False
        self._is_again = False
        self._next = 0

    def step(self) -> bool:
        """Read on; False when the medium has to be waited for, or it is somebody else's turn: `finish` then."""
        if self._blocked is not None:
            return False
        until_s = 0.0
        reads = self.reads
        count = len(reads)
        while self._next < count:
            read = reads[self._next]
            is_known = self._is_again and read.is_still_at_end(self._read_committed)
            if not is_known and not self._read(read):
                return False
            self._pass(read)
            if not self._next % _PARTITIONS_PER_LOOK:
                now_s = time.perf_counter()
                if not until_s:
                    until_s = now_s + SLICE_S
                elif now_s > until_s:
                    return False
        return True

    async def finish(self) -> None:
        """Read what is left."""
        while not self.step():
            self._has_waited = True
            blocked = self._blocked
            if blocked is None:
                await next_slice()
            else:
                await self._read_blocked(blocked)
                self._blocked = None
                self._pass(blocked)

    def wait_keys(self) -> list[Hashable]:
        """What to wait for in the purgatory: every partition that more may come to."""
        read_committed = self._read_committed
        return [read.wait_key(read_committed) for read in self.reads if read.log is not None]

    @property
    def has_news(self) -> bool:
        """Whether something happened to a partition after it was read, and before anybody waited for it."""
        if self._has_waited:
            for read in self.reads:
                if read.has_moved(self._read_committed):
                    return True
        return False

    def park(self) -> None:
        """Hold nothing during a wait; what was found is read again after it."""
        self.close()

    def begin_again(self, max_bytes: int, *, finds_anew: bool = False) -> None:
        """Begin anew after a wait, with what may have changed: all of it if `finds_anew`, for who may read may be others."""
        self.close()
        self.size_in_bytes = 0
        self.remaining_bytes = max_bytes
        self.is_urgent = False
        self._has_waited = False
        self._is_again = not finds_anew
        self._next = 0

    def close(self) -> None:
        """Give up what was found and not taken."""
        held, self._held = self._held, []
        for read in held:
            read.drop()

    def _pass(self, read: PartitionRead) -> None:
        """Go on behind `read`. Kafka's budget is not below zero any more once something has been read (readFromLog)."""
        self._next += 1
        if self.remaining_bytes < 0 and (read.log is not None or read.ends_wait):
            self.remaining_bytes = 0

    def _read(self, read: PartitionRead) -> bool:
        """Read a partition if that needs no waiting."""
        log = self._find(self._next, read)
        if log is None:
            self.is_urgent = self.is_urgent or read.ends_wait
            return True
        read.begin(log, self._read_committed)
        view = log.view
        if read.preferred_replica >= 0:
            self.is_urgent = True
            return True
        try:
            if read.is_out_of_range():
                raise view.read_error(read.offset)
            if read.last_fetched_epoch != NO_EPOCH:
                read.diverging = view.diverging_epoch(read.last_fetched_epoch, read.offset)
                if read.diverging is not None:
                    self.is_urgent = True
                    return True
            chunk = view.read_now(
                read.offset,
                min(read.max_bytes, self.remaining_bytes),
                min_one=self.size_in_bytes == 0,
                isolation_read_committed=self._read_committed,
                max_offset=read.end if read.replica >= 0 else None,
                to_socket=self._takes_regions,
            )
        except KafkaError as error:
            self._fail(read, error)
            return True
        if chunk is None:
            self._blocked = read
            return False
        self._take(read, chunk)
        return True

    async def _read_blocked(self, read: PartitionRead) -> None:
        """Read a partition whose data the medium has to be waited for."""
        log = read.log
        assert log is not None
        try:
            chunk = await log.view.read(
                read.offset,
                min(read.max_bytes, self.remaining_bytes),
                min_one=self.size_in_bytes == 0,
                isolation_read_committed=self._read_committed,
                max_offset=read.end if read.replica >= 0 else None,
                to_socket=self._takes_regions,
            )
        except KafkaError as error:
            self._fail(read, error)
        else:
            read.note_offsets()  # some may have come meanwhile, which is in the chunk or not
            self._take(read, chunk)

    def _take(self, read: PartitionRead, chunk: Chunk) -> None:
        read.found(chunk)
        self.can_wait = True
        size = chunk.size_in_bytes
        if size:
            self._held.append(read)
            self.size_in_bytes += size
            self.remaining_bytes = max(0, self.remaining_bytes - size)
            self._note_read(chunk.bytes_in_memory)

    def _fail(self, read: PartitionRead, error: KafkaError) -> None:
        read.fail(error.error_code)
        self.is_urgent = True
