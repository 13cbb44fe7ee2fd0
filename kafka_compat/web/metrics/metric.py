"""Families of samples, made of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from prometheus_client.core import Metric

Labels = Mapping[str, str]
Samples = Iterable[tuple[Labels, float]]

_NO_LABELS: Labels = {}


def gauge(name: str, text: str, samples: Samples) -> Metric:
    """A family of values that go up and down."""
    return _family(name, text, "gauge", name, samples)


def counter(name: str, text: str, samples: Samples) -> Metric:
    """A family of values that only grow; `name` ends in `_total`."""
    return _family(name.removesuffix("_total"), text, "counter", name, samples)


def value(name: str, text: str, number: float, kind: Literal["gauge", "counter"] = "gauge") -> Metric:
    """A family of one sample without labels."""
    return (gauge if kind == "gauge" else counter)(name, text, [(_NO_LABELS, number)])


def _family(name: str, text: str, kind: str, sample_name: str, samples: Samples) -> Metric:
    metric = Metric(name, text, kind)
    for labels, number in samples:
        metric.add_sample(sample_name, dict(labels), number)
    return metric
