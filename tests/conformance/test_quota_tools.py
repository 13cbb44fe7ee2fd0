"""kafka-configs sets, shows and removes quotas of our broker as of the reference: what it prints is equal."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from scripts.reference_broker import run_tool
from tests.conformance.both import Both, Side
from tests.conformance.normalise import Normal

pytestmark = [pytest.mark.reference, pytest.mark.slow]

# Brokers of its own, because all quotas are described.
BROKER_CONFIGS = {"quota.window.num": "11"}

PAIR: Final = "--entity-type users --entity-name alice --entity-type clients --entity-name app"
COMMANDS: Final = (
    f"--alter --add-config producer_byte_rate=1024,consumer_byte_rate=2048,request_percentage=50.5 {PAIR}",
    "--alter --add-config producer_byte_rate=1024.0 --entity-type users --entity-default",
    "--alter --add-config controller_mutation_rate=10 --entity-type clients --entity-default",
    "--alter --add-config connection_creation_rate=100 --entity-type ips --entity-name 127.0.0.2",
    "--alter --add-config producer_byte_rate=1.5 --entity-type users --entity-name bob",
    "--alter --add-config connection_creation_rate=1 --entity-type clients --entity-name app",
    "--describe --entity-type users",
    "--describe --entity-type clients",
    "--describe --entity-type ips",
    f"--describe {PAIR}",
    f"--alter --delete-config consumer_byte_rate,request_percentage {PAIR}",
    "--alter --delete-config consumer_byte_rate --entity-type users --entity-name nobody",
    "--describe --entity-type users --entity-type clients",
)


def played(side: Side) -> list[Normal]:
    """Return code and lines of each command."""
    answers: list[Normal] = []
    for command in COMMANDS:
        done = run_tool("kafka.admin.ConfigCommand", "--bootstrap-server", side.bootstrap, *command.split())
        text = (done.stdout + done.stderr).replace(side.bootstrap, "<bootstrap>")
        lines = sorted(_named(line) for line in text.splitlines() if not line.startswith("\tat "))
        answers.append([done.returncode, *lines])
    return answers


def _named(line: str) -> str:
    return re.sub(r"(Quota configs for .* are )(.*)", lambda found: found[1] + ", ".join(sorted(found[2].split(", "))), line)


def test_kafka_configs_says_the_same(both: Both) -> None:
    with ThreadPoolExecutor(2) as pool:
        reference, ours = pool.map(played, both.sides)
    for command, *answers in zip(COMMANDS, reference, ours, strict=True):
        both.compare_values(command, ApiKey.ALTER_CLIENT_QUOTAS, *answers)
    assert any("alice" in str(answer) for answer in ours)
