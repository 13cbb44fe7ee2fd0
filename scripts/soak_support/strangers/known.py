"""Clients with credentials, in a process of their own: what each waits for its answers.

`python -m scripts.soak_support.strangers.known PLACE`, with the JSON of a `Place`, reads a number of seconds from each line of
stdin, measures so long, and prints the figures as one line of JSON.
"""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from scripts.soak_support.hostile_valid.batches import batch, produce, record, small_batch
from scripts.soak_support.hostile_valid.fetch_cases import fetch
from scripts.soak_support.hostile_valid.frames import frame
from scripts.soak_support.hostile_valid.probes import API_VERSIONS_FRAME
from tests.support.wire_client import WireClient

USER, PASSWORD = "alice", "secret"
_HEARTBEAT = frame(12, 4, b"\2g" + (1).to_bytes(4) + b"\2m\0\0")
_LARGE_BYTES = 900_000
_WITHIN_S = 10.0


@dataclass(frozen=True)
class Place:
    """A broker: bootstrap address by security protocol, and the certificate of who signed its own."""

    addresses: dict[str, str]
    authority: str

    def context(self) -> ssl.SSLContext:
        """What a client believes."""
        context = ssl.create_default_context(cadata=self.authority)
        context.check_hostname = False
        return context


class _Client:
    """Does one thing again and again; connects anew when it is turned away, which counts."""

    def __init__(self, place: Place, protocol: str, request: bytes, every_s: float, *, fresh: bool = False) -> None:
        self._address = place.addresses[protocol]
        self._tls = place.context() if protocol.endswith("SSL") else None
        self._request = request
        self._every_s = every_s
        self._fresh = fresh
        self._connection: WireClient | None = None
        self.waits: list[float] = []
        self.lag_s = 0.0
        self.failed = 0

    def run(self, is_over: Callable[[], bool]) -> None:
        due = time.perf_counter()
        while not is_over():
            now = time.perf_counter()
            if now < due:
                time.sleep(due - now)
                self.lag_s = max(self.lag_s, time.perf_counter() - due)
            began = time.perf_counter()
            try:
                self._ask()
                self.waits.append(time.perf_counter() - began)
            except Exception:
                self.failed += 1
                self._connection = None
                time.sleep(0.05)
            due = max(time.perf_counter(), began + self._every_s)

    def _ask(self) -> None:
        if self._connection is None or self._fresh:
            self._connection = WireClient(self._address, timeout_s=_WITHIN_S, user=USER, password=PASSWORD, tls=self._tls)
        self._connection.send_bytes(self._request)
        self._connection.receive_frame()
        if self._fresh:
            self._connection.close()

    def figures(self) -> dict[str, float]:
        """In milliseconds; and forget them."""
        waits, self.waits = sorted(self.waits), []
        failed, self.failed = self.failed, 0

        def quantile(share: float) -> float:
            return round(waits[min(len(waits) - 1, int(share * len(waits)))] * 1000, 2) if waits else 0.0

        return {"count": len(waits), "p50": quantile(0.5), "p99": quantile(0.99), "max": quantile(1), "failed": failed}


def _clients(place: Place) -> dict[str, _Client]:
    large = produce("t", [batch(record(_LARGE_BYTES, key=b"k"), 1)])
    return {
        "produce": _Client(place, "SASL_PLAINTEXT", produce("t", [small_batch()]), 0.01),
        "fetch": _Client(place, "SASL_SSL", fetch([(b"f", [0])]), 0.01),
        "heartbeat": _Client(place, "SASL_PLAINTEXT", _HEARTBEAT, 0.01),
        "large": _Client(place, "SASL_SSL", large, 0.2),
        "newcomer": _Client(place, "SASL_PLAINTEXT", API_VERSIONS_FRAME, 0.1, fresh=True),
    }


def main(place: Place) -> None:
    """Measure as often as stdin says."""
    clients = _clients(place)
    for line in sys.stdin:
        until = time.perf_counter() + float(line)
        threads = [
            threading.Thread(target=client.run, args=(lambda until=until: time.perf_counter() > until,))
            for client in clients.values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lag_ms = round(max(client.lag_s for client in clients.values()) * 1000, 1)
        for client in clients.values():
            client.lag_s = 0.0
        print(json.dumps({"lag": {"max": lag_ms}} | {name: client.figures() for name, client in clients.items()}), flush=True)


if __name__ == "__main__":
    main(Place(**json.loads(sys.argv[1])))
