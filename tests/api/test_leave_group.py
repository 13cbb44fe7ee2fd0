from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberIdentity
from tests.api.group_members import GROUP, Members

E = ErrorCode


def test_members_leave_by_member_or_instance_id(members: Members) -> None:
    """KIP-345"""
    member = members.stable(instance_id="one")
    identities = [
        MemberIdentity(member_id="stranger"),
        MemberIdentity(member_id="", group_instance_id="two"),
        MemberIdentity(member_id="stranger", group_instance_id="one"),
        MemberIdentity(member_id="", group_instance_id="one"),
    ]
    answer = member.leave(*identities)
    assert [(left.member_id, left.group_instance_id, left.error_code) for left in answer.members] == [
        ("stranger", None, E.UNKNOWN_MEMBER_ID),
        ("", "two", E.UNKNOWN_MEMBER_ID),
        ("stranger", "one", E.FENCED_INSTANCE_ID),
        ("", "one", E.NONE),
    ]
    assert member.heartbeat() == E.UNKNOWN_MEMBER_ID


def test_before_version_3_one_member_leaves(members: Members) -> None:
    member = members.stable()
    for member_id, code in ((member.member_id, E.NONE), (member.member_id, E.UNKNOWN_MEMBER_ID)):
        request = LeaveGroupRequest(group_id=GROUP, member_id=member_id)
        assert member.client.call(request, 2, LeaveGroupResponse).error_code == code


def test_a_group_needs_an_id(members: Members) -> None:
    request = LeaveGroupRequest(group_id="", members=[MemberIdentity(member_id="x")])
    answer = members.new().client.call(request, 4, LeaveGroupResponse)
    assert (answer.error_code, answer.members) == (E.INVALID_GROUP_ID, [])
