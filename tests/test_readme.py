"""The README's examples run as they stand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples_run(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {})


def test_the_protocol_tool_prints_what_the_readme_shows() -> None:
    (example,) = [block for block in blocks("sh") if block.startswith("$ echo")]
    command, expected = example.strip().split("\n")
    sent = command.removeprefix("$ echo '").split("'")[0]
    done = subprocess.run(
        [sys.executable, "-m", "kafka_compat", "protocol", "decode"], input=sent, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == json.loads(expected)
