"""What a text in Prometheus' format says: metrics by name and labels."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


def parse(text: str) -> Samples:
    """Sample name to labels, sorted, to value."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert labels not in found.get(sample.name, {}), f"{sample.name}{labels} is there twice"
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def of(samples: Samples, name: str, **labels: str) -> float:
    """The one sample with these labels."""
    wanted: Mapping[str, str] = labels
    return samples[name][tuple(sorted(wanted.items()))]
