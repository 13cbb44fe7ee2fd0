"""kill -9 under load: what was acknowledged is there, once and in order; `scripts/soak kill` does the same for longer."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

pytest.importorskip("confluent_kafka", reason="the idempotent producers are librdkafka's")

from scripts.soak_support import kill

ROUNDS = 5


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_acknowledged_records_survive_kills_exactly_once_and_in_order(tmp_path: Path) -> None:
    """Five compressions, idempotent producers, acks=all; the leader epoch rises with each start."""
    seed = random.randrange(1 << 30)
    report = kill.run(tmp_path, [sys.executable, "-m", "kafka_compat.cli.main"], ROUNDS, seed)
    assert report.failures == [], f"seed {seed}"
    assert report.rounds == ROUNDS
    assert report.acknowledged > 0
