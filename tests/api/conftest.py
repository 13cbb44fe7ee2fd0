"""Clusters in memory for the tests of APIs, from the pytest plugin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat import pacing
from kafka_compat.testing import Kafka
from tests.api.group_members import members
from tests.api.office import built, office
from tests.api.worlds import Turns, World

__all__ = ["built", "members", "office"]


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A cluster of one broker that tests share, so that topics need names of their own.

    With the mark `kafka(...)` it is what that says, and nothing is in it.
    """
    is_marked = request.node.get_closest_marker("kafka") is not None
    kafka: Kafka = request.getfixturevalue("kafka" if is_marked else "kafka_session")
    with World(kafka.cluster) as world:
        yield world


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    """Slices of long work that last no time, so that each look at the clock lets the loop go round, and is counted."""
    turns = Turns()
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    monkeypatch.setattr(pacing, "asyncio", turns)
    return turns
