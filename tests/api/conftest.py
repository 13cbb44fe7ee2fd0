"""Clusters in memory for the tests of APIs, from the pytest plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_compat import pacing
from kafka_compat.testing import Kafka
from tests.api.group_members import members
from tests.api.office import built, office
from tests.api.worlds import Turns, World

__all__ = ["built", "members", "office"]


_LAST_MODULE = pytest.StashKey[Path]()


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A cluster of one broker that tests of a module share, so that topics need names of their own.

    With the mark `kafka(...)` it is what that says, and nothing is in it, nor left in it: quotas would hold for others too.
    """
    is_marked = request.node.get_closest_marker("kafka") is not None
    kafka: Kafka = request.getfixturevalue("kafka" if is_marked else "kafka_session")
    if not is_marked and request.config.stash.get(_LAST_MODULE, None) != request.node.path:
        kafka.reset()
        request.config.stash[_LAST_MODULE] = request.node.path
    with World(kafka.cluster) as world:
        yield world
    if is_marked:
        kafka.reset()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    """Slices of long work that last no time, so that each look at the clock lets the loop go round, and is counted."""
    turns = Turns()
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    monkeypatch.setattr(pacing, "asyncio", turns)
    return turns
