"""The event loop of a test cluster: it knows when everything that was set in motion is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any, Final

# Clients that send requests without a pause keep a loop busy for ever; a chain of callbacks is never so long.
_MAX_TURNS: Final = 1_000
_MAX_WAIT_S: Final = 1.0


class QuietLoop(asyncio.SelectorEventLoop):
    """Counts what is scheduled; its own attributes begin with `_quiet`, as the base class has many."""

    def __init__(self) -> None:
        super().__init__()
        self._quiet_calls = 0
        self._quiet_threads: set[asyncio.Future[Any]] = set()

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As asyncio's."""
        self._quiet_calls += 1
        return super().call_soon(callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """As asyncio's."""
        future = super().run_in_executor(executor, func, *args)
        self._quiet_threads.add(future)
        future.add_done_callback(self._quiet_threads.discard)
        return future

    async def quiet(self) -> None:
        """Return when nothing is ready to run and no thread is at work: all has been done that follows from what was.

        A turn of the loop in which only the caller is scheduled again leaves nothing behind. What never ends, because clients
        go on sending or a thread takes long, is not waited for.
        """
        for _ in range(_MAX_TURNS):
            before = self._quiet_calls
            await asyncio.sleep(0)
            if self._quiet_calls > before + 1:
                continue
            if not self._quiet_threads or not (await asyncio.wait(self._quiet_threads, timeout=_MAX_WAIT_S))[0]:
                return
