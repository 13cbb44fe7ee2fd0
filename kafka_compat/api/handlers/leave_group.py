"""LeaveGroup 0-5: members leave a classic group.

v3 takes several, by member or instance id (KIP-345), v5 a reason (KIP-800).
"""

from __future__ import annotations

from kafka_compat.api.authorization import require
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator.group.classic.values import LeavingMember
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberResponse
from kafka_compat.security.acl import AclOperation, AclResource


async def handle(context: RequestContext, request: LeaveGroupRequest) -> Response:
    """Take the members out, then rebalance once."""
    require(context, AclOperation.READ, AclResource.GROUP, request.group_id)
    if not request.group_id:
        return LeaveGroupResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    groups = context.services.groups
    if context.version < 3:
        (left,) = await groups.leave(request.group_id, [LeavingMember(member_id=request.member_id)])
        return LeaveGroupResponse(error_code=left.error_code)
    leaving = (
        LeavingMember(member_id=member.member_id, instance_id=member.group_instance_id, reason=member.reason)
        for member in request.members
    )
    members = [
        MemberResponse(member_id=left.member_id, group_instance_id=left.instance_id, error_code=left.error_code)
        async for left in Pace().over(await groups.leave(request.group_id, leaving))
    ]
    return LeaveGroupResponse(members=members)


def refuse(request: LeaveGroupRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Nobody has left because of `error_code`."""
    return LeaveGroupResponse(error_code=error_code)
