"""A disk that goes wrong on purpose, below the brokers' logs.

What clients see of it is what they see of Kafka: a partition whose log cannot be written answers KAFKA_STORAGE_ERROR. It is
offline until its log can be opened again, which is tried each second (by the cluster's clock).
"""

from __future__ import annotations

import errno
import re
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from kafka_compat.filesystem import Fault as DiskFailure
from kafka_compat.filesystem import FaultInjector, Operation
from kafka_compat.testing.actions import delay
from kafka_compat.testing.arguments import seconds, whole_number

if TYPE_CHECKING:
    from kafka_compat.testing.faults import Fault, Faults

_WAIT_S: Final = 5.0
# What has no room any more: bytes, and names.
_GROWING: Final = frozenset({Operation.CREATE, Operation.WRITE})
# Requests that append to a log; those of coordinators to one of theirs.
_APPENDING: Final = (
    "AddOffsetsToTxn",
    "AddPartitionsToTxn",
    "EndTxn",
    "InitProducerId",
    "JoinGroup",
    "OffsetCommit",
    "OffsetDelete",
    "Produce",
    "SyncGroup",
    "TxnOffsetCommit",
    "WriteTxnMarkers",
)


class DiskFault:
    """A fault of the file system, until it is removed. Its methods may be called in any thread."""

    def __init__(
        self,
        disk: DiskFaults,
        name: str,
        operations: frozenset[Operation],
        error: int,
        place: re.Pattern[str] | None,
        on_call: int,
        times: int | None,
    ) -> None:
        self._disk = disk
        self._name = name
        self._operations = operations
        self._error = error
        self._place = place
        self._first = on_call
        self._times = times
        self._calls = 0
        self._hits = 0
        # Calls come from the threads of the store too.
        self._struck = threading.Condition()

    def __repr__(self) -> str:
        return f"<disk fault {self._name}: {self._hits} hits>"

    @property
    def hits(self) -> int:
        """How many calls have failed."""
        return self._hits

    def wait(self, timeout_s: float = _WAIT_S, *, hits: int = 1) -> None:
        """Wait until so many calls have failed.

        Raises:
            TimeoutError: they have not; the message says how many calls there were.
        """
        seconds("timeout_s", timeout_s)
        with self._struck:
            if not self._struck.wait_for(lambda: self._hits >= hits, timeout_s):
                raise TimeoutError(f"{self} after {timeout_s} s, not {hits}: {self._calls} calls of this kind came")

    def remove(self) -> None:
        """The disk is well again."""
        self._disk.take_out(self)

    def strikes(self, operation: Operation, path: str) -> DiskFailure | None:
        """See `filesystem.faults.StandingFault`."""
        if operation not in self._operations or (self._place is not None and not self._place.search(path)):
            return None
        with self._struck:
            self._calls += 1
            is_over = self._times is not None and self._hits >= self._times
            if self._calls < self._first or is_over:
                return None
            self._hits += 1
            self._struck.notify_all()
        return DiskFailure(at_call=1, error=self._error)


class DiskFaults:
    """Faults of the file system. Each verb takes a topic, and a partition of it; all that is on the disk otherwise."""

    def __init__(self, faults: Faults, file_system: object) -> None:
        self._faults = faults
        self._file_system = file_system
        self._all: list[DiskFault] = []

    def full(self, topic: str | None = None, partition: int | None = None) -> DiskFault:
        """There is no room: nothing is written and no file is made until it is removed."""
        return self._add("full", _GROWING, errno.ENOSPC, topic, partition, 1, None)

    def fail(
        self,
        operation: str | Sequence[str] = "write",
        *,
        error: str = "EIO",
        topic: str | None = None,
        partition: int | None = None,
        on_call: int = 1,
        times: int | None = 1,
    ) -> DiskFault:
        """Calls fail.

        Args:
            operation: "write", "sync", "create", "truncate", "rename" or "remove", or several.
            error: name of the system's error.
            topic: only of files of this topic.
            partition: only of this partition.
            on_call: from the n-th call on.
            times: how many calls; None is all.

        Raises:
            ValueError: there is no such operation or error.
        """
        operations = frozenset(map(_operation, [operation] if isinstance(operation, str) else operation))
        code = getattr(errno, error, None) if isinstance(error, str) else None
        if not isinstance(code, int):
            raise ValueError(f'error is the name of one of the system\'s errors such as "EIO", not {error!r}')
        name = " or ".join(sorted(operations))
        on_call = whole_number("on_call", on_call, 1)
        if times is not None:
            whole_number("times", times, 1)
        return self._add(f"{name} {error}", operations, code, topic, partition, on_call, times)

    def slow(self, by_s: float, *, topic: str | None = None, partition: int | None = None) -> Fault:
        """What appends to a log takes so much longer (real time); with a topic what is produced to it alone.

        The requests wait, and not the brokers' loop, as it does for other clients; those whose client goes away meanwhile are
        carried out all the same.
        """
        apis = list(_APPENDING) if topic is None else ["Produce"]
        action = delay(by_s, outlives_client=True, passes_on=True)
        return self._faults.add(apis, action, topic=topic, partition=partition, times=None, must_fire=False)

    def clear(self) -> None:
        """Take all out, but for `slow`, which is one of `Kafka.faults`."""
        for fault in list(self._all):
            self.take_out(fault)

    def take_out(self, fault: DiskFault) -> None:
        """Take one out; a no-op when it is."""
        if fault in self._all:
            self._all.remove(fault)
            self._injector().remove(fault)

    def unfired(self) -> list[DiskFault]:
        """Those no call has met."""
        return [fault for fault in self._all if not fault.hits]

    def __repr__(self) -> str:
        return f"disk faults: {self._all}"

    def _add(
        self,
        name: str,
        operations: frozenset[Operation],
        error: int,
        topic: str | None,
        partition: int | None,
        on_call: int,
        times: int | None,
    ) -> DiskFault:
        injector = self._injector()
        place = _place(topic, partition)
        where = "" if topic is None else f" of {topic}" if partition is None else f" of {topic}-{partition}"
        fault = DiskFault(self, name + where, operations, error, place, on_call, times)
        self._all.append(fault)
        injector.add(fault)
        return fault

    def _injector(self) -> FaultInjector:
        injector = getattr(self._file_system, "faults", None)
        if not isinstance(injector, FaultInjector):
            raise RuntimeError(
                f"the cluster's own file system, {type(self._file_system).__name__}, has no faults: "
                "a MemoryFileSystem or a FaultyFileSystem has"
            )
        return injector


def _operation(name: str) -> Operation:
    try:
        return Operation(name)
    except ValueError:
        known: Iterable[str] = Operation
        raise ValueError(f"a disk fails at one of {', '.join(known)}, not at {name!r}") from None


def _place(topic: str | None, partition: int | None) -> re.Pattern[str] | None:
    """Where the files of a partition are, in a folder named after it."""
    if topic is None:
        if partition is not None:
            raise ValueError("partition is one of a topic, and goes with it")
        return None
    number = r"\d+" if partition is None else str(whole_number("partition", partition, 0))
    return re.compile(rf"(^|[/\\]){re.escape(topic)}-{number}([/\\.]|$)")
