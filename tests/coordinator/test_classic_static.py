"""Static members (KIP-345): they come back under a new member id, and the old one is fenced."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from tests.coordinator.classic_world import World

E = ErrorCode
ONE: dict[str, Any] = {"instance_id": "one"}
TWO: dict[str, Any] = {"instance_id": "two"}


def test_static_member_needs_no_second_join() -> None:
    world = World()
    joined = world.join(**ONE)
    assert (joined.code, joined.member_id.startswith("one-")) == (E.NONE, True)


def test_static_follower_returns_to_a_stable_group_without_a_rebalance() -> None:
    world = World()
    leader, follower = world.stable_pair(ONE, TWO)
    world.hold = True
    back = world.begin_join(**TWO)
    assert not back.is_answered
    world.settle()
    assert back.result is not None
    assert (back.code, back.generation, back.result.leader) == (E.NONE, 2, leader.member_id)
    assert (back.result.members, back.result.skip_assignment) == ((), False)
    assert back.member_id != follower.member_id
    assert (world.state, world.heartbeat(leader), world.heartbeat(back)) == ("Stable", E.NONE, E.NONE)
    synced = world.sync(back)
    assert synced.result is not None
    assert synced.result.assignment == b"2"
    value = world.last_value()
    assert value is not None
    assert {member.member_id: member.assignment for member in value.members} == {
        leader.member_id: b"1",
        back.member_id: b"2",
    }


def test_static_leader_returns_and_skips_the_assignment() -> None:
    """KIP-814"""
    world = World()
    world.stable_pair(ONE, TWO)
    back = world.begin_join(**ONE)
    assert back.result is not None
    assert (back.result.leader, back.result.skip_assignment, len(back.result.members)) == (back.member_id, True, 2)


def test_static_leader_of_an_old_version_does_not_learn_that_it_leads() -> None:
    world = World()
    leader, _ = world.stable_pair(ONE, TWO)
    back = world.begin_join(**ONE, supports_skipping_assignment=False)
    assert back.result is not None
    assert (back.result.leader, back.result.skip_assignment, back.result.members) == (leader.member_id, False, ())


def test_returning_static_member_that_changes_the_protocol_rebalances() -> None:
    world = World()
    either = (("range", b""), ("sticky", b""))
    leader, _ = world.stable_pair({**ONE, "protocols": either}, {**TWO, "protocols": either})
    back = world.begin_join(**TWO, protocols=(("sticky", b""),))
    assert (back.code, world.state) == (None, "PreparingRebalance")
    again = world.begin_join(leader.member_id, **ONE, protocols=either)
    assert again.result is not None
    assert (again.result.protocol_name, back.generation) == ("sticky", 3)


def test_static_member_that_returns_before_the_assignment_rebalances() -> None:
    world = World()
    leader, follower = world.completing_pair(ONE, TWO)
    waiting = world.sync(follower, instance_id="two")
    back = world.begin_join(**TWO)
    assert (waiting.code, back.code, world.state) == (E.FENCED_INSTANCE_ID, None, "PreparingRebalance")
    assert world.begin_join(leader.member_id, **ONE).generation == back.generation == 3


def test_static_member_that_returns_during_a_rebalance_fences_its_waiting_join() -> None:
    world = World()
    leader = world.stable(**ONE)
    first = world.begin_join(**TWO)
    second = world.begin_join(**TWO)
    assert (first.code, second.code) == (E.FENCED_INSTANCE_ID, None)
    world.begin_join(leader.member_id, **ONE)
    assert (second.code, len(world.member_ids)) == (E.NONE, 2)


def test_old_member_id_is_fenced_everywhere() -> None:
    world = World()
    _, follower = world.stable_pair(ONE, TWO)
    world.begin_join(**TWO)
    assert world.heartbeat(follower, instance_id="two") == E.FENCED_INSTANCE_ID
    assert world.heartbeat(follower) == E.UNKNOWN_MEMBER_ID
    assert world.sync(follower, instance_id="two").code == E.FENCED_INSTANCE_ID
    assert world.begin_join(follower.member_id, **TWO).code == E.FENCED_INSTANCE_ID
    assert world.begin_join(follower.member_id).code == E.UNKNOWN_MEMBER_ID
    assert world.begin_join(follower.member_id, instance_id="three").code == E.UNKNOWN_MEMBER_ID
    with pytest.raises(Exception, match="FENCED_INSTANCE_ID"):
        world.table.existing("orders").check_offset_commit(follower.member_id, "two", 2, is_transactional=False)


def test_session_of_the_old_id_ends_without_effect() -> None:
    world = World()
    leader, _ = world.stable_pair(ONE, TWO)
    world.advance(5000)
    back = world.begin_join(**TWO)
    world.heartbeat(leader)
    world.advance(9999)
    assert (world.state, back.member_id in world.member_ids) == ("Stable", True)


def test_static_members_keep_their_place_when_they_miss_a_rebalance() -> None:
    world = World()
    first = world.stable(**ONE)
    second = world.begin_join(**TWO)
    world.advance(5000)
    assert second.result is not None
    assert (second.code, second.result.leader) == (E.NONE, second.member_id)
    assert world.member_ids == {first.member_id, second.member_id}


def test_refused_record_leaves_the_old_member_id_in_place() -> None:
    world = World()
    _, follower = world.stable_pair(ONE, TWO)
    world.fail_with = E.UNKNOWN_SERVER_ERROR
    back = world.begin_join(**TWO, protocols=(("range", b"new"),))
    assert (back.code, back.member_id) == (E.UNKNOWN_SERVER_ERROR, "")
    assert world.heartbeat(follower, instance_id="two") == E.NONE
    assert world.begin_join(follower.member_id, **TWO).code == E.NONE  # with the metadata of before


def test_rebalance_meanwhile_answers_the_returning_leader() -> None:
    world = World()
    _, follower = world.stable_pair(ONE, TWO)
    world.hold = True
    back = world.begin_join(**ONE)
    world.begin_join(follower.member_id, **TWO, protocols=(("range", b"new"),))
    world.settle()
    assert back.result is not None
    assert (back.code, back.result.skip_assignment, back.result.leader) == (E.NONE, False, back.member_id)
