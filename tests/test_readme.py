"""The README's examples run as they stand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_compat.config.settings import ServeOptions, resolve_settings
from tests.support import certificates
from tests.support.own_broker import OwnBroker
from tests.support.tls_client import client_context, connect

pytest_plugins = ["pytester"]

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


TESTS = [block for block in blocks("python") if "def test_" in block]


@pytest.mark.parametrize("code", [block for block in blocks("python") if block not in TESTS])
def test_python_examples_run(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("code", TESTS)
def test_tests_in_it_pass(pytester: pytest.Pytester, code: str) -> None:
    pytester.makefile(".ini", pytest="[pytest]\nasyncio_mode = auto\nfilterwarnings = error\nkafka_leaks = error\n")
    pytester.makepyfile(code)
    result = pytester.runpytest_subprocess("-o", "asyncio_default_fixture_loop_scope=function", timeout=60)
    result.assert_outcomes(passed=code.count("def test_"))


def test_the_tls_listener_of_the_example_serves(tmp_path: Path) -> None:
    (example,) = [block for block in blocks("properties") if "ssl.keystore" in block]
    server = certificates.server()
    own = {
        "broker.pem": str(server.write(tmp_path, "broker")),
        "authority.pem": str(server.write_authority(tmp_path)),
        ":9092": ":0",
        ":9093": ":0",
    }
    for shown, used in own.items():
        assert shown in example
        example = example.replace(shown, used)
    properties = tmp_path / "server.properties"
    properties.write_text(example)
    with OwnBroker(resolve_settings(ServeOptions(config=properties, memory=True))) as broker:
        connect(broker.bootstrap("SSL"), client_context(certificates.client())).close()


def test_the_protocol_tool_prints_what_the_readme_shows() -> None:
    (example,) = [block for block in blocks("sh") if block.startswith("$ echo")]
    command, expected = example.strip().split("\n")
    sent = command.removeprefix("$ echo '").split("'")[0]
    done = subprocess.run(
        [sys.executable, "-m", "kafka_compat", "protocol", "decode"], input=sent, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == json.loads(expected)
