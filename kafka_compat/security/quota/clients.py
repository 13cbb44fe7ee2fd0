"""What clients of one broker have used of one kind of quota, and how long each has to wait.

Clients are told apart by names that they choose, so what is kept of them is bounded: who has not been seen for an hour is
forgotten, as in Kafka, and of more than `MAX_CLIENTS` who has not been seen the longest.

Source: Kafka's `ClientQuotaManager` and `ClientRequestQuotaManager`.
"""

from __future__ import annotations

import hashlib
from typing import Final, Generic, TypeVar

from kafka_compat.security.quota.limits import ClientLimits, Quota
from kafka_compat.security.quota.rates import Rate, Window

MAX_CLIENTS: Final = 10_000
# ClientQuotaManager.INACTIVE_SENSOR_EXPIRATION_TIME_SECONDS
_FORGOTTEN_AFTER_MS: Final = 3_600_000
_NAME_CHARACTERS: Final = 128

T = TypeVar("T")


class Clients(Generic[T]):
    """Something for each of the clients seen lately, of whom there are `most` at the most."""

    __slots__ = ("_most", "_seen")

    def __init__(self, most: int = MAX_CLIENTS) -> None:
        self._most = most
        # With the time of the last look, in the order of those.
        self._seen: dict[tuple[str, str], tuple[T, int]] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def find(self, quota: Quota, now_ms: int) -> T | None:
        """What there is for all that share `quota`."""
        key = _key(quota)
        entry = self._seen.pop(key, None)
        if entry is None:
            return None
        self._seen[key] = (entry[0], now_ms)
        return entry[0]

    def add(self, quota: Quota, value: T, now_ms: int) -> None:
        """Keep it for them."""
        self._seen[_key(quota)] = (value, now_ms)
        while (oldest := next(iter(self._seen.items())))[1][1] < now_ms - _FORGOTTEN_AFTER_MS or len(self._seen) > self._most:
            del self._seen[oldest[0]]


def _key(quota: Quota) -> tuple[str, str]:
    return _short(quota.user), _short(quota.client_id)


def _short(name: str) -> str:
    """A name of up to 32 KiB, which is not kept."""
    return name if len(name) <= _NAME_CHARACTERS else hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()


class ClientRates:
    """One kind of quota on one broker.

    Args:
        limits: of all clients; it may change.
        window: over which their rates are measured.
        max_throttle_ms: nobody waits longer.
    """

    def __init__(self, limits: ClientLimits, window: Window, max_throttle_ms: int | None = None) -> None:
        self.limits = limits
        self._window = window
        self._max_throttle_ms = max_throttle_ms
        self._clients: Clients[Rate] = Clients()

    def record(self, user: str, client_id: str | None, value: float, now_ms: int) -> int:
        """Count `value`; returns how long the client has to wait now, in ms, 0 when it is within its quota."""
        quota = self.limits.find(user, client_id)
        if quota is None:
            return 0
        rate = self._rate(quota, now_ms)
        rate.record(value, now_ms)
        throttle_ms = rate.throttle_ms(quota.limit, now_ms)
        return throttle_ms if self._max_throttle_ms is None else min(throttle_ms, self._max_throttle_ms)

    def count(self, user: str, client_id: str | None, value: float, now_ms: int) -> None:
        """Count `value`, which the next request will wait for; a negative one takes back what was counted."""
        quota = self.limits.find(user, client_id)
        if quota is not None:
            self._rate(quota, now_ms).record(value, now_ms)

    def most_in_window(self, user: str, client_id: str | None) -> float | None:
        """What may be counted at once without a wait when nothing else was lately; None when there is no quota."""
        quota = self.limits.find(user, client_id)
        return None if quota is None else quota.limit * (self._window.samples - 1) * (self._window.sample_ms / 1000)

    def _rate(self, quota: Quota, now_ms: int) -> Rate:
        rate = self._clients.find(quota, now_ms)
        if rate is None:
            rate = Rate(self._window)
            self._clients.add(quota, rate, now_ms)
        return rate
