"""The broker's configs: static ones from file and flags, dynamic ones for the cluster and for this broker (KIP-226)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kafka_compat.config.broker_rules import check_broker_rules
from kafka_compat.config.broker_settings import BrokerSettings
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.table import BROKER_CONFIGS, broker_key, broker_synonyms
from kafka_compat.config.values import ConfigValue, parse_type

_EMPTY: Mapping[str, str] = MappingProxyType({})


class BrokerConfig(BrokerSettings):
    """The resolved configs of one broker.

    One object lives as long as the broker and changes in place when dynamic configs change, so whoever holds it reads
    what is in effect now. `version` rises with each change: what is derived from the configs can be kept until then.
    Unknown names are kept and described, as in Kafka, and mean nothing.
    """

    def __init__(self, static: Mapping[str, str] = _EMPTY) -> None:
        """Take the static configs, name to text; raises InvalidConfig with Kafka's message."""
        names = dict(static)
        # The two names of the id stand for each other. Source: `AbstractKafkaConfig.populateSynonyms`.
        if "broker.id" in names:
            names.setdefault("node.id", names["broker.id"])
        elif "node.id" in names:
            names["broker.id"] = names["node.id"]
        self.static: Mapping[str, str] = MappingProxyType(names)
        self.dynamic_default: Mapping[str, str] = _EMPTY
        self.dynamic_broker: Mapping[str, str] = _EMPTY
        self.version = 0
        # Called after each change, by whoever cannot wait until it next reads a value.
        self.observers: list[Callable[[], None]] = []
        # Asked before a change whether the configs could be these; they raise InvalidConfig.
        self.checks: list[Callable[[BrokerConfig], None]] = []
        self._texts: dict[str, str] = names
        self._parsed: dict[str, ConfigValue | None] = {}
        for name in names:
            self.get(name)
        check_broker_rules(self)

    def get(self, name: str) -> ConfigValue | None:
        """The typed value in effect of a broker config, None when it has neither value nor default.

        Raises KeyError for a name that is neither declared nor set. A name that is set and not declared is text.
        """
        # Not by way of a KeyError: whatever is raised while it is handled, such as a warning about garbage that happens to
        # be collected then, would be shown as its consequence.
        if name not in self._parsed:
            self._parsed[name] = self._parse(name)
        return self._parsed[name]

    def text(self, name: str) -> str | None:
        """The text a config was set to at its strongest source, None when it is not set."""
        return self._texts.get(name)

    def set_dynamic(self, default: Mapping[str, str], broker: Mapping[str, str]) -> None:
        """Replace the dynamic configs: those of the cluster and those of this broker.

        They were checked when they were altered; what does not parse any more is left out, as in Kafka.
        """
        self.dynamic_default = MappingProxyType(_valid(default))
        self.dynamic_broker = MappingProxyType(_valid(broker))
        self._texts = self._merged(self.dynamic_default, self.dynamic_broker)
        self._parsed = {}
        self.version += 1
        for observer in self.observers:
            observer()

    def preview(self, changes: Mapping[str, str], *, per_broker: bool) -> BrokerConfig:
        """The configs as they would be with the dynamic configs of one level replaced by `changes`.

        Raises InvalidConfig when a value or a combination is refused.
        """
        default, broker = (self.dynamic_default, changes) if per_broker else (changes, self.dynamic_broker)
        return BrokerConfig(self._merged(default, broker))

    def _merged(self, default: Mapping[str, str], broker: Mapping[str, str]) -> dict[str, str]:
        merged = dict(self.static)
        for level in (default, broker):
            for name, text in level.items():
                # A dynamic log.retention.ms must win over a static log.retention.hours and the other way round.
                for synonym in broker_synonyms(name, listener_override=False):
                    merged.pop(synonym, None)
                merged[name] = text
        return merged

    def _parse(self, name: str) -> ConfigValue | None:
        text = self._texts.get(name)
        key = BROKER_CONFIGS.get(name) or broker_key(name)
        if key is None:
            return self._texts[name]
        if text is None:
            return key.default_value()
        # A listener's config is parsed as its base config and keeps its own name in messages.
        return key.parse(text) if key.name == name else parse_type(name, text, key.type)


def _valid(texts: Mapping[str, str]) -> dict[str, str]:
    valid = {}
    for name, text in texts.items():
        key = broker_key(name)
        try:
            if key is not None:
                key.parse(text)
        except InvalidConfig:
            continue
        valid[name] = text
    return valid
