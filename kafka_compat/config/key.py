"""One declared config: what it is called, which values it takes, and whether this broker acts on it."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import NamedTuple

from kafka_compat.config.validators import ListOf, Validator
from kafka_compat.config.values import ConfigType, ConfigValue, parse_type


class Scope(Enum):
    """What a config belongs to."""

    BROKER = "broker"
    TOPIC = "topic"
    GROUP = "group"
    CLIENT_METRICS = "client-metrics"


class UpdateMode(Enum):
    """How a broker config may change while the broker runs (KIP-226)."""

    READ_ONLY = "read-only"
    PER_BROKER = "per-broker"
    CLUSTER_WIDE = "cluster-wide"


class ConfigKey(NamedTuple):
    """The declaration of one config.

    `default` is the text Kafka shows, None when there is no default. `acts` says that this broker's behaviour follows the
    config; the others are accepted, checked and described. `required` has no default at all in Kafka (and `default` None).
    """

    scope: Scope
    name: str
    type: ConfigType
    default: str | None
    validator: Validator | None = None
    update_mode: UpdateMode = UpdateMode.READ_ONLY
    acts: bool = False
    internal: bool = False
    required: bool = False

    @property
    def sensitive(self) -> bool:
        """Whether the value is never shown."""
        return self.type is ConfigType.PASSWORD

    @property
    def documentation(self) -> str:
        """One sentence on what the config does here."""
        # Read by DescribeConfigs alone, so a start does without it.
        from kafka_compat.config import documentation

        sentences = {
            Scope.BROKER: documentation.BROKER,
            Scope.TOPIC: documentation.TOPIC,
            Scope.GROUP: documentation.GROUP,
            Scope.CLIENT_METRICS: documentation.CLIENT_METRICS,
        }[self.scope]
        return sentences.get(self.name, f"Apache Kafka's {self.name}; accepted here without effect.")

    def parse(self, text: str) -> ConfigValue:
        """The checked, typed value of `text`; raises InvalidConfig. Source: `ConfigDef.parseValue`."""
        value = parse_type(self.name, text, self.type)
        if self.validator is not None:
            if isinstance(value, tuple) and isinstance(self.validator, ListOf):
                value = tuple(dict.fromkeys(value))
            self.validator.check(self.name, value)
        return value

    def default_value(self) -> ConfigValue | None:
        """The typed default, None when there is none."""
        return None if self.default is None else _parse_default(self.name, self.default, self.type)


# Whoever starts a broker asks for most of them, and a test many times.
_parse_default = cache(parse_type)
