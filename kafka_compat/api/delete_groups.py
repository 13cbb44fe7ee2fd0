"""DeleteGroups 0-2: empty groups go, with their offsets (KIP-229)."""

from __future__ import annotations

import asyncio

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.delete_groups import DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse


async def handle(context: RequestContext, request: DeleteGroupsRequest) -> Response:
    """Delete each group that can be deleted; one named twice is answered once."""
    names = dict.fromkeys(request.groups_names)
    return DeleteGroupsResponse(results=list(await asyncio.gather(*(_delete(context, group_id) for group_id in names))))


def refuse(request: DeleteGroupsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every group failed with `error_code`."""
    return DeleteGroupsResponse(
        results=[DeletableGroupResult(group_id=group_id, error_code=error_code) for group_id in request.groups_names]
    )


async def _delete(context: RequestContext, group_id: str) -> DeletableGroupResult:
    try:
        results = await context.services.groups.run(group_id, lambda shard, now_ms: shard.classic.delete([group_id]))
    except KafkaError as error:
        return DeletableGroupResult(group_id=group_id, error_code=error.error_code)
    return DeletableGroupResult(group_id=group_id, error_code=results[0][1])
