"""ListGroups 0-5: the groups that this broker coordinates.

v4 filters by state (KIP-518), v5 by type (KIP-848), neither minding case.
"""

from __future__ import annotations

import asyncio

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator.group.classic_values import GroupListing
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.list_groups import ListedGroup, ListGroupsRequest, ListGroupsResponse


async def handle(context: RequestContext, request: ListGroupsRequest) -> Response:
    """List the groups of every shard led here."""
    answers = context.services.groups.read_all(
        lambda shard, now_ms: shard.classic.list(request.states_filter, request.types_filter)
    )
    listings: list[GroupListing] = []
    for answer in await asyncio.gather(*answers, return_exceptions=True):
        if not isinstance(answer, BaseException):
            listings += answer
        elif not isinstance(answer, KafkaError) or answer.error_code is not ErrorCode.NOT_COORDINATOR:
            # A shard that went to another broker meanwhile is that broker's to list.
            raise answer
    return ListGroupsResponse(
        groups=[
            ListedGroup(
                group_id=group.group_id,
                protocol_type=group.protocol_type,
                group_state=group.state,
                group_type=group.group_type,
            )
            for group in listings
        ]
    )


def refuse(request: ListGroupsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Nothing can be listed."""
    return ListGroupsResponse(error_code=error_code)
