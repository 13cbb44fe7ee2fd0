"""Appends that the leader has and the in-sync replicas have not, and who waits for them."""

from __future__ import annotations

import asyncio
from collections import deque
from heapq import heappop, heappush
from typing import Final

NO_LIMIT: Final = 1 << 63


class Unreplicated:
    """What holds the high watermark of one log back. Exists only while something does.

    Attributes:
        limit: the high watermark may not go above it; `NO_LIMIT`.
        durable_end: everything below is durable.
    """

    __slots__ = ("_appends", "_waiters", "_waits", "durable_end", "limit")

    def __init__(self, limit: int, durable_end: int) -> None:
        self.limit = limit
        self.durable_end = durable_end
        self._appends: deque[tuple[int, int]] = deque()
        # A heap: a producer may ask again for what it sent before others did. The number keeps futures from being compared.
        self._waiters: list[tuple[int, int, asyncio.Future[None]]] = []
        self._waits = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing holds the high watermark back, and nobody waits for it here."""
        return self.limit == NO_LIMIT and not self._appends and not self._waiters

    def durable(self, end_offset: int, size_in_bytes: int) -> None:
        """An append of so many bytes is durable, and so is all before it."""
        self.durable_end = end_offset
        self._appends.append((end_offset, size_in_bytes))

    def take(self) -> tuple[int, int]:
        """How far the high watermark may go, and the bytes of the appends that are below it; each counts once."""
        end_offset = min(self.limit, self.durable_end)
        size_in_bytes = 0
        appends = self._appends
        while appends and appends[0][0] <= end_offset:
            size_in_bytes += appends.popleft()[1]
        return end_offset, size_in_bytes

    def begin_again(self, durable_end: int) -> None:
        """The log was opened again, or truncated: what lies below is durable, and its bytes have been counted."""
        self.durable_end = durable_end
        self._appends.clear()

    def wait(self, end_offset: int) -> asyncio.Future[None]:
        """What resolves when the high watermark is at `end_offset`; the caller's own, who may cancel it."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waits += 1
        heappush(self._waiters, (end_offset, self._waits, waiter))
        return waiter

    def reached(self, high_watermark: int) -> None:
        """Whoever waits for that, or less, is told."""
        waiters = self._waiters
        while waiters and waiters[0][0] <= high_watermark:
            waiter = heappop(waiters)[2]
            if not waiter.done():
                waiter.set_result(None)

    def take_waiters(self) -> list[asyncio.Future[None]]:
        """Whoever waits, waits here no more."""
        waiters, self._waiters = self._waiters, []
        return [waiter for _, _, waiter in waiters]


def fail_all(waiters: list[asyncio.Future[None]], error: BaseException) -> None:
    """Whoever waits gets `error`."""
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(error)
            # With acks=0 nobody asks, which is no reason for a warning.
            waiter.exception()
