"""Requests of groups that no ordinary client sends, against Apache Kafka: odd ids, timeouts, protocols and assignments."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest
from kafka_compat.protocol.messages.join_group import JoinGroupResponse
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.group_records import compare_group_logs
from tests.conformance.group_script import Cast, GroupScript, Scripts, scripts, subscription
from tests.conformance.offset_requests import OffsetCases, Offsets

RANGE = (("range", subscription("orders")),)


@pytest.fixture
def script_of(both: Both) -> Iterator[Scripts]:
    with scripts(both, compare_group_logs) as make:
        yield make


@pytest.mark.parametrize("client_id", [None, "", "größer 😀", "a-b-c", "x" * 1000])
def test_clients_with_odd_names(script_of: Scripts, client_id: str | None) -> None:
    """The member's id begins with the client's."""
    script = script_of("client-id")
    for cast in script.casts:
        cast.use_client("a", client_id)
    responses = script.join("a")
    beginnings = [response.member_id[:-36] for response in responses if isinstance(response, JoinGroupResponse)]
    assert beginnings == [beginnings[0]] * len(script.casts)
    script.describe(range(7))
    script.sync("a", assign=["a"])
    script.describe(range(7))


@pytest.mark.parametrize("group", [" ", "größer 😀", "a/b\x00c\n", "g" * 30_000])
def test_groups_with_odd_names(script_of: Scripts, both: Both, group: str) -> None:
    script = script_of("odd", both.name(group))
    script.join("a")
    script.sync("a", assign=["a"])
    script.describe()
    script.leave("a")
    script.delete()


@pytest.mark.parametrize("instance", ["", " ", "größer 😀", "i" * 30_000])
def test_static_members_with_odd_names(script_of: Scripts, instance: str) -> None:
    script = script_of("instance")
    for version in range(5, 10):
        script.join("a", instance=instance, member="", version=version)
    script.sync("a", instance=instance, assign=["a"])
    script.join("b", instance=instance)
    script.describe()
    script.leave("b", member="", instance=instance)
    script.describe()


@pytest.mark.parametrize("rebalance_ms", [0, -1, -(1 << 31), (1 << 31) - 1])
def test_odd_rebalance_timeouts(script_of: Scripts, rebalance_ms: int) -> None:
    script = script_of("timeout")
    script.join("a", rebalance_ms=rebalance_ms)
    if rebalance_ms > 0:
        script.sync("a", assign=["a"])
    else:  # nobody syncs as fast as that
        script.until("Empty", 0)
        script.sync("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
        script.heartbeat("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()


@pytest.mark.parametrize(
    ("protocols", "of_another", "is_refused"),
    [
        # A protocol counts as often as it is named, so not all of one member can use it.
        ((("range", subscription("t")), ("sticky", b""), ("range", subscription("u"))), "range", True),
        ((("range", subscription("t")), ("sticky", b""), ("range", subscription("u"))), "sticky", False),
        ((("", subscription("t")), ("", subscription("u")), ("sticky", subscription("t"))), "", True),
        (tuple((f"p{number}", subscription("t")) for number in range(300)), "p299", False),
    ],
)
def test_protocols_named_twice_and_many(
    script_of: Scripts, protocols: tuple[tuple[str, bytes], ...], of_another: str, is_refused: bool
) -> None:
    script = script_of("twice")
    responses = script.join("a", protocols=protocols)
    assert isinstance(responses[0], JoinGroupResponse)
    script.describe()
    script.sync("a", assign=["a"], protocol_name=responses[0].protocol_name)
    script.describe()
    script.begin_join("b", instance="b", protocols=((of_another, subscription("v")),), expect=ANY_ERROR)
    if not is_refused:
        script.until("PreparingRebalance", 2)
        script.join("a", protocols=protocols)
    script.answer("b")
    script.describe()


def test_odd_assignments(script_of: Scripts) -> None:
    """To somebody twice, to strangers, and by one who does not lead."""
    script = script_of("assignments")
    script.join("a", instance="a")
    script.begin_join("b", instance="b")
    script.until("PreparingRebalance", 2)
    script.join("a", instance="a")
    script.answer("b")

    def sync(who: str, *assignments: tuple[str, bytes]) -> Callable[[Cast], Message]:
        return lambda cast: SyncGroupRequest(
            group_id=script.group,
            generation_id=cast.generations[who],
            member_id=cast.id(who),
            group_instance_id=who,
            protocol_type="consumer",
            protocol_name="range",
            assignments=[
                SyncGroupRequestAssignment(member_id=cast.ids.get(name, name), assignment=assignment)
                for name, assignment in assignments
            ],
        )

    script.begin("b", "sync", sync("b", ("a", b"of b"), ("b", b"of b")), 5)
    script.call("a", "sync", sync("a", ("a", b"1"), ("stranger", b"2"), ("a", b"3"), ("", b"4"), ("b", bytes(100_000))), 5)
    script.answer("b")
    script.describe()
    script.call("a", "sync", sync("a", ("a", b"changed")), 5)
    script.describe()


def test_odd_leaves(script_of: Scripts) -> None:
    script = script_of("leaves")
    script.join("a", instance="a")
    script.ask_id("b")
    identities: list[tuple[str, str | None]] = [
        ("", None),
        ("", ""),
        ("b", "a"),
        ("a", ""),
        ("stranger", "a"),
        ("stranger", "stranger"),
        ("a", "stranger"),
        ("b", "stranger"),
        ("b", None),
        ("a", "a"),
        ("a", None),
    ]

    def leave(*some: tuple[str, str | None]) -> Callable[[Cast], Message]:
        return lambda cast: LeaveGroupRequest(
            group_id=script.group,
            members=[
                MemberIdentity(member_id=cast.ids.get(who, who), group_instance_id=instance, reason=None)
                for who, instance in some
            ],
        )

    for version in (3, 4, 5):
        script.call(
            "admin",
            "leave nobody",
            leave(*identities[:2], *identities[3:7]),
            version,
            expect={ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.FENCED_INSTANCE_ID},
        )
    script.call("admin", "leave by another's instance", leave(identities[2]), 5)
    script.describe()
    script.join("a", instance="a", member="")
    script.call("admin", "leave all", leave(*identities), 5, expect={ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.FENCED_INSTANCE_ID})
    script.describe()
    for version in range(3):
        script.call(
            "admin",
            "leave without an id",
            lambda _: LeaveGroupRequest(group_id=script.group),
            version,
            expect={ErrorCode.UNKNOWN_MEMBER_ID},
        )


def test_odd_describes(both: Both) -> None:
    GroupScript(both, "ready").finish()
    for name in (" ", "größer 😀", "g" * 30_000):
        both.compare("describe", DescribeGroupsRequest(groups=[name]), range(7), expect={ErrorCode.GROUP_ID_NOT_FOUND})


def test_fetches_that_name_a_member(both: Both, script_of: Scripts) -> None:
    """KIP-848 has members name themselves in OffsetFetch; classic groups have nothing to compare it with."""
    topic = both.create_topic(both.name("fetched-by"), 1)
    cases = OffsetCases(both)
    script = script_of("fetching")
    script.join("a")
    script.sync("a", assign=["a"])
    simple = both.name("simple")
    cases.commit("commit", simple, Offsets(topic, [(0, 1, "")]), versions=range(9, 10))
    for group in (script.group, simple, both.name("nobody")):
        for member_id, epoch in ((None, -1), (None, 5), ("", -1), ("", 5), ("stranger", -1), ("stranger", 5)):
            request = OffsetFetchRequest(
                groups=[OffsetFetchRequestGroup(group_id=group, member_id=member_id, member_epoch=epoch, topics=None)]
            )
            both.compare(f"{member_id} {epoch}", request, range(9, 11))


def test_heartbeats_of_strangers_and_pending_members(script_of: Scripts) -> None:
    script = script_of("hearts")
    script.ask_id("a")
    for generation in (-1, 0, 1):
        script.heartbeat("a", generation=generation, expect={ErrorCode.UNKNOWN_MEMBER_ID})
        script.heartbeat("a", generation=generation, instance="a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
        script.heartbeat("a", generation=generation, member="", expect={ErrorCode.UNKNOWN_MEMBER_ID})
        script.sync("a", generation=generation, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("a")
    for generation in (-1, 0, 1, 2):
        script.heartbeat("a", generation=generation, expect=ANY_ERROR)
        script.heartbeat("a", generation=generation, instance="a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
        script.heartbeat("a", generation=generation, member="", expect={ErrorCode.UNKNOWN_MEMBER_ID})
        script.sync("a", generation=generation, member="stranger", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()


def test_a_connection_may_speak_for_any_member(script_of: Scripts) -> None:
    """Members are told apart by their ids alone."""
    script = script_of("shared")
    script.join("a")
    for cast in script.casts:
        cast.ids["b"], cast.generations["b"] = cast.ids["a"], cast.generations["a"]
    script.sync("b", assign=["a"])
    script.heartbeat("b")
    script.leave("b")
    script.heartbeat("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()
