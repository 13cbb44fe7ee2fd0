"""How far a long look has come, on a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TextIO

_FIRST_AFTER_SECONDS: Final = 1.0
_EVERY_SECONDS: Final = 0.2
_BAR_WIDTH: Final = 30


class Progress:
    """A bar on `stream`, rewritten in place; nothing is shown in the first second, nor when `stream` is no terminal.

    Args:
        total_bytes: what there is to read.
        stream: normally stderr.
        shown: False shows nothing whatever `stream` is.
        clock: seconds.
    """

    def __init__(
        self, total_bytes: int, stream: TextIO, *, shown: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total_bytes = total_bytes
        self._stream = stream
        self._is_shown = shown and stream.isatty()
        self._clock = clock
        self._next = clock() + _FIRST_AFTER_SECONDS
        self._done_bytes = 0
        self._is_drawn = False

    def advance(self, size_in_bytes: int, name: str) -> None:
        """`size_in_bytes` more were read, of the log `name`."""
        self._done_bytes += size_in_bytes
        if not self._is_shown or (now := self._clock()) < self._next:
            return
        self._next = now + _EVERY_SECONDS
        share = min(self._done_bytes / self._total_bytes, 1.0) if self._total_bytes else 1.0
        bar = ("#" * int(share * _BAR_WIDTH)).ljust(_BAR_WIDTH, ".")
        self._stream.write(f"\r\x1b[K[{bar}] {share:4.0%} of {size_text(self._total_bytes)}  {name[:60]}")
        self._stream.flush()
        self._is_drawn = True

    def clear(self) -> None:
        """Take the bar away, before something else is printed and at the end."""
        if self._is_drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._is_drawn = False


def size_text(size_in_bytes: int) -> str:
    """A size for a person: `123 bytes`, `4.5 MiB`."""
    if size_in_bytes < 1024:
        return f"{size_in_bytes} bytes"
    size = float(size_in_bytes)
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"
