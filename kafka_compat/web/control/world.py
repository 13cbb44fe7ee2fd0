"""What the verbs act on: one `Kafka`, and names for what it has none for."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from kafka_compat.testing.disk import DiskFault
from kafka_compat.testing.faults import Fault
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.snapshots import Snapshot
from kafka_compat.web.control.arguments import NotFound


class ControlWorld:
    """A running Kafka under control. Its methods may be called in any thread.

    Attributes:
        kafka: the cluster.
    """

    def __init__(self, kafka: Kafka) -> None:
        self.kafka = kafka
        self._lock = threading.Lock()
        self._next_id = 1
        self._faults: dict[int, Fault] = {}
        self._disk_faults: dict[int, DiskFault] = {}
        self._snapshots: dict[int, Snapshot] = {}

    def faults(self) -> dict[int, Fault]:
        """Those that are put in, by id, the oldest first."""
        present = list(self.kafka.faults)
        with self._lock:
            return {number: fault for number, fault in self._faults.items() if fault in present}

    def add_fault(self, fault: Fault) -> int:
        """Its id."""
        with self._lock:
            number = self._new_id()
            self._faults[number] = fault
            return number

    def fault(self, number: int) -> Fault:
        """One that was put in since the last reset; it may have been taken out.

        Raises:
            NotFound: there is none.
        """
        with self._lock:
            fault = self._faults.get(number)
            if fault is None:
                raise NotFound(f"there is no fault {number}; {_known(self._faults)}")
            return fault

    def disk_faults(self) -> dict[int, DiskFault]:
        """Those that are put in, by id, the oldest first."""
        with self._lock:
            return dict(self._disk_faults)

    def add_disk_fault(self, fault: DiskFault) -> int:
        """Its id."""
        with self._lock:
            number = self._new_id()
            self._disk_faults[number] = fault
            return number

    def disk_fault(self, number: int) -> DiskFault:
        """One that is put in.

        Raises:
            NotFound: there is none.
        """
        with self._lock:
            fault = self._disk_faults.get(number)
            if fault is None:
                raise NotFound(f"there is no disk fault {number}; {_known(self._disk_faults)}")
            return fault

    def remove_disk_fault(self, number: int) -> None:
        """Take it out; NotFound when there is none."""
        self.disk_fault(number).remove()
        with self._lock:
            self._disk_faults.pop(number, None)

    def clear_disk_faults(self) -> None:
        """Take all out."""
        self.kafka.faults.disk.clear()
        with self._lock:
            self._disk_faults.clear()

    def add_snapshot(self, snapshot: Snapshot) -> int:
        """Its id."""
        with self._lock:
            number = self._new_id()
            self._snapshots[number] = snapshot
            return number

    def snapshot(self, number: int) -> Snapshot:
        """One that was taken and not dropped.

        Raises:
            NotFound: there is none.
        """
        with self._lock:
            snapshot = self._snapshots.get(number)
            if snapshot is None:
                raise NotFound(f"there is no snapshot {number}; {_known(self._snapshots)}")
            return snapshot

    def drop_snapshot(self, number: int) -> None:
        """Forget it; NotFound when there is none."""
        self.snapshot(number)
        with self._lock:
            self._snapshots.pop(number, None)

    def reset(self) -> None:
        """Back to the beginning; snapshots stay."""
        self.kafka.faults.clear()
        self.kafka.reset()
        with self._lock:
            self._faults.clear()
            self._disk_faults.clear()

    def _new_id(self) -> int:
        number = self._next_id
        self._next_id += 1
        return number


def _known(things: Mapping[int, object]) -> str:
    return f"there are {', '.join(map(str, things))}" if things else "there are none"
