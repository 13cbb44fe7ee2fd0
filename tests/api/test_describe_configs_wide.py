"""DescribeConfigs of much: what is equal is made once, repeats have a bound, and others get their turn."""

from __future__ import annotations

import pytest

from kafka_compat.api.slices import Repeats
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from tests.api.worlds import Turns, World

TOPIC, BROKER, GROUP = 2, 4, 32


def describe(world: World, *resources: tuple[int, str]) -> DescribeConfigsResponse:
    wanted = [
        DescribeConfigsResource(resource_type=kind, resource_name=name, configuration_keys=None) for kind, name in resources
    ]
    return world.call(DescribeConfigsRequest(resources=wanted, include_synonyms=True), 4, DescribeConfigsResponse)


def test_a_resource_named_again_is_answered_again(world: World, turns: Turns) -> None:
    name = world.topic(configs={"retention.ms": "5"})
    one, *others = describe(world, (TOPIC, name), *[(TOPIC, name)] * 100, *[(TOPIC, "no-such-topic")] * 3000).results
    assert len(one.configs) > 30
    assert others[:100] == [one] * 100
    assert {result.error_code for result in others[100:]} == {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    assert turns.count >= 3101 // 16


def test_each_resource_has_its_own_values(world: World) -> None:
    names = [world.topic(configs={"retention.ms": value}) for value in ("5", "6", "5")] + [world.topic()]
    values = [
        next(config.value for config in result.configs if config.name == "retention.ms")
        for result in describe(world, *((TOPIC, name) for name in names)).results
    ]
    assert values == ["5", "6", "5", "604800000"]


@pytest.mark.parametrize("kind", [BROKER, GROUP])
def test_repeats_end_where_the_answer_would_outgrow_memory(world: World, monkeypatch: pytest.MonkeyPatch, kind: int) -> None:
    names = ["1"] * 300 if kind == BROKER else [f"group{n}" for n in range(3000)]
    assert {result.error_code for result in describe(world, *((kind, name) for name in names[:100])).results} == {0}
    monkeypatch.setattr(Repeats, "ROOM_BYTES", 1_000_000)
    codes = [result.error_code for result in describe(world, *((kind, name) for name in names)).results]
    first_refused = codes.index(ErrorCode.INVALID_REQUEST)
    assert codes == [0] * first_refused + [ErrorCode.INVALID_REQUEST] * (len(names) - first_refused)


def test_topics_that_are_named_once_are_never_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repeats, "ROOM_BYTES", 0)
    names = [world.topic() for _ in range(20)]
    results = describe(world, *((TOPIC, name) for name in (*names, names[0]))).results
    assert [result.error_code for result in results] == [0] * 20 + [ErrorCode.INVALID_REQUEST]
