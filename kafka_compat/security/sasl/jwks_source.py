"""Keeps key sets fresh: read at the start, then every `sasl.oauthbearer.jwks.endpoint.refresh.ms`, and when a key is missing.

A refresh that fails is tried again, with pauses that double, for `...retry.backoff.max.ms` in all, and leaves the keys as they
are. A token that names an unknown key asks for one, as it may be new: for each id once a minute, and however many ids there
are, every few seconds. The token itself is refused. Source: Kafka's RefreshingHttpsJwks, whose file URLs are read once only.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from functools import partial
from typing import Final, NamedTuple

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.config.errors import BadSettings
from kafka_compat.security.sasl.jwks import JwksError, KeySet
from kafka_compat.security.sasl.jwks_fetch import fetch_keys
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

_MISSING_IDS: Final = 16
_MISSING_FOR_MS: Final = 60_000
_LONGEST_ID: Final = 1000
# Between two refreshes that tokens have asked for: unlike in Kafka an unknown id after the other costs no request each.
_EXPEDITED_EVERY_MS: Final = 5_000


class JwksPlace(NamedTuple):
    """Where a key set is, and how often it is looked at; all times in ms."""

    url: str
    refresh_ms: int
    backoff_ms: int
    backoff_max_ms: int


class JwksSource:
    """One key set.

    Attributes:
        current: the keys as of the last refresh that succeeded.
    """

    def __init__(self, place: JwksPlace, clock: Clock, tasks: Supervisor) -> None:
        self.current = KeySet(())
        self._place = place
        self._clock = clock
        self._tasks = tasks
        self._is_refreshing = False
        self._give_up_ms = 0
        self._pause_ms = 0
        self._missing: OrderedDict[str, int] = OrderedDict()  # id -> until when it asks for nothing, oldest use first
        self._expedited_ms: int | None = None
        self._timers: dict[str, TimerHandle] = {}

    async def start(self) -> None:
        """Read the keys, and begin to keep them fresh.

        Raises:
            BadSettings: they cannot be read.
        """
        try:
            self.current = await self._tasks.in_thread(partial(fetch_keys, self._place.url))
        except JwksError as error:
            raise BadSettings(f"sasl.oauthbearer.jwks.endpoint.url {self._place.url}: {error}") from None
        if not self.current.keys:
            logger.warning("the key set at %s has no key that can be used: no token is good", self._place.url)
        self._arm()

    def close(self) -> None:
        """Refresh no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def miss(self, kid: str) -> None:
        """A token names a key that is not known."""
        now_ms = self._clock.monotonic_ms()
        if len(kid) > _LONGEST_ID or self._missing.get(kid, now_ms) > now_ms:
            return
        self._missing[kid] = now_ms + _MISSING_FOR_MS
        self._missing.move_to_end(kid)
        if len(self._missing) > _MISSING_IDS:
            self._missing.popitem(last=False)
        if "expedited" not in self._timers:
            due_ms = now_ms if self._expedited_ms is None else max(now_ms, self._expedited_ms + _EXPEDITED_EVERY_MS)
            self._timers["expedited"] = self._clock.call_at(due_ms, self._expedite)

    def _expedite(self) -> None:
        del self._timers["expedited"]
        self._expedited_ms = self._clock.monotonic_ms()
        self._refresh()

    def _arm(self) -> None:
        due_ms = self._clock.monotonic_ms() + self._place.refresh_ms
        self._timers["refresh"] = self._clock.call_at(due_ms, self._scheduled)

    def _scheduled(self) -> None:
        self._arm()
        self._refresh()

    def _refresh(self) -> None:
        if not self._is_refreshing:
            self._is_refreshing = True
            self._give_up_ms = self._clock.monotonic_ms() + self._place.backoff_max_ms
            self._pause_ms = self._place.backoff_ms
            self._try()

    def _try(self) -> None:
        self._timers.pop("retry", None)
        self._tasks.spawn("a refresh of keys", self._attempt(), on_failure=self._failed)

    def _failed(self, error: Exception) -> None:
        self._is_refreshing = False

    async def _attempt(self) -> None:
        try:
            keys = await self._tasks.in_thread(partial(fetch_keys, self._place.url))
        except JwksError as error:
            left_ms = self._give_up_ms - self._clock.monotonic_ms()
            if left_ms > 0:
                due_ms = self._clock.monotonic_ms() + min(self._pause_ms, left_ms)
                self._pause_ms *= 2
                self._timers["retry"] = self._clock.call_at(due_ms, self._try)
                return
            logger.warning("the key set at %s cannot be read, its keys stay as they are: %s", self._place.url, error)
        else:
            self.current = keys
            for key in keys.keys:
                if key.kid is not None:
                    self._missing.pop(key.kid, None)
            if not keys.keys:
                logger.warning("the key set at %s has no key any more: no token is good", self._place.url)
        self._is_refreshing = False


class JwksSources:
    """The key sets of a broker: what several listeners name is one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks = Supervisor("key sets")
        self._sources: dict[JwksPlace, JwksSource] = {}

    def at(self, place: JwksPlace) -> JwksSource:
        """The key set there; it has keys once all are started."""
        if place not in self._sources:
            self._sources[place] = JwksSource(place, self._clock, self._tasks)
        return self._sources[place]

    async def start(self) -> None:
        """Read them all.

        Raises:
            BadSettings: one of them cannot be read.
        """
        for source in self._sources.values():
            await source.start()

    async def close(self) -> None:
        """Refresh no more."""
        for source in self._sources.values():
            source.close()
        await self._tasks.close()
