"""The extra `http`: what its absence is told as."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

_MODULES: Final = ("prometheus_client", "starlette", "uvicorn", "h11")


class MissingExtra(Exception):
    """A library is not installed; the text is one line for a person."""


def require(option: str) -> None:
    """Check that all is there that an option needs.

    Raises:
        MissingExtra: it is not.
    """
    missing = [name for name in _MODULES if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"{option} needs {', '.join(missing)}: pip install 'kafka-compat[http]'")
