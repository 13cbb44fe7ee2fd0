"""Names of APIs and errors as tests write them: Kafka's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.registry import API_NAMES
from kafka_compat.testing.nearest import did_you_mean

ALL_APIS: Final = "*"
_MOST_MEANT: Final = 3


def apis_of(api: object) -> frozenset[int] | None:
    """The keys of the APIs, None for all.

    Raises:
        TypeError: they are no names.
        ValueError: no API has the name, or it is not served.
    """
    if api == ALL_APIS:
        return None
    names = [api] if isinstance(api, str) else list(api) if isinstance(api, Iterable) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise TypeError(f'api is the name of an API such as "Produce", several of them, or "*" for all, not {api!r}')
    return frozenset(_served(name) for name in names)


def _served(name: str) -> int:
    key = api_key_of(name)
    if key not in HANDLERS:
        raise ValueError(f"{name} is not served here, so no request of it can fail")
    return key


def api_key_of(name: str) -> int:
    """The key of an API, served here or not.

    Raises:
        ValueError: Kafka has no API of that name.
    """
    key = next((key for key, known in API_NAMES.items() if known == name), None)
    if key is None:
        raise ValueError(f"there is no API {name!r}{did_you_mean(name, API_NAMES.values(), _MOST_MEANT)}")
    return key


def error_code_of(error: object) -> ErrorCode:
    """The error code of a name or a number.

    Raises:
        TypeError: it is neither.
        ValueError: Kafka has no such error.
    """
    if isinstance(error, str):
        try:
            return ErrorCode[error]
        except KeyError:
            raise ValueError(f"there is no error {error!r}{did_you_mean(error, ErrorCode.__members__, _MOST_MEANT)}") from None
    if isinstance(error, int) and not isinstance(error, bool):
        try:
            return ErrorCode(error)
        except ValueError:
            raise ValueError(f"there is no error with the code {error}") from None
    raise TypeError(f'an error is a name such as "NOT_LEADER_OR_FOLLOWER", or its code, not {error!r}')
