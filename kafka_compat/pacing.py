"""Long work on the event loop, cut into slices so that other clients are served in between.

A handler whose work grows with what a client sent walks it through a `Pace`: as long as the slice lasts it costs a look at the
clock now and then, and when it is over the loop goes round once. State may change in between: what must hold over a turn has to
be looked up again after it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import ClassVar, Final, TypeVar
from weakref import WeakKeyDictionary, ref

T = TypeVar("T")

SLICE_S: Final = 0.001
_WINDOW_S: Final = 10 * SLICE_S
# Items between two looks at the clock; each may cost some 50 us.
_ITEMS_PER_LOOK: Final = 16
# Of those that walk something through a `Pace`, so many share the turns of the loop, the longest there first.
_PACED_AT_ONCE: Final = 8

_Place = asyncio.Future[None]


class _Line:
    """Those whose slice is over stand in line: however many they are, one of them goes on in each turn of the loop.

    Turn by turn it is one of those that stand there on their own account, and one that has a `Pace`. Of the latter only a few
    share the turns, and the others follow when these have finished: else a crowd would have all its answers half made at the
    same time, and they would fill the memory.
    """

    __slots__ = ("_is_taken", "_later", "_loop", "_others", "_paced", "_was_paced")

    _by_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, _Line]] = WeakKeyDictionary()

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # The loop is the key that this line is found by, and must be able to go.
        self._loop = ref(loop)
        self._others: deque[_Place] = deque()
        self._paced: deque[_Place] = deque()
        self._later: deque[tuple[_Place, Pace]] = deque()
        self._is_taken = False
        self._was_paced = False

    @classmethod
    def of_loop(cls) -> _Line:
        """The line of the running loop."""
        loop = asyncio.get_running_loop()
        line = cls._by_loop.get(loop)
        if line is None:
            line = cls._by_loop[loop] = _Line(loop)
        return line

    async def next_slice(self, pace: Pace | None = None) -> None:
        """Return when nobody else's slice is in this turn of the loop; `pace` is the caller's."""
        if not self._is_taken:
            self._is_taken = True
            asyncio.get_running_loop().call_soon(self._go_on)
            if pace is not None:
                pace.is_among_the_first = True
            return
        place = asyncio.get_running_loop().create_future()
        if pace is None:
            self._others.append(place)
        elif pace.is_among_the_first:
            self._paced.append(place)
        else:
            self._later.append((place, pace))
        await place

    def _go_on(self) -> None:
        while (place := self._next()) is not None:
            if not place.done():
                place.set_result(None)
                loop = self._loop()
                assert loop is not None
                loop.call_soon(self._go_on)
                return
        self._is_taken = False

    def _next(self) -> _Place | None:
        if self._later and len(self._paced) < _PACED_AT_ONCE:
            place, pace = self._later.popleft()
            pace.is_among_the_first = True
            self._paced.append(place)
        self._was_paced = bool(self._paced) and not (self._was_paced and self._others)
        if self._was_paced:
            return self._paced.popleft()
        return self._others.popleft() if self._others else None


async def next_slice() -> None:
    """Let others run, and return when it is the caller's turn again."""
    await asyncio.sleep(0)
    await _Line.of_loop().next_slice()


async def first_slice() -> None:
    """Return when it is the caller's turn to begin: at once when nobody else's slice is in this turn of the loop."""
    await _Line.of_loop().next_slice()


def give_way() -> None:
    """In a thread: let another one run if it waits for the interpreter."""
    time.sleep(0)


class Pace:
    """The slice of one request or one piece of background work."""

    __slots__ = ("_slice_s", "_until_s", "is_among_the_first")

    def __init__(self, at_once: int = 1) -> None:
        """The slice of one of `at_once` pieces of work that may all have theirs in one turn."""
        self.is_among_the_first = False  # of those in line
        self._slice_s = SLICE_S / at_once
        self._until_s = time.perf_counter() + self._slice_s

    async def turn(self) -> None:
        """Let others run if the slice is over."""
        if time.perf_counter() >= self._until_s:
            await asyncio.sleep(0)
            await _Line.of_loop().next_slice(self)
            self._until_s = time.perf_counter() + self._slice_s

    async def over(self, items: Iterable[T]) -> AsyncIterator[T]:
        """Each of `items`, with a turn now and then. `items` must not change meanwhile."""
        for number, item in enumerate(items, 1):
            yield item
            if not number % _ITEMS_PER_LOOK:
                await self.turn()


class Turns:
    """Work that many may have at the same moment, such as requests of a crowd, or long polls that one append ends.

    What comes first runs at once, up to a slice in any ten; the rest follows in later turns of the loop, in order: in each a
    slice of what is known to be quick, and a slice of the rest. Who comes alone pays for two looks at the clock.

    Attributes:
        is_shared: whether there are so many that they have to take turns.
    """

    __slots__ = ("_is_running", "_queue", "_quick", "_spent_s", "_window_end_s", "is_shared")

    def __init__(self) -> None:
        self._queue: deque[Callable[[], None]] = deque()
        self._quick: deque[Callable[[], None]] = deque()
        self._is_running = False
        self._spent_s = 0.0
        self._window_end_s = 0.0
        self.is_shared = False

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._queue) + len(self._quick)

    def has_time(self, *, is_quick: bool = False) -> bool:
        """Whether something may be done at once; `spend` what it took."""
        if self._quick or (self._queue and not is_quick):
            return False
        now_s = time.perf_counter()
        if now_s > self._window_end_s:
            self._window_end_s = now_s + _WINDOW_S
            self._spent_s = 0.0
            return True
        return self._spent_s <= SLICE_S

    def spend(self, seconds: float) -> None:
        """So much was done at once."""
        self._spent_s += seconds

    def run(self, work: Callable[[], None]) -> None:
        """Run `work` now or soon; it must not raise."""
        if self.has_time():
            began_s = time.perf_counter()
            work()
            self._spent_s += time.perf_counter() - began_s
        else:
            self.later(work)

    def later(self, work: Callable[[], None], *, is_quick: bool = False) -> None:
        """Run `work` in a turn to come; it must not raise."""
        (self._quick if is_quick else self._queue).append(work)
        if not self._is_running:
            self._is_running = True
            asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        try:
            for queue in (self._quick, self._queue):
                until_s = time.perf_counter() + SLICE_S
                while queue:
                    queue.popleft()()
                    if time.perf_counter() > until_s:
                        break
        finally:
            # Whoever raises all the same must not keep those behind it waiting for ever.
            self._is_running = bool(self._quick or self._queue)
            if self._is_running:
                asyncio.get_running_loop().call_soon(self._next_turn)


async def for_each(items: Iterable[T], work: Callable[[T], Awaitable[object]], *, at_once: int) -> None:
    """`work` on each of `items`, `at_once` of them at a time; the loop goes round when a slice is over.

    Few at once, also where `work` mostly waits: all that are ready run in one turn of the loop. The first exception is raised
    when those that run have ended, and no more are begun.
    """
    left = iter(items)
    failed: list[BaseException] = []

    async def run() -> None:
        pace = Pace(at_once)
        for item in left:
            if failed:
                return
            try:
                await work(item)
                await pace.turn()
            except BaseException as error:
                failed.append(error)
                raise

    await asyncio.gather(*(run() for _ in range(at_once)), return_exceptions=True)
    if failed:
        raise failed[0]
