"""Spoiled frames of every API and version: the broker lives, logs no error and keeps its memory."""

from __future__ import annotations

import random

import pytest

from scripts.soak_support import fuzz
from tests.support import load
from tests.support.processes import ServeProcess, usage_of

FRAMES = 12
PASSES = 3
GROWTH_LIMIT_BYTES = 20_000_000


@pytest.mark.timeout(120)
def test_spoiled_frames_of_every_version_are_answered_or_refused(broker: ServeProcess) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")  # noqa: T201, pytest shows it with a failure
    fuzz.run(broker.bootstrap, FRAMES, seed)  # what is loaded on first use is not growth
    before = usage_of(broker.pid).rss_bytes
    for number in range(PASSES):
        report = fuzz.run(broker.bootstrap, FRAMES, seed + 1 + number)
        assert report.answered > report.frames / 10
    assert broker.poll() is None
    assert load.is_alive(broker.bootstrap) < 5
    assert usage_of(broker.pid).rss_bytes - before < GROWTH_LIMIT_BYTES
