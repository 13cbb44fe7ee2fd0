"""What clients tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one: the value that came back, or the client's words."""

    value: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Stream:
    """How many numbers were produced, from 0 on, and all that were read."""

    sent: int
    read: Sequence[int]
