"""Limits to the versions of APIs: the view of an older broker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafka_compat.api.table import HANDLERS, Handler
from kafka_compat.protocol.registry import API_NAMES
from kafka_compat.testing.arguments import whole_number
from kafka_compat.testing.names import api_key_of


def limits_of(limits: object) -> dict[int, tuple[int, int] | None]:
    """The lowest and highest version by API key, None for an API that is not there.

    Raises:
        TypeError: they are not names of APIs with versions.
        ValueError: there is no such API, or no such version of it.
    """
    if limits is None:
        return {}
    if not isinstance(limits, Mapping):
        raise TypeError(f'api_versions gives names of APIs their versions, such as {{"Produce": (3, 9)}}, not {limits!r}')
    return {handler.api_key: _limit_of(handler, value) for handler, value in _by_handler(limits).items()}


def _by_handler(limits: Mapping[object, object]) -> dict[Handler[Any], object]:
    found = {}
    for name, value in limits.items():
        if not isinstance(name, str):
            raise TypeError(f'api_versions: the name of an API is a str such as "Produce", not {name!r}')
        try:
            key = api_key_of(name)
        except ValueError as error:
            raise ValueError(f"api_versions: {error}") from None
        if key not in HANDLERS:
            raise ValueError(f"api_versions: {name} is not served here")
        found[HANDLERS[key]] = value
    return found


def _limit_of(handler: Handler[Any], value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    name = f"api_versions[{API_NAMES[handler.api_key]!r}]"
    lowest = handler.listed_min_version
    pair = (lowest, value) if isinstance(value, int) else value
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError(f"{name} is (lowest, highest), the highest alone, or None for an API that is not there, not {value!r}")
    first, last = (whole_number(name, version, 0) for version in pair)
    if not max(lowest, first) <= last <= handler.max_version or first < lowest or last < handler.min_version:
        there = f"{lowest} to {handler.max_version}"
        unserved = f", of which those below {handler.min_version} are only listed" if lowest < handler.min_version else ""
        raise ValueError(f"{name} is within the versions that there are, {there}{unserved}, not {value!r}")
    return first, last
