"""Long work on the event loop, cut into slices so that other clients are served in between.

A handler whose work grows with what a client sent walks it through a `Pace`: as long as the slice lasts it costs a look at the
clock now and then, and when it is over the loop goes round once. State may change in between: what must hold over a turn has to
be looked up again after it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

SLICE_S: Final = 0.001
# Items between two looks at the clock; each may cost some 50 us.
_ITEMS_PER_LOOK: Final = 16


class Pace:
    """The slice of one request or one piece of background work."""

    __slots__ = ("_until_s",)

    def __init__(self) -> None:
        self._until_s = time.perf_counter() + SLICE_S

    async def turn(self) -> None:
        """Let others run if the slice is over."""
        if time.perf_counter() >= self._until_s:
            await asyncio.sleep(0)
            self._until_s = time.perf_counter() + SLICE_S

    async def over(self, items: Iterable[T]) -> AsyncIterator[T]:
        """Each of `items`, with a turn now and then. `items` must not change meanwhile."""
        for number, item in enumerate(items, 1):
            yield item
            if not number % _ITEMS_PER_LOOK:
                await self.turn()
