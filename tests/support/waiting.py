"""Waiting for what nobody tells a test of."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(is_so: Callable[[], object], work: Callable[[], object] = lambda: None, *, limit_s: float = 20) -> None:
    """Work until something is so; AssertionError when it is not in time."""
    deadline_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline_s, f"after {limit_s} s it is not so"
        work()
        time.sleep(0.005)
