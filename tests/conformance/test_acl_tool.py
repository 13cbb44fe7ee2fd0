"""Kafka's own kafka-acls over access control lists: the same output from Apache Kafka and from us."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import pytest

from scripts.reference_broker import run_tool
from tests.conformance.both import Both, Side

pytestmark = [pytest.mark.reference, pytest.mark.slow, pytest.mark.timeout(300)]

TOOL: Final = "org.apache.kafka.tools.AclCommand"
ALICE: Final = ("--allow-principal", "User:alice-of-tool")

COMMANDS: Final = (
    ("--add", *ALICE, "--operation", "Read", "--topic", "tool-orders"),
    ("--add", *ALICE, "--operation", "Read", "--topic", "tool-orders"),
    ("--add", *ALICE, "--producer", "--idempotent", "--transactional-id", "tool-id", "--topic", "tool-out"),
    ("--add", *ALICE, "--consumer", "--group", "tool-group", "--topic", "tool-", "--resource-pattern-type", "prefixed"),
    (
        "--add",
        "--deny-principal",
        "User:*",
        "--deny-host",
        "10.0.0.0/8",
        "--allow-principal",
        "User:bob-of-tool",
        "--operation",
        "All",
        "--topic",
        "tool-orders",
    ),
    ("--add", *ALICE, "--cluster", "--operation", "ClusterAction"),
    ("--add", *ALICE, "--operation", "Read", "--topic", ""),
    ("--list", "--topic", "tool-orders"),
    ("--list", "--topic", "tool-orders", "--resource-pattern-type", "match"),
    ("--list", "--group", "nothing-of-tool"),
    ("--remove", *ALICE, "--operation", "Read", "--topic", "tool-orders", "--force"),
    ("--remove", "--topic", "tool-", "--resource-pattern-type", "prefixed", "--force"),
    ("--remove", "--topic", "tool-orders", "--force"),
    ("--remove", "--group", "tool-group", "--resource-pattern-type", "any", "--force"),
    ("--remove", "--transactional-id", "tool-id", "--force"),
    ("--remove", *ALICE, "--cluster", "--operation", "IdempotentWrite", "--force"),
    ("--list", "--principal", "User:alice-of-tool"),
)
EMPTY: Final = ("--list", "--group", "nothing-of-tool")


def _shown(text: str) -> list[str]:
    """Its lines without an order: the tool prints sets."""
    text = re.sub(r"(?m)^\[.*\n?|^\tat .*\n?", "", text)
    return sorted(line.strip() for line in text.splitlines() if line.strip())


def test_kafka_acls(secured: Both) -> None:
    def run(command: tuple[str, ...], side: Side) -> tuple[int, list[str], list[str]]:
        done = run_tool(TOOL, "--bootstrap-server", side.bootstrap, *command)
        return done.returncode, _shown(done.stdout), _shown(done.stderr)

    with ThreadPoolExecutor(2) as threads:
        for command in COMMANDS:
            reference, ours = threads.map(partial(run, command), secured.sides)
            assert ours == reference, command
            assert bool(reference[1]) == (command[0] != "--remove" and command != EMPTY), reference
