"""UnregisterBroker 0: forget a broker that is gone for good (KIP-631).

A broker of this process that is down is not registered any more, so there is never one to forget. The reference takes away a
broker that runs, too, which leaves it running and unknown to every client until it is started again; that is refused here.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse


def handle(context: RequestContext, request: UnregisterBrokerRequest) -> Response:
    """Refuse: a broker that runs cannot be taken away, and others are not known."""
    if request.broker_id in context.services.image.brokers:
        return refuse(request, context.version, ErrorCode.INVALID_REQUEST, f"Broker {request.broker_id} is running")
    message = f"Broker ID {request.broker_id} is not currently registered"
    return refuse(request, context.version, ErrorCode.BROKER_ID_NOT_REGISTERED, message)


def refuse(request: UnregisterBrokerRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return UnregisterBrokerResponse(error_code=error_code, error_message=message)
