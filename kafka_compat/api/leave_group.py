"""LeaveGroup 0-5: members leave a classic group.

v3 takes several, by member or instance id (KIP-345), v5 a reason (KIP-800).
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator.group.classic_values import LeavingMember
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberResponse


async def handle(context: RequestContext, request: LeaveGroupRequest) -> Response:
    """Take the members out, then rebalance once."""
    if not request.group_id:
        return LeaveGroupResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    if context.version < 3:
        members = [LeavingMember(member_id=request.member_id)]
    else:
        members = [
            LeavingMember(member_id=member.member_id, instance_id=member.group_instance_id, reason=member.reason)
            for member in request.members
        ]
    left = await context.services.groups.run(
        request.group_id, lambda shard, now_ms: shard.classic.leave(request.group_id, members, now_ms)
    )
    if context.version < 3:
        return LeaveGroupResponse(error_code=left[0].error_code)
    return LeaveGroupResponse(
        members=[
            MemberResponse(member_id=member.member_id, group_instance_id=member.instance_id, error_code=member.error_code)
            for member in left
        ]
    )


def refuse(request: LeaveGroupRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Refused before any group saw it."""
    return LeaveGroupResponse(error_code=error_code)
