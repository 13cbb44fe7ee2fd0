"""The stores that keep the contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.storage_worlds import World, make_world


@pytest.fixture(params=["memory", "os"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    world = make_world(request.param, tmp_path)
    yield world
    await world.shut_down()
