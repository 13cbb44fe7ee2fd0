"""SaslAuthenticate 0-2: a step of authentication (KIP-152).

v1 tells how long the session lasts until the client has to authenticate again (KIP-368), v2 is flexible. Where no
authentication is under way, or the listener asks for none, it is ILLEGAL_SASL_STATE. What is decided is decided by
`security/sasl/authenticator.py`.
"""

from __future__ import annotations

from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kafka_compat.security.sasl.authenticator import SaslAuthenticator
from kafka_compat.security.sasl.mechanism import Later


def handle(context: RequestContext, request: SaslAuthenticateRequest) -> Answer:
    """Let the mechanism answer; the session has its principal when the last step has succeeded."""
    session = context.session
    sasl = session.sasl
    if sasl is None or sasl.is_complete:
        refusal = "SaslAuthenticate request received after successful authentication"
        return refuse(request, context.version, ErrorCode.ILLEGAL_SASL_STATE, refusal)
    message = bytes(request.auth_bytes)
    try:
        return _answer(context, sasl, message)
    except Later as later:
        return _answer_later(context, sasl, message, later)


async def _answer_later(context: RequestContext, sasl: SaslAuthenticator, message: bytes, later: Later) -> Response:
    await context.services.tasks.in_thread(later.work)
    return _answer(context, sasl, message)


def _answer(context: RequestContext, sasl: SaslAuthenticator, message: bytes) -> Response:
    clock = context.services.clock
    answer = sasl.authenticate(message, clock.wall_ms(), clock.monotonic_ms())
    context.session.take_identity()
    return SaslAuthenticateResponse(
        error_code=answer.error_code,
        error_message=answer.error_message,
        auth_bytes=answer.auth_bytes,
        session_lifetime_ms=answer.session_lifetime_ms,
    )


def refuse(request: SaslAuthenticateRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return SaslAuthenticateResponse(error_code=error_code, error_message=message)
