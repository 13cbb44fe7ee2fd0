"""The tools of the command line with standard streams that are closed or full: no traceback, and an exit code that tells."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")

LINE = json.dumps({"message": "HeartbeatRequest", "version": 0, "hex": "00016100000001000162"})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a log."""
    directory = tmp_path_factory.mktemp("data")
    command = ["serve", "--listen", "127.0.0.1:0", "--data-dir", str(directory), "--topic", "t"]
    with subprocess.Popen([sys.executable, "-m", "kafka_compat", *command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "is ready" in process.stdout.readline()
        process.terminate()
    assert process.returncode == 0
    return directory


@pytest.mark.parametrize(
    ("arguments", "redirection", "code", "said"),
    [
        ("protocol decode", "<&-", 0, ""),
        ("protocol decode", ">&-", 0, ""),
        ("protocol decode", ">/dev/full", 1, "kafka-compat: cannot write: No space left on device\n"),
        ("log verify DATA", ">&-", 0, ""),
        ("log verify DATA", ">/dev/full", 1, "kafka-compat: cannot write: No space left on device\n"),
        ("log dump DATA", ">&-", 0, ""),
        ("log dump DATA", ">/dev/full", 1, "kafka-compat: cannot write: No space left on device\n"),
        ("log verify DATA", "2>&-", 0, ""),
        ("log verify DATA", "2>/dev/full", 0, ""),
        ("log verify DATA", "<&- >&- 2>&-", 0, ""),
        ("--version", ">/dev/full", 1, "kafka-compat: cannot write: No space left on device\n"),
        ("--version", ">&-", 0, ""),
        ("--help", ">&-", 0, ""),
        ("serve --nonsense", "2>&-", 2, ""),
    ],
)
def test_closed_and_full_streams(data: Path, arguments: str, redirection: str, code: int, said: str) -> None:
    words = [str(data) if word == "DATA" else word for word in arguments.split()]
    script = f"{shlex.join([sys.executable, '-m', 'kafka_compat', *words])} {redirection}"
    done = subprocess.run(["sh", "-c", script], input=f"{LINE}\n", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, said)
