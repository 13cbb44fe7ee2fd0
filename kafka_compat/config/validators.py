"""Checks of a single parsed config value, with Kafka's messages. Source: `ConfigDef` and its `Validator` classes."""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.values import ConfigValue, display, invalid_value, to_text


class Validator(Protocol):
    """Decides whether a parsed value may be taken; `str()` is the form in Kafka's documentation."""

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig when the value of the config `name` is not allowed."""


def _number(value: ConfigValue) -> float:
    assert isinstance(value, int | float)
    return value


def _text(value: ConfigValue) -> str:
    assert isinstance(value, str)
    return value


def _items(value: ConfigValue) -> tuple[str, ...]:
    assert isinstance(value, tuple)
    return value


class Range:
    """A number within inclusive bounds. NaN passes, as it does in Kafka."""

    __slots__ = ("maximum", "minimum")

    def __init__(self, minimum: float, maximum: float | None = None) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig when the number lies outside the bounds."""
        number = _number(value)
        if number < self.minimum:
            raise invalid_value(name, to_text(value), f"Value must be at least {self.minimum}")
        if self.maximum is not None and number > self.maximum:
            raise invalid_value(name, to_text(value), f"Value must be no more than {self.maximum}")

    def __str__(self) -> str:
        return f"[{self.minimum},...]" if self.maximum is None else f"[{self.minimum},...,{self.maximum}]"


class OneOf:
    """One of a few texts."""

    __slots__ = ("choices",)

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig when the text is none of the choices."""
        if value not in self.choices:
            raise invalid_value(name, display(value), f"String must be one of: {', '.join(self.choices)}")

    def __str__(self) -> str:
        return f"[{', '.join(self.choices)}]"


class OneOfIgnoringCase:
    """One of a few texts, in any case; the choices are in capitals and in the order Kafka prints them."""

    __slots__ = ("choices",)

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig when the text is none of the choices."""
        if _text(value).upper() not in self.choices:
            reason = f"String must be one of (case insensitive): {', '.join(self.choices)}"
            raise invalid_value(name, display(value), reason)

    def __str__(self) -> str:
        return f"(case insensitive) [{', '.join(self.choices)}]"


class ListOf:
    """A list of distinct items, of `choices` if there are any; parsing drops repeated items (KIP-1161)."""

    __slots__ = ("choices", "may_be_empty")

    def __init__(self, choices: tuple[str, ...] = (), may_be_empty: bool = True) -> None:
        self.choices = choices
        self.may_be_empty = may_be_empty

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig for an empty list that may not be empty, an empty item, or an item that is no choice."""
        items = _items(value)
        if not items and not self.may_be_empty:
            valid = str(self) or "any non-empty value"
            raise InvalidConfig(f"Configuration '{name}' must not be empty. Valid values include: {valid}")
        for item in items:
            if not item:
                raise InvalidConfig(f"Configuration '{name}' values must not be empty.")
            if self.choices:
                OneOf(self.choices).check(name, item)

    def __str__(self) -> str:
        return str(OneOf(self.choices)) if self.choices else ""


class GzipLevel:
    """A compression level of gzip, or -1 for its default."""

    __slots__ = ()

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig when the number is no level."""
        if value != -1 and not 1 <= _number(value) <= 9:
            raise invalid_value(name, to_text(value), "Value must be between 1 and 9 or equal to -1")

    def __str__(self) -> str:
        return "[1,...,9] or -1"


class NonEmptyText:
    """A text of at least one character."""

    __slots__ = ()

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig when the text is empty."""
        if not _text(value):
            raise invalid_value(name, "", "String must be non-empty")

    def __str__(self) -> str:
        return "non-empty string"


class AnyText:
    """Any text: Kafka only refuses a missing one, which cannot be written in a file or a request."""

    __slots__ = ()

    def check(self, name: str, value: ConfigValue) -> None:
        """Accept."""

    def __str__(self) -> str:
        return "non-null string"


_REPLICAS = "[partitionId]:[brokerId],[partitionId]:[brokerId],..."


class ThrottledReplicas:
    """Nothing, `*`, or replicas as partition:broker. Source: `ThrottledReplicaListValidator`."""

    __slots__ = ()

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig for anything else."""
        items = _items(value)
        if items != ("*",) and not all(re.fullmatch(r"[0-9]+:[0-9]+", item) for item in items):
            reason = f"{name} must be the literal '*' or a list of replicas in the following format: {_REPLICAS}"
            raise invalid_value(name, display(value), reason)

    def __str__(self) -> str:
        return _REPLICAS


_HOST_AND_PORT = r".*?\[?([0-9a-zA-Z\-%._:]*)\]?:([0-9]+)"


class BootstrapServers:
    """A list of host:port. Source: `QuorumConfig.ControllerQuorumBootstrapServersValidator`."""

    __slots__ = ()

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig for an item without a port."""
        for item in _items(value):
            if not re.fullmatch(_HOST_AND_PORT, item):
                raise InvalidConfig(
                    f"Failed to parse host name from {item} for the configuration {name}. "
                    'Each entry should be in the form "{host}:{port}"'
                )

    def __str__(self) -> str:
        return "non-empty list"


class QuorumVoters:
    """A list of id@host:port. Source: `QuorumConfig.ControllerQuorumVotersValidator`."""

    __slots__ = ()

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig for an item of another form."""
        for item in _items(value):
            if not re.fullmatch(r"-?[0-9]+@" + _HOST_AND_PORT, item):
                raise InvalidConfig(
                    f"Invalid configuration value for {name}. Each entry should be in the form `{{id}}@{{host}}:{{port}}`."
                )

    def __str__(self) -> str:
        return "non-empty list"


# Compiled on first use: few groups have a duration, every start imports this module.
_DURATION = r"[+-]?P(?=.)(?:([+-]?\d+)D)?(?:T(?=.)(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+)(?:[.,](\d{0,9}))?S)?)?"


class ShareOffsetReset:
    """Where a share group begins (KIP-932, KIP-1106). Source: `ShareGroupAutoOffsetResetStrategy`."""

    __slots__ = ()

    def check(self, name: str, value: ConfigValue) -> None:
        """Raise InvalidConfig unless the text is `latest`, `earliest` or a duration that is not negative."""
        text = _text(value)
        if text in ("latest", "earliest"):
            return
        prefix, _, duration = text.partition(":")
        if prefix == "by_duration" and (duration_ms(duration) or 0) >= 0 and duration_ms(duration) is not None:
            return
        reason = (
            f"Invalid value `{text}` for configuration {name}. "
            "The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'."
        )
        raise invalid_value(name, text, reason)

    def __str__(self) -> str:
        return "[latest, earliest, by_duration:PnDTnHnMn.nS]"


def duration_ms(text: str) -> int | None:
    """Milliseconds of an ISO 8601 duration as Java's `Duration.parse` reads it, or None when it is none."""
    found = re.fullmatch(_DURATION, text, re.IGNORECASE | re.ASCII)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(group or 0) for group in found.groups()[:4])
    fraction_ms = int((found[5] or "").ljust(9, "0")) // 1_000_000
    if (found[4] or "").startswith("-"):
        fraction_ms = -fraction_ms
    total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + fraction_ms
    return -total if text.startswith("-") else total


@cache
def at_least(minimum: int) -> Range:
    """A number of at least `minimum`."""
    return Range(minimum)


@cache
def between(minimum: float, maximum: float) -> Range:
    """A number from `minimum` up to and including `maximum`."""
    return Range(minimum, maximum)
