"""Decides what AlterConfigs and IncrementalAlterConfigs change; pure functions over the image and a broker's configs.

In Kafka two places check a request, and this module keeps their order. First the broker that got it (`ConfigAdminManager`):
duplicates, null values, everything about broker configs. What passes goes to the controller (`ConfigurationControlManager`
with `ControllerConfigurationValidator`): topics, groups, client metrics, and whether the resource exists. Each resource
succeeds or fails alone, but for one case: an operation code that does not exist makes Kafka's controller fail with all that
it was sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

from kafka_compat.config.alter import AlterOp, altered, validate_dynamic_broker_configs, validate_elr
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig, InvalidConfigRequest
from kafka_compat.config.group import validate_client_metrics, validate_group_overrides
from kafka_compat.config.key import Scope
from kafka_compat.config.topic import validate_topic_overrides
from kafka_compat.ids import BrokerId, TopicName
from kafka_compat.metadata.changes import ConfigsChanged
from kafka_compat.metadata.config_resources import ResourceType, require_node_id, resource_type
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.request_limits import refuse_if_too_many
from kafka_compat.metadata.topic_plans import check_topic_name
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

T = TypeVar("T")

_SCOPES: Final = {
    ResourceType.TOPIC: Scope.TOPIC,
    ResourceType.BROKER: Scope.BROKER,
    ResourceType.CLIENT_METRICS: Scope.CLIENT_METRICS,
    ResourceType.GROUP: Scope.GROUP,
}
_OPERATIONS: Final = {operation.value: operation for operation in AlterOp}
# Of one resource; with more a thread decides.
_OPERATIONS_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of an alteration; `code` is what the client sent and need not be an `AlterOp`."""

    name: str
    code: int
    value: str | None


@dataclass(frozen=True, slots=True)
class Alteration:
    """What a client wants of one resource: steps on top of what is set, or with `replaces` all that shall be set."""

    resource_type: int
    resource_name: str
    operations: Sequence[Operation]
    replaces: bool = False


LoggerChange = Callable[[Alteration], None]
"""Changes log levels, which are no part of the image; raises KafkaError."""
Authorize = Callable[[Alteration], None]
"""Raises KafkaError when the client may not alter the resource."""


class InThread(Protocol):
    """Runs work in a thread, as `Supervisor.in_thread`."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        """What `work` returns or raises."""
        ...


async def plan_alterations(
    image: ClusterImage,
    broker: BrokerConfig,
    node_id: BrokerId,
    alterations: Sequence[Alteration],
    authorize: Authorize,
    change_loggers: LoggerChange,
    in_thread: InThread,
) -> tuple[list[KafkaError | None], list[ConfigsChanged]]:
    """One outcome per alteration, in order, None for success, and the changes of those that succeed; decided in slices.

    Args:
        image: the cluster before the change; nothing may change it meanwhile.
        broker: the configs of the broker that got the request.
        node_id: its id: the only one whose broker configs it may change.
        alterations: the request's resources.
        authorize: asked of what the controller decides, which is after the broker's own checks.
        change_loggers: for broker loggers; asks whether the client may do that.
        in_thread: where what has very many operations is decided.
    """

    async def done(alteration: Alteration, work: Callable[[], T]) -> T:
        return work() if len(alteration.operations) <= _OPERATIONS_AT_ONCE else await in_thread(work)

    pace = Pace()
    named: Counter[tuple[int, str]] = Counter()
    async for alteration in pace.over(alterations):
        named[alteration.resource_type, alteration.resource_name] += 1
    outcomes: list[KafkaError | None] = [None] * len(alterations)
    forwarded: list[int] = []
    async for index, alteration in pace.over(enumerate(alterations)):
        try:
            if named[alteration.resource_type, alteration.resource_name] > 1:
                raise KafkaError(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.")
            check = partial(_check_at_broker, image, broker, node_id, alteration, is_authorized=_may(alteration, authorize))
            if await done(alteration, check):
                forwarded.append(index)
            else:
                change_loggers(alteration)
        except (KafkaError, InvalidConfig) as error:
            outcomes[index] = as_kafka_error(error)
    forwarded = [
        index async for index in pace.over(forwarded) if _is_authorized(alterations[index], authorize, outcomes, index)
    ]
    async for index in pace.over(forwarded):
        if not await done(alterations[index], partial(_are_known, alterations[index].operations)):
            return _all_fail(outcomes, forwarded, KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)), []
    changes = []
    records = 0
    async for index in pace.over(forwarded):
        try:
            change, count = await done(alterations[index], partial(_decide_and_count, image, broker, alterations[index]))
        except (KafkaError, InvalidConfig) as error:
            outcomes[index] = as_kafka_error(error)
            continue
        if change is not None:
            changes.append(change)
            records += count
    try:
        refuse_if_too_many(records)
    except KafkaError as error:
        return _all_fail(outcomes, forwarded, error), []
    return outcomes, changes


def _may(alteration: Alteration, authorize: Authorize) -> bool:
    """Whether the client may alter a broker's configs, which this broker may have to try out; of others it is not asked yet."""
    try:
        if alteration.resource_type == ResourceType.BROKER:
            authorize(alteration)
    except KafkaError:
        return False
    return True


def _is_authorized(alteration: Alteration, authorize: Authorize, outcomes: list[KafkaError | None], index: int) -> bool:
    try:
        authorize(alteration)
    except KafkaError as error:
        outcomes[index] = error
        return False
    return True


def _all_fail(outcomes: list[KafkaError | None], indexes: Sequence[int], error: KafkaError) -> list[KafkaError | None]:
    for index in indexes:
        outcomes[index] = error
    return outcomes


def _changed_count(image: ClusterImage, change: ConfigsChanged) -> int:
    """How many configs another value has after the change: each is a record of Kafka's."""
    before, after = image.overrides(change.resource_type, change.name), change.configs
    return sum(before.get(name) != after.get(name) for name in before.keys() | after.keys())


def as_kafka_error(error: KafkaError | InvalidConfig) -> KafkaError:
    """The refusal with its error code."""
    if isinstance(error, KafkaError):
        return error
    code = ErrorCode.INVALID_REQUEST if isinstance(error, InvalidConfigRequest) else ErrorCode.INVALID_CONFIG
    return KafkaError(code, str(error))


def _are_known(operations: Sequence[Operation]) -> bool:
    return all(operation.code in _OPERATIONS for operation in operations)


def _check_at_broker(
    image: ClusterImage,
    broker: BrokerConfig,
    node_id: BrokerId,
    alteration: Alteration,
    *,
    is_authorized: bool,
) -> bool:
    """Kafka's `ConfigAdminManager.preprocess`; False when it is about loggers, and nothing is left for the controller.

    Kafka checks all of it before it asks whether the client may.
    """
    names = [operation.name for operation in alteration.operations]
    if len(set(names)) != len(names):
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Error due to duplicate config keys")
    without_value = [o.name for o in alteration.operations if o.value is None and o.code != AlterOp.DELETE]
    if without_value:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Null value not supported for : {', '.join(without_value)}")
    match resource_type(alteration.resource_type):
        case ResourceType.BROKER_LOGGER if not alteration.replaces:
            return False
        case ResourceType.BROKER:
            if alteration.resource_name:
                require_node_id(
                    alteration.resource_name, node_id, "Unexpected broker id, expected {expected}, but received {name}"
                )
            for operation in alteration.operations:
                if operation.code not in _OPERATIONS:
                    raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown operations type {operation.code}")
            _, after = _before_and_after(image, alteration)
            validate_dynamic_broker_configs(
                broker, after, per_broker=bool(alteration.resource_name), is_authorized=is_authorized
            )
        case ResourceType.TOPIC | ResourceType.CLIENT_METRICS | ResourceType.GROUP:
            pass
        case _:
            raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown resource type {alteration.resource_type}")
    return True


def _before_and_after(image: ClusterImage, alteration: Alteration) -> tuple[Mapping[str, str], dict[str, str]]:
    kind = ResourceType(alteration.resource_type)
    before = image.overrides(kind, alteration.resource_name)
    if alteration.replaces:
        return before, {o.name: o.value for o in alteration.operations if o.value is not None}
    steps = [(o.name, _OPERATIONS[o.code], o.value) for o in alteration.operations]
    return before, altered(_SCOPES[kind], before, steps)


def _decide_and_count(image: ClusterImage, broker: BrokerConfig, alteration: Alteration) -> tuple[ConfigsChanged | None, int]:
    change = _decide(image, broker, alteration)
    return change, 0 if change is None else _changed_count(image, change)


def _decide(image: ClusterImage, broker: BrokerConfig, alteration: Alteration) -> ConfigsChanged | None:
    """The change, None when the resource stays as it is."""
    before, after = _before_and_after(image, alteration)
    name = alteration.resource_name
    match resource_type(alteration.resource_type):
        case ResourceType.TOPIC:
            if not name:
                raise KafkaError(ErrorCode.INVALID_REQUEST, "Default topic resources are not allowed.")
            check_topic_name(name)
            validate_topic_overrides(after, broker, before)
            if TopicName(name) not in image.topics:
                raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"The topic '{name}' does not exist.")
        case ResourceType.BROKER:
            validate_elr(before, after, per_broker=bool(name))
        case ResourceType.CLIENT_METRICS:
            if not name:
                raise KafkaError(ErrorCode.INVALID_REQUEST, "Subscription name can't be empty")
            validate_client_metrics(after)
        case _:
            if not name:
                raise KafkaError(ErrorCode.INVALID_REQUEST, "Default group resources are not allowed.")
            validate_group_overrides(after, broker)
    return None if after == before else ConfigsChanged(int(alteration.resource_type), name, after)
