"""What Kafka has no name for, or says less of, under names of our own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from prometheus_client.core import Metric

import kafka_compat
from kafka_compat.api.observers import End
from kafka_compat.build_info import is_compiled
from kafka_compat.protocol.registry import API_NAMES
from kafka_compat.web.loop_watch import BOUNDS_S
from kafka_compat.web.metrics.metric import counter, gauge, value
from kafka_compat.web.metrics.scrape import Scrape

# Of the buckets that requests are counted in, from 64 us to 67 s; what lies beyond is in the first and in +Inf.
_FIRST_BOUND_NS: Final = 1 << 16
_LAST_BOUND_NS: Final = 1 << 36


def families(scrape: Scrape) -> Iterator[Metric]:
    """All of them; what is behind the listeners once the broker serves."""
    yield gauge(
        "kafka_compat_build_info",
        "Which version runs, and whether its hot modules are compiled.",
        [({"version": kafka_compat.__version__, "compiled": str(is_compiled()).lower()}, 1)],
    )
    yield _histogram(
        "kafka_compat_event_loop_delay_seconds",
        "How late the event loop ran what was due.",
        [({}, list(zip(BOUNDS_S, scrape.loop_delays, strict=False)), sum(scrape.loop_delays), scrape.loop_delay_s)],
    )
    yield _histogram(
        "kafka_compat_request_duration_seconds",
        "From a request's turn to its answer.",
        [
            (
                {"request": API_NAMES[each.api_key]},
                _seconds(each.histogram),
                each.requests,
                each.duration_ns / 1e9,
            )
            for each in scrape.requests
        ],
    )
    yield counter(
        "kafka_compat_requests_unanswered_total",
        "Requests whose connection was closed instead, or whose client had gone.",
        [
            ({"request": API_NAMES[each.api_key], "reason": reason}, each.ends[end])
            for each in scrape.requests
            for end, reason in ((End.CLOSED, "closed"), (End.CLIENT_GONE, "client_gone"))
            if each.ends[end]
        ],
    )
    yield value("kafka_compat_recovery_logs", "Logs that this start had to open.", scrape.recovery_wanted)
    yield value("kafka_compat_recovery_logs_opened", "Those that are open.", scrape.recovery_opened)
    if not scrape.is_complete:
        return
    yield value("kafka_compat_connections_accepted_total", "Connections ever made.", scrape.accepted, "counter")
    rounds, before, after, uncleanable = scrape.compaction
    yield value("kafka_compat_compaction_rounds_total", "Rounds on one log each.", rounds, "counter")
    yield value("kafka_compat_compaction_bytes_before_total", "Bytes of these logs before.", before, "counter")
    yield value("kafka_compat_compaction_bytes_after_total", "Bytes of these logs after.", after, "counter")
    yield value("kafka_compat_compaction_uncleanable_logs", "Logs left as they are until a restart.", uncleanable)
    yield value(
        "kafka_compat_partition_transactions_open", "Transactions with records, by partition.", scrape.open_transactions
    )
    yield value("kafka_compat_partition_producers", "Idempotent producers that partitions know.", scrape.producers)
    yield gauge(
        "kafka_compat_coordinator_shards_loading",
        "Shards led here that are not loaded; figures of what they coordinate are missing until they are.",
        [({"coordinator": name}, count) for name, count in scrape.loading_shards.items()],
    )
    if not scrape.is_loading:
        yield gauge(
            "kafka_compat_transactions",
            "Transactional ids coordinated here, by state.",
            [({"state": state}, count) for state, count in scrape.transactions.items()],
        )


def _seconds(histogram: Sequence[tuple[int, int]]) -> list[tuple[float, int]]:
    """Bounds and counts of the buckets that are shown: every other one."""
    shown: list[tuple[float, int]] = []
    counts = dict(histogram)
    pending = sum(count for bound, count in histogram if bound < _FIRST_BOUND_NS)
    bound = _FIRST_BOUND_NS
    is_shown = True
    while bound <= _LAST_BOUND_NS:
        pending += counts.get(bound, 0)
        if is_shown:
            shown.append((bound / 1e9, pending))
            pending = 0
        is_shown = not is_shown
        bound <<= 1
    return shown


def _histogram(
    name: str, text: str, series: Sequence[tuple[dict[str, str], Sequence[tuple[float, int]], int, float]]
) -> Metric:
    """Of each: labels, (bound, count of its own) in order, count of all, and sum."""
    metric = Metric(name, text, "histogram")
    for labels, buckets, count, total in series:
        below = 0
        for bound, number in buckets:
            below += number
            metric.add_sample(f"{name}_bucket", {**labels, "le": repr(bound)}, below)
        metric.add_sample(f"{name}_bucket", {**labels, "le": "+Inf"}, count)
        metric.add_sample(f"{name}_count", labels, count)
        metric.add_sample(f"{name}_sum", labels, total)
    return metric
