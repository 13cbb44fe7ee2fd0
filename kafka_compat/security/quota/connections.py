"""How many connections a broker takes a second: in all, by listener, and by address (KIP-402, KIP-612).

A broker or listener above its rate accepts the connection that came later, and none meanwhile; nobody is refused. What an
address opens above its own is not accepted at all: it is closed when the time is over, so that a client in a loop waits, too.

Source: Kafka's `ConnectionQuotas`.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.security.quota.clients import Clients
from kafka_compat.security.quota.limits import AddressLimits, Quota
from kafka_compat.security.quota.rates import Rate, Window

# The default of max.connection.creation.rate, and what an address without a quota has.
UNLIMITED: Final = (1 << 31) - 1


class ConnectionRates:
    """Of one broker.

    Args:
        addresses: quotas by address; they may change.
        window: over which rates are measured.
    """

    def __init__(self, addresses: AddressLimits, window: Window) -> None:
        self._addresses = addresses
        self._window = window
        self._broker = Rate(window)
        self._listeners: dict[str, Rate] = {}
        self._clients: Clients[Rate] = Clients()

    def delay_ms(self, listener: str, limit: int, broker_limit: int | None, now_ms: int) -> int:
        """Count a connection; returns how long it, and all behind it, have to wait before they are accepted.

        Args:
            listener: through which it came.
            limit: of the listener, in connections a second.
            broker_limit: of all listeners together; None when this one does not count there.
            now_ms: the time.
        """
        rate = self._listeners.get(listener)
        if rate is None:
            rate = self._listeners[listener] = Rate(self._window)
        throttle_ms = self._record(rate, limit, now_ms)
        if broker_limit is None:
            return throttle_ms
        return max(throttle_ms, self._record(self._broker, broker_limit, now_ms))

    def refused_ms(self, listener: str, address: str, now_ms: int, *, counts_for_broker: bool = True) -> int:
        """Count a connection, which `delay_ms` has counted, for its address; 0, or how long it is kept before it is closed."""
        limit = self._addresses.find(address)
        if limit is None or limit >= UNLIMITED:
            return 0
        quota = Quota(limit, address, "")
        rate = self._clients.find(quota, now_ms)
        if rate is None:
            rate = Rate(self._window)
            self._clients.add(quota, rate, now_ms)
        throttle_ms = self._record(rate, limit, now_ms)
        if throttle_ms:
            # It is not accepted, so it does not count.
            rate.record(-1.0, now_ms)
            if counts_for_broker:
                self._broker.record(-1.0, now_ms)
            if listener in self._listeners:
                self._listeners[listener].record(-1.0, now_ms)
        return throttle_ms

    def _record(self, rate: Rate, limit: float, now_ms: int) -> int:
        rate.record(1.0, now_ms)
        return min(rate.throttle_ms(limit, now_ms), self._window.sample_ms)
