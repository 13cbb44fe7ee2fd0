"""RenewDelegationToken 1-2: let a token live longer (KIP-48).

Who has not authenticated, or did so with a token, may not: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, whatever the token. No access
control list counts: a token's owner and renewers may, and nobody else.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.token_requests import may_ask_for_tokens, tokens_of
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.renew_delegation_token import RenewDelegationTokenRequest, RenewDelegationTokenResponse


async def handle(context: RequestContext, request: RenewDelegationTokenRequest) -> Response:
    """Renew it; what the controller refuses has 0 for a time."""
    if not may_ask_for_tokens(context.session):
        return refuse(request, context.version, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, None)
    principal = context.session.principal
    try:
        expires_ms = await tokens_of(context).renew(request.hmac, principal, request.renew_period_ms)
    except KafkaError as error:
        return RenewDelegationTokenResponse(error_code=error.error_code)
    return RenewDelegationTokenResponse(expiry_timestamp_ms=expires_ms)


def refuse(request: RenewDelegationTokenRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, and no time; there is no place for a message."""
    return RenewDelegationTokenResponse(error_code=error_code, expiry_timestamp_ms=-1)
