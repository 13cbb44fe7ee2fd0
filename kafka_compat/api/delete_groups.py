"""DeleteGroups 0-2: empty groups go, with their offsets (KIP-229)."""

from __future__ import annotations

import asyncio
from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.delete_groups import DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse

# Kafka deletes all groups of a shard in one operation; that takes as long as they have offsets.
_GROUPS_PER_OPERATION: Final = 50


async def handle(context: RequestContext, request: DeleteGroupsRequest) -> Response:
    """Delete each group that can be deleted; one named twice is answered once."""
    groups = context.services.groups
    pace = Pace()
    codes: dict[str, int] = {}
    by_shard: dict[int, list[str]] = {}
    under_way: list[tuple[list[str], asyncio.Future[list[tuple[str, ErrorCode]]]]] = []

    def delete(group_ids: list[str]) -> None:
        under_way.append((group_ids, groups.run(group_ids[0], lambda shard, _: shard.delete_groups(group_ids))))

    async for group_id in pace.over(request.groups_names):
        if group_id in codes:
            continue
        codes[group_id] = ErrorCode.NONE
        waiting = by_shard.setdefault(groups.partition_of(group_id), [])
        waiting.append(group_id)
        if len(waiting) == _GROUPS_PER_OPERATION:
            delete(waiting[:])
            waiting.clear()
    async for waiting in pace.over(by_shard.values()):
        if waiting:
            delete(waiting)
    for group_ids, deleted in under_way:
        try:
            codes.update(await deleted)
        except KafkaError as error:
            codes.update(dict.fromkeys(group_ids, error.error_code))
        await pace.turn()
    return DeleteGroupsResponse(
        results=[DeletableGroupResult(group_id=group_id, error_code=code) async for group_id, code in pace.over(codes.items())]
    )


def refuse(request: DeleteGroupsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every group failed with `error_code`."""
    return DeleteGroupsResponse(
        results=[DeletableGroupResult(group_id=group_id, error_code=error_code) for group_id in request.groups_names]
    )
