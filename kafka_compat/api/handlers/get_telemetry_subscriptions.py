"""GetTelemetrySubscriptions 0: what a client is to push, how often, and as whom (KIP-714).

Listed by ApiVersions while `metric.reporters` names a receiver, and answered anyhow, as in Kafka.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.telemetry_clients import client_of, telemetry_of
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.get_telemetry_subscriptions import (
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
)
from kafka_compat.telemetry.instances import ACCEPTED_COMPRESSION_TYPES


async def handle(context: RequestContext, request: GetTelemetrySubscriptionsRequest) -> Response:
    """The union of the subscriptions that match the client."""
    telemetry = telemetry_of(context.services)
    instance_id, instance = await telemetry.ask(bytes(request.client_instance_id), client_of(context), context.session)
    return GetTelemetrySubscriptionsResponse(
        client_instance_id=instance_id,
        subscription_id=instance.subscription_id,
        accepted_compression_types=list(ACCEPTED_COMPRESSION_TYPES),
        push_interval_ms=instance.wanted.interval_ms,
        telemetry_max_bytes=context.services.config.telemetry_max_bytes,
        delta_temporality=True,
        requested_metrics=list(instance.wanted.metrics),
    )


def refuse(request: GetTelemetrySubscriptionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone; there is no place for a message."""
    return GetTelemetrySubscriptionsResponse(error_code=error_code)
