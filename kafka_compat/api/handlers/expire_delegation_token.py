"""ExpireDelegationToken 1-2: let a token end earlier, or at once (KIP-48).

Who has not authenticated may not: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, whatever the token.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.expire_delegation_token import ExpireDelegationTokenRequest, ExpireDelegationTokenResponse


def handle(context: RequestContext, request: ExpireDelegationTokenRequest) -> Response:
    """Refuse."""
    return refuse(request, context.version, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, None)


def refuse(request: ExpireDelegationTokenRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, and no time; there is no place for a message."""
    return ExpireDelegationTokenResponse(error_code=error_code, expiry_timestamp_ms=-1)
