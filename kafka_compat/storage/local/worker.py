"""Where calls that wait for the disk run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")
_THREADS = 4


class Worker:
    """A few threads for a blocking file system, the event loop itself for one that never waits."""

    def __init__(self, *, blocking: bool, threads: int = _THREADS) -> None:
        self.blocking = blocking
        self._count = threads
        self._pool: ThreadPoolExecutor | None = None

    async def run(self, call: Callable[[], _T]) -> _T:
        """The result of `call`, run off the event loop when it may block."""
        if not self.blocking:
            return call()
        return await asyncio.get_running_loop().run_in_executor(self._threads(), call)

    def submit(self, call: Callable[[], None]) -> None:
        """Run `call` some time, without waiting for it."""
        if self.blocking:
            self._threads().submit(call)
        else:
            call()

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="storage")
        return self._pool

    def close(self, *, drop: bool = False) -> None:
        """Wait for what runs, and for what was asked for unless that is to `drop`, and end the threads."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=drop)
            self._pool = None
