"""Faults put into a file system: which call fails, and how."""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import NamedTuple, Protocol


class Operation(StrEnum):
    """The calls a fault can hit."""

    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    RENAME = "rename"
    REMOVE = "remove"


class Effect(StrEnum):
    """What a fault does to the call it hits."""

    FAIL = "fail"  # nothing happens but the error
    TEAR = "tear"  # the first half of a write lands before the error; any other call just fails
    LOSE = "lose"  # the file's unsynced pages are gone, as after a failed fsync on Linux


class Fault(NamedTuple):
    """One failure to come.

    Attributes:
        at_call: which of the matching calls from now on, 1 being the next.
        effect: what happens to the call.
        error: errno of the OSError.
        operations: the calls that count.
        halt: every later call fails as well, as if the process had died within the call: `crash` next.
    """

    at_call: int
    effect: Effect = Effect.FAIL
    error: int = errno.EIO
    operations: frozenset[Operation] = frozenset(Operation)
    halt: bool = False


class StandingFault(Protocol):
    """Failures for as long as it is there, beside the one that is armed."""

    def strikes(self, operation: Operation, path: str) -> Fault | None:
        """The fault that hits this call, if any; called in any thread."""


class FaultInjector:
    """Counts the calls of a file system and says which of them a fault hits.

    Attributes:
        quiet: no fault is armed or stands, and the file system lives.
        calls: matching calls since the fault was armed.
        fired: whether the armed fault hit a call.
    """

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._halted: Fault | None = None
        self._standing: tuple[StandingFault, ...] = ()
        self.quiet = True
        self.calls = 0
        self.fired = False

    def inject(self, fault: Fault | None) -> None:
        """Arm one fault, or none; replaces the one armed before and ends a halt."""
        self._fault = fault
        self._halted = None
        self.quiet = fault is None and not self._standing
        self.calls = 0
        self.fired = False

    def add(self, fault: StandingFault) -> None:
        """Let a fault stand until it is removed."""
        self._standing = (*self._standing, fault)
        self.quiet = False

    def remove(self, fault: StandingFault) -> None:
        """Take a fault away that stands; a no-op when it does not."""
        self._standing = tuple(one for one in self._standing if one is not fault)
        self.quiet = self._fault is None and self._halted is None and not self._standing

    def halt(self) -> None:
        """Fail every call from now on."""
        self._halted = Fault(at_call=1)
        self.quiet = False

    def count(self, operation: Operation, path: str) -> Fault | None:
        """The fault that hits this call, if any; a halted file system raises at once."""
        if self._halted is not None:
            raise OSError(self._halted.error, "the file system is halted")
        for standing in self._standing:
            if (struck := standing.strikes(operation, path)) is not None:
                return struck
        fault = self._fault
        if fault is None or operation not in fault.operations:
            return None
        self.calls += 1
        if self.calls != fault.at_call:
            return None
        self.fired = True
        if fault.halt:
            self._halted = fault
        return fault
