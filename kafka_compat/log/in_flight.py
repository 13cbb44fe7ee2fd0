"""Appends that storage has not reported durable yet, and who waits for them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class _Append:
    """One append, visible when `written` and all before it are done."""

    __slots__ = ("end_offset", "size_in_bytes", "waiters", "written")

    def __init__(self, written: asyncio.Future[None], end_offset: int, size_in_bytes: int) -> None:
        self.written = written
        self.end_offset = end_offset
        self.size_in_bytes = size_in_bytes
        self.waiters: list[asyncio.Future[None]] = []

    def wait(self) -> asyncio.Future[None]:
        """A future of the caller's own: cancelling it (the client went away) must not reach the write or others that wait."""
        waiter = self.written.get_loop().create_future()
        self.waiters.append(waiter)
        return waiter

    def end(self, error: BaseException | None) -> None:
        for waiter in self.waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)
                # With acks=0 nobody asks, which is no reason for a warning.
                waiter.exception()


class AppendsInFlight:
    """The appends of one log that are under way, in the order of their offsets.

    Args:
        on_durable: told the end offset and the size in bytes of each append that is durable, and so is all before it.
        on_lost: told when a write of those in flight failed; it is to `fail` them.
    """

    __slots__ = ("_appends", "_on_durable", "_on_lost")

    def __init__(self, on_durable: Callable[[int, int], None], on_lost: Callable[[], None]) -> None:
        self._appends: deque[_Append] = deque()
        self._on_durable = on_durable
        self._on_lost = on_lost

    @property
    def is_empty(self) -> bool:
        """Whether everything is durable."""
        return not self._appends

    def add(self, written: asyncio.Future[None] | None, end_offset: int, size_in_bytes: int) -> asyncio.Future[None]:
        """Follow an append; the future is the caller's own, and fails with StorageError when the write is lost.

        `written` is None for one that is durable itself, but stands behind others that are not: it becomes visible with them.
        """
        if written is None:
            written = self._appends[-1].written
        else:
            written.add_done_callback(self._on_written)
        append = _Append(written, end_offset, size_in_bytes)
        self._appends.append(append)
        return append.wait()

    def wait_for(self, offset: int) -> asyncio.Future[None] | None:
        """As `add`, for the append that has `offset`; None when that is durable."""
        for append in self._appends:
            if append.end_offset > offset:
                return append.wait()
        return None

    def fail(self, error: BaseException) -> None:
        """Whoever waits gets `error`; nothing is in flight any more."""
        while self._appends:
            self._appends.popleft().end(error)

    def _on_written(self, written: asyncio.Future[None]) -> None:
        error = asyncio.CancelledError() if written.cancelled() else written.exception()
        appends = self._appends
        if error is not None:
            # Only what is still in flight counts: the future may belong to a handle that was given up.
            if any(append.written is written for append in appends):
                self._on_lost()
            return
        while appends and appends[0].written.done():
            append = appends[0]
            if append.written.cancelled() or append.written.exception() is not None:
                return
            appends.popleft()
            self._on_durable(append.end_offset, append.size_in_bytes)
            append.end(None)
