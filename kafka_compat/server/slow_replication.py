"""Followers that fetch now and then instead of at once, for tests of what a lagging replica does to others."""

from __future__ import annotations

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.ids import BrokerId
from kafka_compat.log.replication import Replication


class SlowReplication:
    """Has the followers of some brokers fetch at intervals of the clock; in between they are paused."""

    def __init__(self, replication: Replication, clock: Clock) -> None:
        self._replication = replication
        self._clock = clock
        self._timers: dict[BrokerId, TimerHandle] = {}

    def begin(self, broker: BrokerId, every_ms: int) -> None:
        """Let the broker's followers fetch every so often, which is how far they lag at most."""
        self._cancel(broker)
        self._replication.pause(broker, self._clock.monotonic_ms())
        self._arm(broker, every_ms)

    def end(self, broker: BrokerId) -> None:
        """Let them fetch at once again."""
        if self._cancel(broker):
            self._replication.resume(broker, self._clock.monotonic_ms())

    def close(self) -> None:
        """Nobody fetches any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _arm(self, broker: BrokerId, every_ms: int) -> None:
        def fetch() -> None:
            self._arm(broker, every_ms)
            self._replication.fetch_once(broker, self._clock.monotonic_ms())

        self._timers[broker] = self._clock.call_at(self._clock.monotonic_ms() + every_ms, fetch)

    def _cancel(self, broker: BrokerId) -> bool:
        timer = self._timers.pop(broker, None)
        if timer is not None:
            timer.cancel()
        return timer is not None
