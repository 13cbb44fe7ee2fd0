"""docs/kfake.md, and the other pages about testing, name only what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kafka_compat.testing import Kafka, actions
from kafka_compat.testing.disk import DiskFaults
from kafka_compat.testing.faults import Fault, Faults
from kafka_compat.testing.requests import RequestLog
from kafka_compat.testing.topology import BrokerHandle, Topology

ROOT = Path(__file__).parents[2]
OTHERS = ("README.md", "docs/testing-tutorial.md", "docs/testing-howto.md", "docs/control-plane.md")
TEXT = (ROOT / "docs" / "kfake.md").read_text()
# A pattern for what the page says, and whose attributes the names are.
SAID: list[tuple[str, object]] = [
    (r"kafka\.(\w+)", Kafka),
    (r"kafka\.topology\.(\w+)", Topology),
    (r"kafka\.brokers\[1\]\.(\w+)", BrokerHandle),
    (r"kafka\.faults\.(\w+)", Faults),
    (r"kafka\.requests\.(\w+)", RequestLog),
    (r"`Fault\.(\w+)", Fault),
    (r"kafka\.faults\.disk`: `(\w+)", DiskFaults),
]


@pytest.mark.parametrize(("pattern", "owner"), SAID)
def test_what_the_page_names_is_there(pattern: str, owner: object) -> None:
    names = set(re.findall(pattern, TEXT))
    assert names
    assert [name for name in sorted(names) if not hasattr(owner, name)] == []


@pytest.mark.parametrize("page", OTHERS)
def test_what_other_pages_name_is_there(page: str) -> None:
    text = (ROOT / page).read_text()
    for pattern, owner in [*SAID[:2], (r"kafka\.faults\.(\w+)", Faults), (r"kafka\.requests\.(\w+)", RequestLog)]:
        named = set(re.findall(r"(?<![\w.])" + pattern, text))
        assert [name for name in sorted(named) if not hasattr(owner, name)] == []
    imported = {name for names in re.findall(r"kafka_compat\.testing\.actions import (.+)", text) for name in names.split(", ")}
    assert imported <= set(actions.__all__)


def test_every_action_is_on_the_page() -> None:
    assert [name for name in actions.__all__ if f"{name}(" not in TEXT and name != "Action"] == []


def test_its_arguments_are_those_of_kafka() -> None:
    import inspect

    words = set(re.findall(r"`(\w+)=", TEXT))
    known = set(inspect.signature(Kafka.__init__).parameters) | set(inspect.signature(Kafka.fail).parameters)
    assert words - known == set()
