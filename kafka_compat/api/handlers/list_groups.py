"""ListGroups 0-5: the groups that this broker coordinates.

v4 filters by state (KIP-518), v5 by type (KIP-848), neither minding case. Who has DESCRIBE on the cluster sees all groups,
others those that they may describe.
"""

from __future__ import annotations

from kafka_compat.api.authorization import is_authorized_for_cluster, is_authorized_this_once
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.list_groups import ListedGroup, ListGroupsRequest, ListGroupsResponse
from kafka_compat.security.acl import AclOperation, AclResource


async def handle(context: RequestContext, request: ListGroupsRequest) -> Response:
    """List the groups of every shard led here."""
    pace = Pace()
    states = {state.strip().lower() async for state in pace.over(request.states_filter)}
    types = {group_type.lower() async for group_type in pace.over(request.types_filter)}
    sees_all = is_authorized_for_cluster(context, AclOperation.DESCRIBE)
    groups = [
        ListedGroup(
            group_id=group.group_id,
            protocol_type=group.protocol_type,
            group_state=group.state,
            group_type=group.group_type,
        )
        async for group in context.services.groups.list_groups(states, types)
        if sees_all or is_authorized_this_once(context, AclOperation.DESCRIBE, AclResource.GROUP, group.group_id)
    ]
    return ListGroupsResponse(groups=groups)


def refuse(request: ListGroupsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Nothing can be listed."""
    return ListGroupsResponse(error_code=error_code)
