"""What clients push, read: the metrics of a MetricsData of OpenTelemetry, one after the other.

The outer levels are walked here, and the library of the extra `telemetry` reads one metric at a time, so that a thread that
reads a large push lets the event loop in between; a metric of more than `_METRIC_BYTES` is none that a client makes.
Layout: MetricsData { repeated ResourceMetrics = 1 }, ResourceMetrics { Resource = 1; repeated ScopeMetrics = 2 },
ScopeMetrics { repeated Metric = 2 } (opentelemetry/proto/metrics/v1/metrics.proto).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.telemetry.receiver import InvalidPush

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

_METRIC_BYTES: Final = 64 << 10
# Fields, points and attributes of a push. Java's clients repeat their own attributes with each metric, and need some 15 bytes
# for a piece; who is refused once pushes no more, so that there is room beyond that.
_BYTES_OF_A_PIECE: Final = 8
_PIECES_AT_LEAST: Final = 20_000
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
        InvalidPush: the data are something else, or more than clients push.
    """
    from google.protobuf.message import DecodeError

    try:
        yield from _Reader(max(_PIECES_AT_LEAST, len(data) // _BYTES_OF_A_PIECE)).metrics_in(memoryview(data))
    except DecodeError as error:
        raise InvalidPush(f"not OpenTelemetry's metrics: {error}") from error


class _Reader:
    """Reads one push, and counts what it has looked at: a few compressed bytes may be a million empty messages."""

    def __init__(self, pieces: int) -> None:
        self._room = pieces

    def metrics_in(self, data: memoryview) -> Iterator[Read]:
        from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
        from opentelemetry.proto.resource.v1.resource_pb2 import Resource

        for _, of_resource in self._fields(data, 1):
            resource: tuple[tuple[str, str], ...] = ()
            fields = list(self._fields(of_resource, 1, 2))
            for number, message in fields:
                if number == 1:
                    resource = self._attributes(Resource.FromString(_small(message)).attributes)
            for number, of_scope in fields:
                if number == 2:
                    for _, message in self._fields(of_scope, 2):
                        yield from self._read(Metric.FromString(_small(message)), resource)

    def _read(self, metric: Metric, resource: tuple[tuple[str, str], ...]) -> Iterator[Read]:
        from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA

        kind = metric.WhichOneof("data")
        if kind not in ("gauge", "sum"):
            return
        is_counter = kind == "sum" and metric.sum.is_monotonic
        is_delta = kind == "sum" and metric.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA
        numbers = (metric.sum if kind == "sum" else metric.gauge).data_points
        self._take(len(numbers))
        points = [
            Point(
                self._attributes(point.attributes),
                point.as_double if point.WhichOneof("value") == "as_double" else point.as_int,
            )
            for point in numbers
            if point.WhichOneof("value") is not None
        ]
        yield Read(metric.name, metric.description, is_counter, is_delta, resource, points)

    def _attributes(self, attributes: Collection[KeyValue]) -> tuple[tuple[str, str], ...]:
        self._take(len(attributes))
        return tuple((each.key, _text(each.value)) for each in attributes)

    def _fields(self, message: memoryview, *numbers: int) -> Iterator[tuple[int, memoryview]]:
        """The messages that a message has under these numbers; what stands under others is skipped."""
        at = 0
        while at < len(message):
            self._take(1)
            tag, at = _varint(message, at)
            wire_type = tag & 7
            if not tag >> 3:
                raise InvalidPush("a field without a number")
            if wire_type == _LENGTH_DELIMITED:
                size, at = _varint(message, at)
                if size > len(message) - at:
                    raise InvalidPush("a message is cut short")
                if tag >> 3 in numbers:
                    yield tag >> 3, message[at : at + size]
                at += size
            elif wire_type == 0:
                _, at = _varint(message, at)
            elif wire_type in _FIXED_BYTES:
                at += _FIXED_BYTES[wire_type]
            else:
                raise InvalidPush(f"a field of wire type {wire_type}")

    def _take(self, pieces: int) -> None:
        self._room -= pieces
        if self._room < 0:
            raise InvalidPush("more metrics, points and attributes than clients push in so many bytes")


def _text(value: AnyValue) -> str:
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return value.string_value
    return str(getattr(value, kind)) if kind in ("bool_value", "int_value", "double_value") else ""


def _small(message: memoryview) -> bytes:
    if len(message) > _METRIC_BYTES:
        raise InvalidPush(f"a metric of {len(message)} bytes")
    return bytes(message)


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(message[at : at + _VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise InvalidPush("a number is cut short")
