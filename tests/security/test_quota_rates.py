"""Rates and tokens as Kafka's own classes compute them: `quota-rates.json` is what those said to the same steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kafka_compat.security.quota.rates import MAX_THROTTLE_MS, Rate, TokenBucket, Window, java_round

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parent.parent / "golden" / "quota-rates.json").read_text(encoding="utf-8")
)
ELEVEN = Window(11, 1_000)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['samples']}x{case['sample_ms']}-{case['limit']}")
def test_same_numbers_as_kafka(case: dict[str, Any]) -> None:
    window, limit = Window(case["samples"], case["sample_ms"]), case["limit"]
    rate = Rate(window)
    bucket = TokenBucket(window, limit, case["steps"][0][0])
    for now_ms, value, measured, throttle_ms, permits, tokens, bucket_throttle_ms in case["steps"]:
        rate.record(value, now_ms)
        assert rate.measure(now_ms) == measured
        assert rate.throttle_ms(limit, now_ms) == min(throttle_ms, MAX_THROTTLE_MS)
        bucket.take(permits, limit, now_ms)
        assert bucket.measure(limit, now_ms) == tokens
        assert bucket.throttle_ms(limit, now_ms) == bucket_throttle_ms


def test_a_quota_is_met_over_time() -> None:
    """Whoever waits as long as he is told gets his rate, in the long run."""
    rate = Rate(ELEVEN)
    now_ms = sent = 0
    while now_ms < 120_000:
        rate.record(1_500, now_ms)
        sent += 1_500
        now_ms += max(1, rate.throttle_ms(1_000, now_ms))
    # At the beginning he may take what a whole window has.
    assert 1_000 <= sent / (now_ms / 1_000) <= 1_100


def test_what_is_taken_back_was_never_there() -> None:
    rate = Rate(ELEVEN)
    rate.record(500, 0)
    before = rate.measure(0)
    rate.record(70_000, 0)
    rate.record(-70_000, 0)
    assert rate.measure(0) == before


@pytest.mark.parametrize(
    ("limit", "throttle_ms"), [(0.0, MAX_THROTTLE_MS), (1e-9, MAX_THROTTLE_MS), (float("inf"), 0), (float("nan"), 0)]
)
def test_odd_limits(limit: float, throttle_ms: int) -> None:
    rate = Rate(ELEVEN)
    rate.record(1e6, 5)
    assert rate.throttle_ms(limit, 5) == throttle_ms


@pytest.mark.parametrize(("value", "rounded"), [(0.5, 1), (1.5, 2), (2.5, 3), (-0.5, 0), (1.4999, 1)])
def test_halves_are_rounded_up(value: float, rounded: int) -> None:
    assert java_round(value) == rounded
