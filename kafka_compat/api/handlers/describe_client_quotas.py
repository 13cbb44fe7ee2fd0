"""DescribeClientQuotas 0-1: the quotas of users, clients and addresses that match a filter (KIP-546, addresses KIP-612).

Each entity is answered with all of its quotas; a strict filter wants no other part of an entity than those that it names.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.metadata.image import ClusterImage, QuotaEntity
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.describe_client_quotas import (
    ComponentData,
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    EntityData,
    EntryData,
    ValueData,
)
from kafka_compat.security.acl import AclOperation
from kafka_compat.security.quota.entities import ENTITY_TYPES, IP

# Kafka: DescribeClientQuotasRequest
_EXACT: Final = 0
_SPECIFIED: Final = 2
_MATCH_TYPES: Final = {_EXACT: "MATCH_TYPE_EXACT", 1: "MATCH_TYPE_DEFAULT", _SPECIFIED: "MATCH_TYPE_SPECIFIED"}


def handle(context: RequestContext, request: DescribeClientQuotasRequest) -> Answer:
    """Answer what matches."""
    require_cluster(context, AclOperation.DESCRIBE_CONFIGS, None)
    wanted: dict[str, ComponentData] = {}
    # Ends early: there are three types, and each may come once.
    for component in request.components:
        _check(component, wanted)
        wanted[component.entity_type] = component
    if IP in wanted and len(wanted) > 1:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter "
            "component.",
        )
    return in_slices(_response(context.services.image, wanted, is_strict=request.strict))


def refuse(request: DescribeClientQuotasRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, and null for the entries."""
    return DescribeClientQuotasResponse(error_code=error_code, error_message=message, entries=None)


def _response(image: ClusterImage, wanted: dict[str, ComponentData], *, is_strict: bool) -> Work[Response]:
    entries: list[EntryData] = []
    for entity in list(image.client_quotas):
        yield
        quotas = image.client_quotas.get(entity)
        if quotas is None or not _matches(entity, wanted, is_strict=is_strict):
            continue
        entries.append(
            EntryData(
                entity=[EntityData(entity_type=kind, entity_name=name) for kind, name in entity],
                values=[ValueData(key=key, value=value) for key, value in quotas.items()],
            )
        )
    return DescribeClientQuotasResponse(entries=entries)


def _matches(entity: QuotaEntity, wanted: dict[str, ComponentData], *, is_strict: bool) -> bool:
    """Kafka: ClientQuotasImage.matches."""
    if is_strict and len(entity) != len(wanted):
        return False
    parts = dict(entity)
    for kind, component in wanted.items():
        if kind not in parts or (component.match_type != _SPECIFIED and parts[kind] != component.match):
            return False
    return True


def _check(component: ComponentData, earlier: dict[str, ComponentData]) -> None:
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
