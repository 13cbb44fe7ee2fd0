"""Appends that the leader has and the in-sync replicas have not, and who waits for them."""

from __future__ import annotations

import asyncio
from collections import deque
from heapq import heapify, heappop, heappush
from typing import Final

from kafka_compat.log.partition_view import PartitionView

NO_LIMIT: Final = 1 << 63
# What a log appends while too few replicas are in sync has no bound: beyond so many, appends are counted together.
_MOST_APPENDS: Final = 4096
_WAITERS_KEPT: Final = 64


class Unreplicated:
    """What holds the high watermark of one log back, and moves it as far as it may go. Exists only while something does.

    Attributes:
        limit: the high watermark may not go above it; `NO_LIMIT`.
    """

    __slots__ = ("_appends", "_durable_end", "_next_look", "_view", "_waiters", "_waits", "limit")

    def __init__(self, view: PartitionView, durable_end: int) -> None:
        self.limit = NO_LIMIT
        self._view = view
        # Everything below is durable.
        self._durable_end = durable_end
        # End offset and bytes of appends that are durable and not committed.
        self._appends: deque[tuple[int, int]] = deque()
        # A heap: a producer may ask again for what it sent before others did. The number keeps futures from being compared.
        self._waiters: list[tuple[int, int, asyncio.Future[None]]] = []
        self._waits = 0
        self._next_look = _WAITERS_KEPT

    @property
    def is_over(self) -> bool:
        """Whether nothing holds the high watermark back, and nobody waits for it here."""
        return self.limit == NO_LIMIT and not self._appends and not self._waiters

    def durable(self, end_offset: int, size_in_bytes: int) -> None:
        """An append of so many bytes is durable, and so is all before it."""
        self._durable_end = end_offset
        appends = self._appends
        if len(appends) >= _MOST_APPENDS:
            size_in_bytes += appends.pop()[1]
        appends.append((end_offset, size_in_bytes))

    def begin_again(self, durable_end: int) -> int:
        """The log was opened again, or truncated: what lies below `durable_end` is durable.

        Returns how many bytes are held back at most: how many of the log's they are is not known any more.
        """
        self._durable_end = durable_end
        self._appends.clear()
        if self.limit >= durable_end:
            return 0
        size_in_bytes = max(1, self._view.log.size_in_bytes)
        self._appends.append((durable_end, size_in_bytes))
        return size_in_bytes

    def commit(self) -> None:
        """Move the high watermark as far as it may go, and tell who waits for it."""
        view = self._view
        marks = view.marks
        end_offset = min(self.limit, self._durable_end)
        if end_offset > marks.high_watermark:
            size_in_bytes = self._take_bytes(marks.high_watermark, end_offset)
            marks.committed(view.log, view.state.producers, end_offset, size_in_bytes)
        waiters = self._waiters
        while waiters and waiters[0][0] <= marks.high_watermark:
            waiter = heappop(waiters)[2]
            if not waiter.done():
                waiter.set_result(None)

    def wait(self, end_offset: int) -> asyncio.Future[None]:
        """What resolves when the high watermark is at `end_offset`; the caller's own, who may cancel it."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiters = self._waiters
        if len(waiters) >= self._next_look:
            # Producers that gave up, and ask again.
            waiters[:] = [entry for entry in waiters if not entry[2].done()]
            heapify(waiters)
            self._next_look = max(_WAITERS_KEPT, 2 * len(waiters))
        self._waits += 1
        heappush(waiters, (end_offset, self._waits, waiter))
        return waiter

    def take_waiters(self) -> list[asyncio.Future[None]]:
        """Whoever waits, waits here no more."""
        waiters, self._waiters = self._waiters, []
        return [waiter for _, _, waiter in waiters]

    def _take_bytes(self, start_offset: int, end_offset: int) -> int:
        """The bytes of the appends in [start, end); each counts once. Of what is counted together it is an estimate."""
        size_in_bytes = 0
        appends = self._appends
        while appends and appends[0][0] <= end_offset:
            size_in_bytes += appends.popleft()[1]
        if not size_in_bytes and appends:
            last, held_bytes = appends[0]
            size_in_bytes = max(1, held_bytes * (end_offset - start_offset) // (last - start_offset))
            appends[0] = (last, max(1, held_bytes - size_in_bytes))
        return size_in_bytes


def fail_all(waiters: list[asyncio.Future[None]], error: BaseException) -> None:
    """Whoever waits gets `error`."""
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(error)
            # With acks=0 nobody asks, which is no reason for a warning.
            waiter.exception()
