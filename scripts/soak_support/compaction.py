"""Compaction under load: a checker of what is left, over kills, and what clients notice of a large round.

The checker. One idempotent producer writes numbers to random keys of a compacted topic, a few of them as tombstones, while the
broker cleans as often as it can and is killed again and again. A reader that began at the first offset sees offsets and, per
key, numbers that only rise; its last view of each key must be what was acknowledged last, and so must that of a reader that
begins after the end.
"""

from __future__ import annotations

import functools
import random
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import confluent_kafka
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from kafka_compat.records.builder import build_batch
from tests.support.load import produce_frame
from tests.support.processes import ServeProcess, usage_of

TOPIC = "compacted"
_PARTITIONS = 3
_KEYS = 2_000
_TOMBSTONES = 0.1
_QUIET_S = 60
_CONFIG = {
    "cleanup.policy": "compact",
    "segment.bytes": str(1 << 20),
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "2000",
}
_IN_FLIGHT = 5_000


@dataclass
class CompactionReport:
    """What a run did and found; `failures` is empty when all is well."""

    kills: int = 0
    acknowledged: int = 0
    rounds: int = 0
    records_left: int = 0
    bytes_written: int = 0
    bytes_left: int = 0
    failures: list[str] = field(default_factory=list)


class _Writer:
    """Numbers to random keys, until told to end; what was acknowledged last of each key."""

    def __init__(self, bootstrap: str, seed: int) -> None:
        self.latest: dict[bytes, int] = {}  # of each key; negative: a tombstone
        self.acknowledged = 0
        self.bytes_written = 0
        self.failures: list[str] = []
        self._chance = random.Random(seed)
        self._ended = threading.Event()
        self._producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "compression.type": "lz4",
                "linger.ms": 2,
                "reconnect.backoff.ms": 20,
                "reconnect.backoff.max.ms": 100,
                "message.timeout.ms": 120_000,
                "log_level": 0,
            }
        )
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._ended.is_set():
            number += 1
            key = b"key %d" % self._chance.randrange(_KEYS)
            is_tombstone = self._chance.random() < _TOMBSTONES
            value = None if is_tombstone else b"%d %s" % (number, b"x" * self._chance.randrange(200))
            signed = -number if is_tombstone else number
            while len(self._producer) > _IN_FLIGHT:
                self._producer.poll(0.05)
            self._producer.produce(
                TOPIC,
                key=key,
                value=value,
                headers={"number": b"%d" % number},
                partition=int(key[4:]) % _PARTITIONS,
                on_delivery=functools.partial(self._delivered, key, signed),
            )
            self.bytes_written += len(key) + len(value or b"")
            self._producer.poll(0)
        left = self._producer.flush(_QUIET_S)
        if left:
            self.failures.append(f"{left} records were not acknowledged in {_QUIET_S} s")

    def _delivered(self, key: bytes, signed: int, error: object, _: object) -> None:
        if error is not None:
            self.failures.append(f"{key!r} {signed}: {error}")
            return
        self.acknowledged += 1
        self.latest[key] = signed


class _Reader:
    """Reads all partitions from their first offset; its view of each key."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.view: dict[bytes, int] = {}
        self.records = 0
        self.failures: list[str] = []
        self._name = name
        self._offsets = dict.fromkeys(range(_PARTITIONS), -1)
        self._consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "none",
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "reconnect.backoff.ms": 20,
                "reconnect.backoff.max.ms": 100,
                "log_level": 0,
            }
        )
        self._consumer.assign([confluent_kafka.TopicPartition(TOPIC, n, 0) for n in range(_PARTITIONS)])

    def poll(self) -> None:
        for message in self._consumer.consume(10_000, 0.1):
            error = message.error()
            if error is not None:
                if not error.retriable():
                    self.failures.append(f"{self._name}: {error}")
                continue
            self._take(message)

    def read_to_the_end(self) -> None:
        """Read until every partition is at its end."""
        deadline = time.monotonic() + _QUIET_S
        while time.monotonic() < deadline:
            self.poll()
            positions = self._consumer.position([confluent_kafka.TopicPartition(TOPIC, n) for n in range(_PARTITIONS)])
            ends = [self._consumer.get_watermark_offsets(p, timeout=10)[1] for p in positions]
            if all(p.offset == end or end == 0 for p, end in zip(positions, ends, strict=True)):
                return
        self.failures.append(f"{self._name}: not at the end after {_QUIET_S} s")

    def close(self) -> None:
        self._consumer.close()

    def _take(self, message: confluent_kafka.Message) -> None:
        self.records += 1
        partition, offset, key = message.partition(), message.offset(), message.key()
        assert partition is not None
        assert offset is not None
        assert isinstance(key, bytes)
        if offset <= self._offsets[partition]:
            self.failures.append(f"{self._name}: offset {offset} of {partition} behind {self._offsets[partition]}")
        self._offsets[partition] = offset
        number = int(dict(message.headers() or ())["number"] or "")
        value = message.value()
        if number <= abs(self.view.get(key, 0)):
            self.failures.append(f"{self._name}: {key!r} goes from {self.view[key]} to {number}")
        if value is not None and int(value.split()[0]) != number:
            self.failures.append(f"{self._name}: {key!r} {number} has another value")
        self.view[key] = -number if value is None else number


def run(directory: Path, command: Sequence[str], seconds: float, kill_every_s: float, seed: int) -> CompactionReport:
    """Produce, compact and kill for `seconds`, then check."""
    report = CompactionReport()
    broker = ServeProcess(directory, command, ["--set", "log.cleaner.backoff.ms=100"])
    broker.start()
    try:
        _create(broker.bootstrap)
        writer, reader = _Writer(broker.bootstrap, seed), _Reader(broker.bootstrap, "the reader beside")
        ends = time.monotonic() + seconds
        next_kill = time.monotonic() + kill_every_s
        while time.monotonic() < ends:
            reader.poll()
            if kill_every_s and time.monotonic() > next_kill:
                broker.kill()
                broker.start()
                report.kills += 1
                next_kill = time.monotonic() + kill_every_s
        writer.end()
        reader.read_to_the_end()
        late = _Reader(broker.bootstrap, "the reader after")
        late.read_to_the_end()
        for one in (reader, late):
            one.close()
            report.failures += one.failures + _unlike(one.view, writer.latest)
        report.failures += writer.failures
        report.acknowledged, report.bytes_written = writer.acknowledged, writer.bytes_written
        report.records_left = late.records
        report.bytes_left = sum(p.stat().st_size for p in broker.data_dir.glob(f"{TOPIC}-*/*.log"))
        log = broker.log_text()
        report.rounds = log.count(": compacted [")
        report.failures += [line for line in log.splitlines() if " ERROR " in line or line.startswith("Traceback")]
        if not report.rounds or report.records_left > report.acknowledged / 2:
            report.failures.append("next to nothing was compacted")
    finally:
        broker.kill()
    return report


def _unlike(view: dict[bytes, int], latest: dict[bytes, int]) -> list[str]:
    """Keys whose last record is not the one acknowledged last; a tombstone may be gone, with all before it."""
    return [
        f"{key!r}: acknowledged {number}, read {view.get(key)}"
        for key, number in latest.items()
        if view.get(key) != number and not (number < 0 and key not in view)
    ]


def _create(bootstrap: str) -> None:
    topic = NewTopic(TOPIC, num_partitions=_PARTITIONS, replication_factor=1, config=_CONFIG)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([topic])[TOPIC].result(30)


# What clients notice


@dataclass
class LatencyReport:
    """Latencies of single produce requests in ms, and what a round cost."""

    idle_p50_ms: float
    idle_p99_ms: float
    cleaning_p50_ms: float
    cleaning_p99_ms: float
    seconds: float
    bytes_before: int
    bytes_after: int
    rss_before_mb: float
    rss_most_mb: float


def measure(directory: Path, command: Sequence[str], megabytes: int, keys: int) -> LatencyReport:
    """Latency of a producer on another topic, without and with one round over `megabytes` of records of 100 bytes."""
    broker = ServeProcess(directory, command, ["--set", "log.cleaner.backoff.ms=50", "--topic", "probe:1"])
    broker.start()
    try:
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        config = {"cleanup.policy": "compact", "segment.bytes": str(64 << 20), "min.cleanable.dirty.ratio": "1"}
        admin.create_topics([NewTopic(TOPIC, 1, 1, config=config)])[TOPIC].result(30)
        _fill(broker.bootstrap, megabytes << 20, keys)
        idle = _probe(broker.bootstrap, lambda: False, at_least_s=5)
        rss = usage_of(broker.pid).rss_bytes
        most = rss
        before = _size(broker)
        resource = ConfigResource(
            ConfigResource.Type.TOPIC,
            TOPIC,
            set_config={"min.cleanable.dirty.ratio": "0"}
            | {name: value for name, value in config.items() if name != "min.cleanable.dirty.ratio"},
        )
        admin.alter_configs([resource])[resource].result(30)
        began = time.monotonic()

        def is_cleaning() -> bool:
            nonlocal most
            most = max(most, usage_of(broker.pid).rss_bytes)
            return ": compacted [" not in broker.log_text() and time.monotonic() - began < 600

        busy = _probe(broker.bootstrap, is_cleaning)
        took_s = time.monotonic() - began
        return LatencyReport(*_percentiles(idle), *_percentiles(busy), took_s, before, _size(broker), rss / 1e6, most / 1e6)
    finally:
        broker.kill()


def _size(broker: ServeProcess) -> int:
    return sum(path.stat().st_size for path in broker.data_dir.glob(f"{TOPIC}-0/*.log"))


def _fill(bootstrap: str, size: int, keys: int) -> None:
    producer = confluent_kafka.Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "log_level": 0})
    chance = random.Random(1)
    value = bytes(90)
    for _ in range(size // 100):
        while True:
            try:
                producer.produce(TOPIC, key=b"%09d" % chance.randrange(keys), value=value)
            except BufferError:
                producer.poll(0.1)
            else:
                break
    producer.flush()


def _probe(bootstrap: str, goes_on: Callable[[], bool], at_least_s: float = 0) -> list[float]:
    """Latencies in ms of one produce request after the other, a millisecond apart."""
    frame = produce_frame("probe", 0, build_batch([(0, b"k", bytes(100), ())]), acks=-1)
    latencies: list[float] = []
    host, port = bootstrap.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.monotonic()
        while time.monotonic() - began < at_least_s or goes_on():
            for _ in range(200):
                sent = time.perf_counter()
                connection.sendall(frame)
                answer = connection.recv(1 << 16)  # smaller than a segment of the loopback interface
                latencies.append((time.perf_counter() - sent) * 1000)
                assert answer, "the broker closed the connection"
                time.sleep(0.001)
    return latencies


def _percentiles(latencies: list[float]) -> tuple[float, float]:
    ordered = sorted(latencies)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
