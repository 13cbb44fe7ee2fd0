"""The engine of a Kafka in the test process: brokers on loopback ports and their event loop, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from kafka_compat.clock import Clock, SystemClock
from kafka_compat.filesystem import FaultyFileSystem, FileSystem, MemoryFileSystem, OsFileSystem
from kafka_compat.server.broker import Broker
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.testing.access import Access, access_of
from kafka_compat.testing.arguments import clock_name, configs_of, folder, has_methods, nodes_of, yes_or_no
from kafka_compat.testing.manual_clock import ManualClock
from kafka_compat.testing.on_loop import OnLoop
from kafka_compat.testing.options import ConfigValue, KafkaOptions, Node, TopicSpec, VersionLimit
from kafka_compat.testing.plans import configs_of_tests, make_plan
from kafka_compat.testing.world import HOST, Beginning, Sockets, World, close_sockets

if TYPE_CHECKING:
    from kafka_compat.testing.contents import Contents


# Producers stamp records with real time, which a clock that stands still takes for the future.
_OPEN: Final = Access()
_MANUAL_CLOCK_CONFIGS: Final = {"log.message.timestamp.after.max.ms": str((1 << 63) - 1)}


class Cluster(OnLoop):
    """Brokers for a test.

    >>> with Cluster(topics={"orders": 3}) as cluster:
    ...     producer = Producer({"bootstrap.servers": cluster.bootstrap})  # doctest: +SKIP

    Args:
        brokers: how many, with node ids 1, 2, ...; or one `Node` for each.
        topics: topic name to its number of partitions or its `TopicSpec`, made before the cluster is handed over.
        configs: broker configs by Kafka's names; numbers and booleans are fine as values.
        clock: a `ManualClock` for virtual time; the machine's otherwise.
        file_system: where the data lie; a fresh `MemoryFileSystem` otherwise. Handing over the one of an earlier cluster is a
            restart of that cluster.
        data_dir: keep the data in this folder of the machine; made when missing. One of an earlier cluster is a restart.
        cluster_id: instead of a random one.
        api_versions: see `Kafka`.
        access: who may come in, and do what; everybody, everything otherwise.

    Raises:
        TypeError, ValueError: an argument is not allowed; the message says what is.
        RuntimeError: (from all others) the cluster is not running, or has been started before.
    """

    def __init__(
        self,
        *,
        brokers: int | Sequence[Node] = 1,
        topics: Mapping[str, int | TopicSpec] | None = None,
        configs: Mapping[str, ConfigValue] | None = None,
        clock: Clock | None = None,
        file_system: FileSystem | None = None,
        data_dir: Path | None = None,
        cluster_id: str | None = None,
        api_versions: Mapping[str, VersionLimit] | None = None,
        access: Access = _OPEN,
    ) -> None:
        super().__init__()
        if clock is not None:
            has_methods("clock", clock, "ManualClock()", "wall_ms", "monotonic_ms", "call_at")
        if file_system is not None:
            has_methods("file_system", file_system, "MemoryFileSystem()", "open", "rename", "sync_directory", "lock")
            if data_dir is not None:
                raise ValueError("file_system and data_dir both say where the data lie: only one of them can")
        self.clock: Clock = SystemClock() if clock is None else clock
        if file_system is None:
            file_system = MemoryFileSystem() if data_dir is None else FaultyFileSystem(OsFileSystem())
        self.file_system: FileSystem = file_system
        self.plan = make_plan(
            brokers=brokers,
            topics=topics,
            configs=configs,
            cluster_id=cluster_id,
            data_dir=folder("data_dir", data_dir),
            api_versions=api_versions,
            access=access,
        )
        # Of each broker that there was; taken again at a reset.
        self._ports: dict[int, int] = {node.id: node.port for node in self.plan.nodes}
        self._world: World | None = None
        self._replaced = 0
        self._has_earlier_data = False
        self._changing = asyncio.Lock()  # held while a world takes the place of another
        self._broker_hooks: list[Callable[[Broker], None]] = []
        self._reset_hooks: list[Callable[[], None]] = []

    @classmethod
    def of(cls, options: KafkaOptions) -> Self:
        """A cluster with a test's options."""
        count = len(nodes_of(options.brokers))
        configs = configs_of(options.configs)
        return cls(
            brokers=options.brokers,
            topics=options.topics,
            configs={
                "auto.create.topics.enable": yes_or_no("auto_create", options.auto_create),
                **configs_of_tests(count),
                **(_MANUAL_CLOCK_CONFIGS if options.clock == "manual" else {}),
                **configs,
            },
            clock=ManualClock() if clock_name(options.clock) == "manual" else None,
            data_dir=options.data_dir,
            cluster_id=options.cluster_id,
            api_versions=options.api_versions,
            access=access_of(options.users, options.acls, options.super_users, options.tls),
        )

    # --- worlds

    def _forked(self) -> None:
        """In a process that is a fork of the one that serves: let its connections be closed by that one alone."""
        for broker in self._world.brokers if self._is_running and self._world is not None else ():
            broker.close_inherited()

    async def _start(self) -> None:
        async with self._changing:
            await self._open(Beginning(), {})
            self._has_earlier_data = not self._running_world().is_new

    async def _stop(self) -> None:
        async with self._changing:
            if self._world is not None:
                await self._world.close()

    async def reset(self) -> None:
        """See `Kafka.reset`; on the brokers' loop.

        Raises:
            RuntimeError: the cluster was started on the data of an earlier one, which would be lost.
        """
        if self._has_earlier_data:
            raise RuntimeError(
                "reset would throw away the data that this cluster was started on: take a snapshot, and restore it"
            )
        async with self._changing:
            sockets = await self._abandon()
            await self._open(self._next_beginning(), sockets)

    async def replace(
        self, contents: Contents, prepare: Callable[[], Coroutine[Any, Any, None]], users: Mapping[str, str] | None = None
    ) -> None:
        """Have other contents and users, as after `reset`; `prepare` is run before the first connection is taken."""
        async with self._changing:
            self._replaced += 1
            sockets = await self._abandon()
            # A start raises the epochs by 2, and so does each that there would have been.
            beginning = self._next_beginning()._replace(contents=contents, raise_epochs_by=2 * self._replaced, users=users)
            await self._open(beginning, sockets, prepare)

    def _next_beginning(self) -> Beginning:
        image = self._running_world().state.controller.image
        return Beginning(cluster_id=image.cluster_id, next_producer_id=image.next_producer_id)

    async def _abandon(self) -> Sockets:
        """Throw away what there is; the sockets of brokers that are not in the plan are closed."""
        world = self._running_world()
        sockets = await world.abandon()
        for hook in self._reset_hooks:
            hook()
        _empty(self.file_system, world.root)
        planned = {node.id for node in self.plan.nodes}
        close_sockets({node_id: of_one for node_id, of_one in sockets.items() if node_id not in planned})
        return {node_id: of_one for node_id, of_one in sockets.items() if node_id in planned}

    async def _open(
        self, beginning: Beginning, sockets: Sockets, prepare: Callable[[], Coroutine[Any, Any, None]] | None = None
    ) -> None:
        """Make a world by the plan; none of its brokers takes a connection before all of it is there."""
        waiting = dict(sockets)
        world: World | None = None
        try:
            self._world = world = await World.open(self.plan, self.clock, self.file_system, beginning)
            self._ports = {node.id: self._ports[node.id] for node in self.plan.nodes}
            for node in self.plan.nodes:
                broker = await world.start_broker(node, self._ports[node.id], waiting.pop(node.id, None), serves=False)
                self._ports[node.id] = broker.addresses[0][1]
                self.call_broker_hooks(broker)
            # The data may be of a cluster that had more of them.
            await world.state.membership.fence_absent()
            if beginning.contents is None:
                await world.add_acls()
                await world.make_topics()
                await self._produce_records()
            if prepare is not None:
                await prepare()
            for broker in world.brokers:
                broker.serve()
        except BaseException:
            self._world = None
            if world is not None:
                close_sockets(await world.abandon())
            raise
        finally:
            close_sockets(waiting)

    async def _produce_records(self) -> None:
        for name, spec in self.plan.topics.items():
            if spec.records and name in self._running_world().made:
                from kafka_compat.testing.inspection import Inspection

                inspection = Inspection(self)
                for key, value in spec.records:
                    await inspection.produce(name, value, key=key, headers=(), partition=None, timestamp_ms=None)

    # --- what is there

    @property
    def bootstrap(self) -> str:
        """`host:port` of every broker, stopped ones too, for `bootstrap.servers`; the same before and after a reset."""
        self._check_running()
        return ",".join(f"{HOST}:{port}" for port in self._ports.values())

    @property
    def nodes(self) -> Sequence[Node]:
        """The brokers that it is made with, and made with again by `reset`."""
        return self.plan.nodes

    def port_of(self, node_id: int) -> int:
        """The port of a broker that runs, or has run."""
        return self._ports[node_id]

    @property
    def users(self) -> dict[str, str]:
        """Password by name, as of now; touch it only inside `run`."""
        return self._running_world().users

    @property
    def brokers(self) -> list[Broker]:
        """The running brokers; touch them only inside `run`. After a reset they are others."""
        return self._running_world().brokers

    @property
    def state(self) -> ClusterState:
        """What the brokers share; touch it only inside `run`. After a reset it is another."""
        return self._running_world().state

    def on_broker(self, hook: Callable[[Broker], None]) -> None:
        """Call `hook` with each broker, running or started later, before it serves. Before the start, or on the loop."""
        self._broker_hooks.append(hook)
        if self._is_running and self._world is not None:
            for broker in self._world.brokers:
                hook(broker)

    def on_reset(self, hook: Callable[[], None]) -> None:
        """Call `hook` when all is thrown away, by `reset` or to restore a snapshot; nothing runs then. On the brokers' loop."""
        self._reset_hooks.append(hook)

    async def start_broker(self, node: Node) -> Broker:
        """Start one more broker, or one again that was stopped, at the port that it had; on the brokers' loop.

        Raises:
            OSError: the port is in use.
        """
        broker = await self._running_world().start_broker(node, self._ports.get(node.id, node.port), serves=False)
        self._ports[node.id] = broker.addresses[0][1]
        self.call_broker_hooks(broker)
        broker.serve()
        return broker

    def call_broker_hooks(self, broker: Broker) -> None:
        """Show a broker to all who asked for it with `on_broker`."""
        for hook in self._broker_hooks:
            hook(broker)

    def _running_world(self) -> World:
        self._running_thread()
        if self._world is None:
            raise RuntimeError("the cluster is not running: it is being started")
        return self._world

    def advance(self, by_ms: int, timeout_s: float = 30.0) -> None:
        """As `kafka.clock.advance`."""
        from kafka_compat.testing.clock_control import ClockControl

        ClockControl(self).advance(by_ms, timeout_s=timeout_s)


def _empty(file_system: FileSystem, root: str) -> None:
    """Have nothing in it any more, whatever faults are armed."""
    if isinstance(file_system, MemoryFileSystem):
        file_system.clear()
    else:
        file_system.remove_tree(root)
