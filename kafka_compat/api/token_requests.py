"""Whose requests about delegation tokens are listened to."""

from __future__ import annotations

from kafka_compat.api.session import Session
from kafka_compat.security.principal import ANONYMOUS


def may_ask_for_tokens(session: Session) -> bool:
    """Whether the client has authenticated, and not with a token: those could otherwise live on for ever.

    Source: Kafka's `KafkaApis.allowTokenRequests`.
    """
    if session.is_token_authenticated or session.security_protocol == "PLAINTEXT":
        return False
    return session.security_protocol != "SSL" or session.principal != ANONYMOUS
