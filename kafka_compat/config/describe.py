"""Configs as DescribeConfigs shows them: value, where it comes from, and what else it could have come from (KIP-226)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.group import GroupConfig
from kafka_compat.config.key import ConfigKey
from kafka_compat.config.table import (
    BROKER_CONFIGS,
    CLIENT_METRICS_CONFIGS,
    GROUP_CONFIGS,
    GROUP_SYNONYMS,
    TOPIC_CONFIGS,
    TOPIC_SYNONYMS,
    broker_key,
    broker_synonyms,
    is_dynamic,
)
from kafka_compat.config.topic import parse_topic_overrides, topic_default
from kafka_compat.config.values import ConfigType, ConfigValue, to_text


class ConfigSource(IntEnum):
    """Where a value comes from, numbered as in DescribeConfigs."""

    UNKNOWN = 0
    DYNAMIC_TOPIC_CONFIG = 1
    DYNAMIC_BROKER_CONFIG = 2
    DYNAMIC_DEFAULT_BROKER_CONFIG = 3
    STATIC_BROKER_CONFIG = 4
    DEFAULT_CONFIG = 5
    DYNAMIC_BROKER_LOGGER_CONFIG = 6
    DYNAMIC_CLIENT_METRICS_CONFIG = 7
    GROUP_CONFIG = 8


@dataclass(frozen=True, slots=True)
class Synonym:
    """A place a config's value can come from; `value` is None for a sensitive config."""

    name: str
    value: str | None
    source: ConfigSource


@dataclass(frozen=True, slots=True)
class DescribedConfig:
    """One config of a DescribeConfigs answer, with all its synonyms, the strongest first."""

    name: str
    value: str | None
    source: ConfigSource
    read_only: bool
    sensitive: bool
    synonyms: tuple[Synonym, ...]
    type: ConfigType
    key: ConfigKey | None

    @property
    def documentation(self) -> str | None:
        """One sentence on the config, None for an unknown name."""
        return None if self.key is None else self.key.documentation


def _described(
    name: str, key: ConfigKey | None, value: ConfigValue | None, synonyms: Iterable[Synonym], *, read_only: bool = False
) -> DescribedConfig:
    # Of a name that nobody declared Kafka cannot know whether it holds a secret, so it hides the value.
    sensitive = key is None or key.sensitive
    shown = tuple(Synonym(synonym.name, None, synonym.source) for synonym in synonyms) if sensitive else tuple(synonyms)
    return DescribedConfig(
        name,
        None if sensitive or value is None else to_text(value),
        shown[0].source if shown else ConfigSource.DEFAULT_CONFIG,
        read_only,
        sensitive,
        shown,
        ConfigType.UNKNOWN if key is None else key.type,
        key,
    )


def _wanted(name: str, names: Collection[str] | None) -> bool:
    return not names or name in names


def _levels(broker: BrokerConfig) -> tuple[tuple[Mapping[str, str], ConfigSource], ...]:
    """Where the broker's configs are set, the strongest first."""
    return (
        (broker.dynamic_broker, ConfigSource.DYNAMIC_BROKER_CONFIG),
        (broker.dynamic_default, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG),
        (broker.static, ConfigSource.STATIC_BROKER_CONFIG),
    )


def _broker_chain(broker: BrokerConfig, name: str) -> list[Synonym]:
    """Every place the broker config `name` can come from. Source: `ConfigHelper.configSynonyms`."""
    synonyms = broker_synonyms(name)
    chain = [
        Synonym(synonym, level[synonym], source)
        for level, source in _levels(broker)
        for synonym in synonyms
        if synonym in level
    ]
    for synonym in synonyms:
        key = BROKER_CONFIGS.get(synonym)
        if key is not None and key.default is not None:
            chain.append(Synonym(synonym, key.default, ConfigSource.DEFAULT_CONFIG))
    # A config that is not set itself does not name the coarser ones that stand in for it.
    first = next((index for index, synonym in enumerate(chain) if synonym.name == name), len(chain))
    return chain[first:]


def describe_broker(broker: BrokerConfig, names: Collection[str] | None = None) -> list[DescribedConfig]:
    """The configs of this broker, or those of `names`: all declared ones that are not internal, and all that are set."""
    all_names = {name for name, key in BROKER_CONFIGS.items() if not key.internal}
    all_names.update(broker.static, broker.dynamic_default, broker.dynamic_broker)
    return [
        _described(name, broker_key(name), broker.get(name), _broker_chain(broker, name), read_only=not is_dynamic(name))
        for name in sorted(all_names)
        if _wanted(name, names)
    ]


def describe_broker_defaults(broker: BrokerConfig, names: Collection[str] | None = None) -> list[DescribedConfig]:
    """The dynamic configs of the whole cluster: what a broker resource with an empty name shows."""
    return [
        _described(
            name,
            key := broker_key(name),
            text if key is None else key.parse(text),
            [Synonym(name, text, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG)],
            read_only=not is_dynamic(name),
        )
        for name, text in sorted(broker.dynamic_default.items())
        if _wanted(name, names)
    ]


def describe_topic(
    broker: BrokerConfig, overrides: Mapping[str, str], names: Collection[str] | None = None
) -> list[DescribedConfig]:
    """The configs of a topic, or those of `names`; an internal one shows when it is set."""
    parsed = parse_topic_overrides(overrides)
    described = []
    for name, key in TOPIC_CONFIGS.items():
        if not _wanted(name, names) or (key.internal and name not in parsed):
            continue
        chain = _broker_chain(broker, TOPIC_SYNONYMS[name]) if name in TOPIC_SYNONYMS else []
        value = topic_default(broker, name)
        if name in parsed:
            value = parsed[name]
            chain.insert(0, Synonym(name, to_text(value), ConfigSource.DYNAMIC_TOPIC_CONFIG))
        described.append(_described(name, key, value, chain))
    return described


def describe_created_topic(broker: BrokerConfig, overrides: Mapping[str, str]) -> list[DescribedConfig]:
    """All configs of a topic with `overrides`, by name, as CreateTopics answers them.

    Unlike DescribeConfigs the controller sees a config set through its coarser synonym: retention.ms comes from the static
    configs when only log.retention.hours is set (Kafka: KafkaConfigSchema.resolveEffectiveTopicConfig).
    """
    described = sorted(describe_topic(broker, overrides), key=lambda config: config.name)
    return [replace(config, source=_source_at_controller(broker, config)) for config in described]


def _source_at_controller(broker: BrokerConfig, config: DescribedConfig) -> ConfigSource:
    if config.source is not ConfigSource.DEFAULT_CONFIG or config.name not in TOPIC_SYNONYMS:
        return config.source
    synonyms = broker_synonyms(TOPIC_SYNONYMS[config.name])
    return next((source for level, source in _levels(broker) if any(name in level for name in synonyms)), config.source)


def describe_group(
    broker: BrokerConfig, overrides: Mapping[str, str], names: Collection[str] | None = None
) -> list[DescribedConfig]:
    """The configs of a group, or those of `names`."""
    defaults = GroupConfig(broker)
    described = []
    for name, key in GROUP_CONFIGS.items():
        if not _wanted(name, names):
            continue
        if name in GROUP_SYNONYMS:
            chain = _broker_chain(broker, GROUP_SYNONYMS[name])
        else:
            chain = [Synonym(name, key.default, ConfigSource.DEFAULT_CONFIG)]
        value = defaults.get(name)
        if name in overrides:
            value = key.parse(overrides[name])
            chain.insert(0, Synonym(name, to_text(value), ConfigSource.GROUP_CONFIG))
        described.append(_described(name, key, value, chain))
    return described


def describe_client_metrics(overrides: Mapping[str, str], names: Collection[str] | None = None) -> list[DescribedConfig]:
    """The configs of a client-metrics subscription, or those of `names`; a subscription nobody made shows the defaults."""
    described = []
    for name, key in CLIENT_METRICS_CONFIGS.items():
        if not _wanted(name, names):
            continue
        chain, value = [], key.default_value()
        if name in overrides:
            value = key.parse(overrides[name])
            chain.append(Synonym(name, to_text(value), ConfigSource.DYNAMIC_CLIENT_METRICS_CONFIG))
        described.append(_described(name, key, value, chain))
    return described
