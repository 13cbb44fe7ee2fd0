"""Requests about client quotas, in few words."""

from __future__ import annotations

from kafka_compat.protocol.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasRequestEntityData,
    AlterClientQuotasRequestEntryData,
    AlterClientQuotasResponse,
    OpData,
)
from kafka_compat.protocol.messages.describe_client_quotas import (
    ComponentData,
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
)
from tests.support.wire_client import WireClient

EXACT, DEFAULT, SPECIFIED = 0, 1, 2

Entity = tuple[tuple[str, str | None], ...]
Ops = tuple[tuple[str, float | None], ...]
Component = tuple[str, int, str | None]


def alteration(*entries: tuple[Entity, Ops], validate_only: bool = False) -> AlterClientQuotasRequest:
    """A value of None removes."""
    return AlterClientQuotasRequest(
        entries=[
            AlterClientQuotasRequestEntryData(
                entity=[AlterClientQuotasRequestEntityData(entity_type=kind, entity_name=name) for kind, name in entity],
                ops=[OpData(key=key, value=-1.0 if value is None else value, remove=value is None) for key, value in ops],
            )
            for entity, ops in entries
        ],
        validate_only=validate_only,
    )


def description(*components: Component, strict: bool = False) -> DescribeClientQuotasRequest:
    """All that match: type, how, and what."""
    parts = [ComponentData(entity_type=kind, match_type=how, match=match) for kind, how, match in components]
    return DescribeClientQuotasRequest(components=parts, strict=strict)


def set_quotas(client: WireClient, entity: Entity, **quotas: float | None) -> None:
    """Set quotas of one entity; None removes."""
    answer = client.call(alteration((entity, tuple(quotas.items()))), 1, AlterClientQuotasResponse)
    assert answer.entries[0].error_code == 0, answer


def quotas_of(response: DescribeClientQuotasResponse) -> dict[Entity, dict[str, float]]:
    """What was described, with the parts of entities sorted."""
    return {
        tuple(sorted((part.entity_type, part.entity_name) for part in entry.entity)): {
            value.key: value.value for value in entry.values
        }
        for entry in response.entries or ()
    }
