from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_client_quotas import (
    ComponentData,
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
)
from tests.api.worlds import World

EXACT, DEFAULT, SPECIFIED = 0, 1, 2
COMBINATION = (
    "Invalid entity filter component combination. "
    "IP filter component should not be used with user or clientId filter component."
)
Component = tuple[str, int, str | None]


def ask(world: World, *components: Component, version: int = 1) -> DescribeClientQuotasResponse:
    parts = [ComponentData(entity_type=kind, match_type=how, match=match) for kind, how, match in components]
    return world.call(DescribeClientQuotasRequest(components=parts), version, DescribeClientQuotasResponse)


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
