"""PushTelemetry 0: a client's metrics, for the receivers of `metric.reporters` (KIP-714)."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.telemetry_clients import client_of, telemetry_of
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.push_telemetry import PushTelemetryRequest, PushTelemetryResponse


def handle(context: RequestContext, request: PushTelemetryRequest) -> Coroutine[Any, Any, Response]:
    """Answer when the receivers have it."""
    size_in_bytes = len(request.metrics)
    # The frame is gone when this has returned; what is too much is not kept.
    is_too_much = size_in_bytes > context.services.config.telemetry_max_bytes
    metrics = b"" if is_too_much else bytes(request.metrics)
    return _push(context, request, bytes(request.client_instance_id), metrics, size_in_bytes)


def refuse(request: PushTelemetryRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone; there is no place for a message."""
    return PushTelemetryResponse(error_code=error_code)


async def _push(
    context: RequestContext, request: PushTelemetryRequest, instance_id: bytes, metrics: bytes, size_in_bytes: int
) -> Response:
    await telemetry_of(context.services).push(
        instance_id,
        client_of(context),
        context.session,
        request.subscription_id,
        request.compression_type,
        metrics,
        size_in_bytes,
        is_last=request.terminating,
    )
    return PushTelemetryResponse()
