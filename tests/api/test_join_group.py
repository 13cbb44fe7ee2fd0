from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.join_group import JoinGroupRequestProtocol
from tests.api.group_members import Members
from tests.api.worlds import World

E = ErrorCode


def test_a_new_member_is_first_given_an_id(members: Members) -> None:
    """KIP-394"""
    member = members.new()
    first = member.joined(member.begin_join())
    assert (first.error_code, first.generation_id, first.protocol_name) == (E.MEMBER_ID_REQUIRED, -1, None)
    assert first.member_id.startswith("wire-client-")
    second = member.joined(member.begin_join())
    assert (second.error_code, second.member_id, second.leader) == (E.NONE, first.member_id, first.member_id)
    assert (second.generation_id, second.protocol_type, second.protocol_name) == (1, "consumer", "range")
    assert [(each.member_id, each.metadata) for each in second.members] == [(first.member_id, b"any")]


@pytest.mark.parametrize("version", [0, 3, 5])
def test_old_versions_join_at_once_or_name_no_protocol_by_an_empty_name(members: Members, version: int) -> None:
    member = members.new()
    refused = member.joined(member.begin_join(version, group_id="", protocols=[]), version)
    assert (refused.error_code, refused.protocol_name) == (E.INVALID_GROUP_ID, "")
    assert member.join(version).generation_id == 1


def test_refusals_before_any_group_name_the_member_as_it_named_itself(members: Members) -> None:
    member = members.new()
    for changed, code in (({"group_id": ""}, E.INVALID_GROUP_ID), ({"session_timeout_ms": 1}, E.INVALID_SESSION_TIMEOUT)):
        refused = member.joined(member.begin_join(member_id="me", **changed))
        assert (refused.error_code, refused.member_id, refused.generation_id) == (code, "me", -1)


def test_refusals_of_the_group_name_the_member_as_it_named_itself(members: Members) -> None:
    members.stable()
    stranger = members.new()
    refused = stranger.joined(stranger.begin_join(member_id="stranger"))
    assert (refused.error_code, refused.member_id) == (E.UNKNOWN_MEMBER_ID, "stranger")
    other = [JoinGroupRequestProtocol(name="sticky", metadata=b"")]
    refused = stranger.joined(stranger.begin_join(protocols=other))
    assert (refused.error_code, refused.member_id) == (E.INCONSISTENT_GROUP_PROTOCOL, "")


@pytest.mark.kafka
def test_a_broker_that_does_not_coordinate_names_nobody(world: World) -> None:
    """Nobody has asked for a coordinator yet."""
    member = Members(world.cluster).new()
    refused = member.joined(member.begin_join(member_id="me"))
    member.client.close()
    assert (refused.error_code, refused.member_id) == (E.NOT_COORDINATOR, "")


def test_a_join_waits_for_the_others(members: Members) -> None:
    leader, follower = members.stable(), members.new()
    assert follower.joined(follower.begin_join()).error_code == E.MEMBER_ID_REQUIRED
    waiting = follower.begin_join()
    while leader.heartbeat() == E.NONE:
        pass  # until the follower's join has arrived
    assert leader.join().generation_id == 2
    joined = follower.joined(waiting)
    assert (joined.generation_id, joined.leader, joined.members) == (2, leader.member_id, [])


def test_a_static_member_that_comes_back_keeps_its_place(members: Members) -> None:
    """KIP-345; its old id is fenced, wherever it waits."""
    first = members.stable(instance_id="one")
    second = members.new(instance_id="one")
    joined = second.join()
    assert (joined.error_code, joined.generation_id, joined.skip_assignment) == (E.NONE, 1, True)
    assert second.member_id != first.member_id
    refused = first.joined(first.begin_join())
    assert (refused.error_code, refused.member_id) == (E.FENCED_INSTANCE_ID, first.member_id)


def test_members_that_wait_are_sent_away_when_the_broker_stops(members: Members) -> None:
    leader, follower = members.stable(), members.new()
    follower.joined(follower.begin_join())
    waiting = follower.begin_join()
    while leader.heartbeat() == E.NONE:
        pass
    services = members.cluster.brokers[0].services
    assert services is not None

    async def close() -> None:
        assert services is not None
        services.groups.close()

    members.cluster.run(close())
    refused = follower.joined(waiting)
    assert (refused.error_code, refused.member_id) == (E.NOT_COORDINATOR, follower.member_id)
