"""CreateDelegationToken 1-3: a token that stands for a user (KIP-48; v3 for another user, KIP-373).

Who has not authenticated gets none: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, before anything else in the request counts.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.create_delegation_token import CreateDelegationTokenRequest, CreateDelegationTokenResponse

_ANONYMOUS: Final = ("User", "ANONYMOUS")
_NO_TIME_MS: Final = -1


def handle(context: RequestContext, request: CreateDelegationTokenRequest) -> Response:
    """Refuse; the answer names who would have owned the token."""
    owner = _ANONYMOUS
    if request.owner_principal_name:
        if request.owner_principal_type is None:
            # The reference runs into an exception when it makes a principal without a type.
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        owner = (request.owner_principal_type, request.owner_principal_name)
    return _refusal(context.version, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, owner)


def refuse(request: CreateDelegationTokenRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, for the user who asked; there is no place for a message."""
    return _refusal(version, error_code, _ANONYMOUS)


def _refusal(version: int, error_code: ErrorCode, owner: tuple[str, str]) -> Response:
    response = CreateDelegationTokenResponse(
        error_code=error_code,
        principal_type=owner[0],
        principal_name=owner[1],
        issue_timestamp_ms=_NO_TIME_MS,
        expiry_timestamp_ms=_NO_TIME_MS,
        max_timestamp_ms=_NO_TIME_MS,
    )
    if version >= 3:
        response.token_requester_principal_type, response.token_requester_principal_name = _ANONYMOUS
    return response
