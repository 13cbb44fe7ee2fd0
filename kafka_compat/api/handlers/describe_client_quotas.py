"""DescribeClientQuotas 0-1: the quotas of users, clients and addresses that match a filter (KIP-546, addresses KIP-612).

There are no quotas yet, so that a filter which Kafka accepts finds nothing.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.quota_entities import ENTITY_TYPES, IP
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.describe_client_quotas import (
    ComponentData,
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
)
from kafka_compat.security.acl import AclOperation

# Kafka: DescribeClientQuotasRequest
_EXACT: Final = 0
_MATCH_TYPES: Final = {_EXACT: "MATCH_TYPE_EXACT", 1: "MATCH_TYPE_DEFAULT", 2: "MATCH_TYPE_SPECIFIED"}


def handle(context: RequestContext, request: DescribeClientQuotasRequest) -> Response:
    """Check the filter and find nothing."""
    require_cluster(context, AclOperation.DESCRIBE_CONFIGS, None)
    types: set[str] = set()
    # Ends early: there are three types, and each may come once.
    for component in request.components:
        _check(component, types)
        types.add(component.entity_type)
    if IP in types and len(types) > 1:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter "
            "component.",
        )
    return DescribeClientQuotasResponse()


def refuse(request: DescribeClientQuotasRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, and null for the entries."""
    return DescribeClientQuotasResponse(error_code=error_code, error_message=message, entries=None)


def _check(component: ComponentData, earlier: set[str]) -> None:
    """Check one part of a filter (ClientQuotasImage.describe).

    Raises:
        KafkaError: INVALID_REQUEST: it contradicts itself or an earlier part. UNSUPPORTED_VERSION: no such entity type.
    """
    if not component.entity_type:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Invalid empty entity type.")
    if component.entity_type in earlier:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Entity type {component.entity_type} cannot appear more than once in the filter."
        )
    if component.entity_type not in ENTITY_TYPES:
        raise KafkaError(ErrorCode.UNSUPPORTED_VERSION, f"Unsupported entity type {component.entity_type}")
    match_type = _MATCH_TYPES.get(component.match_type)
    if match_type is None:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown match type {component.match_type}")
    if component.match_type == _EXACT and component.match is None:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Request specified {match_type}, but set match string to null.")
    if component.match_type != _EXACT and component.match is not None:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Request specified {match_type}, but also specified a match string.")
