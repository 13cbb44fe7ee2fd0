"""A broker with any settings in the test process, on an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from kafka_compat.clock import Clock
from kafka_compat.config.settings import ServeOptions, ServerSettings, resolve_settings
from kafka_compat.server.broker import Broker

T = TypeVar("T")


def settings_of(configs: Mapping[str, str], **more: object) -> ServerSettings:
    """Settings with these configs, data in memory; `more` are further fields of `ServerSettings`."""
    options = ServeOptions(memory=True, set=tuple(f"{name}={value}" for name, value in configs.items()))
    return resolve_settings(options)._replace(**more)  # type: ignore[arg-type]


class OwnBroker:
    """Starts on entry, stops on exit. `broker` is to be touched by `call` only."""

    def __init__(
        self,
        settings: ServerSettings,
        clock: Clock | None = None,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        self._loop = loop_factory()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.broker = Broker(settings, clock)

    def call(self, function: Callable[[], T]) -> T:
        """What `function` returns, run on the broker's loop."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives, run on the broker's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def bootstrap(self, listener: str) -> str:
        """Host and port of a listener."""
        names = [each.name for each in self.broker.settings.listeners]
        host, port = self.broker.addresses[names.index(listener)]
        return f"{host}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.broker.start(), self._loop).result(30)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self.broker.stop(), self._loop).result(30)
        finally:
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
