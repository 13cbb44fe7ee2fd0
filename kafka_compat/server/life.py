"""How far a broker has come in its life, for metrics and health."""

from __future__ import annotations

from enum import IntEnum

from kafka_compat.log.manager import LogManager


class BrokerState(IntEnum):
    """Kafka's `BrokerState`, with its numbers; a broker that is fenced for lack of a controller is not known here."""

    NOT_RUNNING = 0
    STARTING = 1
    RECOVERY = 2
    RUNNING = 3
    SHUTTING_DOWN = 7


class Recovery:
    """The opening of the logs at a start, which replays what the last end left unchecked.

    Attributes:
        wanted: how many logs there are to open; 0 as long as nobody knows.
    """

    def __init__(self) -> None:
        self._logs: LogManager | None = None
        self.wanted = 0

    def begin(self, logs: LogManager, wanted: int) -> None:
        """The logs are about to be opened."""
        self._logs = logs
        self.wanted = wanted

    @property
    def has_begun(self) -> bool:
        """Whether it is known which logs there are."""
        return self._logs is not None

    @property
    def opened(self) -> int:
        """How many logs are open by now, of those wanted."""
        return 0 if self._logs is None else min(self.wanted, self._logs.open_count)
