"""Config values: from text to a typed value and back, as Kafka's `ConfigDef.parseType` and `convertToString` do."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from enum import IntEnum

from kafka_compat.config.errors import InvalidConfig

ConfigValue = bool | int | float | str | tuple[str, ...]
"""A parsed value: BOOLEAN, the integer types, DOUBLE, the text types, and LIST as a tuple. None stands for no value."""


class ConfigType(IntEnum):
    """The types of configs, numbered as in DescribeConfigs (KIP-569)."""

    UNKNOWN = 0
    BOOLEAN = 1
    STRING = 2
    INT = 3
    SHORT = 4
    LONG = 5
    DOUBLE = 6
    LIST = 7
    CLASS = 8
    PASSWORD = 9


# String.trim() of Java takes off every character up to the space, and no other white space.
_TRIMMED = "".join(map(chr, range(33)))
_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)", re.ASCII)
_COMMA = re.compile(r"[ \t\n\x0b\f\r]*,[ \t\n\x0b\f\r]*")
_BITS = {ConfigType.INT: 32, ConfigType.SHORT: 16, ConfigType.LONG: 64}

# There is no class loader here: a class that Kafka itself brings along is taken to exist, any other is not.
_KNOWN_CLASSES = re.compile(r"(?:org\.apache\.kafka|java)(?:\.\w+)+", re.ASCII)


def invalid_value(name: str, value: object, reason: str) -> InvalidConfig:
    """The error that Kafka's `ConfigException(name, value, message)` is."""
    return InvalidConfig(f"Invalid value {value} for configuration {name}: {reason}")


def _parse_boolean(name: str, text: str, trimmed: str) -> ConfigValue:
    match trimmed.lower():
        case "true":
            return True
        case "false":
            return False
    raise invalid_value(name, text, "Expected value to be either true or false")


def _parse_double(name: str, text: str, trimmed: str) -> ConfigValue:
    if not _DECIMAL.fullmatch(trimmed):
        raise invalid_value(name, text, "Not a number of type DOUBLE")
    if trimmed.endswith(("NaN", "Infinity")):
        return float(trimmed)
    return float(trimmed.rstrip("fFdD"))


def _parse_list(name: str, text: str, trimmed: str) -> ConfigValue:
    return tuple(_COMMA.split(trimmed)) if trimmed else ()


def _parse_class(name: str, text: str, trimmed: str) -> ConfigValue:
    if not _KNOWN_CLASSES.fullmatch(trimmed):
        raise invalid_value(name, text, f"Class {text} could not be found.")
    return trimmed


def _parse_text(name: str, text: str, trimmed: str) -> ConfigValue:
    return trimmed


_PARSERS: dict[ConfigType, Callable[[str, str, str], ConfigValue]] = {
    ConfigType.BOOLEAN: _parse_boolean,
    ConfigType.DOUBLE: _parse_double,
    ConfigType.LIST: _parse_list,
    ConfigType.CLASS: _parse_class,
}


def parse_type(name: str, text: str, config_type: ConfigType) -> ConfigValue:
    """The typed value of `text`; raises InvalidConfig with Kafka's message when it is not of the type.

    Source: `ConfigDef.parseType`. White space around a value does not count.
    """
    trimmed = text.strip(_TRIMMED)
    bits = _BITS.get(config_type)
    if bits is None:
        return _PARSERS.get(config_type, _parse_text)(name, text, trimmed)
    limit = 1 << (bits - 1)
    # Longer texts could not fit anyway, and int() refuses to convert thousands of digits.
    if _INTEGER.fullmatch(trimmed) and len(trimmed) < 100:
        number = int(trimmed)
        if -limit <= number < limit:
            return number
    raise invalid_value(name, text, f"Not a number of type {config_type.name}")


def to_text(value: ConfigValue) -> str:
    """The text that DescribeConfigs shows for a parsed value. Source: `ConfigDef.convertToString`."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return _double_to_text(value)
        case tuple():
            return ",".join(value)
        case _:
            return str(value)


def display(value: ConfigValue) -> str:
    """The text that Kafka's error messages show for a parsed value: a list in brackets."""
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else to_text(value)


def _double_to_text(value: float) -> str:
    """As Java's `Double.toString`: plain digits from 10^-3 up to 10^7, otherwise with an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    mantissa, _, exponent = f"{value:e}".partition("e")
    digits = repr(value).lstrip("-").partition("e")[0].replace(".", "").strip("0") or "0"
    sign = "-" if mantissa.startswith("-") else ""
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{int(exponent)}"
