"""DescribeConfigs 1-4: the configs of topics, brokers, broker loggers, client metrics and groups.

v1 has sources and synonyms (KIP-226), v3 types and documentation (KIP-569). No names or an empty list of them ask for all. A
broker answers for itself only; the empty name stands for the dynamic configs of the whole cluster. A resource type that does
not exist fails the whole request, every other problem its own resource.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kafka_compat.api.broker_loggers import logger_levels
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.config.describe import (
    ConfigSource,
    DescribedConfig,
    describe_broker,
    describe_broker_defaults,
    describe_client_metrics,
    describe_group,
    describe_topic,
)
from kafka_compat.ids import TopicName
from kafka_compat.metadata.config_admin import ResourceType, check_topic_name, parse_node_id, resource_type
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)

# Kafka's default text of INVALID_REQUEST, which an unknown resource type gets.
_MALFORMED = (
    "This most likely occurs because of a request being malformed by the client library or the message was sent to an "
    "incompatible broker. See the broker logs for more details."
)


def handle(context: RequestContext, request: DescribeConfigsRequest) -> Response:
    """Describe what is asked for."""
    if any(resource_type(resource.resource_type) is ResourceType.UNKNOWN for resource in request.resources):
        return refuse(request, context.version, ErrorCode.INVALID_REQUEST, _MALFORMED)
    return DescribeConfigsResponse(results=[_result(context, request, resource) for resource in request.resources])


def refuse(request: DescribeConfigsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every resource failed with `error_code`."""
    error = KafkaError(error_code, message)
    return DescribeConfigsResponse(results=[_failure(resource, error) for resource in request.resources])


def _failure(resource: DescribeConfigsResource, error: KafkaError) -> DescribeConfigsResult:
    return DescribeConfigsResult(
        error_code=error.error_code,
        error_message=error.message,
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
        configs=[],
    )


def _result(
    context: RequestContext, request: DescribeConfigsRequest, resource: DescribeConfigsResource
) -> DescribeConfigsResult:
    try:
        configs = _described(context, request, resource)
    except KafkaError as error:
        return _failure(resource, error)
    # Success has an empty message here and not null, as Kafka sends it.
    return DescribeConfigsResult(
        error_code=ErrorCode.NONE,
        error_message="",
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
        configs=configs,
    )


def _described(
    context: RequestContext, request: DescribeConfigsRequest, resource: DescribeConfigsResource
) -> list[DescribeConfigsResourceResult]:
    config, image = context.services.config, context.services.image
    name, keys = resource.resource_name, resource.configuration_keys
    overrides = image.overrides(resource.resource_type, name)
    match resource_type(resource.resource_type):
        case ResourceType.TOPIC:
            check_topic_name(name)
            if TopicName(name) not in image.topics:
                raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "")
            described = describe_topic(config, overrides, keys)
        case ResourceType.BROKER if not name:
            described = describe_broker_defaults(config, keys)
        case ResourceType.BROKER:
            _require_this_broker(context, name, "expected {} or empty string, but received {}")
            described = describe_broker(config, keys)
        case ResourceType.BROKER_LOGGER:
            _require_name(name, "Broker id must not be empty")
            _require_this_broker(context, name, "expected {} but received {}")
            return _loggers(keys)
        case ResourceType.CLIENT_METRICS:
            _require_name(name, "Client metrics subscription name must not be empty")
            described = describe_client_metrics(overrides, keys)
        case _:
            _require_name(name, "Group name must not be empty")
            described = describe_group(config, overrides, keys)
    return _entries(described, request)


def _require_name(name: str, message: str) -> None:
    if not name:
        raise KafkaError(ErrorCode.INVALID_REQUEST, message)


def _require_this_broker(context: RequestContext, name: str, unexpected: str) -> None:
    number = parse_node_id(name)
    if number is None:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Broker id must be an integer, but it is: {name}")
    node_id = context.services.node_id
    if number != node_id:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unexpected broker id, {unexpected.format(node_id, name)}")


def _entries(described: Iterable[DescribedConfig], request: DescribeConfigsRequest) -> list[DescribeConfigsResourceResult]:
    return [
        DescribeConfigsResourceResult(
            name=config.name,
            value=config.value,
            read_only=config.read_only,
            config_source=config.source,
            is_sensitive=config.sensitive,
            synonyms=[
                DescribeConfigsSynonym(name=synonym.name, value=synonym.value, source=synonym.source)
                for synonym in config.synonyms
            ]
            if request.include_synonyms
            else [],
            config_type=config.type,
            documentation=config.documentation if request.include_documentation else None,
        )
        for config in described
    ]


def _loggers(keys: Collection[str] | None) -> list[DescribeConfigsResourceResult]:
    return [
        DescribeConfigsResourceResult(
            name=name, value=level, config_source=ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG, synonyms=[], documentation=""
        )
        for name, level in logger_levels().items()
        if not keys or name in keys
    ]
