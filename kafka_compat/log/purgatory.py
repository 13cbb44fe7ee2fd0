"""Where requests wait for a partition: an append wakes exactly who waits for it.

A wait names the keys it depends on and what completes it: a number of bytes, a callback, or any wake. Deadlines are real
loop time, never the injected clock: a client must not hang while a manual clock stands still.

Deliberately not here: what the waiter does afterwards. A woken fetch reads again and decides for itself; a wake is a hint
that reading is worth while, as with Kafka's DelayedFetch.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Final

from kafka_compat.pacing import SLICE_S

_WAKES_PER_LOOK: Final = 8
# Of a wait with more, the end is told at once, and the keys are forgotten in turns: one append may end hundreds of them.
_KEYS_AT_ONCE: Final = 64


class Wait(asyncio.Future[bool]):
    """One parked request; resolves to True when it was woken, to False at its deadline or at shutdown.

    `cancel()` (the client went away) forgets it at once.
    """

    __slots__ = ("_keys", "_min_bytes", "_on_wake", "_owner", "_purgatory", "_timer")

    def __init__(
        self,
        purgatory: Purgatory,
        owner: OwnWaits | None,
        loop: asyncio.AbstractEventLoop,
        keys: tuple[Hashable, ...],
        min_bytes: int,
        on_wake: Callable[[Hashable], bool] | None,
    ) -> None:
        super().__init__(loop=loop)
        self._purgatory = purgatory
        self._owner = owner
        self._keys = keys
        self._min_bytes = min_bytes
        self._on_wake = on_wake
        self._timer: asyncio.TimerHandle | None = None

    def complete(self) -> None:
        """End the wait as a wake would; a no-op when it is over."""
        self._purgatory._end(self, True)

    def cancel(self, msg: object | None = None) -> bool:
        """Forget the wait; a no-op returning False when it is over."""
        self._purgatory._forget(self)
        return super().cancel(msg)


class Purgatory:
    """Waits keyed by what they wait for (a partition's high watermark, its last stable offset, ...).

    Owned by one event loop. Adding and removing a wait is O(its keys); a wake is O(the waits of that key).
    """

    __slots__ = ("_closed", "_leaving", "_waits", "_watchers")

    def __init__(self) -> None:
        self._waits: dict[Hashable, dict[Wait, None]] = {}
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._closed = False
        self._leaving: deque[tuple[Wait, int]] = deque()  # with how many keys it still has

    def __len__(self) -> int:
        """Number of keys somebody waits for."""
        return len(self._waits)

    @property
    def is_closed(self) -> bool:
        """Whether `complete_all` was called."""
        return self._closed

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` at each wake from now on, whatever moved, and at the end: for tests, which wait for anything."""
        if watcher not in self._watchers:
            self._watchers = (*self._watchers, watcher)

    def wait(
        self,
        keys: Iterable[Hashable],
        *,
        timeout_ms: int,
        min_bytes: int = 0,
        on_wake: Callable[[Hashable], bool] | None = None,
        owner: OwnWaits | None = None,
    ) -> Wait:
        """Park until a wake completes the wait, or for `timeout_ms` of real time.

        Args:
            keys: What to wait for; may be empty, then only the deadline ends the wait.
            timeout_ms: From now; 0 or less resolves at once.
            min_bytes: The wait ends when wakes have reported this many bytes in total; 0: the first wake ends it.
            on_wake: Called with the key on each wake instead of counting bytes; True ends the wait.
            owner: Whose wait it is, of several that share the purgatory.
        """
        loop = asyncio.get_running_loop()
        wait = Wait(self, owner, loop, tuple(keys), min_bytes, on_wake)
        if self._closed or timeout_ms <= 0:
            wait.set_result(False)
            return wait
        for key in wait._keys:
            waits = self._waits.get(key)
            if waits is None:
                self._waits[key] = waits = {}
            waits[wait] = None
        wait._timer = loop.call_later(timeout_ms / 1000, self._end, wait, False)
        return wait

    def wake(self, key: Hashable, size_in_bytes: int = 0) -> None:
        """Something moved under `key`, making `size_in_bytes` more readable."""
        if self._watchers:
            self.tell_watchers()
        waits = self._waits.get(key)
        if waits is None:
            return
        # A copy: ending a wait unlinks it, and a callback may park or cancel others.
        self._wake(list(waits), key, size_in_bytes, regardless=False)

    def wake_all(self, key: Hashable) -> None:
        """End every wait on `key`, whatever it still lacks: the partition was deleted, went offline or lost leadership."""
        if self._watchers:
            self.tell_watchers()
        waits = self._waits.get(key)
        if waits is not None:
            self._wake(list(waits), key, 0, regardless=True)

    def tell_watchers(self) -> None:
        """Something has changed, which nobody need wait for here."""
        for watcher in self._watchers:
            watcher()

    def _wake(self, waits: list[Wait], key: Hashable, size_in_bytes: int, *, regardless: bool, first: int = 0) -> None:
        """Wake as many of `waits` as a slice allows; the others follow in later turns of the loop."""
        until_s = 0.0
        for number in range(first, len(waits)):
            wait = waits[number]
            if wait.done():
                continue
            if wait._on_wake is not None:
                is_over = wait._on_wake(key)
            else:
                wait._min_bytes -= size_in_bytes
                is_over = wait._min_bytes <= 0
            if is_over or regardless:
                self._end(wait, True)
            if not (number + 1) % _WAKES_PER_LOOK:
                now_s = time.perf_counter()
                if not until_s:
                    until_s = now_s + SLICE_S
                elif now_s > until_s:
                    go_on = partial(self._wake, waits, key, size_in_bytes, regardless=regardless, first=number + 1)
                    asyncio.get_running_loop().call_soon(go_on)
                    return

    def complete_all(self) -> None:
        """End every wait as if its deadline had come, and every later one at once; for shutdown."""
        self._closed = True
        self.tell_watchers()
        self.complete_of(None)

    def complete_of(self, owner: OwnWaits | None) -> None:
        """End the waits of one owner, or with None of all, as if their deadline had come."""
        for waits in list(self._waits.values()):
            for wait in list(waits):
                if owner is None or wait._owner is owner:
                    self._end(wait, False)

    def _end(self, wait: Wait, is_woken: bool) -> None:
        self._forget(wait)
        if not wait.done():
            wait.set_result(is_woken)

    def _forget(self, wait: Wait) -> None:
        if wait._timer is None:
            return
        wait._timer.cancel()
        wait._timer = None
        # A callback usually closes over its request; drop it with the wait.
        wait._on_wake = None
        if len(wait._keys) <= _KEYS_AT_ONCE:
            self._unlink(wait, wait._keys)
            return
        self._leaving.append((wait, len(wait._keys)))
        if len(self._leaving) == 1:
            asyncio.get_running_loop().call_soon(self._unlink_some)

    def _unlink(self, wait: Wait, keys: Sequence[Hashable]) -> None:
        for key in keys:
            waits = self._waits.get(key)
            if waits is not None:
                waits.pop(wait, None)
                if not waits:
                    del self._waits[key]

    def _unlink_some(self) -> None:
        until_s = time.perf_counter() + SLICE_S
        while self._leaving:
            wait, count = self._leaving[0]
            self._unlink(wait, wait._keys[max(0, count - _KEYS_AT_ONCE) : count])
            if count > _KEYS_AT_ONCE:
                self._leaving[0] = (wait, count - _KEYS_AT_ONCE)
            else:
                self._leaving.popleft()
            if time.perf_counter() > until_s:
                break
        if self._leaving:
            asyncio.get_running_loop().call_soon(self._unlink_some)


class OwnWaits:
    """The waits of one broker in a purgatory that it shares with others: they end with it."""

    __slots__ = ("_is_closed", "_purgatory")

    def __init__(self, purgatory: Purgatory) -> None:
        self._purgatory = purgatory
        self._is_closed = False

    def wait(
        self,
        keys: Iterable[Hashable],
        *,
        timeout_ms: int,
        min_bytes: int = 0,
        on_wake: Callable[[Hashable], bool] | None = None,
    ) -> Wait:
        """See `Purgatory.wait`."""
        timeout_ms = 0 if self._is_closed else timeout_ms
        return self._purgatory.wait(keys, timeout_ms=timeout_ms, min_bytes=min_bytes, on_wake=on_wake, owner=self)

    def watch(self, watcher: Callable[[], None]) -> None:
        """As `Purgatory.watch`, for the waits of all brokers."""
        self._purgatory.watch(watcher)

    def complete_all(self) -> None:
        """End them as if their deadline had come, and every later one at once."""
        self._is_closed = True
        self._purgatory.complete_of(self)
