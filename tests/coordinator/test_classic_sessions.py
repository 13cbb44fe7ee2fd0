"""What ends when time passes: sessions, rebalances, syncs; and members that leave."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_compat.coordinator.group.classic.values import LeavingMember
from kafka_compat.protocol.error_codes import ErrorCode
from tests.coordinator.classic_world import World

E = ErrorCode
ONE: dict[str, Any] = {"instance_id": "one"}
TWO: dict[str, object] = {"instance_id": "two"}


# --- the first rebalance


def test_first_rebalance_waits_for_its_delay() -> None:
    world = World(config={"group.initial.rebalance.delay.ms": "3000"})
    joined = world.begin_join(world.ask_id())
    world.advance(2999)
    assert not joined.is_answered
    world.advance(1)
    assert joined.code == E.NONE


def test_first_rebalance_waits_again_while_members_come_up_to_the_rebalance_timeout() -> None:
    world = World(config={"group.initial.rebalance.delay.ms": "3000"})
    members = [world.begin_join(requires_known_member_id=False)]
    for _ in range(2):
        world.advance(2000)
        members.append(world.begin_join(requires_known_member_id=False))
    world.advance(999)  # at 4999 of 5000: one extension, as long as the rebalance timeout leaves
    assert [member.code for member in members] == [None] * 3
    world.advance(1)
    assert [member.generation for member in members] == [1] * 3


def test_first_rebalance_with_nobody_left_makes_the_group_empty() -> None:
    world = World(config={"group.initial.rebalance.delay.ms": "3000"})
    joined = world.begin_join(world.ask_id())
    assert world.leave(joined_id := next(iter(world.member_ids))) == [E.NONE]
    assert (joined.code, joined.member_id, world.state) == (E.UNKNOWN_MEMBER_ID, "", "PreparingRebalance")
    world.advance(3000)
    assert (world.state, world.heartbeat_of(joined_id)) == ("Empty", E.UNKNOWN_MEMBER_ID)


# --- sessions


def test_session_ends_without_heartbeats() -> None:
    world = World()
    member = world.stable()
    world.advance(9999)
    assert world.heartbeat(member) == E.NONE
    world.advance(9999)
    assert world.state == "Stable"
    world.advance(1)
    assert (world.state, world.heartbeat(member)) == ("Empty", E.UNKNOWN_MEMBER_ID)
    value = world.last_value()
    assert value is not None
    assert (value.generation, value.protocol_type, value.protocol, value.leader, value.members) == (
        2,
        "consumer",
        None,
        None,
        [],
    )


def test_ended_session_rebalances_the_others() -> None:
    world = World()
    leader, follower = world.stable_pair()
    world.advance(6000)
    assert world.heartbeat(follower) == E.NONE
    world.advance(4000)
    assert world.heartbeat(follower) == E.REBALANCE_IN_PROGRESS
    joined = world.begin_join(follower.member_id)
    assert joined.result is not None
    assert (joined.generation, joined.result.leader) == (3, follower.member_id)
    assert world.heartbeat(leader) == E.UNKNOWN_MEMBER_ID


def test_pending_member_has_a_session_too() -> None:
    world = World()
    leader = world.stable(session_timeout_ms=60_000)
    pending = world.ask_id()
    again = world.begin_join(leader.member_id, rebalance_timeout_ms=60_000)
    world.advance(10_000)
    assert (again.code, world.begin_join(pending).code) == (E.NONE, E.UNKNOWN_MEMBER_ID)


def test_pending_member_of_an_empty_group_just_goes() -> None:
    world = World()
    pending = world.ask_id()
    world.advance(10_000)
    assert world.begin_join(pending).code == E.UNKNOWN_MEMBER_ID


def test_waiting_join_of_a_known_member_keeps_its_session() -> None:
    world = World()
    leader = world.stable(rebalance_timeout_ms=60_000)
    world.begin_join(world.ask_id(), session_timeout_ms=60_000, rebalance_timeout_ms=60_000)
    again = world.begin_join(leader.member_id, rebalance_timeout_ms=60_000)
    assert again.code == E.NONE
    follower = world.ask_id()
    first = world.begin_join(follower)
    world.advance(20_000)
    assert (first.code, follower in world.member_ids) == (None, True)


def test_first_join_of_a_new_member_is_given_up_after_five_minutes() -> None:
    world = World(config={"group.max.session.timeout.ms": "1800000"})
    leader = world.stable(session_timeout_ms=600_000, rebalance_timeout_ms=600_000)
    new = world.begin_join(world.ask_id(session_timeout_ms=600_000), rebalance_timeout_ms=600_000)
    world.advance(299_999)
    assert not new.is_answered
    world.advance(1)
    assert (new.code, new.member_id) == (E.UNKNOWN_MEMBER_ID, "")
    assert world.member_ids == {leader.member_id}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"member_id": "nobody"}, E.UNKNOWN_MEMBER_ID),
        ({"generation_id": 0}, E.ILLEGAL_GENERATION),
        ({"instance_id": "none"}, E.UNKNOWN_MEMBER_ID),
        ({"group_id": "another"}, E.UNKNOWN_MEMBER_ID),
        ({}, E.NONE),
    ],
)
def test_heartbeats_are_checked(changed: dict[str, object], code: ErrorCode) -> None:
    world = World()
    member = world.stable()
    assert world.heartbeat(member, **changed) == code


def test_heartbeats_count_before_the_sync() -> None:
    world = World()
    leader, follower = world.completing_pair()
    assert (world.heartbeat(leader), world.heartbeat(follower)) == (E.NONE, E.NONE)


# --- rebalance and sync timeouts


def test_rebalance_goes_on_without_dynamic_members_that_do_not_join() -> None:
    world = World()
    leader = world.stable()
    follower = world.begin_join(world.ask_id())
    world.advance(4999)
    assert not follower.is_answered
    world.advance(1)
    assert follower.result is not None
    assert (follower.generation, follower.result.leader) == (2, follower.member_id)
    assert world.member_ids == {follower.member_id}
    assert world.begin_join(leader.member_id).code == E.UNKNOWN_MEMBER_ID


def test_rebalance_waits_as_long_as_its_most_patient_member() -> None:
    world = World()
    world.stable(rebalance_timeout_ms=8000, session_timeout_ms=60_000)
    follower = world.begin_join(world.ask_id())
    world.advance(7999)
    assert not follower.is_answered
    world.advance(1)
    assert follower.code == E.NONE


def test_rebalance_without_any_join_waits_for_static_members_again() -> None:
    world = World()
    leader = world.stable(**ONE)
    pending = world.ask_id()
    dynamic = world.begin_join(pending)
    world.leave(pending)
    assert (dynamic.code, world.state) == (E.UNKNOWN_MEMBER_ID, "PreparingRebalance")
    world.advance(5000)
    assert (world.state, world.member_ids) == ("PreparingRebalance", {leader.member_id})
    again = world.begin_join(leader.member_id, **ONE)
    assert (again.code, again.generation) == (E.NONE, 2)


def test_members_that_do_not_sync_are_dropped() -> None:
    world = World()
    leader, follower = world.completing_pair()
    waiting = world.sync(leader, {leader.member_id: b"1"})
    assert waiting.code == E.NONE
    world.advance(4999)
    assert world.heartbeat(follower) == E.NONE
    world.advance(1)
    assert (world.state, world.member_ids) == ("PreparingRebalance", {leader.member_id})


def test_leader_that_does_not_sync_is_dropped_and_others_join_again() -> None:
    world = World()
    _, follower = world.completing_pair()
    waiting = world.sync(follower)
    world.advance(5000)
    assert (waiting.code, world.member_ids) == (E.REBALANCE_IN_PROGRESS, {follower.member_id})
    joined = world.begin_join(follower.member_id)
    assert joined.result is not None
    assert joined.result.leader == follower.member_id


def test_synced_generation_has_no_sync_timeout() -> None:
    world = World()
    members = world.stable_pair()
    world.advance(5000)
    assert {member.member_id for member in members} == world.member_ids


# --- leaving


def test_last_member_leaves_an_empty_group() -> None:
    world = World()
    member = world.stable()
    assert world.leave(member.member_id) == [E.NONE]
    assert world.state == "Empty"
    assert world.timers.timers == {}


def test_leaving_rebalances_the_others_and_moves_the_lead() -> None:
    world = World()
    leader, follower = world.stable_pair()
    assert world.leave(leader.member_id) == [E.NONE]
    assert (world.state, world.heartbeat(follower)) == ("PreparingRebalance", E.REBALANCE_IN_PROGRESS)
    joined = world.begin_join(follower.member_id)
    assert joined.result is not None
    assert joined.result.leader == follower.member_id


def test_leaving_during_a_rebalance_can_complete_it() -> None:
    world = World()
    leader, follower = world.stable_pair()
    waiting = world.begin_join(follower.member_id, protocols=(("range", b"new"),))
    assert world.leave(leader.member_id) == [E.NONE]
    assert waiting.generation == 3


def test_leave_of_several_members_fails_one_by_one() -> None:
    world = World()
    leader, follower = world.stable_pair(second=TWO)
    codes = world.leave(
        "nobody",
        LeavingMember(member_id="", instance_id="none"),
        LeavingMember(member_id=""),
        LeavingMember(member_id=leader.member_id, instance_id="two"),
        LeavingMember(member_id="", instance_id="two"),
        leader.member_id,
    )
    assert codes == [E.UNKNOWN_MEMBER_ID] * 3 + [E.FENCED_INSTANCE_ID, E.NONE, E.NONE]
    assert world.state == "Empty"
    assert world.heartbeat(follower) == E.UNKNOWN_MEMBER_ID


def test_leaving_an_unknown_group_is_unknown() -> None:
    assert World().leave("a", "b") == [E.UNKNOWN_MEMBER_ID] * 2


def test_pending_member_leaves_its_session_behind() -> None:
    world = World()
    assert world.leave(world.ask_id()) == [E.NONE]
    assert world.timers.timers == {}
