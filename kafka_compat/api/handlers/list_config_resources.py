"""ListConfigResources 0-1: the names of what can have configs.

v0 was ListClientMetricsResources and lists those alone (KIP-714); v1 takes resource types, none for all (KIP-1142). Topics and
brokers are listed whether or not something is set on them, groups and client metrics only when something is.

Needs DESCRIBE_CONFIGS on the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.metadata.config_resources import ResourceType, resource_type
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.list_config_resources import (
    ConfigResource,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse,
)
from kafka_compat.security.acl import AclOperation

_ALL = (
    ResourceType.GROUP,
    ResourceType.CLIENT_METRICS,
    ResourceType.BROKER_LOGGER,
    ResourceType.BROKER,
    ResourceType.TOPIC,
)


def handle(context: RequestContext, request: ListConfigResourcesRequest) -> Answer:
    """List the names, by type."""
    require_cluster(context, AclOperation.DESCRIBE_CONFIGS)
    return in_slices(_response(context, request))


def refuse(request: ListConfigResourcesRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The request failed with `error_code`; there is no place for a message."""
    return ListConfigResourcesResponse(error_code=error_code, config_resources=[])


def _response(context: RequestContext, request: ListConfigResourcesRequest) -> Work[Response]:
    if context.version == 0:
        wanted = {ResourceType.CLIENT_METRICS}
    else:
        # A type takes a byte, so there are few however many are listed.
        wanted = {resource_type(code) for code in set(request.resource_types)} or set(_ALL)
    if ResourceType.UNKNOWN in wanted:
        return refuse(request, context.version, ErrorCode.UNSUPPORTED_VERSION, None)
    image = context.services.image
    resources = []
    for kind in _ALL:
        if kind not in wanted:
            continue
        for name in list(_names(image, kind)):
            resources.append(ConfigResource(resource_name=name, resource_type=kind))
            yield
    return ListConfigResourcesResponse(config_resources=resources)


def _names(image: ClusterImage, kind: ResourceType) -> Iterable[str]:
    match kind:
        case ResourceType.TOPIC:
            return image.topics
        case ResourceType.BROKER | ResourceType.BROKER_LOGGER:
            return [str(broker_id) for broker_id in image.brokers]
        case _:
            return [name for resource, name in image.configs if resource == kind]
