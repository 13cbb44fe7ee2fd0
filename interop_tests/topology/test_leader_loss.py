"""Leaders die and stop under producers: acks=all with two in sync loses nothing, acks=1 what Kafka would lose."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interop_tests.clients import Record
from interop_tests.drivers import Driver
from interop_tests.go.libraries import FRANZ
from interop_tests.group_contract import command_of
from interop_tests.topology.producers import LIBRARIES, AsyncProducer, Confluent
from kafka_compat.testing import Kafka, TopicSpec
from scripts.reference_broker import java_command
from tests.support.brokers import skipped_without_reference

TOPIC = "orders"
PARTITIONS = 3
CHUNK = 200
ROUNDS = 6


@pytest.fixture
def three() -> Iterator[Kafka]:
    topics = {TOPIC: TopicSpec(PARTITIONS, replication_factor=3)}
    with Kafka(brokers=3, topics=topics, configs={"min.insync.replicas": 2}) as three:
        yield three


def values_in(three: Kafka) -> list[bytes]:
    return [record.value for record in three.records(TOPIC) if record.value is not None]


def lose_a_leader(three: Kafka, number: int) -> int:
    """The broker that leads a partition dies, or is stopped."""
    broker = three.topology.leader(TOPIC, number % PARTITIONS)
    if number % 2:
        three.brokers[broker].stop()
    else:
        three.brokers[broker].kill()
    return broker


@pytest.mark.parametrize("library", LIBRARIES)
def test_nothing_that_was_acknowledged_by_all_is_lost(three: Kafka, library: str) -> None:
    producer: AsyncProducer = LIBRARIES[library](three.bootstrap_servers)
    sent: list[bytes] = []

    def send() -> None:
        chunk = [b"%d" % number for number in range(len(sent), len(sent) + CHUNK)]
        sent.extend(chunk)
        producer.send(TOPIC, chunk)

    with contextlib.closing(producer):
        for number in range(ROUNDS):
            send()
            lost = lose_a_leader(three, number)
            send()
            if number % 3 == 0:
                producer.delivered()
            three.brokers[lost].start()
        acknowledged = producer.delivered()
    assert sorted(acknowledged) == sorted(sent)
    # Idempotent producers: nothing twice either.
    assert sorted(values_in(three)) == sorted(sent)


def test_the_java_producer_loses_nothing(three: Kafka, tmp_path: Path) -> None:
    count = 6_000
    config = tmp_path / "producer.properties"
    # The tool switches retries off.
    config.write_text("retries=2147483647\nretry.backoff.ms=20\nreconnect.backoff.ms=20\n")
    with skipped_without_reference():
        command = java_command("org.apache.kafka.tools.VerifiableProducer")
    command += ["--bootstrap-server", three.bootstrap_servers, "--topic", TOPIC, "--acks", "-1"]
    command += ["--max-messages", str(count), "--throughput", "2000", "--command-config", str(config)]
    acknowledged: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        rounds = 0
        for line in process.stdout:
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("name") == "producer_send_success":
                acknowledged.append(event["value"])
                if len(acknowledged) % (count // 7) == 0:
                    lost = lose_a_leader(three, rounds)
                    rounds += 1
                    three.brokers[lost].start()
    assert (len(acknowledged), rounds) == (count, 7)
    assert sorted(value.decode() for value in values_in(three)) == sorted(acknowledged)


def test_franz_go_loses_nothing(three: Kafka) -> None:
    command = command_of(FRANZ, "go")
    sent: list[bytes] = []
    with Driver(command, three.bootstrap_servers) as driver:
        for number in range(ROUNDS):
            chunk = [b"%d" % value for value in range(len(sent), len(sent) + 10 * CHUNK)]
            sent += chunk
            with ThreadPoolExecutor(1) as meanwhile:
                losing = meanwhile.submit(lose_a_leader, three, number)
                offsets = driver.produce(
                    TOPIC, [(position % PARTITIONS, Record(value=value)) for position, value in enumerate(chunk)]
                )
            assert len(offsets) == len(chunk)
            three.brokers[losing.result()].start()
    assert sorted(values_in(three)) == sorted(sent)


def test_one_acknowledgement_is_worth_no_more_than_the_leader(three: Kafka) -> None:
    """What only the leader has is lost with it; a producer that waits for all is told the truth."""
    leader = three.topology.leader(TOPIC)
    followers = [broker for broker in three.brokers if broker != leader]
    for broker in followers:
        three.topology.pause_replication(broker)
    one = Confluent(three.bootstrap_servers, **{"acks": "1", "enable.idempotence": False})
    with contextlib.closing(one):
        one.send(TOPIC, [b"%d" % number for number in range(50)])
        acknowledged = one.delivered()
    assert len(acknowledged) == 50
    on_leader = [record for record in three.records(TOPIC, isolation="all") if record.partition == 0]
    three.brokers[leader].kill()
    for broker in followers:
        three.topology.resume_replication(broker)
    three.brokers[leader].start()
    left = [record for record in three.records(TOPIC, isolation="all") if record.partition == 0]
    assert (len(on_leader) > 0, left) == (True, [])
