"""The pytest plugin as its users have it: a project with an environment of its own, the package installed from its wheel.

The tests of `plugin_project` run again and again, in random order, under several xdist workers; one that fails once is a flake.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

REPOSITORY_ROOT: Final = Path(__file__).resolve().parent.parent.parent
PROJECT: Final = Path(__file__).resolve().parent / "plugin_project"
_BUILT_FROM: Final = ("kafka_compat", "pyproject.toml", "setup.py", "README.md", "LICENSE", "MANIFEST.in")
_ROUND_TIMEOUT_S: Final = 600


@dataclass
class Report:
    """What rounds have shown.

    Attributes:
        tests: in a round.
        seconds: of each round.
        failures: output of rounds in which not all tests passed.
    """

    tests: int = 0
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def make_environment(directory: Path, python: str) -> str:
    """A virtual environment of that Python; its own python."""
    subprocess.run([python, "-m", "venv", str(directory)], check=True)
    return str(directory / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def build_wheel(directory: Path, python: str, *, compiled: bool) -> Path:
    """The package's wheel, built from a copy, so that nothing of an earlier build gets into it."""
    source = directory / "source"
    source.mkdir()
    for name in _BUILT_FROM:
        origin = REPOSITORY_ROOT / name
        if origin.is_dir():
            shutil.copytree(origin, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        else:
            shutil.copy(origin, source)
    _pip(python, "wheel", "--no-deps", "--wheel-dir", str(directory), str(source), KAFKA_COMPAT_COMPILE=str(int(compiled)))
    (wheel,) = directory.glob("*.whl")
    return wheel


def run(
    directory: Path,
    *,
    rounds: int,
    workers: int,
    seed: int,
    python: str = sys.executable,
    compiled: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> Report:
    """Run the project's tests so often; `directory` has to be empty, and `progress` is told of each round."""
    own_python = make_environment(directory / "venv", python)
    wheel = build_wheel(directory, own_python, compiled=compiled)
    _pip(own_python, "install", str(wheel), "-r", str(PROJECT / "requirements.txt"))
    project = directory / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    report = Report()
    for number in range(seed, seed + rounds):
        command = [own_python, "-m", "pytest", "-q", f"-n{workers}", f"--randomly-seed={number}"]
        began_s = time.monotonic()
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=_ROUND_TIMEOUT_S, check=False)
        report.seconds.append(time.monotonic() - began_s)
        summary = done.stdout.strip().rpartition("\n")[2]
        progress(f"--randomly-seed={number}: {summary}")
        passed = re.search(r"(\d+) passed", summary)
        report.tests = max(report.tests, int(passed[1]) if passed else 0)
        if done.returncode != 0:
            report.failures.append(f"--randomly-seed={number}:\n{done.stdout}{done.stderr}")
    return report


def _pip(python: str, command: str, *arguments: str, **environment: str) -> None:
    line = [python, "-m", "pip", command, "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(line, env={**os.environ, **environment}, check=True)
