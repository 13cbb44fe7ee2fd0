"""What Kafka's own clients push (KIP-714) is on the page of metrics, by the names that they have for it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop_tests.java.tools import CLIENT_METRICS, PRODUCER_PERFORMANCE
from interop_tests.metrics.processes import get
from scripts.reference_broker import free_ports, java_command, run_tool
from tests.support.brokers import OurBroker, require_commands, start_ours
from tests.support.metric_samples import Samples, parse
from tests.support.waiting import until

SET = "metric.reporters=prometheus"
INTERVAL_MS = 100
LIBRDKAFKAS = ("record_queue_time_max", "request_latency_avg", "node_request_latency_avg", "connection_creation_total")


class Pushed:
    """A broker that wants all that clients have to tell."""

    def __init__(self, broker: OurBroker, port: int) -> None:
        self.bootstrap = broker.bootstrap
        self._url = f"http://127.0.0.1:{port}/metrics"

    def samples(self) -> Samples:
        return parse(get(self._url))

    def names(self, client_id: str) -> set[str]:
        """Of the metrics that a client has pushed with a number, as NaN is none."""
        return {
            name
            for name, series in self.samples().items()
            for labels, value in series.items()
            if ("client_id", client_id) in labels and value >= 0
        }

    def wait_for(self, client_id: str, *names: str) -> None:
        until(lambda: set(names) <= self.names(client_id), limit_s=60)


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushed]:
    (port,) = free_ports(1)
    with start_ours(tmp_path_factory.mktemp("ours"), "--set", SET, "--http", f"127.0.0.1:{port}", "--topic", "t") as broker:
        alter = ["--alter", "--name", "all", "--metrics", "*", "--interval", str(INTERVAL_MS)]
        done = run_tool(CLIENT_METRICS, "--bootstrap-server", broker.bootstrap, *alter)
        assert done.returncode == 0, done.stderr
        yield Pushed(broker, port)


@pytest.fixture(autouse=True)
def java() -> None:
    require_commands("java", "javac", "mvn")


def test_java_producer(pushed: Pushed, tmp_path: Path) -> None:
    config = f"bootstrap.servers={pushed.bootstrap} client.id=java-producer".split()
    size = ["--topic", "t", "--num-records", "100000", "--record-size", "10", "--throughput", "50"]
    with (tmp_path / "log").open("wb") as output:
        command = java_command(PRODUCER_PERFORMANCE, *size, "--producer-props", *config)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            pushed.wait_for(
                "java-producer",
                "org_apache_kafka_producer_record_send_total",
                "org_apache_kafka_producer_request_latency_avg",
                "org_apache_kafka_producer_connection_creation_total",
                "kafka_compat_telemetry_client_info",
            )
            before = counted(pushed, "java-producer")
            # What each push counts since the one before is added up.
            until(lambda: counted(pushed, "java-producer") > before + 10)
        finally:
            process.kill()
            process.wait()


def counted(pushed: Pushed, client_id: str) -> float:
    series = pushed.samples()["org_apache_kafka_producer_record_send_total"]
    return sum(value for labels, value in series.items() if ("client_id", client_id) in labels)


def test_java_consumer(pushed: Pushed, tmp_path: Path) -> None:
    properties = ["--consumer-property", "client.id=java-consumer", "--group", "g"]
    with (tmp_path / "log").open("wb") as output:
        command = java_command(
            "org.apache.kafka.tools.consumer.ConsoleConsumer",
            *("--bootstrap-server", pushed.bootstrap, "--topic", "t", "--from-beginning"),
            *properties,
        )
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            pushed.wait_for("java-consumer", "org_apache_kafka_consumer_coordinator_rebalance_latency_avg")
        finally:
            process.kill()
            process.wait()
    series = pushed.samples()["org_apache_kafka_consumer_coordinator_rebalance_latency_avg"]
    assert all(("group_id", "g") in labels for labels in series)


def test_librdkafka(pushed: Pushed) -> None:
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": pushed.bootstrap, "client.id": "librdkafka", "enable.metrics.push": True})
    names: set[str] = set()

    def look() -> None:
        producer.produce("t", b"v")
        producer.poll(0)
        names.update(pushed.names("librdkafka"))

    until(lambda: {f"org_apache_kafka_producer_{name}" for name in LIBRDKAFKAS} <= names, look)
    assert producer.flush(10) == 0
