"""Partitions and groups under the names of kafka_exporter, which Grafana's dashboard 7589 and Strimzi's read.

As it does, `lag` counts up to the high watermark. Other than it, a partition that a group has not committed an offset of has no
sample, where kafka_exporter writes -1 and counts that in its sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client.core import Metric

from kafka_compat.web.metrics.lag_times import UNKNOWN_S
from kafka_compat.web.metrics.metric import Samples, gauge, value
from kafka_compat.web.metrics.scrape import OffsetRow, PartitionRow, Scrape

_PARTITION: Final[tuple[tuple[str, str, Callable[[PartitionRow], int]], ...]] = (
    ("current_offset", "High watermark.", lambda row: row.high_watermark),
    ("oldest_offset", "First offset that can be read.", lambda row: row.start_offset),
    ("in_sync_replica", "Replicas in sync.", lambda row: row.isr),
    ("leader", "Node id of the leader.", lambda row: row.leader),
    ("leader_is_preferred", "Whether the first replica leads.", lambda row: row.leader == row.preferred),
    ("replicas", "Replicas.", lambda row: row.replicas),
    ("under_replicated_partition", "Whether replicas are not in sync.", lambda row: row.isr < row.replicas),
)
_OF_LOGS: Final = frozenset({"current_offset", "oldest_offset"})


def families(scrape: Scrape) -> Iterator[Metric]:
    """All of them; none before the broker serves."""
    if not scrape.is_complete:
        return
    yield value("kafka_brokers", "Brokers.", len(scrape.brokers))
    yield gauge(
        "kafka_broker_info",
        "A broker and where clients reach it.",
        [({"id": str(number), "address": address}, 1) for number, address in scrape.brokers],
    )
    counts: dict[str, int] = {}
    for row in scrape.partitions:
        counts[row.topic] = counts.get(row.topic, 0) + 1
    yield gauge("kafka_topic_partitions", "Partitions of a topic.", [({"topic": topic}, n) for topic, n in counts.items()])
    for name, text, of in _PARTITION:
        yield gauge(f"kafka_topic_partition_{name}", text, _by_partition(scrape, of, needs_log=name in _OF_LOGS))
    if not scrape.is_loading:
        yield from _groups(scrape)


def _by_partition(scrape: Scrape, of: Callable[[PartitionRow], int], *, needs_log: bool) -> Samples:
    for row in scrape.partitions:
        if not needs_log or row.end_offset >= 0:
            yield {"topic": row.topic, "partition": row.partition}, of(row)


def _groups(scrape: Scrape) -> Iterator[Metric]:
    yield gauge(
        "kafka_consumergroup_members",
        "Members of a group.",
        [({"consumergroup": row.group}, row.members) for row in scrape.groups],
    )
    yield gauge("kafka_consumergroup_current_offset", "Committed offset.", _by_offset(scrape, lambda row: row.offset))
    yield gauge(
        "kafka_consumergroup_current_offset_sum", "Of all partitions of a topic.", _sums(scrape, lambda row: row.offset)
    )
    yield gauge(
        "kafka_consumergroup_lag", "Records up to the high watermark; -1: unknown.", _by_offset(scrape, lambda row: row.lag)
    )
    yield gauge("kafka_consumergroup_lag_sum", "Of all partitions of a topic.", _sums(scrape, lambda row: max(0, row.lag)))
    yield gauge(
        "kafka_consumergroup_lag_seconds",
        "Seconds since the batch of the first record not consumed was written, by its timestamp; 0 when all is consumed.",
        _lag_times(scrape),
    )


def _by_offset(scrape: Scrape, of: Callable[[OffsetRow], int]) -> Samples:
    for group in scrape.groups:
        for row in group.offsets:
            yield {"consumergroup": group.group, "topic": row.topic, "partition": row.partition}, of(row)


def _sums(scrape: Scrape, of: Callable[[OffsetRow], int]) -> Samples:
    for group in scrape.groups:
        sums: dict[str, int] = {}
        for row in group.offsets:
            sums[row.topic] = sums.get(row.topic, 0) + of(row)
        for topic, number in sums.items():
            yield {"consumergroup": group.group, "topic": topic}, number


def _lag_times(scrape: Scrape) -> Samples:
    for group in scrape.groups:
        for row in group.offsets:
            if row.lag >= 0 and row.lag_s != UNKNOWN_S:
                yield {"consumergroup": group.group, "topic": row.topic, "partition": row.partition}, row.lag_s
