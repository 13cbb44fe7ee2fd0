"""Checks of what tests hand over: each refusal says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.sources import unknown_reason
from kafka_compat.config.table import BROKER_CONFIGS
from kafka_compat.config.values import ConfigValue, to_text
from kafka_compat.protocol.topic_names import why_invalid

# The cluster numbers its brokers, listens on free ports, and keeps data where `file_system` says.
_CLUSTERS_OWN: Final = frozenset(
    {"advertised.listeners", "broker.id", "listeners", "log.dir", "log.dirs", "node.id", "process.roles"}
)


def whole_number(name: str, value: object, minimum: int) -> int:
    """The number.

    Raises:
        TypeError: it is none.
        ValueError: it is below `minimum`.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is a whole number from {minimum}, not {value!r}")
    if value < minimum:
        raise ValueError(f"{name} is a whole number from {minimum}, not {value}")
    return value


def seconds(name: str, value: object) -> float:
    """The time.

    Raises:
        TypeError: it is no number.
        ValueError: it is not above 0.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} is a number of seconds above 0, not {value!r}")
    if not value > 0:
        raise ValueError(f"{name} is a number of seconds above 0, not {value}")
    return value


def topics_of(topics: object) -> dict[str, int]:
    """The topics to make.

    Raises:
        TypeError: they are not names with numbers of partitions.
        ValueError: a name or a number is not allowed.
    """
    if topics is None:
        return {}
    if not isinstance(topics, Mapping):
        raise TypeError(f'topics gives each name its number of partitions, such as {{"orders": 3}}, not {topics!r}')
    checked = {}
    for name, partitions in topics.items():
        if not isinstance(name, str):
            raise TypeError(f"topics: a name is a str, not {name!r}")
        reason = why_invalid(name)
        if reason is not None:
            raise ValueError(f"topics: Topic name is invalid: {reason}")
        checked[name] = whole_number(f"topics[{name!r}]", partitions, 1)
    return checked


def configs_of(configs: object) -> dict[str, str]:
    """The configs, as text.

    Raises:
        TypeError: they are not names with values.
        ValueError: a name is none of Kafka's broker configs or the cluster's own affair, or a value is not allowed.
    """
    if configs is None:
        return {}
    if not isinstance(configs, Mapping):
        raise TypeError(f'configs gives Kafka\'s names their values, such as {{"num.partitions": 3}}, not {configs!r}')
    checked = {}
    for name, value in configs.items():
        if not isinstance(name, str):
            raise TypeError(f"configs: a name is a str, not {name!r}")
        if not isinstance(value, str | int | float):
            raise TypeError(f"configs[{name!r}] is a str, int, float or bool, not {value!r}")
        if name in _CLUSTERS_OWN:
            raise ValueError(f"configs: {name} is set by the cluster")
        reason = unknown_reason(name)
        if reason is not None:
            raise ValueError(f"configs: {reason}")
        checked[name] = text = _text(value)
        key = BROKER_CONFIGS.get(name)
        if key is not None:
            try:
                key.parse(text)
            except InvalidConfig as error:
                raise ValueError(f"configs: {error}") from None
    return checked


def _text(value: ConfigValue) -> str:
    return value if isinstance(value, str) else to_text(value)


def has_methods(name: str, value: object, example: str, *methods: str) -> None:
    """Check an object by what it can do.

    Raises:
        TypeError: it is a class, or a method is missing.
    """
    if isinstance(value, type):
        raise TypeError(f"{name} is an object such as {example}, not the class {value.__name__}")
    if not all(callable(getattr(value, method, None)) for method in methods):
        raise TypeError(f"{name} is an object such as {example}, not {value!r}")


def refuse_security(users: object, acls: object, tls: object) -> None:
    """Refuse what asks for security.

    Raises:
        ValueError: one of them is given.
    """
    for name, value in (("users", users), ("acls", acls), ("tls", tls)):
        if value is not None:
            raise ValueError(f"{name}: there is no security yet; every client is let in")
