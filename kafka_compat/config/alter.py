"""Changes of configs while the broker runs: incremental operations and which broker configs may change (KIP-226, KIP-339)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig, InvalidConfigRequest
from kafka_compat.config.key import Scope, UpdateMode
from kafka_compat.config.table import (
    BROKER_CONFIGS,
    CLUSTER_LISTENER_CONFIGS,
    CONFIGS,
    DYNAMIC_ONLY_CONFIGS,
    SECURITY_CONFIGS,
    listener_config,
)
from kafka_compat.config.values import ConfigType, invalid_value


class AlterOp(IntEnum):
    """The operations of IncrementalAlterConfigs, numbered as in the protocol."""

    SET = 0
    DELETE = 1
    APPEND = 2
    SUBTRACT = 3


def altered(scope: Scope, current: Mapping[str, str], operations: Iterable[tuple[str, AlterOp, str | None]]) -> dict[str, str]:
    """The overrides of a resource after the operations (name, operation, value); nothing is checked but the operations.

    Raises InvalidConfig for APPEND and SUBTRACT to a config that is no list. Source:
    `ConfigurationControlManager.incrementalAlterConfigResource`, for brokers `ConfigAdminManager.prepareIncrementalConfigs`.
    """
    result = dict(current)
    for name, operation, value in operations:
        match operation:
            case AlterOp.SET:
                assert value is not None, "the handler refuses null values"
                result[name] = value
            case AlterOp.DELETE:
                result.pop(name, None)
            case AlterOp.APPEND | AlterOp.SUBTRACT:
                assert value is not None, "the handler refuses null values"
                _require_list(scope, name, operation)
                result[name] = _with_items(scope, name, result.get(name), operation, value.split(","))
    return result


def _require_list(scope: Scope, name: str, operation: AlterOp) -> None:
    key = CONFIGS[scope].get(name)
    is_list = key is not None and key.type is ConfigType.LIST
    if scope is Scope.BROKER:
        if key is None:
            raise InvalidConfig(f"Unknown config name: {name}")
        if not is_list:
            raise InvalidConfig(f"Config value {operation.name.lower()} is not allowed for config key: {name}")
    # Kafka's controller knows the types of topic configs only, so a list of a client-metrics subscription is none to it.
    elif not is_list or scope is not Scope.TOPIC:
        raise InvalidConfig(f"Can't {operation.name} to key {name} because its type is not LIST.")


def _with_items(scope: Scope, name: str, text: str | None, operation: AlterOp, items: list[str]) -> str:
    if text is None:
        text = CONFIGS[scope][name].default or ""
    result = [item for item in text.split(",") if item]
    for item in items:
        if operation is AlterOp.APPEND and item not in result:
            result.append(item)
        elif operation is AlterOp.SUBTRACT and item in result:
            result.remove(item)
    return ",".join(result)


def validate_dynamic_broker_configs(
    config: BrokerConfig, configs: Mapping[str, str], *, per_broker: bool, is_authorized: bool = True
) -> None:
    """Raise InvalidConfigRequest unless `configs` may be all the dynamic configs of one level.

    `per_broker` says whether they are those of this broker or the cluster's. Unknown names pass, as in Kafka, which keeps
    them for plugins. Without `is_authorized` nothing is tried out: that may open files that the configs name, and whoever will
    be refused anyway must not learn which there are. Source: `DynamicBrokerConfig.validate`.
    """
    _refuse([name for name in configs if not _may_change(name)], "Cannot update these configs dynamically")
    _refuse(
        [name for name in configs if name in SECURITY_CONFIGS],
        "These security configs can be dynamically updated only per-listener using the listener prefix",
    )
    try:
        for name, text in configs.items():
            base = listener_config(name) or name
            key = BROKER_CONFIGS.get(base) or DYNAMIC_ONLY_CONFIGS.get(base)
            if key is not None:
                key.parse(text)
        if not per_broker:
            _refuse(
                [name for name in configs if _is_per_broker(name)],
                "Cannot update these configs at default cluster level, broker id must be specified",
            )
        preview = config.preview(configs, per_broker=per_broker)
    except InvalidConfig as error:
        raise InvalidConfigRequest(str(error)) from None
    try:
        _check_reconfiguration(config, preview)
        if is_authorized:
            for check in config.checks:
                check(preview)
    except InvalidConfig as error:
        # Kafka wraps what a component refuses, and the wrapping shows in its message.
        wrapped = f"org.apache.kafka.common.config.ConfigException: {error}"
        raise InvalidConfigRequest(f"Invalid value {wrapped} for configuration Invalid dynamic configuration") from None


def validate_elr(before: Mapping[str, str], after: Mapping[str, str], *, per_broker: bool) -> None:
    """Raise InvalidConfig for what the feature eligible.leader.replicas.version forbids of min.insync.replicas (KIP-966)."""
    name = "min.insync.replicas"
    if per_broker and name in after:
        raise InvalidConfig(f"Broker-level {name} cannot be altered while ELR is enabled.")
    if not per_broker and name in before and name not in after:
        raise InvalidConfig(f"Cluster-level {name} cannot be removed while ELR is enabled.")


def _refuse(names: list[str], reason: str) -> None:
    if names:
        raise InvalidConfigRequest(f"{reason}: [{', '.join(names)}]")


def _may_change(name: str) -> bool:
    key = BROKER_CONFIGS.get(name)
    return key is None or key.update_mode is not UpdateMode.READ_ONLY


def _is_per_broker(name: str) -> bool:
    base = listener_config(name)
    if base is not None:
        return base not in CLUSTER_LISTENER_CONFIGS
    key = BROKER_CONFIGS.get(name)
    return key is not None and key.update_mode is UpdateMode.PER_BROKER


_THREAD_POOLS = (
    "background.threads",
    "num.io.threads",
    "num.network.threads",
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
    "remote.log.manager.copier.thread.pool.size",
    "remote.log.manager.expiration.thread.pool.size",
    "remote.log.manager.follower.thread.pool.size",
    "remote.log.reader.threads",
)


def _check_reconfiguration(current: BrokerConfig, new: BrokerConfig) -> None:
    """What Kafka's components refuse although each value is allowed."""
    for name in _THREAD_POOLS:
        before, after = current.get(name), new.get(name)
        assert isinstance(before, int)
        assert isinstance(after, int)
        problem = f"Dynamic thread count update validation failed for {name}={after}"
        if after < before // 2:
            raise InvalidConfig(f"{problem}, value should be at least half the current value {before}")
        if after > before * 2:
            raise InvalidConfig(f"{problem}, value should not be greater than double the current value {before}")
    before, after = current.get("log.cleaner.threads"), new.get("log.cleaner.threads")
    assert isinstance(before, int)
    assert isinstance(after, int)
    if after < before // 2:
        raise InvalidConfig(f"Log cleaner threads cannot be reduced to less than half the current value {before}")
    if after > before * 2:
        raise InvalidConfig(f"Log cleaner threads cannot be increased to more than double the current value {before}")
    _check_local_retention(new, "ms", new.log_retention_ms)
    _check_local_retention(new, "bytes", new.log_retention_bytes)


def _check_local_retention(config: BrokerConfig, unit: str, total: int) -> None:
    name = f"log.local.retention.{unit}"
    local = config.get(name)
    assert isinstance(local, int)
    if total == -1 or local == -2 or (unit == "bytes" and total < -1):
        return
    if local == -1:
        raise invalid_value(name, local, f"Value must not be -1 as log.retention.{unit} value is set as {total}.")
    if local > total:
        raise invalid_value(name, local, f"Value must not be more than log.retention.{unit} property value: {total}")
