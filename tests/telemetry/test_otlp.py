from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1.metrics_pb2 import Gauge, Metric, NumberDataPoint

from kafka_compat.telemetry.otlp import Point, Read, metrics_in
from kafka_compat.telemetry.receiver import InvalidPush
from tests.support.otlp import counter, gauge, pushed


def test_gauges_and_counters_with_what_tells_them_apart() -> None:
    data = pushed(gauge("a", 1.5, {"node": "1"}), counter("b", 2), counter("c", 3, is_delta=False), resource={"group_id": "g"})
    resource = (("group_id", "g"),)
    assert list(metrics_in(data)) == [
        Read("a", "", False, False, resource, [Point((("node", "1"),), 1.5)]),
        Read("b", "", True, True, resource, [Point((), 2)]),
        Read("c", "", True, False, resource, [Point((), 3)]),
    ]


def test_nothing_is_no_metric() -> None:
    assert list(metrics_in(b"")) == []


@pytest.mark.parametrize(
    "data", [b"x", b"\x0a\x05ab", b"\x0a\xff", b"\x0f", b"\xff" * 20, b"\x0a\x04\x12\x02\x12\x05", b"\0" * 10]
)
def test_what_is_cut_short_or_something_else(data: bytes) -> None:
    with pytest.raises(InvalidPush):
        list(metrics_in(data))


def test_a_metric_that_no_client_makes() -> None:
    with pytest.raises(InvalidPush, match="bytes"):
        list(metrics_in(pushed(gauge("x" * 70_000, 1))))


def test_as_java_s_clients_write_it() -> None:
    """Each metric with all that the client says of itself, and short names: none of it may be too much."""
    one = pushed(gauge("m", 1, {"node": "1", "topic": "t"}), resource={"group_id": "g", "client_rack": "r", "member": "m"})
    assert len(list(metrics_in(one * 8000))) == 8000


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x00" * 500_000,  # resources without anything
        pushed(*[gauge("", 1, {"": "", "a": ""})] * 30_000),
        pushed(*[Metric(gauge=Gauge(data_points=[NumberDataPoint()] * 20_000))] * 20),
    ],
    ids=["resources", "metrics", "points"],
)
def test_more_than_clients_push(data: bytes) -> None:
    with pytest.raises(InvalidPush, match="more metrics"):
        list(metrics_in(data))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InvalidPush):
        list(metrics_in(data))


@given(st.data())
def test_a_byte_that_is_another_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(pushed(gauge("a", 1.5, {"node": "1"}), counter("b", 2), resource={"group_id": "g"}))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InvalidPush):
        list(metrics_in(bytes(whole)))
