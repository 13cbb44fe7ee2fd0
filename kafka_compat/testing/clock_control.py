"""The clock of a cluster, for a test."""

from __future__ import annotations

from kafka_compat.testing.cluster import Cluster


class ClockControl:
    """See `Kafka.clock`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return self._cluster.clock.wall_ms()

    def advance(self, by_ms: int, *, keep_sessions: bool = False, timeout_s: float = 30.0) -> None:
        """Let time pass, with all that falls due done when this returns.

        Args:
            by_ms: how much.
            keep_sessions: members of groups stay, as if their heartbeats went on.
            timeout_s: of real time.

        Raises:
            TypeError: the clock is not manual.
            TimeoutError: there was more to do.
        """
        self._cluster.advance(by_ms, timeout_s)
