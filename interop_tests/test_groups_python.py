"""Consumer groups of the Python clients: members that come and go, offsets that outlive them and the broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import pytest

from interop_tests.clients import Client, Record
from interop_tests.group_members import MEMBERS, GroupMember
from tests.brokers import Broker

PARTITIONS = 6
# Session timeouts and reconnections are the clients' own; nothing here should come near.
_DEADLINE_S = 40.0

Join = Callable[[str], GroupMember]


@pytest.fixture(params=sorted(MEMBERS))
def join(request: pytest.FixtureRequest, broker: Broker, topic: str) -> Iterator[Join]:
    """Makes members of a group that subscribe to `topic`; those still there leave at the end."""
    members: list[GroupMember] = []

    def make(group: str) -> GroupMember:
        members.append(MEMBERS[request.param](broker.bootstrap, group, topic))
        return members[-1]

    yield make
    for member in members:
        member.close()


def produce(admin: Client, topic: str, per_partition: int, tag: str) -> list[bytes]:
    """Records in every partition; their values, sorted."""
    values = []
    for partition in range(PARTITIONS):
        records = [Record(value=f"{tag}-{partition}-{index}".encode()) for index in range(per_partition)]
        admin.produce(topic, records, partition=partition)
        values += [record.value or b"" for record in records]
    return sorted(values)


def poll_until(members: Sequence[GroupMember], is_done: Callable[[list[bytes]], bool]) -> list[bytes]:
    """Poll all in turns until what they read together is enough; what they read, sorted."""
    deadline = time.monotonic() + _DEADLINE_S
    read: list[bytes] = []
    while not is_done(read):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(read)} records, assignments {[member.assignment() for member in members]}")
        for member in members:
            read += member.poll()
    return sorted(read)


def share_all(members: Sequence[GroupMember]) -> bool:
    """Whether every partition has one owner and the shares are even."""
    shares = [member.assignment() for member in members]
    return (
        set().union(*shares) == set(range(PARTITIONS))
        and all(not left & right for left, right in combinations(shares, 2))
        and {len(share) for share in shares} == {PARTITIONS // len(members)}
    )


def test_three_members_share_a_topic_and_take_over_from_those_that_leave(
    request: pytest.FixtureRequest, join: Join, admin: Client, topic: str, broker: Broker
) -> None:
    """Each record is read once, by whoever has its partition; members join and leave in between."""
    if request.node.callspec.params["join"] == "kafka_python":
        # About every third run one member joins again after each generation, so that the group never settles; not understood.
        pytest.skip("kafka-python 3.0.12: two members of three that are left may rebalance for ever; see the issue of groups")
    admin.create_topic(topic, partitions=PARTITIONS)
    group = f"group-{topic}"
    members = [join(group)]
    poll_until(members, lambda _: share_all(members))
    members += [join(group), join(group)]
    poll_until(members, lambda _: share_all(members))
    expected = produce(admin, topic, 20, "three")
    assert poll_until(members, lambda read: len(read) >= len(expected)) == expected
    for member in members:
        member.commit()
    members.pop(0).close()
    poll_until(members, lambda _: share_all(members))
    expected = produce(admin, topic, 20, "two")
    assert poll_until(members, lambda read: len(read) >= len(expected)) == expected
    for member in members:
        member.commit()
    members.pop(0).close()
    poll_until(members, lambda _: share_all(members))
    expected = produce(admin, topic, 20, "one")
    assert poll_until(members, lambda read: len(read) >= len(expected)) == expected
    assert [members[0].committed(partition) for partition in range(PARTITIONS)] == [40] * PARTITIONS


def test_a_group_goes_on_where_it_committed_after_kill_and_restart(
    join: Join, admin: Client, topic: str, broker: Broker
) -> None:
    """What was committed is there after kill -9, for the member that lived on and for the next one."""
    admin.create_topic(topic, partitions=PARTITIONS)
    group = f"group-{topic}"
    member = join(group)
    expected = produce(admin, topic, 10, "committed")
    assert poll_until([member], lambda read: len(read) >= len(expected)) == expected
    member.commit()
    again = produce(admin, topic, 5, "not committed")
    assert poll_until([member], lambda read: len(read) >= len(again)) == again
    broker.kill()
    broker.start()
    after = produce(admin, topic, 5, "after")
    assert poll_until([member], lambda read: set(after) <= set(read))
    member.close()
    successor = join(group)
    assert poll_until([successor], lambda read: len(read) >= len(again + after)) == sorted(again + after)
    assert successor.committed(0) == 10
