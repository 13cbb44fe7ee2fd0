"""SaslAuthenticate 0-2: a step of authentication (KIP-152, sessions that end KIP-368).

No listener asks for authentication yet. Kafka answers ILLEGAL_SASL_STATE on a listener without SASL, and with this text.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse


def handle(context: RequestContext, request: SaslAuthenticateRequest) -> Response:
    """Refuse: this is no SASL listener."""
    message = "SaslAuthenticate request received after successful authentication"
    return refuse(request, context.version, ErrorCode.ILLEGAL_SASL_STATE, message)


def refuse(request: SaslAuthenticateRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return SaslAuthenticateResponse(error_code=error_code, error_message=message)
