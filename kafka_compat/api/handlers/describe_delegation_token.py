"""DescribeDelegationToken 1-3: the tokens of certain owners, or of all (KIP-48; v3 names requesters, KIP-373).

Who has not authenticated, or did so with a token, may not see any: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, whoever the owners.
Owners and renewers see their tokens; others need DESCRIBE on the token or DESCRIBE_TOKENS on its owner. Tokens that have
expired and are not swept away yet are shown.
"""

from __future__ import annotations

from kafka_compat.api.authorization import is_authorized_this_once
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.api.token_requests import may_ask_for_tokens, tokens_of
from kafka_compat.metadata.changes import DelegationTokenSet
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_delegation_token import (
    DescribedDelegationToken,
    DescribedDelegationTokenRenewer,
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.security.delegation_tokens import DelegationTokens
from kafka_compat.security.principal import Principal, parse_principal
from kafka_compat.security.token_plans import concerns_any


def handle(context: RequestContext, request: DescribeDelegationTokenRequest) -> Answer:
    """List what the client may see."""
    if not may_ask_for_tokens(context.session):
        return refuse(request, context.version, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, None)
    return in_slices(_response(context, request, tokens_of(context)))


def refuse(request: DescribeDelegationTokenRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone; there is no place for a message."""
    return DescribeDelegationTokenResponse(error_code=error_code)


def _response(context: RequestContext, request: DescribeDelegationTokenRequest, tokens: DelegationTokens) -> Work[Response]:
    owners: set[str] | None = None
    if request.owners is not None:
        owners = set()
        for owner in request.owners:
            owners.add(str(Principal(owner.principal_type, owner.principal_name)))
            yield
    response = DescribeDelegationTokenResponse()
    for token in list(context.services.image.delegation_tokens.values()):
        if (owners is None or concerns_any(token, owners)) and _may_see(context, token):
            response.tokens.append(_described(context, token, tokens.hmac(token.token_id)))
        yield
    return response


def _may_see(context: RequestContext, token: DelegationTokenSet) -> bool:
    return (
        concerns_any(token, (str(context.session.principal),))
        or is_authorized_this_once(context, AclOperation.DESCRIBE, AclResource.DELEGATION_TOKEN, token.token_id)
        or is_authorized_this_once(context, AclOperation.DESCRIBE_TOKENS, AclResource.USER, token.owner)
    )


def _described(context: RequestContext, token: DelegationTokenSet, hmac: bytes) -> DescribedDelegationToken:
    owner = parse_principal(token.owner)
    described = DescribedDelegationToken(
        principal_type=owner.type,
        principal_name=owner.name,
        issue_timestamp=token.issued_ms,
        expiry_timestamp=token.expires_ms,
        max_timestamp=token.max_ms,
        token_id=token.token_id,
        hmac=hmac,
        renewers=[
            DescribedDelegationTokenRenewer(principal_type=renewer.type, principal_name=renewer.name)
            for renewer in map(parse_principal, token.renewers)
        ],
    )
    if context.version >= 3:
        requester = parse_principal(token.requester)
        described.token_requester_principal_type, described.token_requester_principal_name = requester
    return described
