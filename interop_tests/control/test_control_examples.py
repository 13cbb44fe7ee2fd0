"""The control plane from Java, Go and JavaScript, each with its own Kafka client: the examples of docs/control-plane.md."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from interop_tests.go.libraries import control_example as go_example
from interop_tests.group_contract import built
from interop_tests.java.client import command_of_class
from interop_tests.js.libraries import control_example as js_example
from tests.support.brokers import require_commands
from tests.support.waiting import until

_JAVA_EXAMPLE = Path(__file__).parent.parent / "java" / "ControlExample.java"
_START_S = 30


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a control plane, whose clock is manual."""
    directory = tmp_path_factory.mktemp("control")
    ready, log = directory / "ready.json", directory / "log"
    command = [sys.executable, "-m", "kafka_compat", "serve", "--listen", "127.0.0.1:0", "--control", "0", "--clock", "manual"]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "--ready-file", str(ready)], stdout=output, stderr=subprocess.STDOUT)
    try:

        def is_ready() -> bool:
            assert process.poll() is None, log.read_text()
            return ready.exists()

        until(is_ready, limit_s=_START_S)
        yield json.loads(ready.read_text())["control"]
        process.terminate()
        assert process.wait(20) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def run(command: Sequence[str], control: str) -> None:
    done = subprocess.run([*command, control], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "3 passed\n"), done.stderr


def test_java(control: str) -> None:
    require_commands("java", "javac", "mvn")
    run(command_of_class(_JAVA_EXAMPLE), control)


def test_go(control: str) -> None:
    run(built(go_example, "go"), control)


def test_javascript(control: str) -> None:
    run(built(js_example, "node", "npm"), control)
