"""Where calls that wait for the disk run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kafka_compat.storage.interface import Unavailable

_T = TypeVar("_T")
_R = TypeVar("_R")
_THREADS = 4


class Worker:
    """A few threads for a blocking file system, the event loop itself for one that never waits."""

    def __init__(self, *, blocking: bool, threads: int = _THREADS) -> None:
        self.blocking = blocking
        self._count = threads
        self._pool: ThreadPoolExecutor | None = None
        self._is_closed = False

    async def run(self, call: Callable[[], _T]) -> _T:
        """The result of `call`, run off the event loop when it may block. Whoever is cancelled does not wait for its end.

        Raises:
            Unavailable: the worker is closed.
        """
        if not self.blocking:
            return call()
        return await asyncio.get_running_loop().run_in_executor(self._threads(), call)

    async def run_to_end(self, call: Callable[[], _T], then: Callable[[_T], _R]) -> _R:
        """`then` of the result of `call`, which runs as in `run`, and `then` on the event loop.

        For calls that change what the caller's lock guards: whoever is cancelled meanwhile waits until both have ended.

        Raises:
            Unavailable: the worker is closed.
        """
        if not self.blocking:
            return then(call())
        future = asyncio.get_running_loop().run_in_executor(self._threads(), call)
        cancelled: asyncio.CancelledError | None = None
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError as error:
                cancelled = error
        result = then(future.result())
        if cancelled is not None:
            raise cancelled
        return result

    def submit(self, call: Callable[[], None]) -> None:
        """Run `call` some time, without waiting for it; never, once the worker is closed."""
        if not self.blocking:
            call()
        elif not self._is_closed:
            self._threads().submit(call)

    def _threads(self) -> ThreadPoolExecutor:
        if self._is_closed:
            raise Unavailable("the store is closed")
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="storage")
        return self._pool

    def close(self, *, drop: bool = False) -> None:
        """Wait for what runs, and for what was asked for unless that is to `drop`, and end the threads for good."""
        self._is_closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=drop)
            self._pool = None
