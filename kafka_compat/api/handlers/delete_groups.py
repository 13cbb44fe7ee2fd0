"""DeleteGroups 0-2: empty groups go, with their offsets (KIP-229)."""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_groups import DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse


async def handle(context: RequestContext, request: DeleteGroupsRequest) -> Response:
    """Delete each group that can be deleted; one named twice is answered once."""
    deleted = await context.services.groups.delete_groups(request.groups_names)
    return DeleteGroupsResponse(
        results=[
            DeletableGroupResult(group_id=group_id, error_code=code) async for group_id, code in Pace().over(deleted.items())
        ]
    )


def refuse(request: DeleteGroupsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every group failed with `error_code`."""
    return DeleteGroupsResponse(
        results=[DeletableGroupResult(group_id=group_id, error_code=error_code) for group_id in request.groups_names]
    )
