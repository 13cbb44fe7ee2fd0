"""Sessions and timeouts of classic groups, against Apache Kafka over real time: who is dropped, when, and what keeps a member.

Both brokers have BROKER_CONFIGS. Times are compared with a tolerance, each side measured from its own beginning.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from kafka_compat.protocol.messages.join_group import JoinGroupResponse
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.group_script import Cast, GroupScript, Scripts, scripts, subscription
from tests.conformance.group_timing import (
    PATIENCE_S,
    TOLERANCE_S,
    answer_after,
    assert_alike,
    pass_time,
    stable,
    until_after,
)
from tests.conformance.offset_requests import Offsets, commit_request, fetch_request

pytestmark = pytest.mark.slow

BROKER_CONFIGS = {"group.initial.rebalance.delay.ms": "0", "group.min.session.timeout.ms": "500"}

OTHER = (("range", subscription("another")),)


@pytest.fixture
def script_of(both: Both) -> Iterator[Scripts]:
    with scripts(both) as make:
        yield make


def test_a_session_ends_when_nothing_is_heard(script_of: Scripts) -> None:
    script = script_of("session")
    stable(script, "a", session_ms=1000)
    began = time.monotonic()
    script.heartbeat("a")
    until_after(script, "Empty", 0, began, 1.0)
    script.heartbeat("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()


def test_what_is_a_sign_of_life(both: Both, script_of: Scripts) -> None:
    """All at once: each group does one thing after two thirds of its session, which then begins anew or does not."""
    topic = both.create_topic(both.name("alive"), 1)
    things: dict[str, Callable[[GroupScript], object]] = {
        "heartbeat": lambda script: script.heartbeat("a"),
        "heartbeat of another generation": lambda script: script.heartbeat(
            "a", generation=7, expect={ErrorCode.ILLEGAL_GENERATION}
        ),
        "heartbeat of a stranger": lambda script: script.heartbeat(
            "a", member="stranger", expect={ErrorCode.UNKNOWN_MEMBER_ID}
        ),
        "sync": lambda script: script.sync("a"),
        "sync of another protocol": lambda script: script.sync(
            "a", protocol_name="sticky", expect={ErrorCode.INCONSISTENT_GROUP_PROTOCOL}
        ),
        "join": lambda script: script.begin_join("a", session_ms=1500, rebalance_ms=400),
        "describe": lambda script: script.describe(),
        "commit": lambda script: _commit(script, topic, 0),
        "commit of another generation": lambda script: _commit(script, topic, 3),
        "commit to an unknown topic": lambda script: _commit(script, "no-such-topic", 0),
        "fetch": lambda script: script.call(
            "admin", "fetch", lambda cast: fetch_request(cast.side, 9, [(script.group, [(topic, [0])])]), 9
        ),
        "leave of another": lambda script: script.leave("nobody", member="stranger", expect={ErrorCode.UNKNOWN_MEMBER_ID}),
    }
    scripts = {thing: script_of("alive") for thing in things}
    for script in scripts.values():
        script.begin_join("a", instance="a", session_ms=1500)
    for script in scripts.values():
        script.answer("a")
    began = time.monotonic()
    for script in scripts.values():
        script.sync("a", instance="a", assign=["a"])
    pass_time(began, 1.0)
    for thing, script in scripts.items():
        things[thing](script)
    times_s: dict[str, dict[str, float]] = {thing: {} for thing in things}
    while any(len(each) < len(both.sides) for each in times_s.values()):
        assert time.monotonic() - began < PATIENCE_S, times_s
        for thing, script in scripts.items():
            for cast in script.casts:
                request = DescribeGroupsRequest(groups=[script.group])
                group = cast.client("watcher").call(request, 5, DescribeGroupsResponse).groups[0]
                if not group.members:
                    times_s[thing].setdefault(cast.side.kind, time.monotonic() - began)
    for thing, each in times_s.items():
        assert_alike(thing, each)
    assert times_s["heartbeat"]["ours"] > times_s["describe"]["ours"] + TOLERANCE_S


def _commit(script: GroupScript, topic: str, shift: int) -> None:
    offsets = [Offsets(topic, [(0, 1, "")])]
    script.call(
        "a",
        "commit",
        lambda cast: commit_request(
            cast.side, 9, script.group, offsets, generation=cast.generations["a"] + shift, member=cast.id("a")
        ),
        9,
        expect=ANY_ERROR,
    )


def test_a_session_that_ends_rebalances_the_others(script_of: Scripts) -> None:
    script = script_of("silent")
    stable(script, "a", "b", session_ms=3000)
    began = time.monotonic()
    script.heartbeat("b")
    script.heartbeat("b", generation=1, expect={ErrorCode.ILLEGAL_GENERATION})  # a wrong generation is no sign of life
    pass_time(began, 1.5)
    script.heartbeat("a")
    script.heartbeat("b", generation=1, expect={ErrorCode.ILLEGAL_GENERATION})
    until_after(script, "PreparingRebalance", 1, began, 3.0)
    script.heartbeat("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.join("a")
    script.heartbeat("b", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()


def test_a_waiting_join_keeps_a_session_and_a_closed_connection_changes_nothing(script_of: Scripts) -> None:
    """The broker does not mind who hangs up inside of JoinGroup: the generation is made with it, then its session ends."""
    script = script_of("hung-up")
    stable(script, "a", "b", session_ms=1000, rebalance_ms=4000)
    script.begin_join("b", protocols=OTHER, session_ms=1000, rebalance_ms=4000)
    script.heartbeat_until("a", 27)
    began = time.monotonic()
    script.abandon("b")
    for at_s in (0.6, 1.2, 1.8):
        pass_time(began, at_s)
        script.heartbeat("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.describe()
    began = time.monotonic()
    script.join("a", session_ms=1000, rebalance_ms=4000)
    script.describe()
    script.sync("a", assign=["a", "b"])
    script.describe()
    pass_time(began, 0.6)
    script.heartbeat("a")
    until_after(script, "PreparingRebalance", 1, began, 1.0)
    script.join("a")
    script.describe()


def test_a_new_member_that_hangs_up_inside_of_its_first_join(script_of: Scripts) -> None:
    script = script_of("hung-up-at-first")
    stable(script, "a", session_ms=1000, rebalance_ms=4000)
    script.ask_id("b", session_ms=1000)
    script.begin_join("b", session_ms=1000)
    script.begin_join("c", instance="c", session_ms=1000)
    script.until("PreparingRebalance", 3)
    script.abandon("b")
    script.abandon("c")
    script.describe()
    began = time.monotonic()
    script.join("a", session_ms=1000)
    script.sync("a", assign=["a", "b"])
    script.describe()
    pass_time(began, 0.7)
    script.heartbeat("a")
    until_after(script, "PreparingRebalance", 1, began, 1.0)
    script.describe()


def test_a_slow_member_is_dropped_after_the_rebalance_timeout(script_of: Scripts) -> None:
    """It heartbeats all the time and is told to join again, but does not: the longest rebalance timeout of all counts."""
    script = script_of("slow")
    stable(script, "a", "b", session_ms=10_000, rebalance_ms=1500)
    script.begin_join("b", protocols=OTHER, rebalance_ms=600)
    began = time.monotonic()
    script.heartbeat_until("a", 27)
    pass_time(began, 1.0)
    script.heartbeat("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    answer_after(script, "b", began, 1.5)
    script.describe()
    script.heartbeat("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.sync("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})  # with its old id
    script.leave("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.sync("b", assign=["b"])
    script.describe()


def test_a_slow_member_that_comes_in_time(script_of: Scripts) -> None:
    script = script_of("slow-enough")
    stable(script, "a", "b", session_ms=10_000, rebalance_ms=2000)
    script.begin_join("b", protocols=OTHER, rebalance_ms=2000)
    began = time.monotonic()
    script.heartbeat_until("a", 27)
    pass_time(began, 1.2)
    script.heartbeat("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.join("a", rebalance_ms=2000)
    script.answer("b")
    script.describe()


def test_nobody_comes_back(script_of: Scripts) -> None:
    script = script_of("nobody")
    stable(script, "a", "b", session_ms=10_000, rebalance_ms=1000)
    script.begin_join("b", protocols=OTHER, rebalance_ms=1000, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.heartbeat_until("a", 27)
    script.leave("b")
    script.answer("b")
    began = time.monotonic()
    script.describe()
    until_after(script, "Empty", 0, began, 1.0)
    script.heartbeat("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()


def test_static_members_may_miss_a_rebalance_but_not_the_sync(script_of: Scripts) -> None:
    script = script_of("static-slow")
    script.join("a", instance="a", rebalance_ms=1000)
    script.sync("a", instance="a", assign=["a"])
    began = time.monotonic()
    script.begin_join("b", rebalance_ms=1000, instance="b")
    answer_after(script, "b", began, 1.0)
    script.describe()
    script.sync("b", instance="b", assign=["a", "b"])
    script.describe()
    until_after(script, "PreparingRebalance", 1, began, 2.0)
    script.heartbeat("a", instance="a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("b", instance="b")
    script.describe()


def test_static_members_who_all_miss_a_rebalance_are_waited_for_until_their_sessions_end(script_of: Scripts) -> None:
    script = script_of("static-away")
    script.join("a", instance="a", rebalance_ms=600, session_ms=2500)
    began = time.monotonic()
    script.sync("a", instance="a", assign=["a"])
    script.ask_id("b")
    script.begin_join("b", rebalance_ms=600, expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.until("PreparingRebalance", 2)
    script.leave("b")
    script.answer("b")
    pass_time(began, 1.5)
    script.describe()
    until_after(script, "Empty", 0, began, 2.5)
    script.describe()


def test_a_member_that_never_syncs_is_dropped(script_of: Scripts) -> None:
    script = script_of("never-syncs")
    stable(script, "a", "b", session_ms=10_000, rebalance_ms=1500)
    script.begin_join("b", protocols=OTHER, rebalance_ms=1500)
    script.heartbeat_until("a", 27)
    began = time.monotonic()
    script.join("a", rebalance_ms=1500)
    script.answer("b")
    script.sync("a", assign=["a", "b"])
    script.describe()
    pass_time(began, 1.0)
    script.heartbeat("b")  # alive, without an assignment
    until_after(script, "PreparingRebalance", 1, began, 1.5)
    script.heartbeat("b", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.sync("b", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("a")
    script.describe()


def test_a_leader_that_never_syncs_is_dropped(script_of: Scripts) -> None:
    script = script_of("leaderless")
    stable(script, "a", "b", session_ms=10_000, rebalance_ms=1500)
    script.begin_join("b", protocols=OTHER, rebalance_ms=1500)
    script.heartbeat_until("a", 27)
    began = time.monotonic()
    script.join("a", rebalance_ms=1500)
    script.answer("b")
    script.begin_sync("b", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.describe()
    answer_after(script, "b", began, 1.5)
    script.describe()
    script.heartbeat("a", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.join("b")
    script.sync("b", assign=["b"])
    script.describe()


def test_pending_members_time_out_with_their_session(script_of: Scripts) -> None:
    """KIP-394: an id that was given out holds a rebalance up for as long as the session that was asked for."""
    script = script_of("pending")
    stable(script, "a", session_ms=10_000, rebalance_ms=10_000)
    script.ask_id("b", session_ms=1500)
    began = time.monotonic()
    script.begin_join("a", protocols=OTHER)
    script.until("PreparingRebalance", 1)
    script.describe()
    answer_after(script, "a", began, 1.5)
    script.join("b", member="", expect={ErrorCode.MEMBER_ID_REQUIRED})  # another id
    script.ask_id("c", session_ms=600)
    began = time.monotonic()
    script.heartbeat("c", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    pass_time(began, 1.0)
    script.join("c", expect={ErrorCode.UNKNOWN_MEMBER_ID})  # the id is no longer known
    script.leave("c", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()


def test_the_rebalance_timeout_does_not_wait_for_pending_members(script_of: Scripts) -> None:
    script = script_of("pending-late")
    stable(script, "a", session_ms=10_000, rebalance_ms=1000)
    script.ask_id("b", session_ms=10_000)
    began = time.monotonic()
    script.begin_join("a", protocols=OTHER, rebalance_ms=1000)
    answer_after(script, "a", began, 1.0)
    script.sync("a", assign=["a"])
    script.begin_join("b")  # its id is still good
    script.heartbeat_until("a", 27)
    script.join("a")
    script.answer("b")
    script.describe()


def test_several_leave_a_group_of_three(script_of: Scripts) -> None:
    script = script_of("three")
    stable(script, "a", "b", "c")
    script.call(
        "admin",
        "leave",
        lambda cast: LeaveGroupRequest(
            group_id=script.group,
            members=[MemberIdentity(member_id=cast.ids["c"]), MemberIdentity(member_id=cast.ids["b"]), _twice(cast, "c")],
        ),
        5,
        expect={ErrorCode.UNKNOWN_MEMBER_ID},
    )
    script.heartbeat("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
    script.heartbeat("b", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    responses = script.join("a")
    assert all(isinstance(response, JoinGroupResponse) and response.error_code == 0 for response in responses)
    script.describe()


def _twice(cast: Cast, who: str) -> MemberIdentity:
    return MemberIdentity(member_id=cast.ids[who], reason="again")
