"""A Kafka cluster inside the test process: brokers on loopback ports, data in memory, an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from types import TracebackType
from typing import Self, TypeVar

from kafka_compat.api.context import Interception, RequestContext
from kafka_compat.clock import Clock, SystemClock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.listeners import Listener
from kafka_compat.config.settings import SINGLE_NODE_CONFIGS, InitialTopic, ServerSettings
from kafka_compat.filesystem import FileSystem, MemoryFileSystem
from kafka_compat.protocol.message import Message
from kafka_compat.server.broker import Broker
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.testing.manual_clock import ManualClock

T = TypeVar("T")

Intercept = Callable[[RequestContext, Message], Interception | None]


class Cluster:
    """Brokers for a test.

    >>> with Cluster(topics={"orders": 3}) as cluster:
    ...     producer = Producer({"bootstrap.servers": cluster.bootstrap})  # doctest: +SKIP

    Several brokers share one log per partition: leadership and epochs are real, replication is not simulated.

    Args:
        brokers: how many; their node ids are 1, 2, ...
        topics: topic name to number of partitions, made before the cluster is handed over.
        configs: broker configs by Kafka's names.
        clock: a `ManualClock` for virtual time; the machine's otherwise.
        file_system: where the data lie; a fresh `MemoryFileSystem` otherwise. Handing over the one of an earlier cluster is a
            restart of that cluster.
    """

    def __init__(
        self,
        *,
        brokers: int = 1,
        topics: Mapping[str, int] | None = None,
        configs: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        file_system: FileSystem | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.file_system: FileSystem = file_system or MemoryFileSystem()
        self._size = brokers
        self._topics = dict(topics or {})
        self._configs = {**SINGLE_NODE_CONFIGS, **(configs or {})}
        self._brokers: list[Broker] = []
        self._state: ClusterState | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="kafka-compat-cluster", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start all brokers; returns when they serve."""
        self._thread.start()
        try:
            self.run(self._start())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all brokers and the event loop."""
        if not self._thread.is_alive():
            return
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def bootstrap(self) -> str:
        """`host:port` of every broker, for `bootstrap.servers`."""
        return ",".join(f"{host}:{port}" for broker in self._brokers for host, port in broker.addresses)

    @property
    def brokers(self) -> list[Broker]:
        """The running brokers; touch them only inside `run`."""
        return self._brokers

    @property
    def state(self) -> ClusterState:
        """What the brokers share; touch it only inside `run`."""
        assert self._state is not None
        return self._state

    def run(self, work: Coroutine[None, None, T], timeout_s: float = 30.0) -> T:
        """Run a coroutine on the brokers' event loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def advance(self, by_ms: int) -> None:
        """Advance the manual clock; returns when flushes, retention and compaction that fell due are done.

        Raises:
            TypeError: the cluster runs on the machine's clock.
        """
        clock = self.clock
        if not isinstance(clock, ManualClock):
            raise TypeError("only a cluster with a ManualClock can be advanced")

        async def advance() -> None:
            await clock.advance(by_ms)
            await self.state.logs.settle()

        self.run(advance())

    def intercept(self, hook: Intercept | None) -> None:
        """Let `hook` see every decoded request of every broker before its handler; None takes it away.

        It runs on the brokers' event loop and returns None (let it pass) or what to do with the request.
        """

        async def install() -> None:
            for broker in self._brokers:
                assert broker.services is not None
                broker.services.intercept = hook

        self.run(install())

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _start(self) -> None:
        config = BrokerConfig({**self._configs, "node.id": "1"})
        self._state = await ClusterState.open(config, self.clock, None, self.file_system)
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

    async def _stop(self) -> None:
        if self._state is not None:
            self._state.purgatory.complete_all()
        for broker in self._brokers:
            await broker.stop()
        if self._state is not None:
            await self._state.close()
