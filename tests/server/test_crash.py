"""kill -9 under load: what was acknowledged is there, once and in order, groups come together again, transactions are whole.

`scripts/soak kill`, `groups` and `transaction-ends` do the same for longer.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

pytest.importorskip("confluent_kafka", reason="the idempotent producers are librdkafka's")

from scripts.soak_support import groups, kill, transaction_ends

ROUNDS = 5
TRANSACTIONS = 12
_COMMAND = [sys.executable, "-m", "kafka_compat.cli.main"]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_acknowledged_records_survive_kills_exactly_once_and_in_order(tmp_path: Path) -> None:
    """Five compressions, idempotent producers, acks=all, committed offsets; the leader epoch rises with each start."""
    seed = random.randrange(1 << 30)
    report = kill.run(tmp_path, _COMMAND, ROUNDS, seed)
    assert report.failures == [], f"seed {seed}"
    assert report.rounds == ROUNDS
    assert report.acknowledged > 0
    assert report.commits > 0


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("strategy", ["range", "cooperative-sticky"])
def test_members_rejoin_after_kills_and_no_committed_offset_is_lost_or_moves_back(tmp_path: Path, strategy: str) -> None:
    """Members come and go, some of them static, while the broker is killed; those left at the end read everything."""
    seed = random.randrange(1 << 30)
    report = groups.run(tmp_path, _COMMAND, members=5, seconds=9, kill_every_s=2.5, strategy=strategy, seed=seed, least_kills=3)
    assert report.failures == [], f"seed {seed}"
    assert report.kills >= 3
    assert report.lives > 5
    assert report.deliveries >= report.acknowledged > 0
    assert report.commits_seen > 0


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_kill_within_a_transaction_leaves_it_whole_or_not_at_all(tmp_path: Path) -> None:
    """At random from its first request to the last of its markers; commits and aborts of both generations."""
    seed = random.randrange(1 << 30)
    report = transaction_ends.run(tmp_path, _COMMAND, TRANSACTIONS, seed)
    assert report.failures == [], f"seed {seed}"
    assert report.rounds == TRANSACTIONS
    assert len(report.reached) > 1, report.reached
