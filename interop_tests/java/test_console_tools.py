"""Kafka's command-line tools, as people use them: each starts a JVM, so a test does as much as belongs together."""

from __future__ import annotations

import re
import subprocess

import pytest

from scripts.reference_broker import run_tool
from tests.support.brokers import Broker, require_commands

TOPICS = "org.apache.kafka.tools.TopicCommand"
PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
GET_OFFSETS = "org.apache.kafka.tools.GetOffsetShell"
API_VERSIONS = "org.apache.kafka.tools.BrokerApiVersionsCommand"
PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"


@pytest.fixture(autouse=True)
def _toolchain() -> None:
    require_commands("java", "mvn")


class Tools:
    def __init__(self, broker: Broker) -> None:
        self.bootstrap = broker.bootstrap

    def run(self, tool: str, *args: str, stdin: str | None = None) -> str:
        """Standard output of the tool, which must end well."""
        done = self.attempt(tool, *args, stdin=stdin)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def attempt(self, tool: str, *args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return run_tool(tool, "--bootstrap-server", self.bootstrap, *args, stdin=stdin)


@pytest.fixture
def tools(broker: Broker) -> Tools:
    return Tools(broker)


def test_kafka_topics_creates_describes_lists_and_deletes(tools: Tools, topic: str) -> None:
    created = tools.run(TOPICS, "--create", "--topic", topic, "--partitions", "2", "--config", "max.message.bytes=2000")
    assert created == f"Created topic {topic}.\n"
    described = tools.run(TOPICS, "--describe", "--topic", topic)
    head, *partitions = described.splitlines()
    assert re.search(rf"Topic: {topic}\tTopicId: \S{{22}}\tPartitionCount: 2\tReplicationFactor: 1\t", head)
    assert "max.message.bytes=2000" in head
    for number, line in enumerate(partitions):
        assert re.search(rf"\tTopic: {topic}\tPartition: {number}\tLeader: (\d+)\tReplicas: \1\tIsr: \1\t", line)
    assert len(partitions) == 2
    again = tools.attempt(TOPICS, "--create", "--topic", topic)
    assert again.returncode == 1
    assert f"Topic '{topic}' already exists." in again.stdout + again.stderr
    tools.run(TOPICS, "--delete", "--topic", topic)
    assert topic not in tools.run(TOPICS, "--list").splitlines()


def test_console_producer_and_consumer_carry_keys_headers_and_nulls(tools: Tools, topic: str) -> None:
    lines = ["h1:v1,h2:v2\tkey\tvalue", "h1:only\tNULL\tno key", "NULL\ttombstone\tNULL"]
    parse = ["--reader-property", "parse.key=true", "--reader-property", "parse.headers=true"]
    parse += ["--reader-property", "null.marker=NULL", "--compression-codec", "zstd"]
    tools.run(PRODUCER, "--topic", topic, *parse, stdin="\n".join(lines) + "\n")
    shown = [f"--formatter-property=print.{what}=true" for what in ("offset", "partition", "headers", "key")]
    consume = ["--topic", topic, "--partition", "0", "--timeout-ms", "20000"]
    read = tools.run(CONSUMER, *consume, "--offset", "earliest", "--max-messages", "3", *shown).splitlines()
    assert read == [
        "Partition:0\tOffset:0\th1:v1,h2:v2\tkey\tvalue",
        "Partition:0\tOffset:1\th1:only\tnull\tno key",
        "Partition:0\tOffset:2\tNO_HEADERS\ttombstone\tnull",
    ]
    assert tools.run(CONSUMER, *consume, "--offset", "1", "--max-messages", "1").splitlines() == ["no key"]


def test_get_offsets_after_producer_perf_test(tools: Tools, topic: str) -> None:
    load = ["--topic", topic, "--num-records", "2000", "--record-size", "100", "--throughput", "-1"]
    report = run_tool(PERFORMANCE, *load, "--producer-props", f"bootstrap.servers={tools.bootstrap}", "linger.ms=5")
    assert report.returncode == 0, report.stdout + report.stderr
    assert "2000 records sent" in report.stdout
    assert tools.run(GET_OFFSETS, "--topic", topic) == f"{topic}:0:2000\n"
    assert tools.run(GET_OFFSETS, "--topic", topic, "--time", "earliest") == f"{topic}:0:0\n"


def test_broker_api_versions_shows_no_api_that_the_tool_does_not_know(tools: Tools) -> None:
    shown = tools.run(API_VERSIONS)
    assert shown.startswith(tools.bootstrap)
    assert re.search(r"\tProduce\(0\): 0 to \d+ \[usable: \d+\]", shown)
    assert "UNKNOWN(" not in shown
