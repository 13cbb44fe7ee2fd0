"""Heartbeat 0-4: a member of a classic group is alive, and learns whether it must join again.

v3 has static members (KIP-345).
"""

from __future__ import annotations

import asyncio

from kafka_compat.api.answers import answer_from
from kafka_compat.api.authorization import require
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.coordinator.group.classic.values import HeartbeatRequest as MemberHeartbeat
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.security.acl import AclOperation, AclResource


def handle(context: RequestContext, request: HeartbeatRequest) -> Answer:
    """Keep the member's session going."""
    require(context, AclOperation.READ, AclResource.GROUP, request.group_id)
    if not request.group_id:
        return HeartbeatResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    beat = MemberHeartbeat(
        group_id=request.group_id,
        member_id=request.member_id,
        generation_id=request.generation_id,
        instance_id=request.group_instance_id,
    )
    return answer_from(context.services.groups.heartbeat(beat), _response)


def refuse(request: HeartbeatRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The member has to act on `error_code`."""
    return HeartbeatResponse(error_code=error_code)


def _response(beaten: asyncio.Future[None]) -> Response:
    error = beaten.exception()
    # While groups load nobody knows better than the member.
    if isinstance(error, KafkaError) and error.error_code is ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
        return HeartbeatResponse()
    if error is not None:
        raise error
    return HeartbeatResponse()
