"""What time does to transactions, against Apache Kafka: overdue ones are aborted, transactional ids expire."""

from __future__ import annotations

import time

import pytest

from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_transactions import DescribeTransactionsRequest, DescribeTransactionsResponse
from tests.conformance.both import Both, ConfiguredAlike, MakeBoth, Side
from tests.conformance.transaction_script import TransactionScript, set_level, state_of

BROKER_CONFIGS = {
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "100",
    "transaction.state.log.num.partitions": "1",
}
EXPIRY_CONFIGS = {
    "transaction.remove.expired.transaction.cleanup.interval.ms": "100",
    "transaction.state.log.num.partitions": "1",
    "transactional.id.expiration.ms": "1000",
}
DEADLINE_S = 60.0


def wait_for_state(side: Side, transactional_id: str, state: str) -> None:
    """Return when the id is in that state; it takes as long as the configs say, and a little more."""
    until_s = time.monotonic() + DEADLINE_S
    while (found := state_of(side, transactional_id)) != state:
        assert time.monotonic() < until_s, f"{side.kind}: {found!r}"


@pytest.mark.parametrize("level", [0, 1, 2])
def test_overdue_transactions(both: Both, level: int) -> None:
    set_level(both, level)
    try:
        topic = both.create_topic(both.name("overdue"), 2)
        script = TransactionScript(both)
        script.init(4, timeout_ms=200)
        script.add({topic: [0, 1]}, 3)
        for side in both.sides:
            wait_for_state(side, script.transactional_id, "CompleteAbort")
        script.describe("aborted")
        fenced = {ErrorCode.PRODUCER_FENCED}
        script.add({topic: [0]}, 3, expect=fenced, label="add, too late")
        script.end(True, 4, expect=fenced, label="commit, too late")
        script.end(False, 4, expect=fenced, label="abort, too late")
        script.init(4, expected=lambda told: ProducerIdAndEpoch(told.producer_id, told.producer_epoch + 1), label="goes on")
        script.describe("goes on")
        script.compare_records()
    finally:
        set_level(both, 2)


def test_transactional_ids_expire(configured_alike: ConfiguredAlike, make_both: MakeBoth) -> None:
    with configured_alike(EXPIRY_CONFIGS) as brokers, make_both(*brokers) as both:
        topic = both.create_topic(both.name("expiry"), 1)
        never_used, used = TransactionScript(both), TransactionScript(both)
        never_used.init(4)
        used.init(4)
        used.add({topic: [0]}, 3)
        used.end(True, 5)
        for script in (never_used, used):
            for side in both.sides:
                wait_until_gone(side, script.transactional_id)
            script.describe("gone", {ErrorCode.TRANSACTIONAL_ID_NOT_FOUND})
            script.compare_records()
        mapping = {ErrorCode.INVALID_PRODUCER_ID_MAPPING}
        used.add({topic: [0]}, 3, expect=mapping, label="add, expired")
        used.end(True, 5, expect=mapping, label="end, expired")
        used.init(4, expected=lambda told: told, label="goes on with another producer id")


def wait_until_gone(side: Side, transactional_id: str) -> None:
    """Return when nobody knows the id any more."""
    request = DescribeTransactionsRequest(transactional_ids=[transactional_id])
    until_s = time.monotonic() + DEADLINE_S
    while True:
        found = side.call(request, 0, DescribeTransactionsResponse).transaction_states[0]
        if found.error_code == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND:
            return
        assert time.monotonic() < until_s, f"{side.kind}: {found}"
