"""What has an event loop in a thread of its own: its life, and how work gets there."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from weakref import WeakSet

from kafka_compat.testing.arguments import seconds
from kafka_compat.testing.loop_thread import LoopThread

logger = logging.getLogger(__name__)

# Opening the data of an earlier run may take a while, and so may flushing them.
_LIFE_TIMEOUT_S: Final = 600.0

_OWN_THREAD: Final = (
    "this is the brokers' own thread, which would wait for itself: functions that the brokers call, such as where= and when=, "
    "cannot use verbs of Kafka, and coroutines there are awaited"
)

T = TypeVar("T")


class OnLoop:
    """Started once, stopped often; `_start` and `_stop` say what that means, on the loop."""

    def __init__(self) -> None:
        self._stopping = threading.Lock()
        self._thread: LoopThread | None = None
        self._is_running = False
        self._error: Exception | None = None

    async def _start(self) -> None:
        """Begin to be of use."""

    async def _stop(self) -> None:
        """Leave nothing behind."""

    def _forked(self) -> None:
        """This process is a fork of the one that runs it."""

    # --- life

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with _after(error):
            self.stop()

    async def __aenter__(self) -> Self:
        await self.start_async()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _after(error):
            await self.stop_async()

    def start(self) -> None:
        """Start all brokers; returns when they serve."""
        self._begin()
        try:
            self.run(self._start(), _LIFE_TIMEOUT_S)
        except BaseException:
            self._end()
            raise

    async def start_async(self) -> None:
        """As `start`, and other tasks of the caller's event loop run meanwhile."""
        if not _is_asyncio():
            self.start()
            return
        self._begin()
        try:
            await asyncio.wrap_future(self.submit(self._start()))
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Stop all brokers and the event loop; a no-op when they are stopped. Raises the first error of `fail_at_stop`."""
        with self._stopping:
            if not self.is_running:
                return
            try:
                self.run(self._stop(), _LIFE_TIMEOUT_S)
            finally:
                self._end()
        self._raise_error()

    async def stop_async(self) -> None:
        """As `stop`, and other tasks of the caller's event loop run meanwhile."""
        if not _is_asyncio() or not self.is_running or not self._stopping.acquire(blocking=False):
            self.stop()
            return
        try:
            await asyncio.wrap_future(self.submit(self._stop()))
        finally:
            self._end()
            self._stopping.release()
        self._raise_error()

    def let_go(self) -> None:
        """Stop without waiting for it: for an owner that is gone, and whose last word may be heard in any thread."""
        if not self.is_running or self._thread is None:
            return
        thread = self._thread
        self.submit(self._stop()).add_done_callback(lambda _: thread.stop(waits=False))
        self._is_running = False

    @property
    def is_running(self) -> bool:
        """Whether it was started, by this process, and not stopped."""
        return self._is_running and self._thread is not None and not self._thread.is_foreign

    def _begin(self) -> None:
        if self._thread is not None:
            what = "this one runs" if self._is_running else "this one was stopped: make another one"
            raise RuntimeError(
                f"a cluster is started once, and {what}; one with the same data_dir or file_system is its restart"
            )
        self._thread = LoopThread()
        self._thread.start()
        self._is_running = True
        _running.add(self)

    def _end(self) -> None:
        self._is_running = False
        if self._thread is not None:
            self._thread.stop()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    # --- its loop

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 30.0) -> T:
        """Run a coroutine on the brokers' event loop and return its result.

        Raises:
            TimeoutError: it took longer and was cancelled.
        """
        if not inspect.iscoroutine(work):
            raise TypeError(f"run takes a coroutine, what calling an async function gives, not {work!r}")
        try:
            seconds("timeout_s", timeout_s)
            if self._running_thread().is_current:
                raise RuntimeError(_OWN_THREAD)
            future = self.submit(work)
        except Exception:
            work.close()
            raise
        done, _ = concurrent.futures.wait((future,), timeout_s)
        if not done:
            future.cancel()
            raise TimeoutError(f"{work.__qualname__} was not done in {timeout_s} s and is cancelled")
        result: T = future.result()
        return result

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The brokers' event loop."""
        return self._running_thread().loop

    @property
    def is_loop_thread(self) -> bool:
        """Whether this is the brokers' own thread."""
        return self._running_thread().is_current

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the brokers' event loop; for whoever does not want to wait in this thread."""
        return self._running_thread().submit(work)

    def _check_running(self) -> LoopThread:
        if not self._is_running or self._thread is None:
            raise RuntimeError(
                "the cluster is not running: " + ("it was stopped" if self._thread else "start it, or use `with`")
            )
        return self._thread

    def _running_thread(self) -> LoopThread:
        thread = self._check_running()
        if thread.is_foreign:
            raise RuntimeError(
                f"the cluster runs in process {thread.pid}, of which this one is a fork: only clients can use it here"
            )
        return thread

    def fail_at_stop(self, error: Exception) -> None:
        """Raise what failed in a function of the test, on the brokers' loop, when the cluster stops."""
        if self._error is None:
            self._error = error

    def take_error(self) -> Exception | None:
        """What `stop` would raise, and does not raise any more."""
        error, self._error = self._error, None
        return error

    def check_thread(self) -> None:
        """Refuse to be asked to wait in the brokers' own thread.

        Raises:
            RuntimeError: this is it.
        """
        if self._thread is not None and self._thread.is_current:
            raise RuntimeError(_OWN_THREAD)

    def call(self, function: Callable[[], T]) -> T:
        """What `function` returns, called on the brokers' event loop; at once when this is its thread."""
        if self._running_thread().is_current:
            return function()

        async def call() -> T:
            return function()

        return self.run(call())


@contextmanager
def _after(error: BaseException | None) -> Iterator[None]:
    """Stopping after a block: what went wrong in it matters more than what goes wrong now."""
    try:
        yield
    except Exception:
        if error is None:
            raise
        logger.warning("the cluster did not stop in order", exc_info=True)


def _is_asyncio() -> bool:
    """Whether the caller runs on a loop of asyncio, and not on trio's."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


# Those that were started and are still there, for forks of the process.
_running: WeakSet[OnLoop] = WeakSet()


def _in_fork() -> None:
    for each in list(_running):
        each._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_fork)
