"""SaslHandshake 0-1: which mechanisms a client may authenticate with (KIP-43, KIP-152).

No listener asks for authentication yet. Kafka answers ILLEGAL_SASL_STATE and no mechanisms on a listener without SASL.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse


def handle(context: RequestContext, request: SaslHandshakeRequest) -> Response:
    """Refuse: this is no SASL listener."""
    return refuse(request, context.version, ErrorCode.ILLEGAL_SASL_STATE, None)


def refuse(request: SaslHandshakeRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone; there is no place for a message."""
    return SaslHandshakeResponse(error_code=error_code)
