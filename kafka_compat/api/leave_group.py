"""LeaveGroup 0-5: members leave a classic group.

v3 takes several, by member or instance id (KIP-345), v5 a reason (KIP-800).
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator.group.classic.values import LeavingMember, LeftMember
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberResponse

# A rebalance that the first of several parts begins is still open when the last one is over: nobody has joined again.
_MEMBERS_PER_OPERATION: Final = 500


async def handle(context: RequestContext, request: LeaveGroupRequest) -> Response:
    """Take the members out, then rebalance once."""
    if not request.group_id:
        return LeaveGroupResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    if context.version < 3:
        (left,) = await _leave(context, request.group_id, [LeavingMember(member_id=request.member_id)])
        return LeaveGroupResponse(error_code=left.error_code)
    pace = Pace()
    members: list[MemberResponse] = []
    remaining = iter(request.members)
    # Without members the group is asked all the same: it may have another coordinator.
    while (part := list(islice(remaining, _MEMBERS_PER_OPERATION))) or not members:
        leaving = [LeavingMember(member_id=m.member_id, instance_id=m.group_instance_id, reason=m.reason) for m in part]
        members += [
            MemberResponse(member_id=member.member_id, group_instance_id=member.instance_id, error_code=member.error_code)
            for member in await _leave(context, request.group_id, leaving)
        ]
        if not part:
            break
        await pace.turn()
    return LeaveGroupResponse(members=members)


def refuse(request: LeaveGroupRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Refused before any group saw it."""
    return LeaveGroupResponse(error_code=error_code)


async def _leave(context: RequestContext, group_id: str, members: list[LeavingMember]) -> list[LeftMember]:
    return await context.services.groups.run(group_id, lambda shard, now_ms: shard.classic.leave(group_id, members, now_ms))
