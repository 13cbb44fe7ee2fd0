from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_client_quotas import AlterClientQuotasResponse
from kafka_compat.protocol.messages.describe_client_quotas import DescribeClientQuotasResponse
from tests.api.worlds import World
from tests.support.quota_requests import (
    DEFAULT,
    EXACT,
    SPECIFIED,
    Component,
    Entity,
    alteration,
    description,
    quotas_of,
)

pytestmark = pytest.mark.kafka()

COMBINATION = (
    "Invalid entity filter component combination. "
    "IP filter component should not be used with user or clientId filter component."
)


def ask(world: World, *components: Component, version: int = 1) -> DescribeClientQuotasResponse:
    return world.call(description(*components), version, DescribeClientQuotasResponse)


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    "components",
    [
        (),
        (("user", EXACT, "bob"),),
        (("user", DEFAULT, None), ("client-id", SPECIFIED, None)),
        (("ip", EXACT, ""),),
    ],
)
def test_there_are_none(world: World, version: int, components: tuple[Component, ...]) -> None:
    assert ask(world, *components, version=version) == DescribeClientQuotasResponse(entries=[])


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("components", "error_code", "message"),
    [
        ((("", EXACT, "bob"),), ErrorCode.INVALID_REQUEST, "Invalid empty entity type."),
        ((("group", EXACT, "bob"),), ErrorCode.UNSUPPORTED_VERSION, "Unsupported entity type group"),
        (
            (("user", EXACT, "bob"), ("user", SPECIFIED, None)),
            ErrorCode.INVALID_REQUEST,
            "Entity type user cannot appear more than once in the filter.",
        ),
        (
            (("user", EXACT, None),),
            ErrorCode.INVALID_REQUEST,
            "Request specified MATCH_TYPE_EXACT, but set match string to null.",
        ),
        (
            (("user", DEFAULT, "bob"),),
            ErrorCode.INVALID_REQUEST,
            "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.",
        ),
        (
            (("user", SPECIFIED, ""),),
            ErrorCode.INVALID_REQUEST,
            "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.",
        ),
        ((("user", 3, None),), ErrorCode.INVALID_REQUEST, "Unknown match type 3"),
        (
            (("ip", SPECIFIED, None), ("client-id", SPECIFIED, None)),
            ErrorCode.INVALID_REQUEST,
            COMBINATION,
        ),
        (
            (("user", EXACT, "bob"),) * 3_000,
            ErrorCode.INVALID_REQUEST,
            "Entity type user cannot appear more than once in the filter.",
        ),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_filter_that_contradicts_itself(
    world: World, version: int, components: tuple[Component, ...], error_code: ErrorCode, message: str
) -> None:
    assert ask(world, *components, version=version) == DescribeClientQuotasResponse(
        error_code=error_code, error_message=message, entries=None
    )


ENTITIES: tuple[Entity, ...] = (
    (("user", "bob"),),
    (("user", None),),
    (("client-id", "app"),),
    (("client-id", None),),
    (("client-id", "app"), ("user", "bob")),
    (("client-id", None), ("user", "bob")),
    (("client-id", "app"), ("user", None)),
    (("ip", "1.2.3.4"),),
    (("ip", None),),
)


@pytest.mark.parametrize(
    ("components", "strict", "expected"),
    [
        ((), False, ENTITIES),
        ((), True, ()),
        ((("user", EXACT, "bob"),), False, (ENTITIES[0], ENTITIES[4], ENTITIES[5])),
        ((("user", EXACT, "bob"),), True, (ENTITIES[0],)),
        ((("user", DEFAULT, None),), True, (ENTITIES[1],)),
        ((("user", SPECIFIED, None), ("client-id", DEFAULT, None)), True, (ENTITIES[5],)),
        ((("client-id", SPECIFIED, None),), False, ENTITIES[2:7]),
        ((("ip", SPECIFIED, None),), False, ENTITIES[7:]),
        ((("ip", EXACT, "1.2.3.4"),), True, (ENTITIES[7],)),
        ((("user", EXACT, "eve"),), False, ()),
    ],
)
def test_filters(world: World, components: tuple[Component, ...], strict: bool, expected: tuple[Entity, ...]) -> None:
    rates = {
        entity: {"connection_creation_rate" if entity[0][0] == "ip" else "producer_byte_rate": 5.0 + number}
        for number, entity in enumerate(ENTITIES)
    }
    world.call(alteration(*[(entity, tuple(rates[entity].items())) for entity in ENTITIES]), 1, AlterClientQuotasResponse)
    found = world.call(description(*components, strict=strict), 1, DescribeClientQuotasResponse)
    assert quotas_of(found) == {entity: rates[entity] for entity in expected}
