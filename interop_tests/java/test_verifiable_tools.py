"""Kafka's verifiable clients, which its system tests run, and the consumer performance test, in groups."""

from __future__ import annotations

import json

import pytest

from interop_tests.clients import Client
from interop_tests.java.tools import tool
from tests.support.brokers import Broker, require_commands

RECORDS = 5000


@pytest.fixture(autouse=True)
def _toolchain() -> None:
    require_commands("java", "mvn")


def events(printed: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def test_verifiable_clients_account_for_every_record(broker: Broker, admin: Client, topic: str) -> None:
    admin.create_topic(topic, partitions=3)
    printed = tool(
        broker,
        "org.apache.kafka.tools.VerifiableProducer",
        *("--topic", topic, "--max-messages", str(RECORDS), "--throughput", "-1", "--acks", "-1"),
    )
    assert events(printed)[-1]["acked"] == RECORDS
    printed = tool(
        broker,
        "org.apache.kafka.tools.VerifiableConsumer",
        *("--topic", topic, "--group-id", f"verifiable-{topic}", "--max-messages", str(RECORDS)),
        *("--reset-policy", "earliest"),
    )
    read: dict[int, int] = {}
    committed: dict[int, int] = {}
    for event in events(printed):
        for partition in event.get("partitions", []):  # type: ignore[attr-defined]
            if event["name"] == "records_consumed":
                # No gap and no repetition within a partition.
                assert partition["minOffset"] == read.get(partition["partition"], 0)
                read[partition["partition"]] = partition["maxOffset"] + 1
        if event["name"] == "offsets_committed":
            assert event["success"], event
            for offset in event["offsets"]:  # type: ignore[attr-defined]
                committed[offset["partition"]] = offset["offset"]
    assert sum(read.values()) == RECORDS
    assert {partition: offset for partition, offset in committed.items() if offset} == read


def test_consumer_performance_reads_all(broker: Broker, admin: Client, topic: str) -> None:
    admin.create_topic(topic, partitions=3)
    tool(
        broker,
        "org.apache.kafka.tools.VerifiableProducer",
        *("--topic", topic, "--max-messages", str(RECORDS), "--throughput", "-1"),
    )
    printed = tool(
        broker,
        "org.apache.kafka.tools.ConsumerPerformance",
        *("--topic", topic, "--num-records", str(RECORDS), "--group", f"performance-{topic}"),
    )
    figures = printed.strip().splitlines()[-1].split(", ")
    assert figures[4] == str(RECORDS), printed
