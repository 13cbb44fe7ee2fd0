"""A Kafka cluster inside the test process: brokers on loopback ports, data in memory, an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import logging
import threading
from collections.abc import Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from kafka_compat.clock import Clock, SystemClock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.listeners import Listener
from kafka_compat.config.settings import SINGLE_NODE_CONFIGS, InitialTopic, ServerSettings
from kafka_compat.filesystem import FileSystem, MemoryFileSystem
from kafka_compat.server.broker import Broker
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.store import open_store
from kafka_compat.testing.arguments import configs_of, has_methods, seconds, topics_of, whole_number
from kafka_compat.testing.event_loop import QuietLoop
from kafka_compat.testing.manual_clock import ManualClock
from kafka_compat.testing.options import KafkaOptions

logger = logging.getLogger(__name__)

_GRACE_S: Final = 10.0

T = TypeVar("T")


class Cluster:
    """Brokers for a test.

    >>> with Cluster(topics={"orders": 3}) as cluster:
    ...     producer = Producer({"bootstrap.servers": cluster.bootstrap})  # doctest: +SKIP

    Several brokers share one log per partition: leadership and epochs are real, replication is not simulated.

    Args:
        brokers: how many; their node ids are 1, 2, ...
        topics: topic name to number of partitions, made before the cluster is handed over.
        configs: broker configs by Kafka's names; numbers and booleans are fine as values.
        clock: a `ManualClock` for virtual time; the machine's otherwise.
        file_system: where the data lie; a fresh `MemoryFileSystem` otherwise. Handing over the one of an earlier cluster is a
            restart of that cluster.

    Raises:
        TypeError, ValueError: an argument is not allowed; the message says what is.
        RuntimeError: (from all others) the cluster is not running, or has been started before.
    """

    def __init__(
        self,
        *,
        brokers: int = 1,
        topics: Mapping[str, int] | None = None,
        configs: Mapping[str, str | int | float] | None = None,
        clock: Clock | None = None,
        file_system: FileSystem | None = None,
    ) -> None:
        if clock is not None:
            has_methods("clock", clock, "ManualClock()", "wall_ms", "monotonic_ms", "call_at")
        if file_system is not None:
            has_methods("file_system", file_system, "MemoryFileSystem()", "open", "rename", "sync_directory", "lock")
        self.clock: Clock = SystemClock() if clock is None else clock
        self.file_system: FileSystem = MemoryFileSystem() if file_system is None else file_system
        self._size = whole_number("brokers", brokers, 1)
        self._topics = topics_of(topics)
        self._configs = {**SINGLE_NODE_CONFIGS, **configs_of(configs)}
        try:
            BrokerConfig({**self._configs, "node.id": "1"})
        except InvalidConfig as error:  # of values that do not go together
            raise ValueError(f"configs: {error}") from None
        self._brokers: list[Broker] = []
        self._state: ClusterState | None = None
        self._loop: QuietLoop | None = None
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._broker_hooks: list[Callable[[Broker], None]] = []

    @classmethod
    def of(cls, options: KafkaOptions) -> Self:
        """A cluster with a test's options."""
        # To be made whole: nodes, topic specs, the data directory, the cluster id, API versions.
        return cls(
            brokers=options.brokers if isinstance(options.brokers, int) else len(options.brokers),
            topics={name: spec if isinstance(spec, int) else spec.partitions for name, spec in options.topics.items()},
            configs={**options.configs, "auto.create.topics.enable": str(options.auto_create).lower()},
            clock=ManualClock() if options.clock == "manual" else None,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.stop()
        except Exception:
            if error is None:
                raise
            # What went wrong in the test matters more.
            logger.warning("the cluster did not stop in order", exc_info=True)

    def start(self) -> None:
        """Start all brokers; returns when they serve."""
        if self._thread is not None:
            raise RuntimeError("a cluster is started once; another one with the same file_system is its restart")
        loop = self._loop = QuietLoop()
        self._thread = threading.Thread(target=_run, args=(loop,), name="kafka-compat-cluster", daemon=True)
        self._thread.start()
        try:
            self.run(self._start())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all brokers and the event loop; a no-op when they are stopped. Raises the first error of `fail_at_stop`."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        try:
            self.run(self._stop())
        finally:
            self._loop = None
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
        if self._error is not None:
            raise self._error

    @property
    def bootstrap(self) -> str:
        """`host:port` of every broker, for `bootstrap.servers`."""
        self._running_loop()
        return ",".join(f"{host}:{port}" for broker in self._brokers for host, port in broker.addresses)

    @property
    def brokers(self) -> list[Broker]:
        """The running brokers; touch them only inside `run`."""
        self._running_loop()
        return self._brokers

    @property
    def state(self) -> ClusterState:
        """What the brokers share; touch it only inside `run`."""
        self._running_loop()
        assert self._state is not None
        return self._state

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 30.0) -> T:
        """Run a coroutine on the brokers' event loop and return its result.

        Raises:
            TimeoutError: it took longer and was cancelled.
        """
        if not inspect.iscoroutine(work):
            raise TypeError(f"run takes a coroutine, what calling an async function gives, not {work!r}")
        try:
            seconds("timeout_s", timeout_s)
            loop = self._running_loop()
            if threading.current_thread() is self._thread:
                raise RuntimeError("this is the brokers' own thread, which would wait for itself: await the coroutine")
        except Exception:
            work.close()
            raise
        future = asyncio.run_coroutine_threadsafe(work, loop)
        done, _ = concurrent.futures.wait((future,), timeout_s)
        if not done:
            future.cancel()
            raise TimeoutError(f"{work.__qualname__} was not done in {timeout_s} s and is cancelled")
        result: T = future.result()
        return result

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the brokers' event loop; for whoever does not want to wait in this thread."""
        return asyncio.run_coroutine_threadsafe(work, self._running_loop())

    def on_broker(self, hook: Callable[[Broker], None]) -> None:
        """Call `hook` with each broker, running or started later, before it serves; only on the brokers' loop."""
        self._broker_hooks.append(hook)
        for broker in self._brokers:
            hook(broker)

    def advance(self, by_ms: int, timeout_s: float = 30.0) -> None:
        """Advance the manual clock; returns when flushes, retention and compaction that fell due are done.

        Raises:
            TypeError: the cluster runs on the machine's clock.
            TimeoutError: there was more to do than `timeout_s` of real time allow; the message says how far it has come.
        """
        clock = self.clock
        if not isinstance(clock, ManualClock):
            raise TypeError("only a cluster with a ManualClock can be advanced")
        whole_number("by_ms", by_ms, 0)
        seconds("timeout_s", timeout_s)

        async def advance() -> None:
            before_ms = clock.monotonic_ms()
            try:
                async with asyncio.timeout(timeout_s):
                    await clock.advance(by_ms)
                    await self.state.logs.settle()
            except TimeoutError:
                raise TimeoutError(
                    f"{clock.monotonic_ms() - before_ms} of {by_ms} ms have passed in {timeout_s} s of real time: every timer "
                    "of the brokers on the way fires, so advance less, or allow more with timeout_s"
                ) from None

        self.run(advance(), timeout_s + _GRACE_S)

    def fail_at_stop(self, error: Exception) -> None:
        """Raise what failed in a function of the test, on the brokers' loop, when the cluster stops."""
        if self._error is None:
            self._error = error

    @property
    def is_running(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._loop is not None

    def check_thread(self) -> None:
        """Refuse to be asked to wait in the brokers' own thread.

        Raises:
            RuntimeError: this is it.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("this is the brokers' own thread, which would wait for itself")

    def call(self, function: Callable[[], T]) -> T:
        """What `function` returns, called on the brokers' event loop; at once when this is its thread."""
        self._running_loop()
        if threading.current_thread() is self._thread:
            return function()

        async def call() -> T:
            return function()

        return self.run(call())

    def _running_loop(self) -> QuietLoop:
        if self._loop is None:
            raise RuntimeError(
                "the cluster is not running: " + ("it was stopped" if self._thread else "start it, or use `with`")
            )
        return self._loop

    async def reset(self) -> None:
        """See `Kafka.reset`; on the brokers' loop."""
        raise NotImplementedError

    async def _start(self) -> None:
        config = BrokerConfig({**self._configs, "node.id": "1"})
        store = open_store(config.node_id, self.clock, None, self.file_system)
        self._state = await ClusterState.open(store, config, self.clock)
        for node_id in range(1, self._size + 1):
            settings = ServerSettings(
                listeners=(Listener(name="PLAINTEXT", host="127.0.0.1", port=0, advertised_host="", advertised_port=0),),
                data_dir=None,
                node_id=node_id,
                broker_config=BrokerConfig({**self._configs, "node.id": str(node_id)}),
                # The last broker makes them, so that replicas can be placed on all.
                topics=tuple(InitialTopic(*item) for item in self._topics.items()) if node_id == self._size else (),
            )
            broker = Broker(settings, self.clock, self._state)
            await broker.start()
            self._brokers.append(broker)
            for hook in self._broker_hooks:
                hook(broker)

    async def _stop(self) -> None:
        if self._state is not None:
            self._state.purgatory.complete_all()
        for broker in self._brokers:
            await broker.stop()
        if self._state is not None:
            await self._state.close()


def _run(loop: QuietLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
