"""`kafka-transactions` finds a transaction that hangs and ends it, on our broker as on the reference.

Partitions are not verified here: a transaction that no coordinator knows of hangs.
"""

from __future__ import annotations

import re

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from scripts.reference_broker import run_tool
from tests.conformance.both import Both, Side
from tests.conformance.data_plane import NORMAL, RECORDS, batch, fetched, produce
from tests.support.brokers import NO_RETENTION

pytestmark = [pytest.mark.reference, pytest.mark.slow]

BROKER_CONFIGS = {"transaction.partition.verification.enable": "false", **NO_RETENTION}


def transactions(side: Side, *arguments: str) -> list[list[str]]:
    """The words of each line that the tool prints; what follows the clock has a name."""
    done = run_tool("org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", side.bootstrap, *arguments)
    return [
        ["<since>" if re.fullmatch(r"\d{5,9}|\d{13}", word) else word for word in line.split()]
        for line in done.stdout.splitlines()
        if line.strip()
    ]


def test_a_hanging_transaction_is_found_and_ended(both: Both) -> None:
    topic = both.create_topic(both.name("hanging"))
    records = batch(RECORDS[:1], producer_id=7, producer_epoch=3, base_sequence=0, transactional=True)
    both.compare("begin", produce({topic: {0: records}}, transactional_id="tid"), [11], **NORMAL)
    for label, arguments in {
        "producers": ("describe-producers", "--topic", topic, "--partition", "0"),
        "hanging": ("find-hanging", "--topic", topic),
        "abort": ("abort", "--topic", topic, "--partition", "0", "--start-offset", "0"),
        "producers afterwards": ("describe-producers", "--topic", topic, "--partition", "0"),
        "no more": ("find-hanging", "--topic", topic),
    }.items():
        texts = [transactions(side, *arguments) for side in both.sides]
        both.compare_values(label, ApiKey.DESCRIBE_PRODUCERS, *texts)  # type: ignore[arg-type]
        if label == "hanging":
            assert topic in str(texts[-1])
    for side in both.sides:
        assert fetched(side, topic, 0).last_stable_offset == 2
