"""DescribeCluster 0-2: the brokers, the controller and what the client may do (KIP-700), which takes no rights.

v1 asks for brokers or controllers (KIP-919); only brokers answer here, there are no controller endpoints. v2 may ask for fenced
brokers too (KIP-1073): those that are registered and down.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorized import authorized_cluster_operations
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)

_BROKERS: Final = 1
_CONTROLLERS: Final = 2


def handle(context: RequestContext, request: DescribeClusterRequest) -> Response:
    """Answer from the image."""
    if request.endpoint_type == _CONTROLLERS:
        raise KafkaError(
            ErrorCode.MISMATCHED_ENDPOINT_TYPE,
            "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER",
        )
    if request.endpoint_type != _BROKERS:
        raise KafkaError(ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, f"Unsupported endpoint type {request.endpoint_type}")
    image = context.services.image
    return DescribeClusterResponse(
        cluster_id=image.cluster_id,
        controller_id=image.controller_id,
        brokers=[
            DescribeClusterBroker(
                broker_id=broker.id, host=host, port=port, rack=broker.rack, is_fenced=broker.id not in image.brokers
            )
            for broker in (image.registered if request.include_fenced_brokers else image.brokers).values()
            # A broker without the client's listener cannot be reached by it.
            if context.session.listener in broker.endpoints
            for host, port in (broker.endpoints[context.session.listener],)
        ],
        cluster_authorized_operations=authorized_cluster_operations(
            context, is_asked=request.include_cluster_authorized_operations
        ),
    )


def refuse(request: DescribeClusterRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error and no brokers."""
    return DescribeClusterResponse(error_code=error_code, error_message=message)
