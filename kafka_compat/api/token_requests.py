"""Whose requests about delegation tokens are listened to, and whether there are any."""

from __future__ import annotations

from kafka_compat.api.context import RequestContext
from kafka_compat.api.session import Session
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.delegation_tokens import DelegationTokens
from kafka_compat.security.principal import ANONYMOUS


def may_ask_for_tokens(session: Session) -> bool:
    """Whether the client has authenticated, and not with a token: those could otherwise live on for ever.

    Source: Kafka's `KafkaApis.allowTokenRequests`.
    """
    if session.is_token_authenticated or session.security_protocol == "PLAINTEXT":
        return False
    return session.security_protocol != "SSL" or session.principal != ANONYMOUS


def tokens_of(context: RequestContext) -> DelegationTokens:
    """The broker's delegation tokens.

    Raises:
        KafkaError: DELEGATION_TOKEN_AUTH_DISABLED, there are none.
    """
    if context.services.tokens is None:
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED)
    return context.services.tokens
