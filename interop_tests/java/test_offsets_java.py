"""Committed offsets as Kafka's own tools read and change them."""

from __future__ import annotations

import json
import re

import pytest

from interop_tests.clients import Client, Record
from scripts.reference_broker import run_tool
from tests.support.brokers import Broker, require_commands

CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
OFFSETS_FORMATTER = "org.apache.kafka.tools.consumer.OffsetsMessageFormatter"


@pytest.fixture(autouse=True)
def _toolchain() -> None:
    require_commands("java", "mvn")


def run(broker: Broker, tool: str, *args: str) -> str:
    """Standard output of the tool, which must end well."""
    done = run_tool(tool, "--bootstrap-server", broker.bootstrap, *args)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def offsets_of(broker: Broker, group: str) -> dict[str, tuple[str, str]]:
    """Partition to (current offset, lag) as kafka-consumer-groups describes the group."""
    described = run(broker, GROUPS, "--describe", "--group", group)
    rows = re.findall(rf"^{group}\s+\S+\s+(\d+)\s+(\S+)\s+\d+\s+(\S+)", described, re.MULTILINE)
    return {partition: (offset, lag) for partition, offset, lag in rows}


def test_tools_commit_read_reset_and_delete_offsets(broker: Broker, admin: Client, topic: str) -> None:
    """A console consumer commits, the formatter reads the records, kafka-consumer-groups changes them."""
    group = f"tools-{topic}"
    admin.create_topic(topic, partitions=2)
    for partition in range(2):
        admin.produce(topic, [Record(value=b"v")] * 10, partition=partition)
    read = run(broker, CONSUMER, "--topic", topic, "--group", group, "--from-beginning", "--max-messages", "20")
    assert read.split() == ["v"] * 20
    assert offsets_of(broker, group) == {"0": ("10", "0"), "1": ("10", "0")}

    formatted = run(
        broker,
        CONSUMER,
        "--topic",
        "__consumer_offsets",
        "--from-beginning",
        "--timeout-ms",
        "5000",
        "--formatter",
        OFFSETS_FORMATTER,
    )
    records = json.loads("[" + formatted.replace("}{", "},{") + "]")
    last = {
        record["key"]["data"]["partition"]: record["value"]
        for record in records
        if record["key"]["data"]["group"] == group and record["key"]["data"]["topic"] == topic
    }
    assert {partition: value["data"]["offset"] for partition, value in last.items()} == {0: 10, 1: 10}
    assert {value["version"] for value in last.values()} == {4}

    run(broker, GROUPS, "--group", group, "--topic", topic, "--reset-offsets", "--shift-by", "-3", "--execute")
    assert offsets_of(broker, group) == {"0": ("7", "3"), "1": ("7", "3")}
    assert "Successful" in run(broker, GROUPS, "--group", group, "--topic", f"{topic}:1", "--delete-offsets")
    assert offsets_of(broker, group) == {"0": ("7", "3")}
