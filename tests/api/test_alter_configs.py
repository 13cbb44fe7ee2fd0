"""AlterConfigs over the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_configs import (
    AlterableConfig,
    AlterConfigsRequest,
    AlterConfigsResource,
    AlterConfigsResponse,
)
from kafka_compat.testing.cluster import Cluster
from tests.support.config_requests import BROKER, TOPIC, describe, set_configs
from tests.support.wire_client import WireClient


@pytest.fixture
def client() -> Iterator[WireClient]:
    with Cluster(topics={"orders": 1}) as cluster, WireClient(cluster.bootstrap) as client:
        yield client


def _replace(
    client: WireClient, *resources: tuple[int, str, dict[str, str]], version: int = 2, validate_only: bool = False
) -> list[tuple[int, str | None]]:
    request = AlterConfigsRequest(
        resources=[
            AlterConfigsResource(
                resource_type=kind,
                resource_name=name,
                configs=[AlterableConfig(name=key, value=value) for key, value in configs.items()],
            )
            for kind, name, configs in resources
        ],
        validate_only=validate_only,
    )
    responses = client.call(request, version, AlterConfigsResponse).responses
    return [(response.error_code, response.error_message) for response in responses]


@pytest.mark.parametrize("version", range(3))
def test_what_is_not_named_goes_back_to_its_default(client: WireClient, version: int) -> None:
    set_configs(client, TOPIC, "orders", {"retention.ms": "5000"})
    assert _replace(client, (TOPIC, "orders", {"segment.ms": "100"}), version=version) == [(0, None)]
    configs = describe(client, TOPIC, "orders", ["retention.ms", "segment.ms"])
    assert configs["retention.ms"].value == "604800000"
    assert configs["segment.ms"].value == "100"


def test_validate_only_changes_nothing(client: WireClient) -> None:
    assert _replace(client, (TOPIC, "orders", {"segment.ms": "100"}), validate_only=True) == [(0, None)]
    assert describe(client, TOPIC, "orders", ["segment.ms"])["segment.ms"].value == "604800000"


def test_the_clusters_min_insync_replicas_cannot_be_left_out(client: WireClient) -> None:
    (outcome,) = _replace(client, (BROKER, "", {"log.cleaner.threads": "2"}))
    assert outcome == (ErrorCode.INVALID_CONFIG, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.")


def test_a_resource_named_twice_is_refused(client: WireClient) -> None:
    """Kafka 4.3.1 means to say this and never answers: its conversion of the request fails on the duplicate."""
    twice = (TOPIC, "orders", {"segment.ms": "100"})
    assert _replace(client, twice, twice) == [(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.")] * 2
