"""Short forms of the config requests, and what is compared of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kafka_compat.config.alter import AlterOp
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
)
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from tests.support.wire_client import WireClient

TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32


def describe(
    client: WireClient, kind: int, name: str, keys: Sequence[str] | None = None
) -> dict[str, DescribeConfigsResourceResult]:
    """The configs of one resource by name, with synonyms."""
    resource = DescribeConfigsResource(
        resource_type=kind, resource_name=name, configuration_keys=None if keys is None else list(keys)
    )
    request = DescribeConfigsRequest(resources=[resource], include_synonyms=True)
    (result,) = client.call(request, 4, DescribeConfigsResponse).results
    assert result.error_code == 0, result.error_message
    return {config.name: config for config in result.configs}


def alter(
    client: WireClient,
    kind: int,
    name: str,
    configs: Mapping[str, str | None],
    operation: AlterOp = AlterOp.SET,
    *,
    validate_only: bool = False,
) -> tuple[int, str | None]:
    """Error code and message of one incremental alteration; a None value is deleted."""
    resource = AlterConfigsResource(
        resource_type=kind,
        resource_name=name,
        configs=[
            AlterableConfig(name=key, config_operation=AlterOp.DELETE if value is None else operation, value=value)
            for key, value in configs.items()
        ],
    )
    request = IncrementalAlterConfigsRequest(resources=[resource], validate_only=validate_only)
    (response,) = client.call(request, 1, IncrementalAlterConfigsResponse).responses
    return response.error_code, response.error_message


def set_configs(client: WireClient, kind: int, name: str, configs: Mapping[str, str | None]) -> None:
    """Alter and expect success."""
    assert alter(client, kind, name, configs) == (0, None)
