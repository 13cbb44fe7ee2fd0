"""The brokers of a test cluster and what they share, from one reset to the next: a world is thrown away as a whole.

Nothing of one is used in the next but the listening sockets: a client that connects meanwhile waits in their backlog.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.listeners import Listener
from kafka_compat.config.settings import ServerSettings
from kafka_compat.filesystem import FileSystem
from kafka_compat.metadata.changes import Change, ClusterCreated, ProducerIdsReserved
from kafka_compat.metadata.metadata_log import MetadataLog, encode_changes
from kafka_compat.metadata.topic_plans import TopicSpec as TopicPlan
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.server.broker import Broker
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.store import open_store
from kafka_compat.storage.interface import LogStore
from kafka_compat.testing.access import Access, add_acls
from kafka_compat.testing.options import Node, TopicSpec

if TYPE_CHECKING:
    from kafka_compat.testing.contents import Contents

HOST: Final = "127.0.0.1"

Sockets = Mapping[int, dict[str, list[socket.socket]]]


class Plan(NamedTuple):
    """What a cluster is made with, checked: each reset comes back to it.

    Attributes:
        nodes: its brokers.
        topics: to make.
        configs: of all brokers.
        api_limits: API key to the lowest and highest version, None for an API that is not there.
        cluster_id: instead of a random one.
        data_dir: where `file_system` keeps the data; None in memory.
        access: who may come in, and do what.
    """

    nodes: tuple[Node, ...]
    topics: Mapping[str, TopicSpec]
    configs: Mapping[str, str]
    api_limits: Mapping[int, tuple[int, int] | None]
    cluster_id: str | None
    data_dir: Path | None
    access: Access = Access()

    def config_of(self, node: Node) -> BrokerConfig:
        """The configs of a broker; raises InvalidConfig."""
        rack = {} if node.rack is None else {"broker.rack": node.rack}
        return BrokerConfig({**self.configs, **self.access.configs(), "node.id": str(node.id), **rack})

    def settings_of(self, node: Node, port: int, users: Mapping[str, str]) -> ServerSettings:
        """How a broker is started, at that port or at a free one for 0; `users` are those of now."""
        protocol = self.access.protocol
        listener = Listener(protocol, HOST, port, advertised_host="", advertised_port=0, security_protocol=protocol)
        return ServerSettings(
            users=None if self.access.users is None else users,
            listeners=(listener,),
            data_dir=None,
            node_id=node.id,
            broker_config=self.config_of(node),
            api_limits=self.api_limits,
        )


class World:
    """What is thrown away at a reset; owned by the brokers' loop.

    Attributes:
        brokers: those that run.
        made: topics of the plan that were made, and not there before.
        state: what they share.
        root: the folder of the data in its file system.
        users: password by name, as of now.
        is_new: whether there was nothing before it was opened.
    """

    def __init__(
        self, plan: Plan, clock: WorldClock, state: ClusterState, *, root: str, is_new: bool, users: Mapping[str, str]
    ) -> None:
        self.plan = plan
        self.root = root
        self.state = state
        self.is_new = is_new
        self.brokers: list[Broker] = []
        self.made: set[str] = set()
        self.users = dict(users)
        self._clock = clock

    @classmethod
    async def open(cls, plan: Plan, clock: Clock, file_system: FileSystem, beginning: Beginning) -> World:
        """What brokers share, without any of them yet.

        Raises:
            ValueError: the data are another cluster's.
            DirectoryInUse, StorageError: they cannot be opened.
        """
        own_clock = WorldClock(clock)
        config = plan.config_of(plan.nodes[0])
        store = open_store(config.node_id, own_clock, plan.data_dir, file_system)
        try:
            is_new = await _begin(store, plan, beginning, clock.wall_ms())
        except BaseException:
            store.abandon()
            raise
        users = plan.access.users if beginning.users is None else beginning.users
        state = await ClusterState.open(store, config, own_clock)
        return cls(plan, own_clock, state, root=store.place, is_new=is_new, users=users or {})

    async def start_broker(
        self, node: Node, port: int, sockets: dict[str, list[socket.socket]] | None = None, *, serves: bool = True
    ) -> Broker:
        """One more broker, at `port`; with `serves` False it takes no connection yet.

        Raises:
            OSError: the port is in use; the message says whose it was to be.
        """
        broker = Broker(self.plan.settings_of(node, port, self.users), self._clock, self.state, sockets=sockets)
        try:
            await broker.start(serves=serves)
        except OSError as error:
            raise OSError(error.errno, f"broker {node.id} cannot listen on {HOST}:{port}: {error.strerror or error}") from error
        self.brokers.append(broker)
        return broker

    async def add_acls(self) -> None:
        """Add the access control entries of the plan that are missing."""
        if self.plan.access.acls:
            await add_acls(self.state.controller, self.plan.access.acls)

    async def make_topics(self) -> None:
        """Make the topics of the plan that are missing.

        Raises:
            ValueError: one cannot be made as it is wanted; the message says why.
        """
        services = self.brokers[-1].services
        assert services is not None
        missing = {name: spec for name, spec in self.plan.topics.items() if name not in services.image.topics}
        if not missing:
            return
        wanted = [
            TopicPlan(
                name=name,
                num_partitions=spec.partitions,
                replication_factor=-1 if spec.replication_factor is None else spec.replication_factor,
                configs={key: str(value) for key, value in spec.configs.items()},
            )
            for name, spec in missing.items()
        ]
        try:
            outcomes = await services.topics.create(wanted)
        except KafkaError as error:  # of all of them together
            raise ValueError(f"topics: {error}") from None
        for name, outcome in zip(missing, outcomes, strict=True):
            if isinstance(outcome, KafkaError):
                raise ValueError(f"topics[{name!r}]: {outcome}")
        self.made.update(missing)

    async def close(self) -> None:
        """Stop all in order: requests under way are answered, and the data are kept."""
        self.state.purgatory.complete_all()
        try:
            for broker in self.brokers:
                await broker.stop()
        finally:
            await self.state.close()
            self._clock.close()

    async def abandon(self) -> Sockets:
        """Throw all away at once; the sockets that go on listening, by node id."""
        sockets = {}
        for broker in self.brokers:
            sockets[int(broker.node_id)] = await broker.abandon()
        await self.state.abandon()
        self._clock.close()
        return sockets


class Beginning(NamedTuple):
    """What a new world takes over from the one before.

    Attributes:
        cluster_id: its id.
        next_producer_id: those below may have been given out.
        contents: what is in it, in place of what the plan says.
        raise_epochs_by: leader epochs of the contents rise by so much.
        users: password by name, in place of those of the plan.
    """

    cluster_id: str | None = None
    next_producer_id: int = 0
    contents: Contents | None = None
    raise_epochs_by: int = 0
    users: Mapping[str, str] | None = None


async def _begin(store: LogStore, plan: Plan, beginning: Beginning, now_ms: int) -> bool:
    """Write what the metadata of a new cluster begin with; False when they have begun.

    Raises:
        ValueError: it is another cluster.
    """
    log = await MetadataLog.open(store)
    if log.end_offset:
        if plan.cluster_id is not None:
            image = await log.load()
            if image.cluster_id != plan.cluster_id:
                raise ValueError(
                    f"cluster_id: the data in {store.place} are of cluster {image.cluster_id}, not {plan.cluster_id}"
                )
        return False
    changes: list[Change] = []
    cluster_id = beginning.cluster_id or plan.cluster_id
    if cluster_id is not None:
        changes.append(ClusterCreated(cluster_id))
    next_producer_id = beginning.next_producer_id
    if beginning.contents is not None:
        from kafka_compat.testing.contents import write_contents

        await write_contents(store, log, beginning.contents, changes, beginning.raise_epochs_by, now_ms)
        changes = []
        next_producer_id = max(next_producer_id, beginning.contents.next_producer_id)
    if next_producer_id:
        changes.append(ProducerIdsReserved(next_producer_id))
    if changes:
        await log.commit(encode_changes(changes, now_ms), log.seen_offset, now_ms)
    return True


def close_sockets(sockets: Sockets) -> None:
    """Listen no more."""
    for of_one in sockets.values():
        for of_listener in of_one.values():
            for each in of_listener:
                each.close()


class WorldClock:
    """A clock whose timers can all be given up together: none of a world that is gone fires, or keeps it in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timers: set[_Timer] = set()
        self._is_closed = False
        # Asked for each request.
        self.wall_ms = clock.wall_ms
        self.monotonic_ms = clock.monotonic_ms

    def call_at(self, when_ms: int, callback: Callable[[], None]) -> TimerHandle:
        """As `Clock.call_at`, until the clock is closed."""
        timer = _Timer(self._timers, callback)
        if not self._is_closed:
            self._timers.add(timer)
            timer.handle = self._clock.call_at(when_ms, timer.fire)
        return timer

    def close(self) -> None:
        """No timer fires any more."""
        self._is_closed = True
        for timer in list(self._timers):
            timer.cancel()


class _Timer:
    __slots__ = ("_callback", "_timers", "handle")

    def __init__(self, timers: set[_Timer], callback: Callable[[], None]) -> None:
        self._timers = timers
        self._callback: Callable[[], None] | None = callback
        self.handle: TimerHandle | None = None

    def fire(self) -> None:
        callback, self._callback = self._callback, None
        self._timers.discard(self)
        if callback is not None:
            callback()

    def cancel(self) -> None:
        self._callback = None
        self._timers.discard(self)
        if self.handle is not None:
            self.handle.cancel()
