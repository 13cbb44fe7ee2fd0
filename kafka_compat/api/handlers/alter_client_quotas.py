"""AlterClientQuotas 0-1: quotas of users, clients and addresses set and removed (KIP-546, addresses KIP-612).

Quotas are not stored yet. What Kafka would refuse is refused in the same words, there is never one to remove, and one that is
to be set is UNSUPPORTED_VERSION, also when it would only be validated. Unlike there an address is not looked up.
"""

from __future__ import annotations

from itertools import islice
from typing import Final, NamedTuple

from kafka_compat.api.authorization import REFUSAL_TEXTS, require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.quota_entities import ENTITY_TYPES, IP
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import UNEXPECTED_TEXT
from kafka_compat.protocol.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasRequestEntryData,
    AlterClientQuotasResponse,
    AlterClientQuotasResponseEntityData,
    AlterClientQuotasResponseEntryData,
)
from kafka_compat.security.acl import AclOperation, AclResource


class _Integral(NamedTuple):
    """A quota that is a whole number: as a double what it may be at most, and the type's name in Kafka's messages."""

    largest: float
    type: str


_LONG: Final = _Integral(float((1 << 63) - 1), "a LONG")
_INT: Final = _Integral(float((1 << 31) - 1), "an INT")

# Kafka: QuotaConfig. None is any positive number.
_USER_AND_CLIENT_QUOTAS: Final[dict[str, _Integral | None]] = {
    "producer_byte_rate": _LONG,
    "consumer_byte_rate": _LONG,
    "request_percentage": None,
    "controller_mutation_rate": None,
}
_IP_QUOTAS: Final[dict[str, _Integral | None]] = {"connection_creation_rate": _INT}

_LARGEST_FRACTION: Final = 1e-6

Refusal = tuple[ErrorCode, str]
# From entity type to name, None for the default entity.
Entity = dict[str, str | None]


def handle(context: RequestContext, request: AlterClientQuotasRequest) -> Answer:
    """Answer each entity once."""
    require_cluster(context, AclOperation.ALTER_CONFIGS, REFUSAL_TEXTS[AclResource.CLUSTER])
    return in_slices(_response(request))


def refuse(request: AlterClientQuotasRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every entry failed with `error_code`."""
    if error_code is ErrorCode.UNKNOWN_SERVER_ERROR and message is None:
        message = UNEXPECTED_TEXT
    return AlterClientQuotasResponse(
        entries=[
            AlterClientQuotasResponseEntryData(
                error_code=error_code,
                error_message=message,
                entity=[
                    AlterClientQuotasResponseEntityData(entity_type=part.entity_type, entity_name=part.entity_name)
                    for part in entry.entity
                ],
            )
            for entry in request.entries
        ]
    )


def _response(request: AlterClientQuotasRequest) -> Work[Response]:
    answers: dict[frozenset[tuple[str, str | None]], AlterClientQuotasResponseEntryData] = {}
    # Of entities that cannot be valid, and cost more to compare than is good for the other clients.
    wide = []
    for entry in request.entries:
        yield
        entity: Entity = {}
        for part in entry.entity:
            entity[part.entity_type] = part.entity_name
            yield
        quotas = yield from _quotas(entry)
        if len(entity) > len(ENTITY_TYPES):
            wide.append((yield from _answer(entity, _why_entity_invalid(entity))))
            continue
        key = frozenset(entity.items())
        refusal: Refusal | None
        if key in answers or quotas is None:
            refusal = ErrorCode.INVALID_REQUEST, f"Ignoring duplicate entity {_text(entity)}"
        else:
            refusal = _why_entity_invalid(entity) or (yield from _why_not_set(entity, quotas))
        answers[key] = yield from _answer(entity, refusal)
    return AlterClientQuotasResponse(entries=[*answers.values(), *wide])


def _quotas(entry: AlterClientQuotasRequestEntryData) -> Work[dict[str, float | None] | None]:
    """The quotas by their names, None for those to be removed; None when one comes twice."""
    quotas: dict[str, float | None] = {}
    for op in entry.ops:
        if op.key in quotas:
            return None
        quotas[op.key] = None if op.remove else op.value
        yield
    return quotas


def _answer(entity: Entity, refusal: Refusal | None) -> Work[AlterClientQuotasResponseEntryData]:
    error_code, message = (ErrorCode.NONE, None) if refusal is None else refusal
    parts = []
    for entity_type, name in entity.items():
        parts.append(AlterClientQuotasResponseEntityData(entity_type=entity_type, entity_name=name))
        yield
    return AlterClientQuotasResponseEntryData(error_code=error_code, error_message=message, entity=parts)


def _why_entity_invalid(entity: Entity) -> Refusal | None:
    """Kafka: ClientQuotaControlManager.validateEntity and configKeysForEntityType."""
    if not entity:
        return ErrorCode.INVALID_REQUEST, "Invalid empty client quota entity"
    # There is one that is not known among more than there are.
    for entity_type, name in islice(entity.items(), len(ENTITY_TYPES) + 1):
        if entity_type not in ENTITY_TYPES:
            return ErrorCode.INVALID_REQUEST, f"Unhandled client quota entity type: {entity_type}"
        if name == "":
            return ErrorCode.INVALID_REQUEST, f"Empty {entity_type} not supported"
    if IP in entity and len(entity) > 1:
        return (
            ErrorCode.INVALID_REQUEST,
            "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId",
        )
    return None


def _why_not_set(entity: Entity, quotas: dict[str, float | None]) -> Work[Refusal | None]:
    refusal: Refusal | None = None
    known = _IP_QUOTAS if IP in entity else _USER_AND_CLIENT_QUOTAS
    for key, value in quotas.items():
        if value is not None:
            invalid = _why_value_invalid(known, key, value)
            if invalid is not None:
                return invalid
            refusal = ErrorCode.UNSUPPORTED_VERSION, "This broker does not store client quotas"
        yield
    return refusal


def _why_value_invalid(known: dict[str, _Integral | None], key: str, value: float) -> Refusal | None:
    """Kafka: ClientQuotaControlManager.validateQuotaKeyValue. What is not a number is valid there."""
    if key not in known:
        return ErrorCode.INVALID_REQUEST, f"Invalid configuration key {key}"
    if value <= 0:
        return ErrorCode.INVALID_REQUEST, f"Quota {key} must be greater than 0"
    integral = known[key]
    if integral is None:
        return None
    if value > integral.largest:
        return ErrorCode.INVALID_REQUEST, f"Proposed value for {key} is too large for {integral.type}."
    if value % 1.0 > _LARGEST_FRACTION:
        return ErrorCode.INVALID_REQUEST, f"{key} cannot be a fractional value."
    return None


def _text(entity: Entity) -> str:
    """The entity as Kafka writes it."""
    parts = ", ".join(f"{entity_type}={'null' if name is None else name}" for entity_type, name in entity.items())
    return f"ClientQuotaEntity(entries={{{parts}}})"
