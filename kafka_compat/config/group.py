"""The configs of a group (KIP-848, KIP-932, KIP-1071) and of a client-metrics subscription (KIP-714)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig, InvalidConfigRequest
from kafka_compat.config.table import CLIENT_METRICS_CONFIGS, GROUP_CONFIGS, GROUP_SYNONYMS
from kafka_compat.config.values import ConfigValue

# In the order in which Kafka checks them.
_LIMITED = (
    "consumer.heartbeat.interval.ms",
    "consumer.session.timeout.ms",
    "consumer.assignment.interval.ms",
    "share.heartbeat.interval.ms",
    "share.session.timeout.ms",
    "share.record.lock.duration.ms",
    "share.delivery.count.limit",
    "share.partition.max.record.locks",
    "share.assignment.interval.ms",
    "streams.heartbeat.interval.ms",
    "streams.session.timeout.ms",
    "streams.num.standby.replicas",
    "streams.assignment.interval.ms",
)
_CLIENT_ATTRIBUTES = frozenset(
    {
        "client_id",
        "client_instance_id",
        "client_software_name",
        "client_software_version",
        "client_source_address",
        "client_source_port",
    }
)


def _limits(name: str) -> tuple[str | None, str]:
    """The broker configs that bound a group config from below and above."""
    kind, rest = name.split(".", 1)
    if rest == "num.standby.replicas":
        return None, "group.streams.max.standby.replicas"
    return f"group.{kind}.min.{rest}", f"group.{kind}.max.{rest}"


def _broker_number(broker: BrokerConfig, name: str) -> int:
    value = broker.get(name)
    assert isinstance(value, int)
    return value


class GroupConfig:
    """What is in effect for one group: its overrides within the broker's limits, else the broker's configs.

    A broker may have been given tighter limits since an override was set; then the limit counts (`GroupConfig.evaluate`).
    """

    __slots__ = ("_broker", "_overrides")

    def __init__(self, broker: BrokerConfig, overrides: Mapping[str, str] | None = None) -> None:
        """Take the overrides; raises InvalidConfig when one does not parse."""
        self._broker = broker
        self._overrides = {name: GROUP_CONFIGS[name].parse(text) for name, text in (overrides or {}).items()}

    def get(self, name: str) -> ConfigValue:
        """The value in effect of the group config `name`, such as `consumer.session.timeout.ms`."""
        value = self._overrides.get(name)
        if value is None:
            synonym = GROUP_SYNONYMS.get(name)
            value = GROUP_CONFIGS[name].default_value() if synonym is None else self._broker.get(synonym)
            assert value is not None
            return value
        return self._clamped(name, value) if name in _LIMITED else value

    def get_int(self, name: str) -> int:
        """The value in effect of a group config that is a number."""
        value = self.get(name)
        assert isinstance(value, int)
        return value

    def _clamped(self, name: str, value: ConfigValue) -> int:
        assert isinstance(value, int)
        low, high = _limits(name)
        clamped = min(value, _broker_number(self._broker, high))
        return clamped if low is None else max(clamped, _broker_number(self._broker, low))


def validate_group_overrides(overrides: Mapping[str, str], broker: BrokerConfig) -> None:
    """Raise InvalidConfig with Kafka's message unless a group may have these overrides. Source: `GroupConfig.validate`."""
    for name in overrides:
        if name not in GROUP_CONFIGS:
            raise InvalidConfig(f"Unknown group config name: {name}")
    values = {name: key.parse(overrides[name]) for name, key in GROUP_CONFIGS.items() if name in overrides}
    for name in _LIMITED:
        value = values.get(name)
        if value is None:
            continue
        assert isinstance(value, int)
        low, high = _limits(name)
        if low is not None and value < _broker_number(broker, low):
            raise InvalidConfig(f"{name} must be greater than or equal to {low}")
        if value > _broker_number(broker, high):
            raise InvalidConfig(f"{name} must be less than or equal to {high}")
    effective = GroupConfig(broker, overrides)
    for kind in ("consumer", "share", "streams"):
        session, heartbeat = f"{kind}.session.timeout.ms", f"{kind}.heartbeat.interval.ms"
        if (session in values or heartbeat in values) and effective.get_int(session) <= effective.get_int(heartbeat):
            raise InvalidConfig(f"{session} must be greater than {heartbeat}")


def validate_client_metrics(configs: Mapping[str, str]) -> None:
    """Raise InvalidConfig unless a client-metrics subscription may have these configs. Source: `ClientMetricsConfigs`."""
    for name in configs:
        if name not in CLIENT_METRICS_CONFIGS:
            raise InvalidConfigRequest(f"Unknown client metrics configuration: {name}")
    values = {name: CLIENT_METRICS_CONFIGS[name].parse(text) for name, text in configs.items()}
    interval_ms = values.get("interval.ms", 100)
    assert isinstance(interval_ms, int)
    if not 100 <= interval_ms <= 3_600_000:
        raise InvalidConfigRequest(
            f"Invalid value {interval_ms} for interval.ms, interval must be between 100 and 3600000 (1 hour)"
        )
    patterns = values.get("match", ())
    assert isinstance(patterns, tuple)
    parse_match_patterns(patterns)


def parse_match_patterns(patterns: tuple[str, ...]) -> dict[str, re.Pattern[str]]:
    """The client attributes and patterns of a subscription's `match`; raises InvalidConfig for what is none."""
    parsed: dict[str, re.Pattern[str]] = {}
    for pattern in patterns:
        attribute, *rest = pattern.split("=")
        if len(rest) != 1 or attribute.strip() not in _CLIENT_ATTRIBUTES:
            raise InvalidConfig(f"Illegal client matching pattern: {pattern}")
        try:
            parsed[attribute.strip()] = re.compile(rest[0].strip())
        except re.error:
            raise InvalidConfig(f"Illegal client matching pattern: {pattern}") from None
    return parsed
