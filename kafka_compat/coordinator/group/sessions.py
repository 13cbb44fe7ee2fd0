"""Sessions of members: how long they go on without a word of their clients.

A session is a timer whose name says so (`is_session`). A test that lets time pass, but whose clients live on real time, can
have them kept meanwhile: the members' heartbeats could not come, and are taken for come.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakSet

from kafka_compat.coordinator.ports import Outcome, Timers, WorkName

S = TypeVar("S")


class Sessions:
    """All sessions of one coordinator."""

    def __init__(self) -> None:
        self.are_kept = False
        self._timers: WeakSet[SessionTimers[object]] = WeakSet()

    def keep(self) -> None:
        """Let none end from now on."""
        self.are_kept = True

    def release(self) -> None:
        """Begin all of them anew, as a heartbeat of each member would: they may end again."""
        self.are_kept = False
        for timers in list(self._timers):
            timers.restart()

    def timers(self, timers: Timers[S]) -> SessionTimers[S]:
        """The timers of one shard, with its sessions under control."""
        controlled = SessionTimers(timers, self)
        self._timers.add(controlled)  # type: ignore[arg-type]  # nothing but `restart` is asked of it
        return controlled


class SessionTimers(Generic[S]):
    """The `Timers` of a shard; those that are sessions can be kept."""

    def __init__(self, timers: Timers[S], sessions: Sessions) -> None:
        self._timers = timers
        self._sessions = sessions
        self._running: dict[WorkName, tuple[int, Callable[[S, int], Outcome[None]]]] = {}

    def schedule(self, name: WorkName, delay_ms: int, operation: Callable[[S, int], Outcome[None]]) -> None:
        """As `Timers.schedule`."""
        if not is_session(name):
            self._timers.schedule(name, delay_ms, operation)
            return

        def end(state: S, now_ms: int) -> Outcome[None]:
            if self._sessions.are_kept:
                self.schedule(name, delay_ms, operation)
                return Outcome(None)
            self._running.pop(name, None)
            return operation(state, now_ms)

        self._running[name] = (delay_ms, operation)
        self._timers.schedule(name, delay_ms, end)

    def cancel(self, name: WorkName) -> None:
        """As `Timers.cancel`."""
        self._running.pop(name, None)
        self._timers.cancel(name)

    def restart(self) -> None:
        """Begin all sessions anew."""
        for name, (delay_ms, operation) in list(self._running.items()):
            self.schedule(name, delay_ms, operation)


def is_session(name: WorkName) -> bool:
    """Whether a timer of this name is the session of a member: each kind of group has a name of its own."""
    return name[0].endswith("session")
