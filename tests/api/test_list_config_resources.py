"""ListConfigResources over the wire."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.list_config_resources import ListConfigResourcesRequest, ListConfigResourcesResponse
from tests.api.worlds import World
from tests.support.config_requests import BROKER, CLIENT_METRICS, GROUP, LOGGER, TOPIC, set_configs
from tests.support.wire_client import WireClient


def _list(client: WireClient, kinds: list[int], version: int = 1) -> list[tuple[int, str]]:
    answer = client.call(ListConfigResourcesRequest(resource_types=kinds), version, ListConfigResourcesResponse)
    assert answer.error_code == 0
    return sorted((resource.resource_type, resource.resource_name) for resource in answer.config_resources)


@pytest.mark.kafka(brokers=2, topics={"orders": 1})
def test_resources_are_listed_by_type_and_v0_knows_client_metrics_alone(world: World) -> None:
    client = world.client()
    set_configs(client, GROUP, "g", {"share.isolation.level": "read_committed"})
    set_configs(client, CLIENT_METRICS, "m", {"interval.ms": "1000"})
    assert _list(client, []) == [
        (TOPIC, "orders"),
        (BROKER, "1"),
        (BROKER, "2"),
        (LOGGER, "1"),
        (LOGGER, "2"),
        (CLIENT_METRICS, "m"),
        (GROUP, "g"),
    ]
    assert _list(client, [GROUP, TOPIC]) == [(TOPIC, "orders"), (GROUP, "g")]
    assert _list(client, [], version=0) == [(CLIENT_METRICS, "m")]
    set_configs(client, GROUP, "g", {"share.isolation.level": None})
    assert _list(client, [GROUP]) == []


@pytest.mark.kafka
def test_an_unknown_type_is_an_unsupported_version(world: World) -> None:
    client = world.client()
    answer = client.call(ListConfigResourcesRequest(resource_types=[TOPIC, 3]), 1, ListConfigResourcesResponse)
    assert answer.error_code == ErrorCode.UNSUPPORTED_VERSION
    assert answer.config_resources == []
