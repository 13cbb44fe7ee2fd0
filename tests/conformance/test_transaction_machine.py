"""Random requests of transactional producers, good and bad, of both generations, to both brokers.

The sequences are the same in every run, and recorded. `KAFKA_COMPAT_TRANSACTION_SEEDS=500` plays other ones, that many for each
level, which need Apache Kafka itself. What they find belongs in `test_transactions.py` and its like as a script.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conformance.both import Both
from tests.conformance.transaction_machine import Machine
from tests.conformance.transaction_script import set_level
from tests.support.brokers import NO_RETENTION

# Brokers of its own: levels of features are the cluster's.
BROKER_CONFIGS = {
    "transaction.state.log.num.partitions": "3",
    "offsets.topic.num.partitions": "2",
    "group.initial.rebalance.delay.ms": "0",
    **NO_RETENTION,
}

STEPS = 100
SEEDS = range(6)
LEVELS = (0, 1, 2)
_MORE = int(os.environ.get("KAFKA_COMPAT_TRANSACTION_SEEDS", "0"))


@pytest.fixture(params=LEVELS, ids=lambda level: f"level {level}")
def level(request: pytest.FixtureRequest, both: Both) -> Iterator[int]:
    set_level(both, request.param)
    yield request.param
    set_level(both, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_requests_are_answered_alike(both: Both, level: int, seed: int) -> None:
    Machine(both, seed * len(LEVELS) + level, level).run(STEPS)


@pytest.mark.reference
@pytest.mark.slow
@pytest.mark.skipif(not _MORE, reason="plays as many other seeds as KAFKA_COMPAT_TRANSACTION_SEEDS says")
@pytest.mark.timeout(120 + 20 * _MORE)
def test_more_random_requests(both: Both, level: int) -> None:
    for seed in range(1000, 1000 + _MORE):
        Machine(both, seed * len(LEVELS) + level, level).run(STEPS)
