"""What one broker's configs and the quotas of addresses say about new connections, for its listeners.

Imported with the first limit that there is.
"""

from __future__ import annotations

import socket

from kafka_compat.api.throttling import real_ms
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.security.quota.connections import UNLIMITED, ConnectionRates
from kafka_compat.security.quota.limits import AddressLimits
from kafka_compat.security.quota.rates import Window


class ConnectionLimits:
    """Of one broker; see `ConnectionRates`.

    Args:
        config: of the broker; what changes in it counts at once.
        addresses: quotas by address.
        listeners: the names of all its listeners.
    """

    def __init__(self, config: BrokerConfig, addresses: AddressLimits, listeners: set[str]) -> None:
        self._config = config
        self._configs = {name: ListenerConfig(config, name) for name in listeners}
        # Others must not keep brokers from reaching each other, where they have a listener of their own.
        self._protected = ""
        if len(listeners) > 1:
            self._protected = (
                config.text("inter.broker.listener.name") or config.text("security.inter.broker.protocol") or "PLAINTEXT"
            )
        window = Window(config.quota_window_num, config.quota_window_size_seconds * 1000)
        self._rates = ConnectionRates(addresses, window)

    def delay_s(self, listener: str) -> float:
        """How long a connection that has come through `listener`, and all behind it, have to wait."""
        limit = creation_rate(self._configs[listener])
        broker_limit = None if listener == self._protected else self._config.max_connection_creation_rate
        return self._rates.delay_ms(listener, limit, broker_limit, real_ms()) / 1000

    def refused_ms(self, listener: str, connected: socket.socket) -> int:
        """0, or how long a connection that its address has no right to is kept before it is closed."""
        try:
            name = connected.getpeername()
        except OSError:
            return 0  # it has gone
        address = str(name[0])
        return self._rates.refused_ms(listener, address, real_ms(), counts_for_broker=listener != self._protected)


def creation_rate(config: ListenerConfig) -> int:
    """max.connection.creation.rate of a listener."""
    rate = config.get("max.connection.creation.rate")
    return rate if isinstance(rate, int) else UNLIMITED
