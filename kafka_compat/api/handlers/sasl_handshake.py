"""SaslHandshake 0-1: which mechanism a client wants to authenticate with, and which there are (KIP-43, KIP-152).

v1 says that the mechanism's messages come in SaslAuthenticate requests; after v0 they come as they are. Where no authentication
is under way, or the listener asks for none, it is ILLEGAL_SASL_STATE with no mechanisms. What is decided is decided by
`security/sasl/authenticator.py`.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse


def handle(context: RequestContext, request: SaslHandshakeRequest) -> Response:
    """Take the mechanism, or tell which there are."""
    sasl = context.session.sasl
    if sasl is None or sasl.is_complete:
        return refuse(request, context.version, ErrorCode.ILLEGAL_SASL_STATE, None)
    error_code, mechanisms = sasl.handshake(request.mechanism, context.version)
    return SaslHandshakeResponse(error_code=error_code, mechanisms=mechanisms)


def refuse(request: SaslHandshakeRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """An error without mechanisms."""
    return SaslHandshakeResponse(error_code=error_code)
