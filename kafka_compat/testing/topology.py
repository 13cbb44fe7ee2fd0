"""Which brokers a cluster has, which of them run, and who leads what: the face of `broker_life.py` and `leadership.py`.

All of it happens on the brokers' event loop; a verb returns when the controller has decided and the brokers have followed.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from kafka_compat.testing.arguments import seconds
from kafka_compat.testing.broker_life import HOST, BrokerLife
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.leadership import Leadership
from kafka_compat.testing.lookups import NotThere, there_is_no

if TYPE_CHECKING:
    from kafka_compat.testing.faults import Fault, Faults

T = TypeVar("T")


class BrokerHandle:
    """One broker of a cluster, running or not. Its methods may be called in any thread but the brokers'.

    Attributes:
        id: its node id.
        host: where clients reach it.
    """

    def __init__(self, topology: Topology, node_id: int) -> None:
        self.id = node_id
        self.host = HOST
        self._topology = topology
        self._slow: Fault | None = None

    def __repr__(self) -> str:
        return f"<broker {self.id} at {self.host}:{self.port}, {'running' if self.is_running else 'down'}>"

    @property
    def port(self) -> int:
        """Its port, which stays the same when it is stopped and started."""
        return self._topology.cluster.port_of(self.id)

    @property
    def rack(self) -> str | None:
        """Its rack (`broker.rack`)."""
        return self._topology.life.node(self.id).rack

    @property
    def is_running(self) -> bool:
        """Whether it is neither stopped nor dead."""
        return self._topology.life.running(self.id) is not None

    @property
    def is_hidden(self) -> bool:
        """Whether metadata do not name it (`hide`)."""
        return self._topology.life.is_hidden(self.id)

    @property
    def is_controller(self) -> bool:
        """Whether it is the controller."""
        return self._topology.leadership.controller() == self.id

    def stop(self) -> None:
        """Stop it in order: others lead in its place, what was asked is answered, then its connections are closed.

        Raises:
            RuntimeError: it does not run.
        """
        self._topology.run(self._topology.life.stop(self.id))

    def kill(self) -> None:
        """Let it die: its connections are cut, what was asked is not answered, and others lead in its place.

        Raises:
            RuntimeError: it does not run.
        """
        self._topology.run(self._topology.life.kill(self.id))

    def start(self) -> None:
        """Start it again, at the same port; when this returns it is back in the ISRs.

        Raises:
            RuntimeError: it runs.
            OSError: its port is in use by somebody else.
        """
        self._topology.run(self._topology.life.start(self.id))

    def restart(self) -> None:
        """`stop` and `start`."""
        self.stop()
        self.start()

    def hide(self) -> None:
        """Have metadata name it no more, until `show`; whoever is connected to it is served as before."""
        self._topology.run(self._topology.life.hide(self.id))

    def show(self) -> None:
        """Undo `hide`."""
        self._topology.run(self._topology.life.show(self.id))

    def set_rack(self, rack: str | None) -> None:
        """Have clients told of another rack, or of none."""
        self._topology.run(self._topology.life.set_rack(self.id, rack))

    def slow(self, latency_s: float | None) -> None:
        """Hold each of its answers back for so long; None or 0 ends it.

        It is a fault like those of `Kafka.fail`, and `faults.clear()` takes it away too.
        """
        if self._slow is not None:
            self._slow.remove()
            self._slow = None
        if latency_s:
            from kafka_compat.testing.actions import delay

            self._slow = self._topology.faults().add(
                "*", delay(seconds("latency_s", latency_s), passes_on=True), broker=self.id, times=None, must_fire=False
            )

    def pause_replication(self) -> None:
        """See `Topology.pause_replication`."""
        self._topology.pause_replication(self.id)

    def resume_replication(self) -> None:
        """See `Topology.resume_replication`."""
        self._topology.resume_replication(self.id)


class Brokers(Mapping[int, BrokerHandle]):
    """The brokers by node id, those that do not run too."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._handles: dict[int, BrokerHandle] = {}

    def __getitem__(self, node_id: int) -> BrokerHandle:
        if node_id not in self._topology.life.nodes:
            raise NotThere(there_is_no("broker", node_id, self._topology.life.nodes))
        handle = self._handles.get(node_id)
        if handle is None:
            handle = self._handles[node_id] = BrokerHandle(self._topology, node_id)
        return handle

    def __iter__(self) -> Iterator[int]:
        return iter(self._topology.life.nodes)

    def __len__(self) -> int:
        return len(self._topology.life.nodes)

    def __repr__(self) -> str:
        return repr(dict(self))


class Topology:
    """See `Kafka.topology`. Its methods may be called in any thread but the brokers'.

    Partitions are named by topic and number; a broker, topic or partition that is not there is refused with a ValueError that
    says what is.

    Attributes:
        cluster: whose it is.
        brokers: by node id, those that do not run too.
        life, leadership: what it does, for who is on the brokers' loop.
        faults: gives what `BrokerHandle.slow` adds its fault to.
    """

    def __init__(self, cluster: Cluster, faults: Callable[[], Faults]) -> None:
        self.cluster = cluster
        self.faults = faults
        self.life = BrokerLife(cluster)
        self.leadership = Leadership(cluster)
        self.brokers: Mapping[int, BrokerHandle] = Brokers(self)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on the brokers' loop."""
        return self.cluster.run(work)

    # --- brokers

    def add_broker(self, node_id: int | None = None, *, port: int = 0, rack: str | None = None) -> BrokerHandle:
        """Start a new broker, with the next free node id and at a free port unless they are given."""
        return self.brokers[self.run(self.life.add(node_id, port, rack))]

    def remove_broker(self, node_id: int) -> None:
        """Stop a broker and forget it; partitions that it holds keep it as a replica that is down."""
        self.run(self.life.remove(node_id))

    # --- who it is

    def leader(self, topic: str, partition: int = 0) -> int:
        """The id of the broker that leads; -1 when none does."""
        return self._look(lambda: self.leadership.leader(topic, partition))

    def in_sync(self, topic: str, partition: int = 0) -> tuple[int, ...]:
        """The ids of the in-sync replicas."""
        return self._look(lambda: self.leadership.in_sync(topic, partition))

    def coordinator(self, group: str | None = None, *, transactional_id: str | None = None) -> int:
        """The id of the broker that coordinates a group, or a transactional id; -1 when none does now."""
        return self.run(self.leadership.coordinator(group, transactional_id))

    @property
    def controller(self) -> int:
        """The id of the controller; -1 when no broker runs."""
        return self._look(self.leadership.controller)

    # --- leaders

    def move_leader(self, topic: str, partition: int = 0, *, to: int) -> None:
        """Let a broker lead a partition. One that holds no replica takes the leader's place among the replicas."""
        self.run(self.leadership.move_leader(topic, partition, to))

    def no_leader(self, topic: str, partition: int = 0) -> None:
        """Take a partition's leader away, until `elect` or until one of its brokers is started."""
        self.run(self.leadership.no_leader(topic, partition))

    def elect(self, topic: str, partition: int | None = None, *, unclean: bool = False) -> None:
        """Elect the preferred leader, or with `unclean` any that is up, of a partition or of all that need it.

        Raises:
            KafkaError: as ElectLeaders answers.
        """
        self.run(self.leadership.elect(topic, partition, unclean=unclean))

    def bump_epoch(self, topic: str, partition: int = 0) -> None:
        """Begin a new leader epoch with the same leader."""
        self.run(self.leadership.bump_epoch(topic, partition))

    # --- replicas

    def set_isr(self, topic: str, partition: int = 0, *, isr: tuple[int, ...] | list[int]) -> None:
        """Have these replicas in sync, and keep all others out of the ISR until it is set again."""
        self.run(self.leadership.set_isr(topic, partition, isr))

    def shrink(self, topic: str, partition: int = 0, *, without: int | tuple[int, ...] | list[int]) -> None:
        """Take replicas out of the ISR, and keep them out until it is set again."""
        self.run(self.leadership.shrink(topic, partition, (without,) if isinstance(without, int) else without))

    def pause_replication(self, broker: int) -> None:
        """Have a broker's replicas fetch nothing: they fall behind, and leave the ISR after replica.lag.time.max.ms."""
        self.run(self.leadership.pause_replication(broker))

    def slow_replication(self, broker: int, every_s: float) -> None:
        """Have a broker's replicas fetch only every `every_s` of the cluster's clock: they lag, and acks=all with them."""
        self.run(self.leadership.slow_replication(broker, int(seconds("every_s", every_s) * 1000)))

    def resume_replication(self, broker: int) -> None:
        """Undo `pause_replication` and `slow_replication`; they are back in the ISR when this returns."""
        self.run(self.leadership.resume_replication(broker))

    # --- coordinators and the controller

    def move_coordinator(self, group: str | None = None, *, transactional_id: str | None = None, to: int) -> None:
        """Let a broker coordinate a group, or a transactional id, and all others that are in the same partition."""
        self.run(self.leadership.move_coordinator(group, transactional_id, to))

    def move_controller(self, to: int) -> None:
        """Let a broker be the controller."""
        self.run(self.leadership.move_controller(to))

    def _look(self, look: Callable[[], T]) -> T:
        async def looking() -> T:
            return look()

        return self.run(looking())
