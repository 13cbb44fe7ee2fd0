"""DescribeConfigs over the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from kafka_compat.testing.cluster import Cluster
from tests.support.config_requests import BROKER, CLIENT_METRICS, GROUP, LOGGER, TOPIC, describe, set_configs
from tests.support.wire_client import WireClient

DYNAMIC_TOPIC, DYNAMIC_BROKER, DYNAMIC_DEFAULT, STATIC, DEFAULT = 1, 2, 3, 4, 5


@pytest.fixture
def client() -> Iterator[WireClient]:
    with (
        Cluster(topics={"orders": 1}, configs={"log.retention.hours": "2"}) as cluster,
        WireClient(cluster.bootstrap) as client,
    ):
        yield client


def test_a_topic_config_names_every_place_it_could_come_from(client: WireClient) -> None:
    set_configs(client, BROKER, "", {"log.retention.ms": "3000"})
    set_configs(client, BROKER, "1", {"log.retention.ms": "4000"})
    set_configs(client, TOPIC, "orders", {"retention.ms": "5000"})
    config = describe(client, TOPIC, "orders", ["retention.ms"])["retention.ms"]
    assert (config.value, config.config_source) == ("5000", DYNAMIC_TOPIC)
    assert [(s.name, s.value, s.source) for s in config.synonyms] == [
        ("retention.ms", "5000", DYNAMIC_TOPIC),
        ("log.retention.ms", "4000", DYNAMIC_BROKER),
        ("log.retention.ms", "3000", DYNAMIC_DEFAULT),
        ("log.retention.hours", "2", STATIC),
        ("log.retention.hours", "168", DEFAULT),
    ]


@pytest.mark.parametrize("keys", [None, []])
def test_no_names_and_null_ask_for_all(client: WireClient, keys: list[str] | None) -> None:
    assert len(describe(client, TOPIC, "orders", keys)) == 33


def test_the_empty_broker_name_shows_the_clusters_dynamic_configs(client: WireClient) -> None:
    assert set(describe(client, BROKER, "")) == {"min.insync.replicas"}


def test_documentation_and_types_are_there_when_asked_for(client: WireClient) -> None:
    resource = DescribeConfigsResource(resource_type=TOPIC, resource_name="orders", configuration_keys=["segment.bytes"])
    for wanted in (True, False):
        request = DescribeConfigsRequest(resources=[resource], include_documentation=wanted)
        (config,) = client.call(request, 3, DescribeConfigsResponse).results[0].configs
        assert config.config_type == 3
        assert bool(config.documentation) is wanted
        assert config.synonyms == []


def test_an_unknown_resource_type_fails_all_resources(client: WireClient) -> None:
    request = DescribeConfigsRequest(
        resources=[DescribeConfigsResource(resource_type=kind, resource_name="orders") for kind in (TOPIC, 3)]
    )
    results = client.call(request, 4, DescribeConfigsResponse).results
    assert [result.error_code for result in results] == [ErrorCode.INVALID_REQUEST] * 2


def test_groups_and_client_metrics_show_defaults_until_something_is_set(client: WireClient) -> None:
    assert describe(client, GROUP, "g")["consumer.session.timeout.ms"].config_source == DEFAULT
    assert describe(client, CLIENT_METRICS, "m")["interval.ms"].value == "300000"


def test_loggers_are_those_of_the_broker(client: WireClient) -> None:
    loggers = describe(client, LOGGER, "1")
    assert "root" in loggers
    assert all(name == "root" or name.startswith("kafka_compat.") for name in loggers)
