"""What clients need to be told to reach a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def client_config(client: str, bootstrap_servers: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by the names of that client.

    Raises:
        ValueError: the client is not known.
    """
    raise NotImplementedError
