"""An application that writes its results in transactions, fed and killed while they are read."""

from __future__ import annotations

import time
from collections.abc import Callable

from interop_tests.streams.committed import Reader, Text, open_transactions, read_all, wait_until_nothing_is_open
from interop_tests.streams.processes import JvmProcess
from tests.support.brokers import Broker
from tests.support.wire_client import WireClient

TIMEOUT_S = 120  # until something that has to happen has happened

_TURN_S = 0.05
_PROGRESS = 300  # results


class ExactlyOnce:
    """The results, a topic that is there already, as a read_committed consumer sees them while all goes on."""

    def __init__(self, broker: Broker, results: str, partitions: int) -> None:
        self.broker = broker
        self.results = results
        self.partitions = partitions
        self.read = Reader(broker.bootstrap, results, partitions)

    def feed(self) -> None:
        """Some more input; nothing while the application is far behind."""
        raise NotImplementedError

    def wait(self, app: JvmProcess, condition: Callable[[], bool], *, feeding: bool = True) -> None:
        """Reads results, and feeds, until the condition holds."""
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            app.check_running()
            assert time.monotonic() < deadline, f"{self.read.count} results\n{app.log_tail()}"
            if feeding:
                self.feed()
            self.read.poll(_TURN_S)

    def wait_for_progress(self, app: JvmProcess) -> None:
        """Results that have not been read yet."""
        target = self.read.count + _PROGRESS
        self.wait(app, lambda: self.read.count >= target)

    def kill_amid_a_transaction(self, app: JvmProcess) -> None:
        """SIGKILL while there are results that are neither committed nor aborted."""
        with WireClient(self.broker.bootstrap) as client:

            def stopped_amid_a_transaction() -> bool:
                if not open_transactions(client, self.results, self.partitions):
                    return False
                app.stop()
                self.read.poll(2 * _TURN_S)  # what it sent before the signal arrives
                if open_transactions(client, self.results, self.partitions):
                    return True
                app.go_on()
                return False

            self.wait(app, stopped_amid_a_transaction)
        app.kill()

    def everything_read(self) -> list[Text]:
        """All results, partition by partition, of an application that has ended.

        Fails unless they are what was read while it ran, and unless something was aborted and nothing left open.
        """
        with WireClient(self.broker.bootstrap) as client:
            wait_until_nothing_is_open(client, {self.results: self.partitions})
        committed = read_all(self.broker.bootstrap, self.results, self.partitions)
        assert committed == self.read.records
        uncommitted = read_all(self.broker.bootstrap, self.results, self.partitions, "read_uncommitted")
        assert sum(map(len, uncommitted)) > self.read.count, "no result was aborted"
        return [record for partition in committed for record in partition]

    def close(self) -> None:
        self.read.close()
