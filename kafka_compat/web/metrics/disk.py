"""What the process has read from and written to disk, as Kafka tells it on Linux (`LinuxIoMetricsCollector`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import Metric

from kafka_compat.web.metrics.metric import value


def disk_bytes() -> Iterator[Metric]:
    """Nothing where the system does not say."""
    try:
        text = Path("/proc/self/io").read_text()
    except OSError:
        return
    numbers = dict(line.split(": ", 1) for line in text.splitlines())
    for field, name in (("read_bytes", "linux_disk_read_bytes"), ("write_bytes", "linux_disk_write_bytes")):
        if field in numbers:
            yield value(f"kafka_server_kafkaserver_{name}", "Of this process.", int(numbers[field]))
