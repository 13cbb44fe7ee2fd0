"""How far a partition can be read: its high watermark, its last stable offset, and who is woken when they move.

last stable offset <= high watermark: what is committed but belongs to an undecided transaction, or lies behind such, is hidden
from read_committed consumers. A wake says how many bytes became readable, which a fetch counts against its min.bytes.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.storage.interface import LogId, OpenLog


class _Key:
    """What readers of one partition wait for; compared by identity, because a wide fetch registers a thousand."""

    __slots__ = ("log_id", "what")

    def __init__(self, log_id: LogId, what: str) -> None:
        self.log_id = log_id
        self.what = what

    def __repr__(self) -> str:
        return f"{self.what} of {self.log_id.topic}-{self.log_id.partition}"


class Watermarks:
    """The offsets up to which readers of one partition see. Only its `PartitionLog` moves them.

    Attributes:
        high_watermark: end of what is durable, and what read_uncommitted consumers see.
        last_stable_offset: end of what read_committed consumers see.
        disruptions: how often everybody was woken: whatever was known of the partition may be wrong since.
        appended_bytes: bytes appended since the log was opened, durable or not; counts on over reopening.
        committed_key, stable_key: what to wait for in the purgatory for either offset to move.
    """

    __slots__ = (
        "_committed_bytes",
        "_purgatory",
        "_stable_bytes",
        "appended_bytes",
        "committed_key",
        "disruptions",
        "high_watermark",
        "last_stable_offset",
        "stable_key",
    )

    def __init__(self, log_id: LogId, purgatory: Purgatory) -> None:
        self.committed_key: Final[Hashable] = _Key(log_id, "high watermark")
        self.stable_key: Final[Hashable] = _Key(log_id, "last stable offset")
        self._purgatory = purgatory
        self.high_watermark = 0
        self.last_stable_offset = 0
        self.disruptions = 0
        self.appended_bytes = 0
        # Appended bytes below the high watermark and below the last stable offset.
        self._committed_bytes = 0
        self._stable_bytes = 0

    def attach(self, log: OpenLog, producers: ProducerState, high_watermark: int, held_bytes: int = 0) -> None:
        """Begin with a log just opened, of which what lies below `high_watermark` is committed; `held_bytes` will be."""
        self.high_watermark = high_watermark
        producers.on_high_watermark(high_watermark)
        self.last_stable_offset = self._stable_up_to(log, producers)
        # Where a transaction that was open before is not known any more: counting from the log's start wakes a reader too early
        # at worst.
        self._committed_bytes = self._stable_bytes = self.appended_bytes - held_bytes
        if self.last_stable_offset < high_watermark:
            self._stable_bytes -= log.size_in_bytes

    def appended(self, size_in_bytes: int) -> None:
        """A batch went into the log, which is not to be seen yet."""
        self.appended_bytes += size_in_bytes

    def committed(self, log: OpenLog, producers: ProducerState, high_watermark: int, size_in_bytes: int) -> None:
        """A batch of so many bytes is durable: move the high watermark behind it, and what follows from that."""
        self.high_watermark = high_watermark
        self._committed_bytes += size_in_bytes
        purgatory = self._purgatory
        purgatory.wake(self.committed_key, size_in_bytes)
        if producers.has_unstable:
            producers.on_high_watermark(high_watermark)
            after = self._stable_up_to(log, producers)
            if after == self.last_stable_offset:
                return
            self.last_stable_offset = after
            purgatory.wake(self.stable_key, self._newly_stable_bytes(producers.bytes_before(after)))
        else:
            # Nothing is transactional here, which is the rule: both offsets move together.
            self.last_stable_offset = high_watermark
            self._stable_bytes = self._committed_bytes
            purgatory.wake(self.stable_key, size_in_bytes)

    def truncated(self, end_offset: int) -> None:
        """The log is about to end at `end_offset`: nobody reads what lies above, from now on."""
        self.high_watermark = min(self.high_watermark, end_offset)
        self.last_stable_offset = min(self.last_stable_offset, end_offset)

    def log_start_moved(self, log: OpenLog, producers: ProducerState) -> None:
        """The log start offset has risen."""
        self.last_stable_offset = self._stable_up_to(log, producers)
        self.announce()

    def announce(self) -> None:
        """Tell who watches everything of what no reader waits for."""
        self._purgatory.tell_watchers()

    def wake(self, key: Hashable) -> None:
        """End the waits for `key`."""
        self._purgatory.wake_all(key)

    def wake_everybody(self) -> None:
        """End the waits on this partition: it was deleted, lost its leader or went offline."""
        self.disruptions += 1
        self._purgatory.wake_all(self.committed_key)
        self._purgatory.wake_all(self.stable_key)

    def _newly_stable_bytes(self, bytes_before_unstable: int) -> int:
        """Bytes that became readable for read_committed consumers; too many rather than too few."""
        stable = bytes_before_unstable if bytes_before_unstable >= 0 else self._committed_bytes
        newly = stable - self._stable_bytes
        self._stable_bytes = stable
        return newly

    def _stable_up_to(self, log: OpenLog, producers: ProducerState) -> int:
        first_unstable = producers.first_unstable_offset
        if 0 <= first_unstable < self.high_watermark:
            return max(first_unstable, log.start_offset)
        return self.high_watermark
