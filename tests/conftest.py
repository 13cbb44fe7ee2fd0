"""For all tests: what the code logs as an error, and what asyncio says of tasks nobody looked after, fails the test."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator

import pytest

from tests.support.logged import LOGGERS, LoggedLines


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption("--replay", action="store_true", help="take the reference's answers from their recording")
    group.addoption("--record", action="store_true", help="write what the reference answers to tests that pass")


def pytest_configure() -> None:
    """A shell has what it starts in the background ignore SIGINT, and what is told to ignore a signal stays that way."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail on log lines of level ERROR that `@pytest.mark.expects_errors(pattern, ...)` does not name.

    Each pattern of the mark has to be found in at least one line, unless it says `maybe=True`.
    """
    errors = LoggedLines()
    for logger in LOGGERS:
        logger.addHandler(errors)
    yield
    for logger in LOGGERS:
        logger.removeHandler(errors)
    marks = list(request.node.iter_markers("expects_errors"))
    patterns = [pattern for mark in marks for pattern in mark.args]
    unexpected = [line for line in errors.lines if not any(re.search(pattern, line) for pattern in patterns)]
    assert not unexpected, "errors were logged:\n" + "\n".join(unexpected)
    required = [pattern for mark in marks if not mark.kwargs.get("maybe") for pattern in mark.args]
    missing = [pattern for pattern in required if not any(re.search(pattern, line) for line in errors.lines)]
    assert not missing, f"no error was logged that matches {missing}"
