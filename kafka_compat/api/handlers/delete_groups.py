"""DeleteGroups 0-2: empty groups go, with their offsets (KIP-229).

Needs DELETE on each group; those without come last.
"""

from __future__ import annotations

from kafka_compat.api.authorization import is_authorized
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_groups import DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse
from kafka_compat.security.acl import AclOperation, AclResource


async def handle(context: RequestContext, request: DeleteGroupsRequest) -> Response:
    """Delete each group that can be deleted; one named twice is answered once."""
    pace = Pace()
    # Each once, in order.
    allowed: dict[str, None] = {}
    denied: dict[str, None] = {}
    async for group_id in pace.over(request.groups_names):
        may_delete = is_authorized(context, AclOperation.DELETE, AclResource.GROUP, group_id)
        (allowed if may_delete else denied)[group_id] = None
    deleted = await context.services.groups.delete_groups(allowed)
    results = [DeletableGroupResult(group_id=group_id, error_code=code) async for group_id, code in pace.over(deleted.items())]
    code = ErrorCode.GROUP_AUTHORIZATION_FAILED
    results += [DeletableGroupResult(group_id=group_id, error_code=code) async for group_id in pace.over(denied)]
    return DeleteGroupsResponse(results=results)


def refuse(request: DeleteGroupsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every group failed with `error_code`."""
    return DeleteGroupsResponse(
        results=[DeletableGroupResult(group_id=group_id, error_code=error_code) for group_id in request.groups_names]
    )
