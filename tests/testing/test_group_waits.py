"""Waiting for groups: that they are assigned and know where to begin, and that they have consumed what there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.join_group import JoinGroupResponse
from kafka_compat.protocol.messages.sync_group import SyncGroupResponse
from kafka_compat.testing import Kafka
from tests.support.transaction_steps import CONFIGS
from tests.support.wire_client import WireClient
from tests.testing.group_steps import EARLIEST, ask_for_begin, commit, join_alone, join_request, sync_request
from tests.testing.test_waits import in_thread, until_waiting


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"t": 2}, configs=CONFIGS) as kafka:
        yield kafka


@pytest.fixture
def client(kafka: Kafka) -> Iterator[WireClient]:
    with WireClient(kafka.bootstrap_servers) as client:
        yield client


def test_an_assignment_waits_until_the_consumer_has_asked_where_to_begin(kafka: Kafka, client: WireClient) -> None:
    """A consumer that reads from latest would miss what is produced between its assignment and its question."""
    waiting = in_thread(lambda: kafka.wait_for_assignment("app", members=1))
    until_waiting(kafka)
    member_id, generation = join_alone(client, "app", [("t", 0), ("t", 1)])
    ask_for_begin(client, "t", 0)
    with pytest.raises(TimeoutError) as info:
        kafka.wait_for_assignment("app", timeout_s=0.01)
    assert str(info.value) == (
        f"waited 0.01 s for the assignment of group app: group app is Stable in generation 1 with 1 member: {member_id} "
        "(subscribed to t, assigned t-0, t-1); it last rebalanced because: Adding new member "
        f"{member_id} with group instance id null; client reason: not provided; {member_id} has not asked where to begin with "
        "t-1, of which the group has no committed offset: is it polled?"
    )
    ask_for_begin(client, "t", 1)
    view = waiting.result(10)
    assert (view.state, view.generation, view.leader) == ("Stable", generation, member_id)
    (member,) = view.members
    assert (member.id, member.client_id, member.host) == (member_id, "wire-client", "/127.0.0.1")
    assert (member.topics, member.assignment) == (("t",), (("t", 0), ("t", 1)))


def test_a_member_that_does_not_know_its_assignment_yet_has_none(kafka: Kafka, client: WireClient) -> None:
    """The leader has brought it, and the group is stable; the other member still has to ask, and then where to begin."""
    leader_id, _ = join_alone(client, "app", [("t", 0), ("t", 1)])
    request = join_request("app", ["t"])
    with WireClient(kafka.bootstrap_servers) as other:
        request.member_id = other.call(request, 5, JoinGroupResponse).member_id
        other.send(request, 5)
        kafka.wait_for(lambda: kafka.groups["app"].state == "PreparingRebalance")
        again = join_request("app", ["t"])
        again.member_id = leader_id
        generation = client.call(again, 5, JoinGroupResponse).generation_id
        other_id = other.receive(request, 5, JoinGroupResponse).member_id
        assigned = {leader_id: [("t", 0)], other_id: [("t", 1)]}
        client.call(sync_request("app", leader_id, generation, assigned), 5, SyncGroupResponse)
        ask_for_begin(client, "t", 0)
        assert kafka.groups["app"].state == "Stable"
        with pytest.raises(TimeoutError, match=f"{other_id} has not asked for its assignment: is it polled"):
            kafka.wait_for_assignment("app", members=2, timeout_s=0.01)
        waiting = in_thread(lambda: kafka.wait_for_assignment("app", members=2))
        until_waiting(kafka)
        other.call(sync_request("app", other_id, generation, {}), 5, SyncGroupResponse)
        until_waiting(kafka)
        ask_for_begin(other, "t", 1)
        assert {member.id: list(member.assignment) for member in waiting.result(10).members} == assigned


def test_a_consumer_with_a_committed_offset_begins_there(kafka: Kafka, client: WireClient) -> None:
    member = join_alone(client, "app", [("t", 0), ("t", 1)])
    for partition in range(2):
        commit(client, "app", member, "t", partition, 0)
    assert kafka.wait_for_assignment("app").offsets == {("t", 0): 0, ("t", 1): 0}


def test_partitions_that_nobody_has_are_no_assignment(kafka: Kafka, client: WireClient) -> None:
    """As between the two rebalances of cooperative consumers, or before they have heard of a new topic."""
    join_alone(client, "app", [("t", 0)])
    ask_for_begin(client, "t", 0)
    with pytest.raises(TimeoutError, match="nobody is assigned t-1"):
        kafka.wait_for_assignment("app", timeout_s=0.01)


def test_a_group_that_waits_for_its_topic_is_not_assigned(kafka: Kafka, client: WireClient) -> None:
    join_alone(client, "app", topics=["new"])
    with pytest.raises(TimeoutError, match=r"assigned nothing.*there is no topic new, only t"):
        kafka.wait_for_assignment("app", timeout_s=0.01)
    with pytest.raises(TimeoutError, match=r"with 1 member.*it was to have 3"):
        kafka.wait_for_assignment("app", members=3, timeout_s=0.01)


def test_a_fetch_from_before_the_assignment_is_another_consumers(kafka: Kafka, client: WireClient) -> None:
    """A consumer that has just lost the partition still waits for records of it, under the same client id."""
    wanted = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)
    topics = [FetchTopic(topic="t", partitions=[wanted])]
    fetch = FetchRequest(max_wait_ms=30_000, min_bytes=1, max_bytes=1 << 20, topics=topics)
    with WireClient(kafka.bootstrap_servers) as other:
        other.send(fetch, 12)
        kafka.wait_for(lambda: [request.api for request in kafka.requests.under_way()] == ["Fetch"])
        join_alone(client, "app", [("t", 0), ("t", 1)])
        ask_for_begin(client, "t", 1)
        kafka.produce("t", "x", partition=0)
        other.receive(fetch, 12, FetchResponse)
        with pytest.raises(TimeoutError, match="has not asked where to begin with t-0, of which"):
            kafka.wait_for_assignment("app", timeout_s=0.01)
        other.call(fetch, 12, FetchResponse)
        kafka.wait_for_assignment("app")


def test_cooperative_consumers_read_on_what_they_keep(kafka: Kafka, client: WireClient) -> None:
    """Nobody asks again about what it had, and who got it from another does, though both are of one client id."""
    both = [("t", 0), ("t", 1)]
    join_alone(client, "app", both, protocol="cooperative-sticky")
    ask_for_begin(client, "t", 0)
    ask_for_begin(client, "t", 1)
    kafka.wait_for_assignment("app")
    join_alone(client, "again", both, protocol="cooperative-sticky", owned=both)
    kafka.wait_for_assignment("again")
    join_alone(client, "another", both, protocol="cooperative-sticky", owned=both[1:])
    with pytest.raises(TimeoutError, match="has not asked where to begin with t-0, of which"):
        kafka.wait_for_assignment("another", timeout_s=0.01)
    join_alone(client, "eager", both, owned=both)
    with pytest.raises(TimeoutError, match="has not asked where to begin with t-0, t-1"):
        kafka.wait_for_assignment("eager", timeout_s=0.01)


def test_a_group_has_consumed_what_it_has_committed_the_end_of(kafka: Kafka, client: WireClient) -> None:
    for number in range(3):
        kafka.produce("t", str(number), partition=0)
    member = join_alone(client, "app", [("t", 0), ("t", 1)])
    waiting = in_thread(lambda: kafka.wait_until_consumed("app", topic="t"))
    until_waiting(kafka)
    commit(client, "app", member, "t", 0, 2)
    assert kafka.groups["app"].lag == {("t", 0): 1}
    with pytest.raises(TimeoutError, match="t-0 is committed up to 2 and ends at 3, 1 behind"):
        kafka.wait_until_consumed("app", timeout_s=0.01)
    commit(client, "app", member, "t", 0, 3)
    waiting.result(10)
    kafka.wait_until_consumed("app")
    kafka.produce("t", "more", partition=1)
    kafka.wait_until_consumed("app")  # it has committed nothing of t-1
    with pytest.raises(TimeoutError, match="nothing of t-1 is committed, which ends at 1"):
        kafka.wait_until_consumed("app", topic="t", timeout_s=0.01)


def test_why_a_group_that_reads_from_latest_consumes_nothing_is_said(kafka: Kafka, client: WireClient) -> None:
    kafka.produce("t", "missed", partition=0)
    join_alone(client, "app", [("t", 0), ("t", 1)])
    assert ask_for_begin(client, "t", 0) == 1
    with pytest.raises(TimeoutError) as info:
        kafka.wait_until_consumed("app", topic="t", timeout_s=0.01)
    assert str(info.value).endswith(
        "nothing of t-0 is committed, which ends at 1 (its consumer asked for its end when it was assigned, and began at 1: it "
        "reads from latest, and 1 record had been written before)"
    )


def test_why_a_group_does_not_begin_is_said(kafka: Kafka, client: WireClient) -> None:
    kafka.produce("t", "x", partition=0)
    with pytest.raises(TimeoutError, match="there is no group app, nor any other"):
        kafka.wait_until_consumed("app", timeout_s=0.01)
    join_alone(client, "app", [("t", 0)])
    with pytest.raises(TimeoutError, match="its consumer has not asked where to begin: is it polled"):
        kafka.wait_until_consumed("app", topic="t", timeout_s=0.01)
    with pytest.raises(TimeoutError, match="it has committed no offset"):
        kafka.wait_until_consumed("app", timeout_s=0.01)
    assert ask_for_begin(client, "t", 0, EARLIEST) == 0
    with pytest.raises(TimeoutError, match="t-0 is committed, which ends at 1"):
        kafka.wait_until_consumed("app", topic="t", timeout_s=0.01)
    with pytest.raises(TimeoutError, match="there is no topic other, only t"):
        kafka.wait_until_consumed("app", topic="other", timeout_s=0.01)
    with pytest.raises(TimeoutError, match="there is no group missing, only app"):
        kafka.wait_until_consumed("missing", timeout_s=0.01)
