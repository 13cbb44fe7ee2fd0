"""Clusters in memory for the tests of APIs; a test that changes brokers or configs makes its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat import pacing
from kafka_compat.testing.cluster import Cluster
from tests.api.group_members import members
from tests.api.worlds import Turns, World

__all__ = ["members"]


@pytest.fixture(scope="session")
def _one_broker() -> Iterator[Cluster]:
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def world(_one_broker: Cluster) -> Iterator[World]:
    """A cluster of one broker, shared by all tests: topics need names of their own."""
    with World(_one_broker) as world:
        yield world


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    """Slices of long work that last no time, so that each look at the clock lets the loop go round, and is counted."""
    turns = Turns()
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    monkeypatch.setattr(pacing, "asyncio", turns)
    return turns
