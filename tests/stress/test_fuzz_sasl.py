"""Spoiled conversations before authentication: the broker lives, logs no error and keeps its memory."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from scripts.soak_support import fuzz_sasl
from tests.support import load
from tests.support.brokers import settings_of, start_ours
from tests.support.processes import usage_of

CONNECTIONS = 300
PASSES = 3
GROWTH_LIMIT_BYTES = 20_000_000


@pytest.mark.timeout(120)
def test_spoiled_conversations_are_refused(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")  # noqa: T201, pytest shows it with a failure
    with start_ours(tmp_path, *settings_of(fuzz_sasl.CONFIGS), listeners=fuzz_sasl.LISTENERS) as broker:
        address = broker.bootstrap_of("SASL")
        fuzz_sasl.run(address, CONNECTIONS, seed)  # what is loaded on first use is not growth
        before = usage_of(broker.pid).rss_bytes
        for number in range(PASSES):
            assert fuzz_sasl.run(address, CONNECTIONS, seed + 1 + number).answered > CONNECTIONS / 2
        assert load.is_alive(broker.bootstrap) < 5
        assert usage_of(broker.pid).rss_bytes - before < GROWTH_LIMIT_BYTES
        assert " ERROR " not in broker.log_text()
        assert "Traceback" not in broker.log_text()
