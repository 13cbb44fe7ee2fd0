"""Programs that look at brokers and answer over HTTP: started, waited for, stopped."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import until

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 20


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        text: str = answer.read().decode()
        return text


@contextmanager
def running(command: Sequence[str], log: Path, ready_url: str) -> Iterator[None]:
    """A process that answers at `ready_url`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent)
    try:

        def answers() -> bool:
            try:
                get(ready_url)
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, f"{command[0]} ended:\n{log.read_text()}"
                return False
            return True

        until(answers, limit_s=_START_TIMEOUT_S)
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
