"""`Kafka` before a broker that is there anyway: what clients can do it does, all else is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn, cast

from kafka_compat.testing.clock_control import ClockControl
from kafka_compat.testing.inspection import Inspection
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import KafkaOptions
from kafka_compat.testing.real.cluster import RealCluster
from kafka_compat.testing.real.credentials import Credentials
from kafka_compat.testing.real.waits import RealWaits
from kafka_compat.testing.waits import Waits


class NotOnRealBroker(RuntimeError):
    """Only a broker of this package can do that."""


def _raise(what: str) -> NoReturn:
    raise NotOnRealBroker(f"a real broker cannot do that: the test {what}")


class RealKafka(Kafka):
    """The same face, by the requests of a client.

    What is in the broker stays there, but for topics with the names that the options say: these are deleted and made anew by
    `reset`, and deleted by `clean` together with all that were made through this object.

    Args:
        bootstrap_servers: of the broker.
        options: as for `Kafka`; see `unmet`.
        refuse: called with what the test does ("moves the clock") for verbs that are not for real brokers; it raises.
        credentials: who the tests are, and how connections are protected; None: nobody in particular, in plain text.

    Raises:
        ConnectionError: (from all that ask) a broker cannot be reached, or does not let in.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        options: KafkaOptions | None = None,
        refuse: Callable[[str], NoReturn] = _raise,
        credentials: Credentials | None = None,
    ) -> None:
        super().__init__()
        self._options = KafkaOptions() if options is None else options
        self._refuse = refuse
        self._credentials = credentials
        self._real = self._cluster = RealCluster(bootstrap_servers, self._options, refuse, credentials)
        # They have the same coroutines, and a class of their own, as they share no code.
        self._inspection = cast(Inspection, self._real.inspection)
        self._waits = cast(Waits, RealWaits(self._real.inspection))

    # --- where it is

    def config(self, client: str, *, user: str | None = None, mechanism: str = "SCRAM-SHA-512", **extra: Any) -> dict[str, Any]:
        """See `Kafka.config`; the user is that of the credentials, and so is the mechanism.

        Raises:
            OSError: a file of the credentials cannot be read.
        """
        from kafka_compat.testing.client_configs import client_config

        credentials = self._credentials
        if user is not None and (credentials is None or user != credentials.name):
            self._refuse(f"needs the user {user}")
        security = {}
        if credentials is not None:
            from kafka_compat.testing.real.client_settings import settings_for

            security = settings_for(client, credentials)
        return client_config(client, self.bootstrap_servers, {**security, **extra})

    # --- life

    def unmet(self) -> str | None:
        """What the options ask for and this broker is not, None when it will do."""
        return self._run(self._real.unmet())

    def clean(self) -> None:
        """Delete what was made through this object."""
        self._run(self._real.clean())

    # --- refused

    @property
    def access(self) -> NoReturn:
        """Refused."""
        self._refuse("says who may come in, and do what")

    def snapshot(self, folder: Path | str | None = None) -> NoReturn:
        """Refused."""
        self._refuse("takes a snapshot")

    def restore(self, snapshot: object) -> NoReturn:
        """Refused."""
        self._refuse("restores a snapshot")

    def fail(self, api: object, what: object, **selectors: Any) -> NoReturn:
        """Refused."""
        self._refuse("injects faults")

    @property
    def faults(self) -> NoReturn:
        """Refused."""
        self._refuse("injects faults")

    @property
    def requests(self) -> NoReturn:
        """Refused."""
        self._refuse("looks at the log of requests")

    @property
    def brokers(self) -> NoReturn:
        """Refused."""
        self._refuse("stops and starts brokers")

    @property
    def topology(self) -> NoReturn:
        """Refused."""
        self._refuse("changes who leads what")

    @property
    def clock(self) -> ClockControl:
        """This machine's clock, which `advance` does not move."""
        return _RealClock(self._cluster)

    # --- when a test has failed

    def report(self, *, requests: int = 20) -> str:
        """The topics that were made through this object, and the groups that have to do with them."""
        return self._run(self._real.report())

    def leaks(self, *, grace_s: float = 0.0) -> list[str]:
        """None are known."""
        return []


class _RealClock(ClockControl):
    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def advance(self, by: int | timedelta, *, keep_sessions: bool = False, timeout_s: float = 30.0) -> None:
        """Refused."""
        self._cluster.advance(0, timeout_s)
