"""ListGroups 0-5: the groups that this broker coordinates.

v4 filters by state (KIP-518), v5 by type (KIP-848), neither minding case.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator.group.classic.states import GroupState
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.list_groups import ListedGroup, ListGroupsRequest, ListGroupsResponse

_STATES: Final = frozenset(state.value.lower() for state in GroupState)
_NO_STATE: Final = "-"
_TYPE: Final = "classic"
_NO_TYPE: Final = "-"


async def handle(context: RequestContext, request: ListGroupsRequest) -> Response:
    """List the groups of every shard led here."""
    pace = Pace()
    # Of a long filter only what can match goes to each shard; one that matches nothing must not be an empty one.
    states = {state.strip().lower() async for state in pace.over(request.states_filter)}
    if states:
        states = states & _STATES or {_NO_STATE}
    types = {group_type.lower() async for group_type in pace.over(request.types_filter)}
    if types:
        types = types & {_TYPE} or {_NO_TYPE}
    groups: list[ListedGroup] = []
    for answer in context.services.groups.read_all(lambda shard, _: shard.groups.list(states, types)):
        try:
            listings = await answer
        except KafkaError as error:
            if error.error_code is not ErrorCode.NOT_COORDINATOR:
                raise
            # A shard that went to another broker meanwhile is that broker's to list.
            continue
        async for group in pace.over(listings):
            groups.append(
                ListedGroup(
                    group_id=group.group_id,
                    protocol_type=group.protocol_type,
                    group_state=group.state,
                    group_type=group.group_type,
                )
            )
        await pace.turn()
    return ListGroupsResponse(groups=groups)


def refuse(request: ListGroupsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Nothing can be listed."""
    return ListGroupsResponse(error_code=error_code)
