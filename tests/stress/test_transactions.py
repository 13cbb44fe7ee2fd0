"""Random transactions with kills in between, each record followed; `scripts/soak transactions` is the long form."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

pytest.importorskip("confluent_kafka", reason="the transactional producers are librdkafka's")

from scripts.soak_support import transactions

SECONDS = 12
KILL_EVERY_S = 4


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_transactions_are_whole_or_not_there_over_kills(tmp_path: Path) -> None:
    """Committed, aborted, left open, fenced and timed out; a group that moves records; plain and compacted topics."""
    seed = random.randrange(1 << 30)
    report = transactions.run(tmp_path, [sys.executable, "-m", "kafka_compat.cli.main"], SECONDS, KILL_EVERY_S, seed)
    assert report.failures == [], f"seed {seed}"
    assert report.kills > 0
    assert report.ways["commit"] > 0
    assert report.ways["abort"] > 0
    assert report.moved > 0
