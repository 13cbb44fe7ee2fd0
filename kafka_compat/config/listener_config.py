"""The configs of one listener: `listener.name.<name>.<config>` counts before `<config>`, that of a SASL mechanism before both.

Source: Kafka's `AbstractConfig.valuesWithPrefixOverride` and `ListenerName.saslMechanismConfigPrefix`.
"""

from __future__ import annotations

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.table import broker_key
from kafka_compat.config.values import ConfigValue


class ListenerConfig:
    """A view of a broker's configs as one listener has them; it follows their changes.

    Args:
        config: of the broker.
        listener: the listener's name, in any case.
    """

    def __init__(self, config: BrokerConfig, listener: str) -> None:
        self._config = config
        self._listener = listener
        self._prefix = f"listener.name.{listener.lower()}."

    def static(self) -> ListenerConfig:
        """The view of what the broker was started with, whatever clients have altered since."""
        return ListenerConfig(BrokerConfig(self._config.static), self._listener)

    def get(self, name: str, mechanism: str | None = None) -> ConfigValue | None:
        """The typed value in effect of a broker config; None when it has neither value nor default.

        `mechanism` is the SASL mechanism that it is asked for, such as `SCRAM-SHA-256`.

        Raises:
            InvalidConfig: the value of a mechanism, whose configs nobody knows by name before, is none.
        """
        for each in self._names(name, mechanism):
            if (text := self._config.text(each)) is not None:
                key = broker_key(name)
                return self._config.get(each) if key is None or broker_key(each) is not None else key.parse(text)
        return self._config.get(name)

    def text(self, name: str, mechanism: str | None = None) -> str | None:
        """The text that it is set to; None when it is not set."""
        for each in (*self._names(name, mechanism), name):
            text = self._config.text(each)
            if text is not None:
                return text
        return None

    def has_own(self, name: str) -> bool:
        """Whether the config is set for this listener, and not only for all."""
        return self._config.text(f"{self._prefix}{name}") is not None

    def mechanism_name(self, name: str, mechanism: str) -> str:
        """What a config is called that is set for one mechanism of the listener only."""
        return f"{self._prefix}{mechanism.lower()}.{name}"

    def mechanism_text(self, name: str, mechanism: str) -> str | None:
        """The text of a config that counts only where it is set for one mechanism of the listener; None when it is not."""
        return self._config.text(self.mechanism_name(name, mechanism))

    def _names(self, name: str, mechanism: str | None) -> tuple[str, ...]:
        own = f"{self._prefix}{name}"
        return (own,) if mechanism is None else (self.mechanism_name(name, mechanism), own)
