"""Projects that use the plugin."""

from __future__ import annotations

import pytest

import kafka_compat.testing  # noqa: F401 (runs in this process would each import it anew)
from tests.plugin.projects import Project


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project."""
    return Project(pytester, monkeypatch)
