"""A user's project: its own folder, its own pytest run, and warnings are errors there."""

from __future__ import annotations

import pytest

_INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""


# Plugins that have nothing to do with it, and take longer to import than a test takes.
_WITHOUT = ("-p", "no:hypothesispytest", "-p", "no:cov")


class Project:
    """Runs pytest in a folder of its own."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pytester = pytester
        self._environment = monkeypatch
        self.ini()

    def ini(self, *lines: str) -> None:
        """Add lines to pytest.ini."""
        self._pytester.makefile(".ini", pytest=_INI + "\n".join(lines))

    def environment(self, **variables: str) -> None:
        """Set environment variables."""
        for name, value in variables.items():
            self._environment.setenv(name, value)

    def conftest(self, code: str) -> None:
        """Write conftest.py."""
        self._pytester.makeconftest(code)

    def run(self, code: str, *arguments: str) -> pytest.RunResult:
        """Run tests in this process."""
        self._pytester.makepyfile(code)
        return self._pytester.runpytest_inprocess("-p", "no:randomly", *_WITHOUT, *arguments)

    def run_alone(self, code: str, *arguments: str) -> pytest.RunResult:
        """Run tests in a process of their own, as users do."""
        self._pytester.makepyfile(code)
        return self._pytester.runpytest_subprocess(*_WITHOUT, *arguments, timeout=100)


def said(result: pytest.RunResult) -> str:
    """What a run has printed."""
    return result.stdout.str() + result.stderr.str()
