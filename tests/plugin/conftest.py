"""Projects that use the plugin."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

import kafka_compat.api.handlers
import kafka_compat.pytest_plugin
import kafka_compat.testing
from tests.plugin.projects import Project

# What a run inside this process imports, it forgets again: the next one would make each class a second time.
for package in (kafka_compat.api.handlers, kafka_compat.pytest_plugin, kafka_compat.testing):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project."""
    return Project(pytester, monkeypatch)
