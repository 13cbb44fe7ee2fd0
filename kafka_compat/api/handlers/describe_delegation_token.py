"""DescribeDelegationToken 1-3: the tokens of certain owners, or of all (KIP-48).

Who has not authenticated may not see any: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, whoever the owners.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_delegation_token import (
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)


def handle(context: RequestContext, request: DescribeDelegationTokenRequest) -> Response:
    """Refuse."""
    return refuse(request, context.version, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, None)


def refuse(request: DescribeDelegationTokenRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone; there is no place for a message."""
    return DescribeDelegationTokenResponse(error_code=error_code)
