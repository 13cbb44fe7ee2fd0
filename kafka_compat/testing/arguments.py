"""Checks of what tests hand over: each refusal says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.sources import unknown_reason
from kafka_compat.config.table import BROKER_CONFIGS
from kafka_compat.config.values import ConfigValue, to_text
from kafka_compat.protocol.topic_names import why_invalid
from kafka_compat.testing.options import Node, TopicSpec

# The cluster numbers its brokers, listens on free ports, and keeps data where `file_system` says.
_CLUSTERS_OWN: Final = frozenset(
    {"advertised.listeners", "broker.id", "listeners", "log.dir", "log.dirs", "node.id", "process.roles"}
)


_MAX_PORT: Final = 65535


def a_number(name: str, value: object, which: str = "") -> int:
    """The whole number, whichever it is.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is a whole number{which}, not {value!r}")
    return value


def whole_number(name: str, value: object, minimum: int) -> int:
    """The number.

    Raises:
        TypeError: it is none.
        ValueError: it is below `minimum`.
    """
    number = a_number(name, value, f" from {minimum}")
    if number < minimum:
        raise ValueError(f"{name} is a whole number from {minimum}, not {value}")
    return number


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


def a_str(name: str, value: object) -> str:
    """The text, which may be empty.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} is a str, not {value!r}")
    return value


def text(name: str, value: object) -> str:
    """The text.

    Raises:
        TypeError: it is none.
        ValueError: it is empty.
    """
    value = a_str(name, value)
    if not value:
        raise ValueError(f"{name} is a str that is not empty")
    return value


def nodes_of(brokers: object) -> tuple[Node, ...]:
    """The brokers: as many as a number says, or those of a sequence.

    Raises:
        TypeError: they are neither.
        ValueError: there are none, an id or a port is there twice, or out of range.
    """
    if not isinstance(brokers, Sequence) or isinstance(brokers, str | bytes):
        return tuple(Node(number + 1) for number in range(whole_number("brokers", brokers, 1)))
    if not brokers:
        raise ValueError("brokers is a whole number from 1, or a Node for each, not an empty sequence")
    nodes = tuple(brokers)
    for index, node in enumerate(nodes):
        if not isinstance(node, Node):
            raise TypeError(f"brokers is a whole number from 1, or a Node for each, such as [Node(1)], not {node!r}")
        whole_number(f"brokers[{index}].id", node.id, 0)
        if whole_number(f"brokers[{index}].port", node.port, 0) > _MAX_PORT:
            raise ValueError(f"brokers[{index}].port is a port from 0, which takes a free one, to {_MAX_PORT}, not {node.port}")
        if node.rack is not None:
            text(f"brokers[{index}].rack", node.rack)
    for what, values in (("id", [node.id for node in nodes]), ("port", [node.port for node in nodes if node.port])):
        twice = [value for value in values if values.count(value) > 1]
        if twice:
            raise ValueError(f"brokers: the {what} {twice[0]} is there twice")
    return nodes


def topics_of(topics: object) -> dict[str, TopicSpec]:
    """The topics to make; configs as text.

    Raises:
        TypeError: they are not names with numbers of partitions, or with specs.
        ValueError: a name or a number is not allowed.
    """
    if topics is None:
        return {}
    if not isinstance(topics, Mapping):
        raise TypeError(
            f'topics gives each name its number of partitions, such as {{"orders": 3}}, or a TopicSpec, not {topics!r}'
        )
    checked = {}
    for name, spec in topics.items():
        if not isinstance(name, str):
            raise TypeError(f"topics: a name is a str, not {name!r}")
        reason = why_invalid(name)
        if reason is not None:
            raise ValueError(f"topics: Topic name is invalid: {reason}")
        if not isinstance(spec, TopicSpec):
            spec = TopicSpec(whole_number(f"topics[{name!r}]", spec, 1))
        checked[name] = _topic_of(f"topics[{name!r}]", spec)
    return checked


def _topic_of(name: str, spec: TopicSpec) -> TopicSpec:
    whole_number(f"{name}.partitions", spec.partitions, 1)
    if spec.replication_factor is not None:
        whole_number(f"{name}.replication_factor", spec.replication_factor, 1)
    if not isinstance(spec.configs, Mapping):
        raise TypeError(
            f'{name}.configs gives Kafka\'s names their values, such as {{"retention.ms": 1000}}, not {spec.configs!r}'
        )
    for key, value in spec.configs.items():
        if not isinstance(value, str | int | float):
            raise TypeError(f"{name}.configs[{key!r}] is a str, int, float or bool, not {value!r}")
    example = f'{name}.records are pairs of key and value, such as [("key", "value"), (None, b"value")]'
    records: object = spec.records
    if not isinstance(records, Sequence) or isinstance(records, str | bytes):
        raise TypeError(f"{example}, not {records!r}")
    for record in records:
        if not isinstance(record, tuple | list) or len(record) != 2:
            raise TypeError(f"{example}, not with {record!r}")
        if not all(part is None or isinstance(part, str | bytes) for part in record):
            raise TypeError(f"{example}, of bytes, str or None, not with {record!r}")
    return spec._replace(configs={key: _text(value) for key, value in spec.configs.items()})


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


def clock_name(value: object) -> str:
    """The name of a clock.

    Raises:
        ValueError: it is none.
    """
    if value not in ("real", "manual"):
        raise ValueError(f'clock is "real", or "manual" for time that passes by clock.advance only, not {value!r}')
    return str(value)


def yes_or_no(name: str, value: object) -> bool:
    """The answer.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, not {value!r}")
    return value


def folder(name: str, value: object) -> Path | None:
    """The folder, None when there is to be none.

    Raises:
        TypeError: it is no path.
        ValueError: it is something else than a folder.
    """
    if value is None:
        return None
    if not isinstance(value, Path):
        raise TypeError(f"{name} is the path of a folder, or None to keep the data in memory, not {value!r}")
    if value.exists() and not value.is_dir():
        raise ValueError(f"{name} is the path of a folder, and {value} is none")
    return value
