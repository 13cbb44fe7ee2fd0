from __future__ import annotations

import math
from typing import Any

import pytest

from kafka_compat.telemetry import prometheus
from kafka_compat.telemetry.prometheus import Family, PrometheusReceiver
from kafka_compat.telemetry.receiver import Client, InvalidPush, Push
from tests.support.otlp import counter, gauge, pushed


def push(data: bytes, instance_id: str = "i", *, at_ms: int = 0, interval_ms: int = 1000, client_id: str | None = "c") -> Push:
    client = Client(instance_id, client_id, "software", "1", "127.0.0.1", 1, "User:ANONYMOUS")
    return Push(client, data, interval_ms, False, at_ms)


def families(receiver: PrometheusReceiver, now_ms: int = 0) -> dict[str, Family]:
    return {family.name: family for family in receiver.families(now_ms)}


def numbers(receiver: PrometheusReceiver, name: str, now_ms: int = 0) -> list[float]:
    return [number for _, number in families(receiver, now_ms)[name].samples]


def test_names_are_those_of_opentelemetrys_exporters() -> None:
    receiver = PrometheusReceiver()
    data = pushed(
        gauge("org.apache.kafka.producer.request.latency.avg", 1.5, {"node.id": "7"}),
        counter("org.apache.kafka.producer.record.send.total", 3),
        counter("com.example.sales", 4),
        resource={"group_id": "g"},
    )
    receiver.export(push(data))
    found = families(receiver)
    assert {name: family.is_counter for name, family in found.items()} == {
        "org_apache_kafka_producer_request_latency_avg": False,
        "org_apache_kafka_producer_record_send_total": True,
        "client_com_example_sales_total": True,
    }
    ((labels, _),) = found["org_apache_kafka_producer_request_latency_avg"].samples
    assert dict(labels) == {"client_instance_id": "i", "client_id": "c", "group_id": "g", "node_id": "7"}


def test_deltas_are_added_up_and_sums_replace() -> None:
    receiver = PrometheusReceiver()
    for number in (1, 2, 3):
        receiver.export(push(pushed(counter("delta", number), counter("sum", number, is_delta=False))))
    assert numbers(receiver, "client_delta_total") == [6]
    assert numbers(receiver, "client_sum_total") == [3]


def test_nan_is_not_added_to() -> None:
    receiver = PrometheusReceiver()
    for number in (math.nan, 2.0):
        receiver.export(push(pushed(counter("delta", number))))
    assert numbers(receiver, "client_delta_total") == [2]


def test_client_that_is_silent_is_shown_no_more() -> None:
    receiver = PrometheusReceiver()
    receiver.export(push(pushed(gauge("a", 1)), "quick"))
    receiver.export(push(pushed(gauge("a", 2)), "slow", interval_ms=100_000))
    assert numbers(receiver, "client_a", 59_999) == [1, 2]
    assert numbers(receiver, "client_a", 60_000) == [2]
    assert [dict(row.labels)["client_instance_id"] for row in receiver.clients(60_000)] == ["slow"]
    assert families(receiver, 300_000) == {}


def test_labels_that_would_pass_for_others_have_other_names() -> None:
    receiver = PrometheusReceiver()
    labels = {"client_id": "somebody else", "client.instance.id": "x", "__name__": "y", "0": "z", "le": "1", "": "e", "ü": "u"}
    receiver.export(push(pushed(gauge("a", 1, labels))))
    ((found, _),) = families(receiver)["client_a"].samples
    names = [name for name, _ in found]
    assert len(names) == len(set(names))
    assert dict(found)["client_id"] == "c"
    assert dict(found)["attribute_client_id"] == "somebody else"


def test_a_name_is_of_one_kind() -> None:
    receiver = PrometheusReceiver()
    receiver.export(push(pushed(counter("a.total", 1), gauge("a_total", 2))))
    assert numbers(receiver, "client_a_total") == [1]
    assert receiver.left_out == 1


@pytest.mark.parametrize("bound", ["MAX_CLIENTS", "MAX_SERIES", "MAX_SERIES_OF_A_CLIENT", "MAX_NAMES", "MAX_CHARACTERS"])
def test_bounds(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(prometheus, bound, 10)
    receiver = PrometheusReceiver()
    for client in range(20):
        points = [gauge(f"m{number}", 1, {"k": "v"}) for number in range(20)]
        receiver.export(push(pushed(*points), f"i{client}"))
    kept = sum(len(family.samples) for family in families(receiver).values())
    assert kept + receiver.left_out == 400
    assert (
        kept
        == {"MAX_CLIENTS": 200, "MAX_SERIES": 10, "MAX_SERIES_OF_A_CLIENT": 200, "MAX_NAMES": 200, "MAX_CHARACTERS": 5}[bound]
    )
    # What is silent has given up all that it had.
    receiver.export(push(pushed(gauge("a", 1)), "later", at_ms=10**9))
    assert list(families(receiver, 10**9)) == ["client_a"]


def test_long_texts_are_cut() -> None:
    receiver = PrometheusReceiver()
    receiver.export(push(pushed(gauge("n" * 5000, 1, {"k" * 5000: "v" * 5000})), client_id="c" * 5000))
    ((name, family),) = families(receiver).items()
    ((labels, _),) = family.samples
    assert len(name) < 300
    assert all(len(key) < 200 and len(text) < 200 for key, text in labels)


def test_of_what_is_no_metrics_nothing_is_kept() -> None:
    receiver = PrometheusReceiver()
    data: Any = pushed(gauge("a", 1)) + b"garbage"
    with pytest.raises(InvalidPush):
        receiver.export(push(data))
    assert families(receiver) == {}
    assert receiver.clients(0) == []
