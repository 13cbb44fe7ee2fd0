from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.testing.cluster import Cluster
from tests.support.group_wire import Connect, Wire


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes `Wire`s and closes them at the end."""
    made: list[Wire] = []

    def make(cluster: Cluster, broker: int = 0) -> Wire:
        made.append(Wire(cluster, broker))
        return made[-1]

    yield make
    for wire in made:
        wire.client.close()
