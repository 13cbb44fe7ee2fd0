"""The same clients over TLS and without, on both brokers: rates, and the CPU that the broker spends; in uncompiled Python."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import confluent_kafka

from tests.support import certificates
from tests.support.brokers import BrokerKind, start_broker
from tests.support.processes import usage_of
from tests.support.tls_client import connect

NAME: Final = "tls"
_RECORD_BYTES: Final = 1000
_RECORDS: Final = 500_000
_HANDSHAKES: Final = 500
_SIDES: Final[tuple[BrokerKind, ...]] = ("ours", "reference")
_MEGA: Final = 1_000_000

Figures = dict[tuple[str, str, str], tuple[float, float]]
"""Rate, and CPU seconds for a gigabyte or a thousand handshakes, by side, listener and what was done."""


def table(rounds: int, only: str | None, divisor: int) -> Iterator[tuple[str, ...]]:
    """Rows: what, unit, ours plain, ours TLS, Kafka plain, Kafka TLS, ours over Kafka with TLS, CPU of both with TLS."""
    yield "", "unit", "ours", "ours, TLS", "Kafka", "Kafka, TLS", "ratio, TLS", "CPU s, ours, TLS", "CPU s, Kafka, TLS"
    yield ("---", "---", *["--:"] * 7)
    best: Figures = {}
    for _ in range(rounds):
        for side in _SIDES:
            if only in (None, side):
                for key, figures in _measured(side, _RECORDS // divisor).items():
                    best[key] = max(best.get(key, figures), figures)
    for what, unit in (("produce", "MB/s"), ("consume", "MB/s"), ("handshakes", "1/s")):
        cells = [best.get((side, listener, what)) for side in _SIDES for listener in ("PLAINTEXT", "SSL")]
        ours, theirs = cells[1], cells[3]
        ratio = f"{ours[0] / theirs[0]:.2f}" if ours is not None and theirs is not None else "-"
        rates = ["-" if cell is None else f"{cell[0]:,.0f}" for cell in cells]
        cpu = ["-" if cell is None else f"{cell[1]:.2f}" for cell in (ours, theirs)]
        yield what, unit, *rates, ratio, *cpu


def _measured(side: BrokerKind, records: int) -> Figures:
    found: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configs = certificates.broker_configs(folder)
        authority = str(certificates.server().write_authority(folder, "clients"))
        with start_broker(side, folder / side, configs, {"SSL": "SSL"}) as broker:
            # A JVM has to be warm, and the first rates of both tell nothing.
            for listener, count in (
                ("PLAINTEXT", records // 2),
                ("SSL", records // 2),
                ("PLAINTEXT", records),
                ("SSL", records),
            ):
                security = {} if listener == "PLAINTEXT" else {"security.protocol": "SSL", "ssl.ca.location": authority}
                settings = {"bootstrap.servers": broker.bootstrap_of(listener), **security}
                topic = f"{listener}-{count}"
                for what, work in (("produce", _produce), ("consume", _consume)):
                    cpu_s = usage_of(broker.pid).cpu_s
                    megabytes = count * _RECORD_BYTES / _MEGA
                    rate = megabytes / work(settings, topic, count)
                    cpu = (usage_of(broker.pid).cpu_s - cpu_s) * 1000 / megabytes
                    found[side, listener, what] = rate, cpu
                    print(f"  {side} {listener} {what}: {rate:,.0f} MB/s", file=sys.stderr, flush=True)
            cpu_s, began = usage_of(broker.pid).cpu_s, time.perf_counter()
            for _ in range(_HANDSHAKES):
                connect(broker.bootstrap_of("SSL")).close()
            rate = _HANDSHAKES / (time.perf_counter() - began)
            found[side, "SSL", "handshakes"] = rate, (usage_of(broker.pid).cpu_s - cpu_s) * 1000 / _HANDSHAKES
    return found


def _produce(settings: dict[str, str], topic: str, records: int) -> float:
    """Seconds that it took."""
    more = {"linger.ms": 5, "queue.buffering.max.messages": 1_000_000, "queue.buffering.max.kbytes": 1 << 20}
    producer = confluent_kafka.Producer({**settings, **more})
    producer.produce(topic, b"")
    producer.flush(60)
    value = os.urandom(_RECORD_BYTES)
    began = time.perf_counter()
    for number in range(records):
        while True:
            try:
                producer.produce(topic, value)
                break
            except BufferError:
                producer.poll(0.01)
        if not number % 1000:
            producer.poll(0)
    assert producer.flush(300) == 0
    return time.perf_counter() - began


def _consume(settings: dict[str, str], topic: str, records: int) -> float:
    """Seconds from the first record on."""
    more = {"group.id": "bench", "enable.auto.commit": False, "check.crcs": False, "queued.min.messages": 1_000_000}
    consumer = confluent_kafka.Consumer({**settings, **more})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    try:
        seen = len(consumer.consume(1, 60))
        began = time.perf_counter()
        while seen < records:
            messages = consumer.consume(10_000, 60)
            assert messages, f"{seen} of {records} records"
            seen += len(messages)
        return time.perf_counter() - began
    finally:
        consumer.close()
