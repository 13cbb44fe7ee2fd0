"""Kafka Streams with exactly_once_v2: the application and the broker are killed amid transactions, and the counts are exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from confluent_kafka import Producer

from interop_tests.clients import Client
from interop_tests.java.client import command_of_class
from interop_tests.python_groups.confluent_member import committed
from interop_tests.streams.committed import ends, topics_of, wait_until_nothing_is_open
from interop_tests.streams.exactly_once import TIMEOUT_S, ExactlyOnce
from interop_tests.streams.processes import JvmProcess
from interop_tests.streams.topologies import TOPOLOGIES, Topology, Words, timestamp_ms
from tests.support.brokers import Broker
from tests.support.wire_client import WireClient

PARTITIONS = 3
_SOURCE = Path(__file__).parent / "StreamsApp.java"

# What is fed in one turn, and how far input may be ahead of results: the application works all the time, and is soon done.
_NUMBERS_A_TURN = 10
_RESULTS_AHEAD = 2000

_CONFIG = {
    "processing.guarantee": "exactly_once_v2",
    "group.protocol": "classic",
    "num.stream.threads": "2",
    "statestore.cache.max.bytes": "0",  # each step is a result
    # Results lie open at the broker for most of the time: sent at once, and committed twice a second.
    "producer.linger.ms": "0",
    "commit.interval.ms": "500",
    "repartition.purge.interval.ms": "1000",
    # A transaction outlasts the restart of a broker: Apache Kafka answers the commit of one that it has aborted in the meantime
    # with INVALID_TXN_STATE (epoch and state are those of a commit sent twice), of which a thread of Streams dies.
    "transaction.timeout.ms": "60000",
    "session.timeout.ms": "6000",
    "heartbeat.interval.ms": "500",
    "reconnect.backoff.max.ms": "500",
}


class World(ExactlyOnce):
    """A topology, its topics, and what has been fed."""

    def __init__(self, broker: Broker, topology: Topology, prefix: str) -> None:
        super().__init__(broker, f"{prefix}-results", PARTITIONS)
        self._topology = topology
        self._prefix = prefix
        self._fed = 0  # numbers
        self._producer = Producer(
            {
                "bootstrap.servers": broker.bootstrap,
                "enable.idempotence": True,
                "linger.ms": 5,
                "reconnect.backoff.max.ms": 500,
                "message.timeout.ms": TIMEOUT_S * 1000,
            }
        )

    def app(self, directory: Path, **config: str) -> JvmProcess:
        """The application, with its state and its output below `directory`; not started."""
        settings = {
            "bootstrap.servers": self.broker.bootstrap,
            "application.id": self._prefix,
            "state.dir": str(directory / "state"),
            **_CONFIG,
            **{name.replace("_", "."): value for name, value in config.items()},
        }
        arguments = [f"{name}={value}" for name, value in settings.items()]
        directory.mkdir(exist_ok=True)
        return JvmProcess([*command_of_class(_SOURCE), self._topology.name, self._prefix, *arguments], directory / "app.log")

    def feed(self) -> None:
        if self._topology.result_count(self._fed) - self.read.count < _RESULTS_AHEAD:
            for number in range(self._fed, self._fed + _NUMBERS_A_TURN):
                for topic, value in self._topology.input(number):
                    partition = number % PARTITIONS
                    self._producer.produce(
                        f"{self._prefix}-{topic}", value=value, partition=partition, timestamp=timestamp_ms(number)
                    )
            self._fed += _NUMBERS_A_TURN
        self._producer.poll(0)

    def check_at_the_end(self, app: JvmProcess) -> None:
        """All results come; after the application has ended there are no others, and nothing is left open."""
        assert self._producer.flush(TIMEOUT_S) == 0
        expected = self._topology.result_count(self._fed)
        self.wait(app, lambda: self.read.count >= expected, feeding=False)
        app.end()
        self._topology.check(self._fed, self.everything_read())
        with WireClient(self.broker.bootstrap) as client:
            topics = topics_of(client, self._prefix)
            kinds = {kind for kind in ("repartition", "changelog") for topic in topics if topic.endswith(kind)}
            assert kinds == {"repartition", "changelog"}, topics
            wait_until_nothing_is_open(client, topics)
            for name in self._topology.inputs:
                topic = f"{self._prefix}-{name}"
                offsets = committed(self.broker.bootstrap, self._prefix, topic)
                assert [offsets[partition] for partition in range(PARTITIONS)] == ends(client, topic, PARTITIONS, 0)


@pytest.fixture
def start_world(broker: Broker, admin: Client, topic: str) -> Iterator[Callable[[Topology], World]]:
    """Makes the topics of a topology; they begin with the name of the test's topic."""
    with ExitStack() as stack:

        def start(topology: Topology) -> World:
            for name in (*topology.inputs, "results"):
                admin.create_topic(f"{topic}-{name}", partitions=PARTITIONS)
            return stack.enter_context(closing(World(broker, topology, topic)))

        yield start


@pytest.mark.parametrize("topology", TOPOLOGIES, ids=lambda topology: topology.name)
def test_results_are_exact_though_the_application_and_the_broker_are_killed(
    start_world: Callable[[Topology], World], broker: Broker, topology: Topology, tmp_path: Path
) -> None:
    """As a static member the application is at work again at once; it fences itself by the transactional ids of its state."""
    world = start_world(topology)
    with world.app(tmp_path, group_instance_id="one") as app:
        world.wait_for_progress(app)
        world.kill_amid_a_transaction(app)
        app.start()
        world.wait_for_progress(app)
        broker.kill()
        broker.start()
        world.wait_for_progress(app)
        world.kill_amid_a_transaction(app)
        broker.stop()
        broker.start()
        app.start()
        world.wait_for_progress(app)
        world.check_at_the_end(app)


def test_results_are_exact_though_another_machine_takes_over(start_world: Callable[[Topology], World], tmp_path: Path) -> None:
    """Without the dead one's state and transactional ids: its session and its transactions have to time out first."""
    world = start_world(Words())
    with world.app(tmp_path / "one", session_timeout_ms="2000", transaction_timeout_ms="3000") as one:
        world.wait_for_progress(one)
        world.kill_amid_a_transaction(one)
        with world.app(tmp_path / "two") as two:
            world.wait_for_progress(two)
            world.check_at_the_end(two)
