"""Kafka's own formatter of __transaction_state reads our records as it reads the reference's."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from scripts.reference_broker import run_tool
from tests.conformance.both import Both, Side
from tests.conformance.transaction_script import TransactionScript, set_level

pytestmark = [pytest.mark.reference, pytest.mark.slow]

# Brokers of its own: levels of features are the cluster's.
BROKER_CONFIGS = {"transaction.state.log.num.partitions": "3", "offsets.topic.num.partitions": "2"}

_TOOL = "org.apache.kafka.tools.consumer."


def formatted(side: Side, transactional_id: str) -> list[str]:
    """What the console consumer prints of the id, a text per record; times and producer ids have names."""
    done = run_tool(
        f"{_TOOL}ConsoleConsumer", "--bootstrap-server", side.bootstrap, "--topic", "__transaction_state", "--from-beginning",
        "--timeout-ms", "5000", "--formatter", f"{_TOOL}TransactionLogMessageFormatter",
    )  # fmt: skip
    decoder = json.JSONDecoder()
    text, position = done.stdout.strip(), 0
    found = []
    names: dict[str, str] = {}
    while position < len(text):
        record, end = decoder.raw_decode(text, position)
        position = end + len(text[end:]) - len(text[end:].lstrip())
        if record["key"]["data"]["transactionalId"] != transactional_id:
            continue
        printed = json.dumps(record, sort_keys=True)
        printed = re.sub(r'("transaction(LastUpdate|Start)TimestampMs": )\d{13}', r"\1<time>", printed)
        found.append(
            re.sub(
                r'([pP]roducerId": )(\d+)', lambda one: one[1] + names.setdefault(one[2], f"<producer {len(names)}>"), printed
            )
        )
    return found


def test_the_formatter_prints_our_records(both: Both) -> None:
    topic = both.create_topic(both.name("formatted"), 3)
    script = TransactionScript(both)
    for level in (0, 1, 2):
        set_level(both, level)
        script.init(4)
        script.add({topic: [2]}, 3)
        script.end(True, 3)
        script.add({topic: [0]}, 3)
        script.init(4, expect={ErrorCode.CONCURRENT_TRANSACTIONS})
        script.settled()
    script.init(4)
    script.add({topic: [1]}, 5)
    script.end(False, 5)
    script.init(5, expected=lambda told: ProducerIdAndEpoch(*told))
    with ThreadPoolExecutor(2) as pool:
        reference, ours = pool.map(partial(formatted, transactional_id=script.transactional_id), both.sides)
    assert len(reference) >= 20, reference
    both.compare_values("TransactionLogMessageFormatter", ApiKey.FETCH, list(reference), list(ours))
