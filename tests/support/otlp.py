"""What a client pushes: OpenTelemetry's metrics, serialized."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    AGGREGATION_TEMPORALITY_DELTA,
    Gauge,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

Labels = Mapping[str, str]


def _attributes(labels: Labels | None) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in (labels or {}).items()]


def _point(number: float, labels: Labels | None) -> NumberDataPoint:
    value: Any = {"as_int": number} if isinstance(number, int) else {"as_double": number}
    return NumberDataPoint(attributes=_attributes(labels), **value)


def gauge(name: str, number: float, labels: Labels | None = None) -> Metric:
    return Metric(name=name, gauge=Gauge(data_points=[_point(number, labels)]))


def counter(name: str, number: float, labels: Labels | None = None, *, is_delta: bool = True) -> Metric:
    temporality = AGGREGATION_TEMPORALITY_DELTA if is_delta else AGGREGATION_TEMPORALITY_CUMULATIVE
    points = [_point(number, labels)]
    return Metric(name=name, sum=Sum(data_points=points, aggregation_temporality=temporality, is_monotonic=True))


def pushed(*metrics: Metric, resource: Labels | None = None) -> bytes:
    of_resource = ResourceMetrics(
        resource=Resource(attributes=_attributes(resource)),
        scope_metrics=[ScopeMetrics(metrics=[metric]) for metric in metrics],
    )
    data: bytes = MetricsData(resource_metrics=[of_resource]).SerializeToString()
    return data
