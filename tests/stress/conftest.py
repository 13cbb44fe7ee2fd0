"""A broker process of its own for each test, whose log must stay free of errors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import ServeProcess


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ServeProcess]:
    process = ServeProcess(tmp_path, [sys.executable, "-m", "kafka_compat.cli.main"], ["--topic", "t:1"])
    process.start()
    yield process
    process.kill()
    log = process.log_text()
    assert " ERROR " not in log, log[-5000:]
    assert "Traceback" not in log, log[-5000:]
