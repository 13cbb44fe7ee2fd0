"""Measures what other clients notice of a broker, in a process and a thread of its own.

`python -m scripts.soak_support.hostile_valid.probes HOST PORT PID TOPIC` reads lines from stdin: `begin` forgets what was
measured and answers `ok`; `end SECONDS` gives what is under way so long, then prints the figures as one line of JSON.
`Probes` is its handle in the runner.

A client that waits cannot send, so that one freeze is one bad answer among hundreds: the longest wait tells of it, p99 of
what comes again and again.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from scripts.soak_support.hostile_valid.batches import produce, small_batch
from scripts.soak_support.hostile_valid.frames import frame

_API_EVERY_S = 0.005
_PRODUCE_EVERY_S = 0.010
_NEWCOMER_EVERY_S = 0.050
_MEMORY_EVERY_S = 0.010
_CHILDREN_EVERY_S = 1.0
_ANSWER_BYTES = 1 << 16
_REPOSITORY_ROOT = Path(__file__).resolve().parent.parent.parent.parent
API_VERSIONS_FRAME = frame(18, 3, b"\x05soak\x021\x00")


@dataclass(frozen=True)
class Latencies:
    """Of one probe, in milliseconds; `failed` counts connections that the broker closed."""

    count: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    failed: int


@dataclass(frozen=True)
class Measured:
    """What the probes saw between `begin` and `end`.

    Attributes:
        api: ApiVersions on a connection that is there already.
        produce: a small Produce with acks=1 on another one.
        newcomer: from connecting to the first answer.
        rss_before: of the broker and its children when it began, bytes.
        rss_peak: the most.
        rss_after: at the end.
        own_lag_ms: how late the probes themselves came to run at worst: what a busy machine adds to every figure.
        seconds: how long.
    """

    api: Latencies
    produce: Latencies
    newcomer: Latencies
    rss_before: int
    rss_peak: int
    rss_after: int
    own_lag_ms: float
    seconds: float


class Probes:
    """The process that measures."""

    def __init__(self, bootstrap: str, pid: int, topic: str) -> None:
        host, port = bootstrap.rsplit(":", 1)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, host, port, str(pid), topic],
            cwd=_REPOSITORY_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.begin()

    def begin(self) -> None:
        """Forget what was measured."""
        assert self._ask("begin") == "ok"

    def end(self, grace_s: float) -> Measured:
        """The figures since `begin`; waits up to `grace_s` for answers that are under way."""
        figures = json.loads(self._ask(f"end {grace_s}"))
        for name in ("api", "produce", "newcomer"):
            figures[name] = Latencies(**figures[name])
        return Measured(**figures)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()

    def _ask(self, line: str) -> str:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
        answer = process.stdout.readline().strip()
        assert answer, "the probes ended"
        return answer


@dataclass
class _Client:
    """One kind of probe: sends `request` every so often, at most one at a time."""

    address: tuple[str, int]
    request: bytes
    every_s: float
    fresh: bool
    connection: socket.socket | None = None
    began: float = 0.0
    waiting: bool = False
    due: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    def reset(self) -> None:
        self.latencies.clear()
        self.failed = 0
        self.began = time.perf_counter()  # what is under way waited for preparations until now

    def start(self, selector: selectors.BaseSelector, now: float) -> None:
        self.began = now
        self.waiting = True
        self.received.clear()
        if self.connection is not None:
            try:
                self.connection.send(self.request)
            except OSError:
                self.fail(selector)
            return
        self.connection = socket.socket()
        self.connection.setblocking(False)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(BlockingIOError):
            self.connection.connect(self.address)
        selector.register(self.connection, selectors.EVENT_WRITE, self)

    def ready(self, selector: selectors.BaseSelector, events: int) -> None:
        assert self.connection is not None
        try:
            if events & selectors.EVENT_WRITE:
                self.connection.send(self.request)
                selector.modify(self.connection, selectors.EVENT_READ, self)
                return
            part = self.connection.recv(_ANSWER_BYTES)
        except OSError:
            part = b""
        if not part:
            self.fail(selector)
            return
        self.received += part
        if len(self.received) < 4 or len(self.received) < 4 + struct.unpack_from(">i", self.received)[0]:
            return
        now = time.perf_counter()
        self.latencies.append(now - self.began)
        self.finish(selector, now)

    def fail(self, selector: selectors.BaseSelector) -> None:
        self.failed += 1
        self.drop(selector)
        self.finish(selector, time.perf_counter())
        self.due += 0.05

    def finish(self, selector: selectors.BaseSelector, now: float) -> None:
        self.waiting = False
        self.due = max(now, self.began + self.every_s)
        if self.fresh:
            self.drop(selector)

    def drop(self, selector: selectors.BaseSelector) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with contextlib.suppress(KeyError):
                selector.unregister(connection)
            connection.close()

    def figures(self) -> dict[str, float]:
        seen = list(self.latencies)
        if self.waiting:
            seen.append(time.perf_counter() - self.began)
        seen.sort()

        def quantile(share: float) -> float:
            return round(seen[min(len(seen) - 1, int(share * len(seen)))] * 1000, 2) if seen else 0.0

        return {
            "count": len(seen),
            "p50_ms": quantile(0.5),
            "p99_ms": quantile(0.99),
            "max_ms": quantile(1),
            "failed": self.failed,
        }


class _Memory:
    """Resident memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._children: list[psutil.Process] = []
        self._next_look = 0.0

    def rss(self) -> int:
        now = time.perf_counter()
        total = 0
        with contextlib.suppress(psutil.Error):
            if now >= self._next_look:
                self._children = self._process.children(recursive=True)
                self._next_look = now + _CHILDREN_EVERY_S
            total = self._process.memory_info().rss
        for child in self._children:
            with contextlib.suppress(psutil.Error):
                total += child.memory_info().rss
        return total


class _Loop:
    def __init__(self, host: str, port: int, pid: int, topic: str) -> None:
        address = (host, port)
        self._api = _Client(address, API_VERSIONS_FRAME, _API_EVERY_S, fresh=False)
        self._produce = _Client(address, produce(topic, [small_batch()]), _PRODUCE_EVERY_S, fresh=False)
        self._newcomer = _Client(address, API_VERSIONS_FRAME, _NEWCOMER_EVERY_S, fresh=True)
        self._clients = (self._api, self._produce, self._newcomer)
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._memory = _Memory(pid)
        self._next_sample = 0.0
        self._reset()

    def _reset(self) -> None:
        for client in self._clients:
            client.reset()
        self._rss_before = self._rss_peak = self._memory.rss()
        self._lag = 0.0
        self._began = time.perf_counter()

    def run(self) -> None:
        while True:
            if sys.stdin in self._turn(start=True):
                line = os.read(0, 1000).decode()  # one line at a time: the runner waits for each answer
                if not line:
                    return
                word, _, rest = line.partition(" ")
                if word.strip() == "begin":
                    self._reset()
                    print("ok", flush=True)
                else:
                    self._end(float(rest))

    def _turn(self, start: bool) -> set[object]:
        now = time.perf_counter()
        if now >= self._next_sample:
            self._rss_peak = max(self._rss_peak, self._memory.rss())
            self._next_sample = now + _MEMORY_EVERY_S
        due = self._next_sample
        for client in self._clients:
            if client.waiting or not start:
                continue
            if client.due <= now:
                client.start(self._selector, time.perf_counter())
            else:
                due = min(due, client.due)
        ready = self._selector.select(max(0.0, due - time.perf_counter()))
        if not ready:
            self._lag = max(self._lag, time.perf_counter() - due)
        for key, events in ready:
            if isinstance(key.data, _Client):
                key.data.ready(self._selector, events)
        return {key.fileobj for key, _ in ready}

    def _end(self, grace_s: float) -> None:
        deadline = time.perf_counter() + grace_s
        while any(client.waiting for client in self._clients) and time.perf_counter() < deadline:
            self._turn(start=False)
        rss = self._memory.rss()
        print(
            json.dumps(
                {
                    "api": self._api.figures(),
                    "produce": self._produce.figures(),
                    "newcomer": self._newcomer.figures(),
                    "rss_before": self._rss_before,
                    "rss_peak": max(self._rss_peak, rss),
                    "rss_after": rss,
                    "own_lag_ms": round(self._lag * 1000, 2),
                    "seconds": round(time.perf_counter() - self._began, 3),
                }
            ),
            flush=True,
        )


@contextlib.contextmanager
def probing(bootstrap: str, pid: int, topic: str) -> Iterator[Probes]:
    """Probes that run as long as the block."""
    probes = Probes(bootstrap, pid, topic)
    try:
        yield probes
    finally:
        probes.close()


if __name__ == "__main__":
    _host, _port, _pid, _topic = sys.argv[1:]
    _Loop(_host, int(_port), int(_pid), _topic).run()
