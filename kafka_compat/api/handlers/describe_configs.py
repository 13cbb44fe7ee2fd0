"""DescribeConfigs 1-4: the configs of topics, brokers, broker loggers, client metrics and groups.

v1 has sources and synonyms (KIP-226), v3 types and documentation (KIP-569). No names or an empty list of them ask for all. A
broker answers for itself only; the empty name stands for the dynamic configs of the whole cluster. A resource type that does
not exist fails the whole request, every other problem its own resource. Needs DESCRIBE_CONFIGS on the topic or group, for all
else on the cluster; resources that are refused for want of it come last.
"""

from __future__ import annotations

from collections.abc import Collection

from kafka_compat.api.authorization import is_authorized_this_once, of_config, refusal
from kafka_compat.api.broker_loggers import logger_levels
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Repeats, Work, in_slices
from kafka_compat.config.describe import (
    ConfigSource,
    DescribedConfig,
    Synonym,
    describe_broker,
    describe_broker_defaults,
    describe_client_metrics,
    describe_group,
    describe_topic,
)
from kafka_compat.ids import TopicName
from kafka_compat.metadata.config_resources import ResourceType, parse_node_id, resource_type
from kafka_compat.metadata.topic_plans import check_topic_name
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import UNEXPECTED_TEXT, KafkaError
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)
from kafka_compat.security.acl import AclOperation

# Kafka's default text of INVALID_REQUEST, which an unknown resource type gets.
_MALFORMED = (
    "This most likely occurs because of a request being malformed by the client library or the message was sent to an "
    "incompatible broker. See the broker logs for more details."
)


def handle(context: RequestContext, request: DescribeConfigsRequest) -> Answer:
    """Describe what is asked for."""
    return in_slices(_response(context, request))


def refuse(request: DescribeConfigsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every resource failed with `error_code`."""
    if error_code is ErrorCode.UNKNOWN_SERVER_ERROR and message is None:
        message = UNEXPECTED_TEXT
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


def _response(context: RequestContext, request: DescribeConfigsRequest) -> Work[Response]:
    for resource in request.resources:
        if resource_type(resource.resource_type) is ResourceType.UNKNOWN:
            raise KafkaError(ErrorCode.INVALID_REQUEST, _MALFORMED)
        yield
    describing = _Describing(context, request)
    results = []
    denied = []
    for resource in request.resources:
        kind, name = of_config(resource.resource_type, resource.resource_name)
        if is_authorized_this_once(context, AclOperation.DESCRIBE_CONFIGS, kind, name):
            results.append(describing.result(resource))
        else:
            denied.append(_failure(resource, refusal(kind)))
        yield
    return DescribeConfigsResponse(results=results + denied)


class _Describing:
    """The results of one request: what is equal in two of them is one object, and repeats have a bound."""

    def __init__(self, context: RequestContext, request: DescribeConfigsRequest) -> None:
        self._context = context
        self._request = request
        self._results: dict[tuple[int, str, frozenset[str]], tuple[DescribeConfigsResult, int]] = {}
        self._topics: dict[tuple[frozenset[tuple[str, str]], frozenset[str]], list[DescribeConfigsResourceResult]] = {}
        self._entries: dict[tuple[int, str, str | None, tuple[Synonym, ...]], DescribeConfigsResourceResult] = {}
        self._seen_topics: set[str] = set()
        self._repeats = Repeats()

    def result(self, resource: DescribeConfigsResource) -> DescribeConfigsResult:
        """What to answer for one resource."""
        key = resource.resource_type, resource.resource_name, frozenset(resource.configuration_keys or ())
        found = self._results.get(key)
        if found is None:
            found = self._results[key] = self._describe(resource, key[2])
            if resource.resource_type == ResourceType.TOPIC and resource.resource_name not in self._seen_topics:
                self._seen_topics.add(resource.resource_name)
                return found[0]
        result, size_bytes = found
        if self._repeats.take(size_bytes):
            return result
        return _failure(
            resource, KafkaError(ErrorCode.INVALID_REQUEST, "The response has grown too large to repeat resources.")
        )

    def _describe(self, resource: DescribeConfigsResource, keys: frozenset[str]) -> tuple[DescribeConfigsResult, int]:
        """The result and roughly its size in bytes."""
        try:
            configs = self._configs(resource, keys)
        except KafkaError as error:
            return _failure(resource, error), 0
        # Success has an empty message here and not null, as Kafka sends it.
        result = DescribeConfigsResult(
            error_code=ErrorCode.NONE,
            error_message="",
            resource_type=resource.resource_type,
            resource_name=resource.resource_name,
            configs=configs,
        )
        return result, sum(_size_bytes(config) for config in configs)

    def _configs(self, resource: DescribeConfigsResource, keys: frozenset[str]) -> list[DescribeConfigsResourceResult]:
        if resource.resource_type == ResourceType.BROKER_LOGGER:
            _require_name(resource.resource_name, "Broker id must not be empty")
            _require_this_broker(self._context, resource.resource_name, "expected {} but received {}")
            return _loggers(keys)
        if resource.resource_type != ResourceType.TOPIC:
            return [self._entry(resource, config) for config in _described(self._context, resource, keys)]
        name = resource.resource_name
        image = self._context.services.image
        check_topic_name(name)
        if TopicName(name) not in image.topics:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "")
        # Most topics have the same few overrides, or none.
        overrides = image.overrides(ResourceType.TOPIC, name)
        like = frozenset(overrides.items()), keys
        if like not in self._topics:
            described = describe_topic(self._context.services.config, overrides, keys)
            self._topics[like] = [self._entry(resource, config) for config in described]
        return self._topics[like]

    def _entry(self, resource: DescribeConfigsResource, config: DescribedConfig) -> DescribeConfigsResourceResult:
        key = resource.resource_type, config.name, config.value, config.synonyms
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _entry(config, self._request)
        return entry


def _size_bytes(config: DescribeConfigsResourceResult) -> int:
    texts = [config.name, config.value or "", config.documentation or ""]
    texts += [synonym.name + (synonym.value or "") for synonym in config.synonyms]
    return 16 * len(texts) + sum(map(len, texts))


def _described(context: RequestContext, resource: DescribeConfigsResource, keys: frozenset[str]) -> list[DescribedConfig]:
    config, name = context.services.config, resource.resource_name
    overrides = context.services.image.overrides(resource.resource_type, name)
    match resource_type(resource.resource_type):
        case ResourceType.BROKER if not name:
            return describe_broker_defaults(config, keys)
        case ResourceType.BROKER:
            _require_this_broker(context, name, "expected {} or empty string, but received {}")
            return describe_broker(config, keys)
        case ResourceType.CLIENT_METRICS:
            _require_name(name, "Client metrics subscription name must not be empty")
            return describe_client_metrics(overrides, keys)
        case _:
            _require_name(name, "Group name must not be empty")
            return describe_group(config, overrides, keys)


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


def _entry(config: DescribedConfig, request: DescribeConfigsRequest) -> DescribeConfigsResourceResult:
    return DescribeConfigsResourceResult(
        name=config.name,
        value=config.value,
        read_only=config.read_only,
        config_source=config.source,
        is_sensitive=config.sensitive,
        synonyms=[
            DescribeConfigsSynonym(name=synonym.name, value=synonym.value, source=synonym.source) for synonym in config.synonyms
        ]
        if request.include_synonyms
        else [],
        config_type=config.type,
        documentation=config.documentation if request.include_documentation else None,
    )


def _loggers(keys: Collection[str]) -> list[DescribeConfigsResourceResult]:
    return [
        DescribeConfigsResourceResult(
            name=name, value=level, config_source=ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG, synonyms=[], documentation=""
        )
        for name, level in logger_levels().items()
        if not keys or name in keys
    ]
