"""DescribeGroups 0-6: state and members of classic groups.

v3 adds authorised operations (KIP-430), v4 instance ids (KIP-345); v6 answers GROUP_ID_NOT_FOUND with a message for a group
that is not there (KIP-1043), earlier ones only the state Dead. Needs DESCRIBE on each group; those without come first.
"""

from __future__ import annotations

from kafka_compat.api.authorization import is_authorized
from kafka_compat.api.authorized import authorized_operations
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.slices import Repeats
from kafka_compat.coordinator.group.classic.values import GroupDescription
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.describe_groups import (
    DescribedGroup,
    DescribedGroupMember,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)
from kafka_compat.security.acl import AclOperation, AclResource


async def handle(context: RequestContext, request: DescribeGroupsRequest) -> Response:
    """Describe each group, or say why not."""
    pace = Pace()
    described: dict[str, DescribedGroup] = {}
    repeats = Repeats()
    groups = []
    denied = []
    async for group_id in pace.over(request.groups):
        if not is_authorized(context, AclOperation.DESCRIBE, AclResource.GROUP, group_id):
            denied.append(DescribedGroup(group_id=group_id, error_code=ErrorCode.GROUP_AUTHORIZATION_FAILED))
            continue
        group = described.get(group_id)
        if group is None:
            group = described[group_id] = await _describe(context, request, group_id)
        elif not repeats.take(_size_bytes(group)):
            group = DescribedGroup(group_id=group_id, error_code=ErrorCode.INVALID_REQUEST)
        groups.append(group)
    return DescribeGroupsResponse(groups=denied + groups)


def refuse(request: DescribeGroupsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every group failed with `error_code`."""
    return DescribeGroupsResponse(groups=[DescribedGroup(group_id=name, error_code=error_code) for name in request.groups])


async def _describe(context: RequestContext, request: DescribeGroupsRequest, group_id: str) -> DescribedGroup:
    try:
        group = await context.services.groups.describe_classic_group(group_id)
    except KafkaError as error:
        return DescribedGroup(group_id=group_id, error_code=error.error_code)
    if not group.exists and context.version >= 6:
        return DescribedGroup(
            group_id=group_id,
            group_state=group.state,
            error_code=ErrorCode.GROUP_ID_NOT_FOUND,
            error_message=f"Group {group_id} not found.",
        )
    described = _described(group)
    if request.include_authorized_operations:
        described.authorized_operations = authorized_operations(context, AclResource.GROUP, group_id)
    return described


def _size_bytes(group: DescribedGroup) -> int:
    return sum(len(member.member_metadata) + len(member.member_assignment) + 100 for member in group.members)


def _described(group: GroupDescription) -> DescribedGroup:
    return DescribedGroup(
        group_id=group.group_id,
        group_state=group.state,
        protocol_type=group.protocol_type,
        protocol_data=group.protocol_name,
        members=[
            DescribedGroupMember(
                member_id=member.member_id,
                group_instance_id=member.instance_id,
                client_id=member.client_id,
                client_host=member.client_host,
                member_metadata=member.metadata,
                member_assignment=member.assignment,
            )
            for member in group.members
        ],
    )
