"""SyncGroup 0-5: a member asks for its assignment, the leader brings everybody's.

v3 has static members (KIP-345); v5 (KIP-559) must name the protocol type and name that the member means, and is told the
group's.
"""

from __future__ import annotations

import asyncio

from kafka_compat.api.answers import answer_from
from kafka_compat.api.authorization import require
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.coordinator.group.classic.values import SyncRequest, SyncResult
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupResponse
from kafka_compat.security.acl import AclOperation, AclResource


def handle(context: RequestContext, request: SyncGroupRequest) -> Answer:
    """Sync; the answer waits for the leader's assignment to be durable."""
    if context.version >= 5 and (request.protocol_type is None or request.protocol_name is None):
        return SyncGroupResponse(error_code=ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    require(context, AclOperation.READ, AclResource.GROUP, request.group_id)
    if not request.group_id:
        return SyncGroupResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    sync = SyncRequest(
        group_id=request.group_id,
        member_id=request.member_id,
        generation_id=request.generation_id,
        instance_id=request.group_instance_id,
        protocol_type=request.protocol_type,
        protocol_name=request.protocol_name,
        assignments=tuple((assignment.member_id, assignment.assignment) for assignment in request.assignments),
    )
    return answer_from(context.services.groups.sync(sync), _response)


def refuse(request: SyncGroupRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """No assignment because of `error_code`."""
    return SyncGroupResponse(error_code=error_code)


def _response(synced: asyncio.Future[SyncResult]) -> Response:
    result = synced.result()
    return SyncGroupResponse(
        protocol_type=result.protocol_type, protocol_name=result.protocol_name, assignment=result.assignment
    )
