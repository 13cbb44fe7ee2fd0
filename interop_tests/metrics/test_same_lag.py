"""kafka_exporter asks us as a client does; Prometheus scrapes it and us: both show what our own figures say."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from interop_tests.metrics.processes import get, running
from scripts.reference_broker import free_ports
from tests.support.brokers import OurBroker, missing_toolchain, require_commands
from tests.support.metric_samples import Samples, parse

RECORDS = {0: 70, 1: 30, 2: 0}
# Group to offsets by partition; the first has a member.
COMMITTED = {"reader": {0: 50, 1: 30}, "idle": {0: 0, 1: 1, 2: 0}, "done": {0: 70, 1: 30, 2: 0}}

Labels = tuple[tuple[str, str], ...]
Query = Callable[[str], dict[Labels, float]]

# What kafka_exporter says of itself, and what it lacks.
_ITS_OWN = ("kafka_exporter_", "go_", "process_", "promhttp_")


@dataclass(frozen=True)
class World:
    bootstrap: str
    url: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("broker")
    broker = OurBroker(directory, "--http", "127.0.0.1:0")
    broker.start()
    with broker:
        bootstrap = broker.bootstrap
        admin = AdminClient({"bootstrap.servers": bootstrap})  # not dropped before the answer has come
        (made,) = admin.create_topics([NewTopic("orders", 3, 1)]).values()
        made.result(30)
        producer = Producer({"bootstrap.servers": bootstrap})
        for partition, count in RECORDS.items():
            for number in range(count):
                producer.produce("orders", b"%d" % number, partition=partition)
        assert producer.flush(30) == 0
        for group, offsets in COMMITTED.items():
            committer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
            wanted = [TopicPartition("orders", partition, offset) for partition, offset in offsets.items()]
            committer.commit(offsets=wanted, asynchronous=False)
            committer.close()
        member = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "enable.auto.commit": False})
        member.subscribe(["orders"])
        deadline = time.monotonic() + 60
        while not member.assignment():
            member.poll(0.1)
            assert time.monotonic() < deadline
        try:
            yield World(bootstrap, json.loads((directory / "ready.json").read_text())["http"])
        finally:
            member.close()
        broker.stop()


@pytest.fixture(scope="module")
def exporter_url(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # It comes by Go's module proxy alone, which not every CI can reach; its names are tested in tests/web all the same.
    if (reason := missing_toolchain("kafka_exporter")) is not None:
        pytest.skip(reason)
    (port,) = free_ports(1)
    command = [
        "kafka_exporter",
        f"--kafka.server={world.bootstrap}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--kafka.version=3.6.0",
        "--no-sasl.handshake",
        "--concurrent.enable",  # without it, it loses the last sample now and then
    ]
    url = f"http://127.0.0.1:{port}"
    with running(command, tmp_path_factory.mktemp("exporter") / "log", f"{url}/metrics"):
        yield url


def figures(samples: Samples) -> Samples:
    """Without what kafka_exporter writes of partitions that a group has committed nothing of, and the sums that count them."""
    return {
        name: {labels: value for labels, value in found.items() if not (name.startswith("kafka_consumergroup_") and value < 0)}
        for name, found in samples.items()
    }


def test_kafka_exporter_shows_what_we_do(world: World, exporter_url: str) -> None:
    theirs = figures(parse(get(f"{exporter_url}/metrics")))
    ours = figures(parse(get(f"{world.url}/metrics")))
    compared = {name for name in theirs if name.startswith("kafka_") and not name.startswith(_ITS_OWN)}
    assert {"kafka_consumergroup_lag", "kafka_topic_partition_current_offset", "kafka_consumergroup_members"} <= compared
    for name in compared - {"kafka_consumergroup_current_offset_sum"}:
        assert ours.get(name) == theirs[name], name
    for labels, total in theirs["kafka_consumergroup_current_offset_sum"].items():
        group = dict(labels)["consumergroup"]
        uncommitted = len(RECORDS) - len(COMMITTED[group])
        assert ours["kafka_consumergroup_current_offset_sum"][labels] == total + uncommitted, group


@contextmanager
def prometheus(directory: Path, **targets: str) -> Iterator[Query]:
    """One that scrapes these URLs, by job, and has scraped the partitions' offsets of each; gives what answers queries."""
    require_commands("prometheus")
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [url.removeprefix("http://")]}]} for job, url in targets.items()
        ],
    }
    (directory / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = [
        "prometheus",
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]

    def query(text: str) -> dict[Labels, float]:
        answer = json.loads(get(f"{url}/api/v1/query?query={urllib.parse.quote(text)}"))
        assert answer["status"] == "success", answer
        found = {}
        for each in answer["data"]["result"]:
            labels = {name: value for name, value in each["metric"].items() if name not in ("__name__", "instance", "job")}
            found[tuple(sorted(labels.items()))] = float(each["value"][1])
        return found

    with running(command, directory / "log", f"{url}/-/ready"):
        deadline = time.monotonic() + 60
        while not all(query(f"kafka_topic_partition_current_offset{{job='{job}'}}") for job in targets):
            assert time.monotonic() < deadline, get(f"{url}/api/v1/targets")
            time.sleep(0.2)
        yield query
        # Every line was understood: what cannot be read fails the scrape.
        assert set(query("up").values()) == {1.0}


def test_prometheus_shows_the_lag_that_there_is(world: World, tmp_path: Path) -> None:
    with prometheus(tmp_path, broker=world.url) as query:
        assert query("kafka_consumergroup_lag") == {
            (("consumergroup", group), ("partition", str(partition)), ("topic", "orders")): RECORDS[partition] - offset
            for group, offsets in COMMITTED.items()
            for partition, offset in offsets.items()
        }
        assert query("sum(kafka_server_brokertopicmetrics_messagesin_total{topic='orders'})") == {(): sum(RECORDS.values())}


def test_prometheus_shows_the_same_lag_of_both(world: World, exporter_url: str, tmp_path: Path) -> None:
    with prometheus(tmp_path, broker=world.url, exporter=exporter_url) as query:
        theirs = query("kafka_consumergroup_lag{job='exporter'} >= 0")
        assert theirs
        assert query("kafka_consumergroup_lag{job='broker'}") == theirs
