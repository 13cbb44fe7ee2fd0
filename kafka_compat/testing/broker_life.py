"""Brokers of a test cluster that stop, die, start, come and go; on the brokers' event loop."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.ids import BrokerId
from kafka_compat.metadata.changes import BrokerRegistered, Change
from kafka_compat.metadata.image import ClusterImage, RegisteredBroker
from kafka_compat.server.broker import Broker
from kafka_compat.testing.arguments import whole_number
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.lookups import there_is_no
from kafka_compat.testing.options import Node

HOST = "127.0.0.1"


class BrokerLife:
    """Which brokers there are, and which of them run.

    A broker that is not there is a ValueError, one that runs or does not run when it should not or should a RuntimeError; the
    message says what is there.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._nodes: dict[int, Node] = {}
        # Where clients reach those that are hidden.
        self._hidden: dict[int, RegisteredBroker] = {}
        self._begin()
        cluster.on_reset(self._begin)

    def _begin(self) -> None:
        self._nodes = {node.id: node for node in self._cluster.nodes}
        self._hidden.clear()

    # --- what is there

    @property
    def nodes(self) -> list[int]:
        """The ids of all brokers, those that do not run too."""
        return sorted(self._nodes)

    def node(self, node_id: int) -> Node:
        """What a broker is started with."""
        node = self._nodes.get(node_id)
        if node is None:
            raise ValueError(there_is_no("broker", node_id, sorted(self._nodes)))
        return node

    def running(self, node_id: int) -> Broker | None:
        """The broker, None when it does not run."""
        self.node(node_id)
        return next((broker for broker in self._cluster.brokers if broker.node_id == node_id), None)

    def require_running(self, node_id: int) -> Broker:
        """The broker, which has to run."""
        broker = self.running(node_id)
        if broker is None:
            raise RuntimeError(f"broker {node_id} does not run; {self._who_runs()}")
        return broker

    def _who_runs(self) -> str:
        running = sorted(int(broker.node_id) for broker in self._cluster.brokers)
        return f"{_in_words(running)} run" if running else "none runs"

    # --- stop, kill, start

    async def stop(self, node_id: int) -> None:
        """Stop a broker in order: others lead in its place, its requests are answered, then its connections are closed."""
        broker = self.require_running(node_id)
        self._cluster.brokers.remove(broker)
        await broker.stop(leaves=True)

    async def kill(self, node_id: int) -> None:
        """Let a broker die: its connections are cut, nothing under way is answered, and others lead in its place."""
        broker = self.require_running(node_id)
        self._cluster.brokers.remove(broker)
        await broker.kill()

    async def start(self, node_id: int) -> None:
        """Start a broker that was stopped or killed, at the same port; it is in sync when this returns."""
        node = self.node(node_id)
        if self.running(node_id) is not None:
            raise RuntimeError(f"broker {node_id} runs already")
        await self._cluster.start_broker(node)
        self._hidden.pop(node_id, None)

    # --- add, remove

    async def add(self, node_id: int | None, port: int, rack: str | None) -> int:
        """Start a new broker; its id, which is the next free one unless it is given."""
        if node_id is None:
            node_id = max(self._nodes, default=0) + 1
        if whole_number("node_id", node_id, 0) in self._nodes:
            raise ValueError(f"there is a broker {node_id} already")
        node = Node(node_id, whole_number("port", port, 0), rack)
        await self._cluster.start_broker(node)
        self._nodes[node_id] = node
        return node_id

    async def remove(self, node_id: int) -> None:
        """Stop a broker if it runs, and forget it; partitions keep it as a replica that is never there."""
        if self.running(node_id) is not None:
            if len(self._cluster.brokers) == 1:
                raise RuntimeError(f"broker {node_id} is the last one that runs")
            await self.stop(node_id)
        await self._cluster.state.membership.unregister(BrokerId(node_id))
        del self._nodes[node_id]

    # --- what clients are told of it

    async def hide(self, node_id: int) -> None:
        """Have metadata name the broker no more; whoever is connected to it is served as before."""
        self.require_running(node_id)
        registered = self._cluster.state.controller.image.brokers[BrokerId(node_id)]
        self._hidden.setdefault(node_id, registered)
        await self._register(RegisteredBroker(registered.id, {}, registered.rack))

    async def show(self, node_id: int) -> None:
        """Undo `hide`; a no-op when it is not hidden."""
        self.require_running(node_id)
        registered = self._hidden.pop(node_id, None)
        if registered is not None:
            await self._register(registered)

    def is_hidden(self, node_id: int) -> bool:
        """Whether metadata do not name it."""
        return node_id in self._hidden

    async def set_rack(self, node_id: int, rack: str | None) -> None:
        """Have clients told of another rack (`broker.rack`), or of none."""
        node = self._nodes[node_id] = Node(self.node(node_id).id, self.node(node_id).port, rack)
        if self.running(node_id) is None:
            return
        registered = self._cluster.state.controller.image.brokers[BrokerId(node_id)]
        if node_id in self._hidden:
            self._hidden[node_id] = RegisteredBroker(registered.id, self._hidden[node_id].endpoints, node.rack)
        await self._register(RegisteredBroker(registered.id, registered.endpoints, node.rack))

    async def _register(self, broker: RegisteredBroker) -> None:
        def decide(image: ClusterImage) -> Sequence[Change]:
            return [BrokerRegistered(broker.id, dict(broker.endpoints), broker.rack)]

        await self._cluster.state.controller.change(decide)


def _in_words(ids: Sequence[int] | dict[int, Node]) -> str:
    return ", ".join(str(node_id) for node_id in sorted(ids)) or "none"
