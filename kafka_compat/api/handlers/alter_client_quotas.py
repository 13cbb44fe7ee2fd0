"""AlterClientQuotas 0-1: quotas of users, clients and addresses set and removed (KIP-546, addresses KIP-612).

Each entity succeeds or fails alone, and what succeeds is committed together. Values take effect on all brokers before this is
answered. As in Kafka a host name in the place of an address is looked up; of one request the first hundred names are.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from kafka_compat.api.authorization import REFUSAL_TEXTS, require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.metadata.changes import Change, ClientQuotasChanged
from kafka_compat.metadata.image import ClusterImage, QuotaEntity
from kafka_compat.metadata.request_limits import refuse_if_too_many
from kafka_compat.pacing import Pace
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
from kafka_compat.security.quota.entities import ENTITY_TYPES, IP, IP_QUOTAS, USER_AND_CLIENT_QUOTAS, Integral
from kafka_compat.security.quota.limits import plain_address

_LARGEST_FRACTION: Final = 1e-6
_LOOKUPS_PER_REQUEST: Final = 100

Refusal = tuple[ErrorCode, str]
# From entity type to name, None for the default entity.
Entity = dict[str, str | None]


class _Alteration(NamedTuple):
    """What is asked for one entity: its quotas by name, None for those to be removed."""

    entity: QuotaEntity
    quotas: dict[str, float | None]


class _Names:
    """Host names in the place of addresses, which are looked up before anything is decided."""

    def __init__(self) -> None:
        self.to_look_up: dict[str, bool] = {}  # to whether it has an address

    def wait_for(self, name: str | None) -> None:
        if name and len(self.to_look_up) < _LOOKUPS_PER_REQUEST and plain_address(name) is None:
            self.to_look_up.setdefault(name, False)

    async def look_up(self) -> None:
        loop = asyncio.get_running_loop()
        for name in self.to_look_up:
            try:
                await loop.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError):
                continue
            self.to_look_up[name] = True

    def is_valid(self, name: str | None) -> bool:
        return name is None or self.to_look_up.get(name, False) or plain_address(name) is not None


async def handle(context: RequestContext, request: AlterClientQuotasRequest) -> Response:
    """Change what can be changed, and answer each entity once."""
    require_cluster(context, AclOperation.ALTER_CONFIGS, REFUSAL_TEXTS[AclResource.CLUSTER])
    names = _Names()
    async for entry in Pace().over(request.entries):
        for part in entry.entity[: len(ENTITY_TYPES)]:
            if part.entity_type == IP:
                names.wait_for(part.entity_name)
    if names.to_look_up:
        await names.look_up()
    alterations: list[_Alteration] = []
    response = await in_slices(_response(request, names, alterations))

    async def decide(image: ClusterImage) -> Sequence[Change]:
        changes: list[Change] = []
        records = 0
        async for alteration in Pace().over(alterations):
            current = image.client_quotas.get(alteration.entity, {})
            changed = {key: value for key, value in alteration.quotas.items() if current.get(key) != value}
            records += len(changed)
            refuse_if_too_many(records)
            if changed:
                quotas = {key: value for key, value in {**current, **changed}.items() if value is not None}
                changes.append(ClientQuotasChanged(alteration.entity, quotas))
        return () if request.validate_only else changes

    if alterations:
        await context.services.controller.change(decide)
    return response


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


def _response(
    request: AlterClientQuotasRequest, names: _Names, alterations: list[_Alteration]
) -> Work[AlterClientQuotasResponse]:
    """Check all entries: the answer, when `alterations`, which this fills, are carried out."""
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
            wide.append((yield from _answer(entity, _why_entity_invalid(entity, names))))
            continue
        key = frozenset(entity.items())
        refusal: Refusal | None
        if key in answers or quotas is None:
            refusal = ErrorCode.INVALID_REQUEST, f"Ignoring duplicate entity {_text(entity)}"
        else:
            refusal = _why_entity_invalid(entity, names) or (yield from _why_quotas_invalid(entity, quotas))
            if refusal is None:
                alterations.append(_Alteration(tuple(sorted(entity.items())), quotas))
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


def _why_entity_invalid(entity: Entity, names: _Names) -> Refusal | None:
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
    if IP in entity and not names.is_valid(entity[IP]):
        return ErrorCode.INVALID_REQUEST, f"{entity[IP]} is not a valid IP or resolvable host."
    return None


def _why_quotas_invalid(entity: Entity, quotas: dict[str, float | None]) -> Work[Refusal | None]:
    known = IP_QUOTAS if IP in entity else USER_AND_CLIENT_QUOTAS
    for key, value in quotas.items():
        if value is not None:
            refusal = _why_value_invalid(known, key, value)
            if refusal is not None:
                return refusal
        yield
    return None


def _why_value_invalid(known: dict[str, Integral | None], key: str, value: float) -> Refusal | None:
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
