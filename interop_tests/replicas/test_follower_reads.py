"""Clients that name their rack read from the follower there and not from the leader (KIP-392)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer

from interop_tests.drivers import Driver
from interop_tests.go.libraries import FRANZ
from interop_tests.group_contract import command_of
from interop_tests.java.tools import CONSUMER
from kafka_compat.api.context import RequestContext
from kafka_compat.api.observers import End
from kafka_compat.ids import TopicName
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.fetch import FetchResponse
from kafka_compat.server.broker import Broker
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.options import KafkaOptions, Node, TopicSpec
from scripts.reference_broker import run_tool
from tests.support.brokers import skipped_without_reference

TOPIC = "racks"
RACK_AWARE = "org.apache.kafka.common.replica.RackAwareReplicaSelector"
COUNT = 50
VALUES = [b"%d" % number for number in range(COUNT)]


class FetchedRecords:
    """An observer: how many answers to Fetch had records, by broker."""

    def __init__(self) -> None:
        self.by_broker: dict[int, int] = {}

    def ended(
        self, context: RequestContext, end: End, answer_bytes: int, duration_ns: int, response: Message | None, /
    ) -> None:
        """See `Observer`."""
        if not isinstance(response, FetchResponse):
            return
        if any(partition.records for topic in response.responses for partition in topic.partitions):
            node_id = int(context.services.node_id)
            self.by_broker[node_id] = self.by_broker.get(node_id, 0) + 1


class Racks:
    """Three brokers, each in a rack of its own, with records in one partition that all have."""

    def __init__(self, cluster: Cluster) -> None:
        self.bootstrap = cluster.bootstrap
        self.fetched = FetchedRecords()

        def observe(broker: Broker) -> None:
            assert broker.services is not None
            broker.services.observers.add(self.fetched)

        async def prepare() -> tuple[int, int]:
            cluster.on_broker(observe)
            partition = cluster.state.controller.image.topics[TopicName(TOPIC)].partitions[0]
            follower = next(broker for broker in partition.replicas if broker != partition.leader)
            return int(partition.leader), int(follower)

        self.leader, self.follower = cluster.run(prepare())
        self.rack = f"rack-{self.follower}"


@pytest.fixture
def racks() -> Iterator[Racks]:
    options = KafkaOptions(
        brokers=[Node(number, rack=f"rack-{number}") for number in (1, 2, 3)],
        topics={TOPIC: TopicSpec(replication_factor=3)},
        configs={"replica.selector.class": RACK_AWARE, "group.initial.rebalance.delay.ms": 0},
    )
    with Cluster.of(options) as cluster:
        racks = Racks(cluster)
        producer = Producer({"bootstrap.servers": cluster.bootstrap})
        for value in VALUES:
            producer.produce(TOPIC, value, partition=0)
        assert producer.flush(30) == 0
        yield racks


def _read(racks: Racks, rack: str | None) -> list[bytes | None]:
    more = {} if rack is None else {"client.rack": rack}
    consumer = Consumer({"bootstrap.servers": racks.bootstrap, "group.id": "g", "auto.offset.reset": "earliest", **more})
    values: list[bytes | None] = []
    with contextlib.closing(consumer):
        consumer.subscribe([TOPIC])
        while len(values) < COUNT:
            message = consumer.poll(30)
            assert message is not None, f"nothing more came after {values[-1:]}"
            assert message.error() is None, message.error()
            values.append(message.value())
    return values


def test_librdkafka_reads_from_the_follower_in_its_rack(racks: Racks) -> None:
    assert _read(racks, racks.rack) == VALUES
    assert set(racks.fetched.by_broker) == {racks.follower}


def test_librdkafka_reads_from_the_leader_without_a_rack(racks: Racks) -> None:
    assert _read(racks, None) == VALUES
    assert set(racks.fetched.by_broker) == {racks.leader}


def test_the_java_consumer_reads_from_the_follower_in_its_rack(racks: Racks) -> None:
    args = ["--bootstrap-server", racks.bootstrap, "--topic", TOPIC, "--from-beginning", "--max-messages", str(COUNT)]
    with skipped_without_reference():
        done = run_tool(
            CONSUMER, *args, "--timeout-ms", "60000", "--command-property", f"client.rack={racks.rack}", timeout_s=120
        )
    assert done.stdout.split() == [value.decode() for value in VALUES], done.stderr
    assert set(racks.fetched.by_broker) == {racks.follower}


def test_franz_go_reads_from_the_follower_in_its_rack(racks: Racks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_RACK", racks.rack)
    command = command_of(FRANZ, "go")
    values: list[bytes | None] = []
    with Driver(command, racks.bootstrap.split(",")[0]) as driver:
        member = driver.join("g", TOPIC)
        until_s = time.monotonic() + 60
        while len(values) < COUNT and time.monotonic() < until_s:
            values += [record.value for _, record in member.poll().records]
    assert values == VALUES
    assert set(racks.fetched.by_broker) == {racks.follower}
