"""kcat as a group member: librdkafka's balanced consumer from the command line. It commits what it printed, at its end at the
latest.

kcat 1.7.1 has no seek and no pause, and a commit only of its own accord.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from interop_tests.clients import Client
from interop_tests.group_contract import broker_process
from kafka_compat.protocol.messages.consumer_protocol_assignment import ConsumerProtocolAssignment
from kafka_compat.protocol.messages.describe_groups import (
    DescribedGroup,
    DescribedGroupMember,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)
from kafka_compat.wire.primitives import Reader
from tests.support.brokers import Broker, require_commands
from tests.support.wire_client import WireClient

__all__ = ["broker_process"]

PARTITIONS = 6

_DEADLINE_S = 120


@pytest.fixture(autouse=True)
def _toolchain() -> None:
    require_commands("kcat")


def wait_until(is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _DEADLINE_S
    while not is_done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def partitions_of(member: DescribedGroupMember) -> list[int]:
    """What the leader assigned to it."""
    if not member.member_assignment:
        return []
    reader = Reader(member.member_assignment)
    assignment = ConsumerProtocolAssignment.decode(reader, reader.int16())
    return [partition for topic in assignment.assigned_partitions for partition in topic.partitions]


class Kcat:
    """One process; what it prints goes to a file: the partition, the offset and the value of each record."""

    def __init__(self, bootstrap: str, group: str, topic: str, output: Path, settings: Sequence[str]) -> None:
        self._output = output
        command = ["kcat", "-b", bootstrap, "-u", "-q", "-f", "%p %o %s\n"]
        for setting in ("auto.offset.reset=earliest", "heartbeat.interval.ms=300", "fetch.wait.max.ms=200", *settings):
            command += ["-X", setting]
        with output.open("wb") as file:
            self._process = subprocess.Popen([*command, "-G", group, topic], stdout=file, stderr=subprocess.DEVNULL)

    def read(self) -> list[tuple[int, int, bytes]]:
        """Partition, offset and value, of whole lines only."""
        lines = self._output.read_bytes().split(b"\n")[:-1]
        return [(int(partition), int(offset), value) for partition, offset, value in (line.split(b" ", 2) for line in lines)]

    def leave(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Group:
    """A topic, the kcats that read it as a group, and all that was produced."""

    def __init__(self, broker: Broker, admin: Client, topic: str, directory: Path) -> None:
        self._broker = broker
        self._admin = admin
        self._topic = topic
        self._directory = directory
        self.name = f"kcat-{topic}"
        self._all: list[Kcat] = []
        self._produced: list[tuple[int, int, bytes]] = []
        admin.create_topic(topic, partitions=PARTITIONS)

    def join(self, *settings: str) -> Kcat:
        output = self._directory / f"member-{len(self._all)}"
        self._all.append(Kcat(self._broker.bootstrap, self.name, self._topic, output, settings))
        return self._all[-1]

    def produce(self, per_partition: int) -> None:
        """With kcat, one line for each record."""
        for partition in range(PARTITIONS):
            first = sum(1 for each in self._produced if each[0] == partition)
            values = [b"%d-%d" % (partition, offset) for offset in range(first, first + per_partition)]
            where = ["-t", self._topic, "-p", str(partition)]
            subprocess.run(["kcat", "-b", self._broker.bootstrap, "-P", *where], input=b"\n".join(values), check=True)
            self._produced += [(partition, first + index, value) for index, value in enumerate(values)]

    def read(self) -> list[tuple[int, int, bytes]]:
        return sorted(record for member in self._all for record in member.read())

    def wait_until_all_is_read(self) -> None:
        """Returns when as much was printed as was produced; fails unless it is the same, each record once."""
        wait_until(lambda: len(self.read()) >= len(self._produced))
        assert self.read() == sorted(self._produced)

    def wait_for(self, is_right: Callable[[DescribedGroup], bool]) -> DescribedGroup:
        with WireClient(self._broker.bootstrap) as client:
            found: list[DescribedGroup] = []

            def look() -> bool:
                found[:] = client.call(DescribeGroupsRequest(groups=[self.name]), 5, DescribeGroupsResponse).groups
                return is_right(found[0])

            wait_until(look)
            return found[0]

    def wait_until_shared(self, members: int) -> DescribedGroup:
        """Until each of that many members has its even share."""
        return self.wait_for(
            lambda group: (
                group.group_state == "Stable"
                and sorted(partition for member in group.members for partition in partitions_of(member))
                == list(range(PARTITIONS))
                and [len(partitions_of(member)) for member in group.members] == [PARTITIONS // members] * members
            )
        )

    def committed(self) -> list[int]:
        consumer = Consumer({"bootstrap.servers": self._broker.bootstrap, "group.id": self.name})
        found = consumer.committed([TopicPartition(self._topic, partition) for partition in range(PARTITIONS)], 20)
        consumer.close()
        return [at.offset for at in found]

    def close(self) -> None:
        for member in self._all:
            member.kill()


@pytest.fixture
def group(broker: Broker, admin: Client, topic: str, tmp_path: Path) -> Iterator[Group]:
    made = Group(broker, admin, topic, tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("assignor", ["range", "cooperative-sticky"])
def test_three_members_join_and_leave_one_after_the_other(group: Group, assignor: str) -> None:
    """Each record is printed once: members commit what they have printed when they give it up."""
    settings = [f"partition.assignment.strategy={assignor}"]
    members = []
    for count in (1, 2, 3):
        members.append(group.join(*settings))
        group.wait_until_shared(count)
        group.produce(20)
        group.wait_until_all_is_read()
    for count in (2, 1):
        members.pop(0).leave()
        group.wait_until_shared(count)
        group.produce(20)
        group.wait_until_all_is_read()
    members.pop().leave()
    assert group.wait_for(lambda described: described.group_state == "Empty").members == []
    assert group.committed() == [100] * PARTITIONS
    # The next one goes on where the group stopped.
    group.produce(10)
    group.join(*settings)
    group.wait_until_all_is_read()


def test_a_static_member_comes_back_to_its_partitions(group: Group) -> None:
    """Killed and started again before its session times out: the other one keeps its share, and nothing comes twice."""

    def settings(name: str) -> list[str]:
        return [f"group.instance.id={name}", "auto.commit.interval.ms=100"]

    one, _ = group.join(*settings("one")), group.join(*settings("other"))
    before = group.wait_until_shared(2)
    group.produce(20)
    group.wait_until_all_is_read()
    wait_until(lambda: group.committed() == [20] * PARTITIONS)
    one.kill()
    group.produce(20)
    group.join(*settings("one"))
    group.wait_until_all_is_read()
    after = group.wait_until_shared(2)
    shares = [{member.group_instance_id: partitions_of(member) for member in each.members} for each in (before, after)]
    assert shares[0] == shares[1]
    assert [member.member_id for member in before.members] != [member.member_id for member in after.members]
