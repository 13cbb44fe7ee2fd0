"""DescribeGroups, DeleteGroups, ListGroups and LeaveGroup of many groups and members."""

from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_groups import DeleteGroupsRequest, DeleteGroupsResponse
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberIdentity
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from tests.api.worlds import World, commit_of


def make_groups(world: World, count: int) -> list[str]:
    """Empty groups, in many shards."""
    name = world.topic()
    groups = [world.group() for _ in range(count)]
    for group in groups:
        world.call(commit_of(group, (name, [(0, 1)])), 7, OffsetCommitResponse)
    return groups


def listed(world: World, *states: str, types: tuple[str, ...] = ()) -> set[str]:
    request = ListGroupsRequest(states_filter=list(states), types_filter=list(types))
    return {group.group_id for group in world.call(request, 5, ListGroupsResponse).groups}


def test_many_groups_are_deleted_and_named_once(world: World) -> None:
    groups = make_groups(world, 120)
    request = DeleteGroupsRequest(groups_names=[*groups, "no", *groups])
    answer = world.call(request, 2, DeleteGroupsResponse)
    assert [(result.group_id, result.error_code) for result in answer.results] == [
        *((group, 0) for group in groups),
        ("no", ErrorCode.GROUP_ID_NOT_FOUND),
    ]
    assert not listed(world) & set(groups)


def test_groups_are_listed_by_state_and_type_whatever_their_case(world: World) -> None:
    groups = set(make_groups(world, 3))
    assert groups <= listed(world)
    assert groups <= listed(world, " eMpty ", "nonsense")
    assert groups <= listed(world, types=("CLASSIC",))
    assert not listed(world, "Stable") & groups
    assert not listed(world, "nonsense")
    assert not listed(world, types=("consumer",))


def test_a_group_named_again_is_described_again(world: World) -> None:
    (group,) = make_groups(world, 1)
    answer = world.call(DescribeGroupsRequest(groups=[group, "no", group, "no"]), 6, DescribeGroupsResponse)
    assert [(found.group_id, found.error_code, found.group_state) for found in answer.groups] == [
        (group, 0, "Empty"),
        ("no", ErrorCode.GROUP_ID_NOT_FOUND, "Dead"),
    ] * 2


def test_strangers_are_refused_in_order(world: World) -> None:
    (group,) = make_groups(world, 1)
    members = [MemberIdentity(member_id=f"stranger{n}") for n in range(1001)]
    for wanted in (members, []):
        answer = world.call(LeaveGroupRequest(group_id=group, members=wanted), 4, LeaveGroupResponse)
        assert [(left.member_id, left.error_code) for left in answer.members] == [
            (member.member_id, ErrorCode.UNKNOWN_MEMBER_ID) for member in wanted
        ]
    assert world.call(LeaveGroupRequest(group_id=group, member_id="x"), 2, LeaveGroupResponse).error_code == 25
