"""Heartbeat 0-4: a member of a classic group is alive, and learns whether it must join again.

v3 has static members (KIP-345).
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.coordinator.group.classic.values import HeartbeatRequest as MemberHeartbeat
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse


async def handle(context: RequestContext, request: HeartbeatRequest) -> Response:
    """Keep the member's session going."""
    if not request.group_id:
        return HeartbeatResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    beat = MemberHeartbeat(
        group_id=request.group_id,
        member_id=request.member_id,
        generation_id=request.generation_id,
        instance_id=request.group_instance_id,
    )
    try:
        await context.services.groups.run(beat.group_id, lambda shard, now_ms: shard.classic.heartbeat(beat, now_ms))
    except KafkaError as error:
        # While groups load nobody knows better than the member.
        is_loading = error.error_code is ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
        return HeartbeatResponse(error_code=ErrorCode.NONE if is_loading else error.error_code)
    return HeartbeatResponse()


def refuse(request: HeartbeatRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Refused before any group saw it."""
    return HeartbeatResponse(error_code=error_code)
