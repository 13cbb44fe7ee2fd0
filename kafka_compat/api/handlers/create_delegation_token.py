"""CreateDelegationToken 1-3: a token that stands for a user (KIP-48; v3 for another user, KIP-373).

Who has not authenticated, or did so with a token, gets none: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, before anything else in the
request counts. A token for somebody else takes CREATE_TOKENS on that user. What the broker refuses has -1 for its times, what
the controller does 0.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import is_authorized
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.token_requests import may_ask_for_tokens, tokens_of
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.create_delegation_token import CreateDelegationTokenRequest, CreateDelegationTokenResponse
from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.security.principal import ANONYMOUS, Principal
from kafka_compat.security.token_plans import check_renewers

_NO_TIME_MS: Final = -1


async def handle(context: RequestContext, request: CreateDelegationTokenRequest) -> Response:
    """Make the token; the answer names its owner whatever comes of it."""
    requester = context.session.principal
    owner = _owner(request, requester)
    refused = _why_refused(context, owner)
    if refused is not None:
        return _refusal(context.version, refused, owner, requester)
    renewers = []
    async for each in Pace().over(request.renewers):
        renewers.append(Principal(each.principal_type, each.principal_name))
    try:
        check_renewers(renewers)
    except KafkaError as error:
        return _refusal(context.version, error.error_code, owner, requester)
    try:
        tokens = tokens_of(context)
        token = await tokens.create(owner, requester, renewers, request.max_lifetime_ms)
    except KafkaError as error:
        return _refusal(context.version, error.error_code, owner, requester, time_ms=0)
    response = _response(context.version, owner, requester)
    response.issue_timestamp_ms = token.issued_ms
    response.expiry_timestamp_ms = token.expires_ms
    response.max_timestamp_ms = token.max_ms
    response.token_id = token.token_id
    response.hmac = tokens.hmac(token.token_id)
    return response


def refuse(request: CreateDelegationTokenRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, for nobody; there is no place for a message."""
    return _refusal(version, error_code, ANONYMOUS, ANONYMOUS)


def _owner(request: CreateDelegationTokenRequest, requester: Principal) -> Principal:
    if not request.owner_principal_name:
        return requester
    if request.owner_principal_type is None:
        # The reference runs into an exception when it makes a principal without a type.
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    return Principal(request.owner_principal_type, request.owner_principal_name)


def _why_refused(context: RequestContext, owner: Principal) -> ErrorCode | None:
    if not may_ask_for_tokens(context.session):
        return ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    if owner != context.session.principal and not is_authorized(
        context, AclOperation.CREATE_TOKENS, AclResource.USER, str(owner)
    ):
        return ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED
    return None


def _refusal(
    version: int, error_code: ErrorCode, owner: Principal, requester: Principal, *, time_ms: int = _NO_TIME_MS
) -> Response:
    response = _response(version, owner, requester)
    response.error_code = error_code
    response.issue_timestamp_ms = response.expiry_timestamp_ms = response.max_timestamp_ms = time_ms
    return response


def _response(version: int, owner: Principal, requester: Principal) -> CreateDelegationTokenResponse:
    response = CreateDelegationTokenResponse(principal_type=owner.type, principal_name=owner.name)
    if version >= 3:
        response.token_requester_principal_type, response.token_requester_principal_name = requester
    return response
