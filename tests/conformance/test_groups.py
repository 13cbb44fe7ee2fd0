"""Classic groups against Apache Kafka: scripts of members that join, sync, heartbeat and leave, and what admins see of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_groups import DeleteGroupsRequest
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.group_records import compare_group_logs
from tests.conformance.group_script import GroupScript, Scripts, scripts, subscription
from tests.conformance.normalise import normalise


@pytest.fixture
def script_of(both: Both) -> Iterator[Scripts]:
    with scripts(both, compare_group_logs) as make:
        yield make


def stable_pair(script: GroupScript, *, instances: tuple[str | None, str | None] = (None, None), **how: Any) -> None:
    """Members a (the leader) and b in a stable group, generation 2."""
    script.join("a", instance=instances[0], **how)
    script.sync("a", instance=instances[0], assign=["a"])
    if instances[1] is None:
        script.ask_id("b", **how)
    script.begin_join("b", instance=instances[1], **how)
    script.heartbeat_until("a", 27)
    script.join("a", instance=instances[0], **how)
    script.answer("b")
    script.begin_sync("b", instance=instances[1])
    script.sync("a", instance=instances[0], assign=["a", "b"])
    script.answer("b")


@pytest.mark.parametrize("version", range(10))
def test_life_of_one_member_in_every_version(script_of: Scripts, version: int) -> None:
    script = script_of("life")
    script.describe(range(7), expect=ANY_ERROR)
    script.join("a", version=version, protocols=(("roundrobin", subscription()), ("range", b"\x00\x01")))
    script.describe()
    name = "roundrobin"
    sync, heartbeat, leave = min(version, 5), min(version, 4), min(version, 5)
    script.sync("a", version=sync, assign=["a"], protocol_name=name)
    script.sync("a", version=sync, protocol_name=name)  # again
    script.heartbeat("a", version=heartbeat)
    script.describe(range(7))
    script.delete(min(version, 2), expect={ErrorCode.NON_EMPTY_GROUP})
    script.leave("a", version=leave)
    script.heartbeat("a", version=heartbeat, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.sync("a", version=sync, protocol_name=name, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("a", version=version, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.leave("a", version=leave, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe(range(7))
    script.delete(min(version, 2))
    script.delete(min(version, 2), expect={ErrorCode.GROUP_ID_NOT_FOUND})
    script.describe(expect={ErrorCode.GROUP_ID_NOT_FOUND})


def test_refusals_before_a_group_is_looked_at(both: Both, script_of: Scripts) -> None:
    group = script_of("refused").group
    protocols = [JoinGroupRequestProtocol(name="range", metadata=b"")]

    def join(**changed: object) -> JoinGroupRequest:
        values: dict[str, object] = {
            "group_id": group,
            "session_timeout_ms": 30_000,
            "rebalance_timeout_ms": -1,
            "member_id": "someone",
            "protocol_type": "consumer",
            "protocols": protocols,
        }
        return JoinGroupRequest(**{**values, **changed})  # type: ignore[arg-type]

    both.compare("join: no group id", join(group_id=""), range(10), expect={ErrorCode.INVALID_GROUP_ID})
    for session_ms in (5_999, 1_800_001, -1, 0):
        both.compare(
            f"join: session {session_ms}",
            join(session_timeout_ms=session_ms),
            range(10),
            expect={ErrorCode.INVALID_SESSION_TIMEOUT},
        )
    both.compare("join: unknown group", join(), range(10), expect={ErrorCode.UNKNOWN_MEMBER_ID})
    both.compare("join: instance", join(group_instance_id="i"), range(5, 10), expect={ErrorCode.UNKNOWN_MEMBER_ID})
    both.compare(
        "sync: no group id",
        SyncGroupRequest(protocol_type="consumer", protocol_name="range"),
        [5],
        expect={ErrorCode.INVALID_GROUP_ID},
    )
    both.compare(
        "sync: no group id",
        SyncGroupRequest(),
        range(6),
        expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL, ErrorCode.INVALID_GROUP_ID},
    )
    both.compare(
        "sync: unknown group",
        SyncGroupRequest(group_id=group, member_id="x"),
        range(6),
        expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL, ErrorCode.UNKNOWN_MEMBER_ID},
    )
    both.compare(
        "sync: unknown group",
        SyncGroupRequest(group_id=group, member_id="x", protocol_type="a", protocol_name="b"),
        [5],
        expect={ErrorCode.UNKNOWN_MEMBER_ID},
    )
    both.compare("heartbeat: no group id", HeartbeatRequest(), range(5), expect={ErrorCode.INVALID_GROUP_ID})
    both.compare(
        "heartbeat: unknown group",
        HeartbeatRequest(group_id=group, member_id="x", generation_id=1),
        range(5),
        expect={ErrorCode.UNKNOWN_MEMBER_ID},
    )
    both.compare("leave: no group id", LeaveGroupRequest(member_id="x"), range(3), expect={ErrorCode.INVALID_GROUP_ID})
    both.compare(
        "leave: no group id",
        LeaveGroupRequest(members=[MemberIdentity(member_id="x")]),
        range(3, 6),
        expect={ErrorCode.INVALID_GROUP_ID},
    )
    both.compare(
        "leave: unknown group", LeaveGroupRequest(group_id=group, member_id="x"), range(3), expect={ErrorCode.UNKNOWN_MEMBER_ID}
    )
    both.compare("leave: nobody", LeaveGroupRequest(group_id=group), range(3, 6))
    members = [MemberIdentity(member_id="x"), MemberIdentity(member_id="", group_instance_id="i")]
    both.compare(
        "leave: unknown group",
        LeaveGroupRequest(group_id=group, members=members),
        range(3, 6),
        expect={ErrorCode.UNKNOWN_MEMBER_ID},
    )
    names = [group, "", "never heard of", group]
    both.compare(
        "describe", DescribeGroupsRequest(groups=names), range(7), unordered=["groups"], expect={ErrorCode.GROUP_ID_NOT_FOUND}
    )
    both.compare(
        "describe: operations",
        DescribeGroupsRequest(groups=names, include_authorized_operations=True),
        range(3, 7),
        unordered=["groups"],
        expect={ErrorCode.GROUP_ID_NOT_FOUND},
    )
    both.compare("describe nothing", DescribeGroupsRequest(), range(7))
    both.compare(
        "delete",
        DeleteGroupsRequest(groups_names=names),
        range(3),
        unordered=["results"],
        expect={ErrorCode.GROUP_ID_NOT_FOUND},
    )
    both.compare("delete nothing", DeleteGroupsRequest(), range(3))


def test_protocols_must_be_named_and_agree(script_of: Scripts) -> None:
    script = script_of("protocols")
    script.join("a", protocols=(), expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.until("Empty", 0)
    script.describe()
    script.join("a", protocol_type="", expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.join("a")
    script.join("b", protocol_type="connect", expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.join("b", protocols=(("sticky", subscription()),), expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.join("b", protocols=(), expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.sync("a", protocol_type="connect", expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.sync("a", protocol_name="sticky", expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.sync("a", protocol_type=None, expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.sync("a", protocol_name=None, expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.sync("a", assign=["a"], version=4)
    script.join("a", protocols=(("sticky", subscription()),), expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL})
    script.describe()


@pytest.mark.parametrize(
    ("of_a", "of_b"),
    [
        (("range", "roundrobin"), ("roundrobin", "range")),  # a tie
        (("sticky", "range", "roundrobin"), ("roundrobin", "range")),
        (("cooperative-sticky", "range"), ("range", "cooperative-sticky")),
        (("a", "b", "c", "d"), ("d", "c", "b", "a")),
    ],
)
def test_the_protocol_most_members_like_is_selected(script_of: Scripts, of_a: tuple[str, ...], of_b: tuple[str, ...]) -> None:
    script = script_of("votes")
    for_a, for_b = (tuple((name, subscription(name)) for name in names) for names in (of_a, of_b))
    script.join("a", protocols=for_a)
    script.ask_id("b", protocols=for_b)
    script.begin_join("b", protocols=for_b)
    script.until("PreparingRebalance", 2)
    script.join("a", protocols=for_a)
    script.answer("b")
    script.describe()


def test_second_member_rebalances_the_group(script_of: Scripts) -> None:
    script = script_of("pair")
    script.join("a")
    script.sync("a", assign=["a"])
    script.ask_id("b")
    script.heartbeat("a")
    script.describe()
    script.begin_join("b")
    script.heartbeat_until("a", 27)
    script.heartbeat("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.sync("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.heartbeat("a", generation=0, expect={ErrorCode.ILLEGAL_GENERATION})
    script.describe()
    script.join("a")
    script.answer("b")
    script.heartbeat("a")
    script.heartbeat("b")
    script.sync("b", generation=1, expect={ErrorCode.ILLEGAL_GENERATION})
    script.begin_sync("b")
    script.join("b's twin", member="nobody", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.sync("a", assign=["a", "b"])
    script.answer("b")
    script.describe(range(7))
    script.leave("b")
    script.heartbeat("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.heartbeat("b", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("a")
    script.sync("a", assign=["b"])
    script.describe()


def test_rejoining_without_news_answers_the_current_generation(script_of: Scripts) -> None:
    script = script_of("again")
    stable_pair(script)
    script.join("b")
    script.join("b", version=0)
    script.sync("b")
    script.begin_join("a")  # the leader may have news of the topics
    script.heartbeat_until("b", 27)
    script.join("b")
    script.answer("a")
    script.join("a")  # in CompletingRebalance it may have missed the answer
    script.join("b")
    script.begin_join("b", protocols=(("range", subscription("changed")),))
    script.heartbeat_until("a", 27)
    script.join("a")
    script.answer("b")
    script.describe()


def test_waiting_syncs_fail_when_a_rebalance_begins(script_of: Scripts) -> None:
    script = script_of("resync")
    script.join("a")
    script.ask_id("b")
    script.begin_join("b")
    script.until("PreparingRebalance", 2)
    script.join("a")
    script.answer("b")
    script.begin_sync("b", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.leave("a")
    script.answer("b")
    script.join("b")
    script.sync("b", assign=["b"])
    script.describe()


def test_leaving_answers_a_waiting_join(script_of: Scripts) -> None:
    script = script_of("leave-joining")
    script.join("a")
    script.ask_id("b")
    script.begin_join("b", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.until("PreparingRebalance", 2)
    script.leave("b")
    script.answer("b")
    script.join("a")
    script.describe()


def test_pending_members_hold_a_rebalance_up_until_they_leave(script_of: Scripts) -> None:
    script = script_of("pending")
    script.join("a")
    script.sync("a", assign=["a"])
    script.ask_id("b")
    script.ask_id("c")
    script.sync("c", generation=1, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.heartbeat("c", generation=1, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.begin_join("a", protocols=(("range", subscription("other")),))
    script.until("PreparingRebalance", 1)
    script.begin_join("b")
    script.until("PreparingRebalance", 2)
    script.leave("c")
    script.answer("a")
    script.answer("b")
    script.describe()


def test_members_who_do_not_rejoin_in_time_are_dropped(script_of: Scripts) -> None:
    script = script_of("late")
    script.join("a", rebalance_ms=500)
    script.sync("a", assign=["a"])
    script.ask_id("b", rebalance_ms=500)
    script.join("b", rebalance_ms=500)
    script.heartbeat("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()


def test_members_who_do_not_sync_in_time_are_dropped(script_of: Scripts) -> None:
    script = script_of("unsynced")
    script.join("a", rebalance_ms=1000)
    script.ask_id("b", rebalance_ms=1000)
    script.begin_join("b", rebalance_ms=1000)
    script.until("PreparingRebalance", 2)
    script.join("a", rebalance_ms=1000)
    script.answer("b")
    script.sync("a", assign=["a", "b"])
    script.until("PreparingRebalance", 1)
    script.heartbeat("b", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.sync("b", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("a", rebalance_ms=1000)
    script.describe()


def test_sessions_end_without_heartbeats(script_of: Scripts) -> None:
    script = script_of("session")
    script.join("a", session_ms=6000)
    script.sync("a", assign=["a"])
    script.until("Empty", 0)
    script.heartbeat("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()


def test_static_member_returns_without_a_rebalance(script_of: Scripts) -> None:
    script = script_of("static")
    stable_pair(script, instances=("one", "two"))
    for cast in script.casts:
        cast.ids.pop("b")
    script.join("b", instance="two")
    script.heartbeat("a", instance="one")
    script.heartbeat("b", instance="two")
    script.sync("b", instance="two")
    script.describe()


@pytest.mark.parametrize("version", range(5, 10))
def test_static_leader_returns_and_need_not_assign(script_of: Scripts, version: int) -> None:
    script = script_of("static-leader")
    stable_pair(script, instances=("one", "two"))
    script.join("a", instance="one", member="", version=version)
    script.heartbeat("a", instance="one")
    script.sync("a", instance="one", assign=["b"])
    script.describe()
    script.join("b", instance="two")
    script.join("b", instance="two", member="", version=version)
    script.describe()


def test_old_ids_of_static_members_are_fenced(script_of: Scripts) -> None:
    script = script_of("fenced")
    stable_pair(script, instances=("one", "two"))
    for cast in script.casts:
        cast.ids["ghost"], cast.generations["ghost"] = cast.ids["b"], cast.generations["b"]
    script.join("b", instance="two", member="")
    script.heartbeat("ghost", instance="two", expect={ErrorCode.FENCED_INSTANCE_ID})
    script.heartbeat("ghost", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.heartbeat("ghost", instance="three", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.sync("ghost", instance="two", expect={ErrorCode.FENCED_INSTANCE_ID})
    script.sync("ghost", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.leave("ghost", instance="two", expect={ErrorCode.FENCED_INSTANCE_ID})
    script.leave("ghost", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.leave("ghost", instance="three", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("ghost", instance="two", expect={ErrorCode.FENCED_INSTANCE_ID})
    script.join("ghost", instance="three", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("ghost", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.leave("b", member="", instance="three", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.leave("b", member="", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.leave("b", member="", instance="two")
    script.heartbeat("a", instance="one", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.describe()


def test_static_member_that_returns_while_its_join_waits_fences_it(script_of: Scripts) -> None:
    script = script_of("static-joining")
    script.join("a", instance="one")
    script.begin_join("b", instance="two", expect={ErrorCode.FENCED_INSTANCE_ID})
    script.until("PreparingRebalance", 2)
    script.begin_join("b again", instance="two")
    script.answer("b")
    script.join("a", instance="one")
    script.answer("b again")
    script.begin_sync("b again", instance="two", expect={ErrorCode.FENCED_INSTANCE_ID})
    script.begin_join("b third", instance="two")
    script.answer("b again")
    script.heartbeat_until("a", 27)
    script.join("a", instance="one")
    script.answer("b third")
    script.describe()


def test_static_member_that_changes_the_protocol_rebalances(script_of: Scripts) -> None:
    script = script_of("static-protocol")
    either = (("range", subscription()), ("sticky", subscription()))
    stable_pair(script, instances=("one", "two"), protocols=either)
    script.begin_join("b", instance="two", member="", protocols=(("sticky", subscription()),))
    script.heartbeat_until("a", 27)
    script.join("a", instance="one", protocols=either)
    script.answer("b")
    script.describe()


def test_static_members_stay_when_they_miss_a_rebalance(script_of: Scripts) -> None:
    script = script_of("static-late")
    script.join("a", instance="one", rebalance_ms=500)
    script.sync("a", instance="one", assign=["a"])
    script.join("b", instance="two", rebalance_ms=500)
    script.describe()
    script.sync("b", instance="two", assign=["a", "b"])
    script.heartbeat("a", instance="one", expect={ErrorCode.ILLEGAL_GENERATION})
    script.describe()


def test_several_members_leave_at_once(script_of: Scripts) -> None:
    script = script_of("leave-many")
    stable_pair(script, instances=(None, "two"))
    script.ask_id("c")
    script.call(
        "admin",
        "leave",
        lambda cast: LeaveGroupRequest(
            group_id=script.group,
            members=[
                MemberIdentity(member_id=cast.ids["c"], reason="pending"),
                MemberIdentity(member_id="nobody"),
                MemberIdentity(member_id="", group_instance_id="two"),
                MemberIdentity(member_id="", group_instance_id="two"),
                MemberIdentity(member_id=cast.ids["a"]),
            ],
        ),
        5,
        expect={ErrorCode.UNKNOWN_MEMBER_ID},
    )
    script.describe()
    script.delete()


def test_list_filters_by_state_and_type(both: Both, script_of: Scripts) -> None:
    stable, empty, completing = script_of("list"), script_of("list"), script_of("list")
    stable.join("a")
    stable.sync("a", assign=["a"])
    empty.join("a", protocol_type="connect")
    empty.leave("a")
    completing.join("a")
    ours = {stable.group, empty.group, completing.group}

    def compare(label: str, request: ListGroupsRequest, versions: range) -> None:
        for version in versions:
            answers = []
            for side in both.sides:
                response = side.call(request, version, ListGroupsResponse)
                response.groups = [group for group in response.groups if group.group_id in ours]
                answers.append(normalise(response, version, side.names, unordered=["groups"]))
            both.compare_values(f"list {label} v{version}", ApiKey.LIST_GROUPS, *answers)

    compare("all", ListGroupsRequest(), range(6))
    for states in (["Stable"], ["stable", "EMPTY"], [" Stable "], ["CompletingRebalance"], ["Dead"], ["nonsense"], [""]):
        compare(f"states {states}", ListGroupsRequest(states_filter=states), range(4, 6))
    for types in (["classic"], ["Classic"], ["consumer"], ["nonsense"], ["", "classic"], [" classic "], ["share", "classic"]):
        compare(f"types {types}", ListGroupsRequest(types_filter=types), range(5, 6))
    compare("both", ListGroupsRequest(states_filter=["empty"], types_filter=["CLASSIC"]), range(5, 6))


def test_metadata_and_assignments_are_kept_byte_for_byte(script_of: Scripts) -> None:
    script = script_of("bytes")
    everything = bytes(range(256)) * 5
    script.join("a", protocols=(("range", everything), ("", b"")), protocol_type="connect")
    script.sync("a", assign=["a"], protocol_type="connect")
    script.describe()
    script.leave("a")
    padded = subscription("t", user_data=everything) + b"what follows"
    script.join("b", protocols=(("range", padded),))
    script.sync("b")
    script.describe()
