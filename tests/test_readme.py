"""The README's examples run as they stand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_the_protocol_tool_prints_what_the_readme_shows() -> None:
    (example,) = [block for block in blocks("sh") if block.startswith("$ echo")]
    command, expected = example.strip().split("\n")
    sent = command.removeprefix("$ echo '").split("'")[0]
    done = subprocess.run(
        [sys.executable, "-m", "kafka_compat", "protocol", "decode"], input=sent, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == json.loads(expected)
