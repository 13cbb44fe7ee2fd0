"""IncrementalAlterConfigs 0-1: single configs set, deleted, or given and deprived of list items (KIP-339).

Resources are topics, brokers (this one, or with an empty name the cluster), broker loggers, client metrics (KIP-714) and
groups (KIP-848). Each succeeds or fails alone, and all that succeed are committed together.

Needs ALTER_CONFIGS on the topic or group, for all else on the cluster; what is malformed is refused before that.
"""

from __future__ import annotations

from kafka_compat.api.alterations import alter
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.metadata.config_plans import Alteration, Operation
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterConfigsResource,
    AlterConfigsResourceResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)


async def handle(context: RequestContext, request: IncrementalAlterConfigsRequest) -> Response:
    """Alter what can be altered."""
    pace = Pace()
    alterations = [
        Alteration(
            resource.resource_type,
            resource.resource_name,
            [Operation(config.name, config.config_operation, config.value) async for config in pace.over(resource.configs)],
        )
        async for resource in pace.over(request.resources)
    ]
    outcomes = await alter(context, alterations, validate_only=request.validate_only)
    return IncrementalAlterConfigsResponse(
        responses=[
            _response(resource, outcome) async for resource, outcome in pace.over(zip(request.resources, outcomes, strict=True))
        ]
    )


def refuse(request: IncrementalAlterConfigsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every resource failed with `error_code`."""
    error = KafkaError(error_code, message)
    return IncrementalAlterConfigsResponse(responses=[_response(resource, error) for resource in request.resources])


def _response(resource: AlterConfigsResource, outcome: KafkaError | None) -> AlterConfigsResourceResponse:
    return AlterConfigsResourceResponse(
        error_code=ErrorCode.NONE if outcome is None else outcome.error_code,
        error_message=None if outcome is None else outcome.message,
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
    )
