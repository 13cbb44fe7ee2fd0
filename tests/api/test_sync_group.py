from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from tests.api.group_members import Members

E = ErrorCode


def test_followers_wait_for_the_leaders_assignment(members: Members) -> None:
    leader, follower = members.stable(), members.new()
    follower.joined(follower.begin_join())
    joining = follower.begin_join()
    while leader.heartbeat() == E.NONE:
        pass  # until the follower's join has arrived
    leader.join()
    follower.joined(joining)
    syncing = follower.begin_sync()
    mine = leader.assign(**{leader.member_id: b"1", follower.member_id: b"2"})
    assert (mine.error_code, mine.assignment, mine.protocol_type, mine.protocol_name) == (E.NONE, b"1", "consumer", "range")
    assert follower.synced(syncing).assignment == b"2"
    assert leader.sync().assignment == b"1"


def test_a_rebalance_sends_waiting_members_to_join_again(members: Members) -> None:
    leader, follower = members.stable(), members.new()
    follower.joined(follower.begin_join())
    joining = follower.begin_join()
    while leader.heartbeat() == E.NONE:
        pass
    leader.join()
    follower.joined(joining)
    syncing = follower.begin_sync()
    leader.leave()
    refused = follower.synced(syncing)
    assert (refused.error_code, refused.assignment, refused.protocol_name) == (E.REBALANCE_IN_PROGRESS, b"", None)


def test_what_a_sync_is_refused_for(members: Members) -> None:
    member = members.stable()
    for changed, code in (
        ({"group_id": ""}, E.INVALID_GROUP_ID),
        ({"protocol_name": None}, E.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol_name": "sticky"}, E.INCONSISTENT_GROUP_PROTOCOL),
        ({"group_id": "unknown"}, E.UNKNOWN_MEMBER_ID),
        ({"member_id": "stranger"}, E.UNKNOWN_MEMBER_ID),
        ({"generation_id": 9}, E.ILLEGAL_GENERATION),
    ):
        refused = member.sync(**changed)
        assert (refused.error_code, refused.protocol_type, refused.assignment) == (code, None, b""), changed
    assert member.sync(4, protocol_name=None).assignment == b"all"
