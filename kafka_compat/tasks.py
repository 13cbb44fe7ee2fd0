"""Owners of background work: a task is started by a `Supervisor` and nowhere else.

What a task is for, what happens when it fails, and who waits for its end are said where it is started. An exception that
nobody expected is logged once, with the owner's name, and then handed to the failure rule of that piece of work: a log becomes
uncleanable, a shard is loaded again, a timer is armed anew. Without a rule the work is over and the log line says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from time import thread_time_ns
from typing import Any, Final, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Threads that compute take turns with the event loop: each more makes it wait longer.
_MAX_THREADS: Final = 2

# Of a task: is told what threads spend on its work, in ns of their time. Mostly nobody asks.
THREAD_METER: ContextVar[Callable[[int], None] | None] = ContextVar("THREAD_METER", default=None)


class Supervisor:
    """Owns the tasks of one part of the broker. Not thread-safe: the event loop owns it.

    Args:
        name: of the owner, for log lines.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        # The loop itself only keeps weak references to tasks.
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closing = False
        self._threads = asyncio.Semaphore(_MAX_THREADS)

    def spawn(
        self, what: str, work: Coroutine[Any, Any, None], *, on_failure: Callable[[Exception], None] | None = None
    ) -> None:
        """Run `work`, which nobody waits for.

        Args:
            what: the work does, for log lines.
            work: is closed unstarted once the supervisor closes.
            on_failure: the rule for an exception of `work`, called after it was logged.
        """
        if self._is_closing:
            work.close()
            return
        self._own(what, self._watched(what, work, on_failure))

    def start(self, what: str, work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        """Run `work`, whose outcome the caller waits for and has to look at; cancelled at once while closing."""
        if self._is_closing:
            work.close()
            refused: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            refused.cancel()
            return refused
        return self._own(what, work)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, run in a thread; it must not touch what the event loop owns.

        Cancelling the caller does not end the work: it counts as running until it has ended by itself.
        """
        add_spent_ns = THREAD_METER.get()
        if add_spent_ns is not None:
            return await self._metered_in_thread(work, add_spent_ns)
        await self._threads.acquire()
        running = asyncio.get_running_loop().run_in_executor(None, work)
        running.add_done_callback(lambda _: self._threads.release())
        return await asyncio.shield(running)

    async def _metered_in_thread(self, work: Callable[[], T], add_spent_ns: Callable[[int], None]) -> T:
        spent_ns = 0

        def timed() -> T:
            nonlocal spent_ns
            began_ns = thread_time_ns()
            try:
                return work()
            finally:
                spent_ns = thread_time_ns() - began_ns

        token = THREAD_METER.set(None)
        try:
            return await self.in_thread(timed)
        finally:
            THREAD_METER.reset(token)
            add_spent_ns(spent_ns)

    def report(self, what: str, error: BaseException) -> None:
        """Log, once, an exception that nobody expected."""
        logger.error("%s: %s failed", self.name, what, exc_info=error)

    async def settle(self) -> None:
        """Return when everything that has begun is done: for clocks that stand still meanwhile."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self, grace_s: float = 0.0) -> None:
        """Start nothing more, give what runs `grace_s` seconds, cancel the rest, and return when all of it has ended."""
        self._is_closing = True
        if self._tasks and grace_s > 0:
            await asyncio.wait(self._tasks, timeout=grace_s)
        for task in self._tasks:
            task.cancel()
        await self.settle()

    def _own(self, what: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work, name=f"{self.name}: {what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _watched(
        self, what: str, work: Coroutine[Any, Any, None], on_failure: Callable[[Exception], None] | None
    ) -> None:
        try:
            await work
        except Exception as error:
            self.report(what, error)
            if on_failure is None:
                return
            try:
                on_failure(error)
            except Exception as again:
                self.report(f"the failure rule of {what}", again)
