"""What clients push, read: the metrics of a MetricsData of OpenTelemetry, one after the other.

The outer levels are walked here, and the library of the extra `telemetry` reads one metric at a time, so that a thread that
reads a large push lets the event loop in between; a metric of more than `_METRIC_BYTES` is none that a client makes.
Layout: MetricsData { repeated ResourceMetrics = 1 }, ResourceMetrics { Resource = 1; repeated ScopeMetrics = 2 },
ScopeMetrics { repeated Metric = 2 } (opentelemetry/proto/metrics/v1/metrics.proto).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.telemetry.receiver import InvalidPush

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

_METRIC_BYTES: Final = 64 << 10
_VARINT_BYTES: Final = 10
_LENGTH_DELIMITED: Final = 2
_FIXED_BYTES: Final = {1: 8, 5: 4}


class Point(NamedTuple):
    """One number of a metric, and the attributes that tell it from the metric's others."""

    attributes: tuple[tuple[str, str], ...]
    number: float


class Read(NamedTuple):
    """A metric.

    Attributes:
        is_counter: whether it only grows.
        is_delta: whether the numbers are to be added to those before.
        resource: attributes that all metrics of the client have.
    """

    name: str
    text: str
    is_counter: bool
    is_delta: bool
    resource: tuple[tuple[str, str], ...]
    points: list[Point]


def require_library() -> None:
    """Check that OTLP can be read.

    Raises:
        ModuleNotFoundError: the extra `telemetry` is not installed.
    """
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.proto") is None:
        raise ModuleNotFoundError("opentelemetry-proto is not installed: pip install 'kafka-compat[telemetry]'")


def metrics_in(data: bytes) -> Iterator[Read]:
    """The metrics, but for histograms and summaries, which no client pushes.

    Raises:
        InvalidPush: the data are something else.
    """
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource

    view = memoryview(data)
    try:
        for of_resource in _fields(view, 1):
            resource: tuple[tuple[str, str], ...] = ()
            for message in _fields(of_resource, 1):
                resource = _attributes(Resource.FromString(_small(message)).attributes)
            for of_scope in _fields(of_resource, 2):
                for message in _fields(of_scope, 2):
                    yield from _read(Metric.FromString(_small(message)), resource)
    except DecodeError as error:
        raise InvalidPush(f"not OpenTelemetry's metrics: {error}") from error


def _read(metric: Metric, resource: tuple[tuple[str, str], ...]) -> Iterator[Read]:
    from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA

    kind = metric.WhichOneof("data")
    if kind not in ("gauge", "sum"):
        return
    is_counter = kind == "sum" and metric.sum.is_monotonic
    is_delta = kind == "sum" and metric.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA
    points = [
        Point(_attributes(point.attributes), point.as_double if point.WhichOneof("value") == "as_double" else point.as_int)
        for point in (metric.sum if kind == "sum" else metric.gauge).data_points
        if point.WhichOneof("value") is not None
    ]
    yield Read(metric.name, metric.description, is_counter, is_delta, resource, points)


def _attributes(attributes: Iterable[KeyValue]) -> tuple[tuple[str, str], ...]:
    return tuple((each.key, _text(each.value)) for each in attributes)


def _text(value: AnyValue) -> str:
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return value.string_value
    return str(getattr(value, kind)) if kind in ("bool_value", "int_value", "double_value") else ""


def _small(message: memoryview) -> bytes:
    if len(message) > _METRIC_BYTES:
        raise InvalidPush(f"a metric of {len(message)} bytes")
    return bytes(message)


def _fields(message: memoryview, number: int) -> Iterator[memoryview]:
    """The messages that a message has under a number; what stands under others is skipped."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        wire_type = tag & 7
        if wire_type == _LENGTH_DELIMITED:
            size, at = _varint(message, at)
            if size > len(message) - at:
                raise InvalidPush("a message is cut short")
            if tag >> 3 == number:
                yield message[at : at + size]
            at += size
        elif wire_type == 0:
            _, at = _varint(message, at)
        elif wire_type in _FIXED_BYTES:
            at += _FIXED_BYTES[wire_type]
        else:
            raise InvalidPush(f"a field of wire type {wire_type}")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(message[at : at + _VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise InvalidPush("a number is cut short")
