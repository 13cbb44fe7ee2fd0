"""What a test's Kafka is made with, by who has the say: an argument, the mark, command line, ini option, environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import pytest

from kafka_compat.testing.options import KafkaOptions

# Of these the nearest decides key by key.
_MAPPINGS: Final = ("topics", "configs", "api_versions")
_LEAKS: Final = ("warn", "error", "ignore")
_REPORTED_REQUESTS: Final = 20


def options_of(config: pytest.Config) -> KafkaOptions:
    """What command line, ini options and environment say, defaults for the rest."""
    brokers = _number(config, "kafka_brokers")
    return KafkaOptions(brokers=1 if brokers is None else brokers, configs=_configs(config))


def with_mark(options: KafkaOptions, item: pytest.Item) -> KafkaOptions:
    """The options with what the marks of a test change."""
    changes: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("kafka"))):
        changes = merged(changes, mark.kwargs)
    changes.pop("leaks", None)
    return changed(options, changes)


def changed(options: KafkaOptions, changes: Mapping[str, Any]) -> KafkaOptions:
    """The options with arguments of `Kafka` in place of theirs, mappings key by key."""
    before = {field.name: getattr(options, field.name) for field in fields(options)}
    return replace(options, **merged(before, changes))


def merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with the changes in their place, mappings key by key; what is no mapping is left for others to refuse."""
    result = {**before, **changes}
    for name in _MAPPINGS:
        old, new = before.get(name), changes.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            result[name] = {**old, **new}
    return result


def leaks_of(item: pytest.Item) -> str:
    """What is done about what a test leaves behind: "warn", "error" or "ignore"."""
    for mark in item.iter_markers("kafka"):
        if "leaks" in mark.kwargs:
            return _one_of("the mark kafka: leaks", mark.kwargs["leaks"])
    for where, value in _said(item.config, "kafka_leaks"):
        return _one_of(where, value)
    return "warn"


def reported_requests_of(config: pytest.Config) -> int:
    """How many requests a report shows."""
    number = _number(config, "kafka_report_requests")
    return _REPORTED_REQUESTS if number is None else number


def bootstrap_of(config: pytest.Config) -> str | None:
    """The address of the broker that all tests run against, None when they have their own."""
    for where, value in _said(config, "kafka_bootstrap", ini=False):
        host, colon, port = str(value).split(",")[0].rpartition(":")
        if not colon or not host or not port.isdecimal():
            raise refused(f"{where} is the HOST:PORT of a broker, not {value!r}")
        return str(value)
    return None


def bootstrap_config_of(config: pytest.Config) -> tuple[str, Path] | None:
    """(where it is said, the file) of the client properties for the broker that all tests run against; None without one."""
    for where, value in _said(config, "kafka_bootstrap_config", ini=False):
        return where, Path(str(value))
    return None


def refused(reason: str) -> BaseException:
    """What ends a test, or its setup, with a sentence and no traceback through the plugin."""
    return pytest.fail.Exception(reason, pytrace=False)


def _said(config: pytest.Config, name: str, *, ini: bool = True) -> Iterator[tuple[str, Any]]:
    """(where, what) an option is given as, in the order of who has the say."""
    option = config.getoption(name)
    if option is not None:
        yield f"--{name.replace('_', '-')}", option
    if ini:
        try:
            value = config.getini(name)
        except (TypeError, ValueError) as error:
            raise refused(str(error)) from None
        if value is not None and value != "":
            yield f"the ini option {name}", value
    variable = f"KAFKA_COMPAT_{name.removeprefix('kafka_').upper()}"
    if os.environ.get(variable):
        yield f"the environment variable {variable}", os.environ[variable]


def _number(config: pytest.Config, name: str) -> int | None:
    for where, value in _said(config, name):
        try:
            return int(value)
        except ValueError:
            raise refused(f"{where} is a whole number, not {value!r}") from None
    return None


def _configs(config: pytest.Config) -> dict[str, str]:
    configs: dict[str, str] = {}
    for where, lines in reversed(list(_said(config, "kafka_configs"))):
        configs |= _parsed(where, lines.replace(";", "\n").split("\n") if isinstance(lines, str) else lines)
    return configs


def _parsed(where: str, lines: Sequence[str]) -> dict[str, str]:
    configs = {}
    for line in lines:
        if not line.strip():
            continue
        key, equals, value = line.partition("=")
        if not equals or not key.strip():
            raise refused(f"{where} has a config as key=value, not {line!r}")
        configs[key.strip()] = value.strip()
    return configs


def _one_of(where: str, value: object) -> str:
    if value not in _LEAKS:
        raise refused(f"{where} is one of {', '.join(_LEAKS)}, not {value!r}")
    return str(value)
