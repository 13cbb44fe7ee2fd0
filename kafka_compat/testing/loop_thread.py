"""An event loop in a thread of its own, which leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from kafka_compat.testing.event_loop import QuietLoop

T = TypeVar("T")

_NAME: Final = "kafka-compat-cluster"


class LoopThread:
    """The thread and its loop, from `start` to `stop`."""

    def __init__(self) -> None:
        self.loop = QuietLoop()
        self._pid = os.getpid()
        # A daemon: a test run that forgets to stop its cluster ends all the same.
        self._thread = threading.Thread(target=_run, args=(self.loop,), name=_NAME, daemon=True)

    def start(self) -> None:
        """Begin to run."""
        self._thread.start()

    @property
    def is_current(self) -> bool:
        """Whether this is it."""
        return threading.current_thread() is self._thread

    @property
    def is_foreign(self) -> bool:
        """Whether the thread runs in another process, of which this one is a fork."""
        return os.getpid() != self._pid

    @property
    def pid(self) -> int:
        """The process that has it."""
        return self._pid

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def stop(self, *, waits: bool = True) -> None:
        """End the loop when what is ready has run, and the thread with it; a no-op in a fork."""
        if self.is_foreign or self.loop.is_closed():
            return
        self.loop.call_soon_threadsafe(self.loop.stop)
        if waits:
            self._thread.join()


def _run(loop: QuietLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(_wind_up(loop))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _wind_up(loop: QuietLoop) -> None:
    left = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
