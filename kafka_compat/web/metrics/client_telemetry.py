"""What clients push (KIP-714) to the receiver `prometheus`, and what became of all pushes."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from kafka_compat.telemetry.prometheus import PrometheusReceiver
from kafka_compat.telemetry.service import Telemetry
from kafka_compat.web.metrics.metric import counter, gauge, value


def families(telemetry: Telemetry, now_ms: int) -> Iterator[Metric]:
    """The broker's own first; for a thread, as clients may push much."""
    yield value("kafka_compat_telemetry_clients", "Instances of clients that ask what to push.", telemetry.instances)
    yield counter(
        "kafka_compat_telemetry_requests_total",
        "Requests of clients that push metrics, by what became of them.",
        [
            ({"outcome": "exported"}, telemetry.exports),
            ({"outcome": "refused"}, telemetry.failed_exports),
            ({"outcome": "throttled"}, telemetry.throttled),
            ({"outcome": "unknown_subscription"}, telemetry.unknown_subscriptions),
        ],
    )
    for receiver in telemetry.receivers:
        if isinstance(receiver, PrometheusReceiver):
            yield from _pushed(receiver, now_ms)


def _pushed(receiver: PrometheusReceiver, now_ms: int) -> Iterator[Metric]:
    clients = receiver.clients(now_ms)
    yield counter(
        "kafka_compat_telemetry_points_left_out_total",
        "Numbers that clients pushed beyond what is kept of them.",
        [({}, receiver.left_out)],
    )
    yield gauge(
        "kafka_compat_telemetry_client_info",
        "A client whose metrics are on this page.",
        [(dict(client.labels), 1) for client in clients],
    )
    yield gauge(
        "kafka_compat_telemetry_client_age_seconds",
        "How long ago it pushed.",
        [(dict(client.labels[:2]), client.age_ms / 1000) for client in clients],
    )
    for family in receiver.families(now_ms):
        make = counter if family.is_counter else gauge
        yield make(
            family.name, family.text or "Pushed by clients.", ((dict(labels), number) for labels, number in family.samples)
        )
