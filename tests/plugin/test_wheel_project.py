"""A few rounds of `scripts/soak plugin`: the package from its wheel, real clients, four workers, in random order."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.soak_support import plugin

# Builds and installs, which takes most of the time, and asks PyPI for the clients.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_project_with_its_own_environment(tmp_path: Path) -> None:
    report = plugin.run(tmp_path, rounds=2, workers=4, seed=1)
    assert not report.failures, "\n\n".join(report.failures)
    assert report.tests > 40
