"""Clusters in memory for the tests of APIs; a test that changes brokers or configs makes its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import World


@pytest.fixture(scope="session")
def _one_broker() -> Iterator[Cluster]:
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def world(_one_broker: Cluster) -> Iterator[World]:
    """A cluster of one broker, shared by all tests: topics need names of their own."""
    with World(_one_broker) as world:
        yield world
