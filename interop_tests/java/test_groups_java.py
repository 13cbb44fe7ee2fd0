"""Consumer groups with Kafka's own consumer and tools: console consumers that share a topic, and kafka-consumer-groups."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from interop_tests.clients import Client
from interop_tests.java.tools import tool
from kafka_compat.protocol.messages.describe_groups import DescribedGroup, DescribeGroupsRequest, DescribeGroupsResponse
from scripts.reference_broker import java_command, run_tool
from tests.support.brokers import Broker, require_commands
from tests.support.wire_client import WireClient

CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"


@pytest.fixture(autouse=True)
def _toolchain() -> None:
    require_commands("java", "mvn")


def rows(table: str) -> list[dict[str, str]]:
    """The rows of a table that kafka-consumer-groups prints, by column."""
    head, *lines = [line.split() for line in table.splitlines() if line.strip()]
    return [dict(zip(head, line, strict=False)) for line in lines]


class ConsoleConsumers:
    """kafka-console-consumer processes of one group, which end with SIGTERM."""

    def __init__(self, bootstrap: str, group: str) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, topic: str, *properties: str) -> subprocess.Popen[bytes]:
        command = ["--bootstrap-server", self._bootstrap, "--topic", topic, "--group", self._group, "--from-beginning"]
        for each in properties:
            command += ["--command-property", each]
        process = subprocess.Popen(
            java_command(CONSUMER, *command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        self.processes.append(process)
        return process

    def wait_for(self, condition: Callable[[DescribedGroup], bool]) -> DescribedGroup:
        """The group as it is when `condition` holds."""
        deadline = time.monotonic() + 180
        with WireClient(self._bootstrap) as client:
            while True:
                group = client.call(DescribeGroupsRequest(groups=[self._group]), 5, DescribeGroupsResponse).groups[0]
                if condition(group):
                    return group
                assert time.monotonic() < deadline, group
                time.sleep(0.05)

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)


@pytest.fixture
def consumers(broker: Broker, topic: str) -> Iterator[ConsoleConsumers]:
    started = ConsoleConsumers(broker.bootstrap, f"group-of-{topic}")
    yield started
    started.close()


def test_groups_tool_shows_resets_and_deletes(broker: Broker, topic: str, admin: Client) -> None:
    group = f"group-of-{topic}"
    admin.create_topic(topic, partitions=1)
    tool(broker, PRODUCER, "--topic", topic, stdin="".join(f"{number}\n" for number in range(10)))
    consume = ["--topic", topic, "--group", group, "--timeout-ms", "30000"]
    read = tool(broker, CONSUMER, *consume, "--from-beginning", "--max-messages", "10")
    assert read.split() == [str(number) for number in range(10)]
    (offset,) = rows(tool(broker, GROUPS, "--describe", "--group", group))
    assert (offset["TOPIC"], offset["PARTITION"], offset["CURRENT-OFFSET"], offset["LAG"]) == (topic, "0", "10", "0")
    assert group in tool(broker, GROUPS, "--list").split()
    assert group in tool(broker, GROUPS, "--list", "--state", "Empty", "--type", "classic")
    assert group not in tool(broker, GROUPS, "--list", "--state", "Stable")
    assert "Empty" in tool(broker, GROUPS, "--describe", "--group", group, "--state")
    tool(broker, GROUPS, "--reset-offsets", "--group", group, "--topic", topic, "--to-offset", "7", "--execute")
    assert tool(broker, CONSUMER, *consume, "--max-messages", "3").split() == ["7", "8", "9"]
    tool(broker, GROUPS, "--delete-offsets", "--group", group, "--topic", topic)
    assert topic not in tool(broker, GROUPS, "--describe", "--group", group)
    tool(broker, GROUPS, "--delete", "--group", group)
    assert group not in tool(broker, GROUPS, "--list").split()


@pytest.mark.parametrize("strategy", ["RangeAssignor", "CooperativeStickyAssignor"])
def test_console_consumers_share_a_topic_and_take_over(
    broker: Broker, topic: str, admin: Client, consumers: ConsoleConsumers, strategy: str
) -> None:
    admin.create_topic(topic, partitions=4)
    group = f"group-of-{topic}"
    assignor = f"partition.assignment.strategy=org.apache.kafka.clients.consumer.{strategy}"
    for number in range(3):
        consumers.start(topic, assignor, f"client.id=console-{number}")

    def is_shared(described: DescribedGroup) -> bool:
        return described.group_state == "Stable" and len(described.members) == 3

    consumers.wait_for(is_shared)
    if strategy == "CooperativeStickyAssignor":
        # What moves is given up in one rebalance and taken up in the next.
        consumers.wait_for(
            lambda described: is_shared(described) and all(len(m.member_assignment) > 10 for m in described.members)
        )
    members = rows(tool(broker, GROUPS, "--describe", "--group", group, "--members", "--verbose"))
    assert sorted(member["CLIENT-ID"] for member in members) == ["console-0", "console-1", "console-2"]
    assert sum(int(member["#PARTITIONS"]) for member in members) == 4
    refused = run_tool(GROUPS, "--bootstrap-server", broker.bootstrap, "--delete", "--group", group)
    assert "GroupNotEmptyException" in refused.stdout + refused.stderr
    consumers.processes[0].terminate()  # leaves
    consumers.wait_for(lambda described: described.group_state == "Stable" and len(described.members) == 2)
    consumers.close()
    consumers.wait_for(lambda described: described.group_state == "Empty")


def test_static_console_consumer_returns_to_its_partitions(
    broker: Broker, topic: str, admin: Client, consumers: ConsoleConsumers
) -> None:
    """KIP-345: killed and started again within its session, it is the same member, and nobody else notices."""
    admin.create_topic(topic, partitions=2)
    for number in range(2):
        consumers.start(topic, f"group.instance.id=instance-{number}")
    before = consumers.wait_for(lambda described: described.group_state == "Stable" and len(described.members) == 2)
    consumers.processes[0].kill()
    consumers.start(topic, "group.instance.id=instance-0")
    ids = {member.member_id for member in before.members}
    after = consumers.wait_for(lambda described: {member.member_id for member in described.members} != ids)
    assert after.group_state == "Stable"
    assert {member.group_instance_id: member.member_assignment for member in after.members} == {
        member.group_instance_id: member.member_assignment for member in before.members
    }
