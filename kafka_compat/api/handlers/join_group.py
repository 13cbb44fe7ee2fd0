"""JoinGroup 0-9: a member joins a classic group and is answered when the rebalance is through.

v0 has no rebalance timeout, the session timeout stands for it; v4 gives a new dynamic member its id first (KIP-394), v5 has
static members (KIP-345), v7 the protocol type in the answer and a null protocol name in place of an empty one, v8 a reason
for the broker's log (KIP-800), v9 spares a returning static leader the assignment (KIP-814).
"""

from __future__ import annotations

import asyncio
from ipaddress import IPv6Address

from kafka_compat.api.answers import answer_from
from kafka_compat.api.authorization import require
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.coordinator.group.classic.values import JoinRefused, JoinRequest, JoinResult
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember
from kafka_compat.security.acl import AclOperation, AclResource


def handle(context: RequestContext, request: JoinGroupRequest) -> Answer:
    """Join; the answer may take as long as the longest rebalance timeout of the group's members."""
    version = context.version
    require(context, AclOperation.READ, AclResource.GROUP, request.group_id)
    config = context.services.config
    if not request.group_id:
        return _refusal(ErrorCode.INVALID_GROUP_ID, JoinResult(member_id=request.member_id), version)
    if not config.group_min_session_timeout_ms <= request.session_timeout_ms <= config.group_max_session_timeout_ms:
        return _refusal(ErrorCode.INVALID_SESSION_TIMEOUT, JoinResult(member_id=request.member_id), version)
    join = JoinRequest(
        group_id=request.group_id,
        member_id=request.member_id,
        instance_id=request.group_instance_id,
        client_id=context.header.client_id or "",
        client_host=_java_host(context.session.host),
        session_timeout_ms=request.session_timeout_ms,
        rebalance_timeout_ms=request.session_timeout_ms if version == 0 else request.rebalance_timeout_ms,
        protocol_type=request.protocol_type,
        protocols=tuple((protocol.name, protocol.metadata) for protocol in request.protocols),
        requires_known_member_id=version >= 4,
        supports_skipping_assignment=version >= 9,
        reason=request.reason,
    )

    def respond(joined: asyncio.Future[JoinResult]) -> Response:
        try:
            return _response(joined.result(), version)
        except JoinRefused as refused:
            return _refusal(refused.error_code, refused.result, version)

    return answer_from(context.services.groups.join(join), respond)


def refuse(request: JoinGroupRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """No group has decided it."""
    return _refusal(error_code, JoinResult(member_id=""), version)


def _refusal(error_code: ErrorCode, result: JoinResult, version: int) -> Response:
    response = _response(result, version)
    response.error_code = error_code
    return response


def _response(result: JoinResult, version: int) -> JoinGroupResponse:
    return JoinGroupResponse(
        generation_id=result.generation_id,
        protocol_type=result.protocol_type,
        protocol_name=(result.protocol_name or None) if version >= 7 else (result.protocol_name or ""),
        leader=result.leader,
        skip_assignment=result.skip_assignment,
        member_id=result.member_id,
        members=[
            JoinGroupResponseMember(member_id=member.member_id, group_instance_id=member.instance_id, metadata=member.metadata)
            for member in result.members
        ],
    )


def _java_host(host: str) -> str:
    """The client's address as Java writes it: a slash, and IPv6 without abbreviation."""
    if ":" in host:
        groups = IPv6Address(host.partition("%")[0]).exploded.split(":")
        host = ":".join(f"{int(group, 16):x}" for group in groups)
    return f"/{host}"
