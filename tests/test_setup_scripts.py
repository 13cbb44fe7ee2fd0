"""The shell scripts that make environments, with a Python that only pretends."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="shell scripts")

# Says its version, answers the test for 3.11, makes an environment with a copy of itself, and gives up where FAIL says so.
_PYTHON = """#!/bin/sh
case "$*" in
*print*) echo {version} ;;
*sys.exit*) exit {too_old} ;;
*venv*) mkdir -p "$4/bin"; [ -z "${{FAIL:-}}" ] || exit 1; cp "$0" "$4/bin/python"; echo made >> "$4/../log" ;;
esac
"""


def fake_python(directory: Path, version: str, *, too_old: bool = False) -> Path:
    path = directory / f"python{version}"
    path.write_text(_PYTHON.format(version=version, too_old=int(too_old)))
    path.chmod(0o755)
    return path


def set_up(venv: Path, python: Path | None, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], **environment} | ({"PYTHON": str(python)} if python else {})
    return subprocess.run(
        ["sh", str(SCRIPTS / "setup_venv.sh"), str(venv)],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_environment_is_made_once(tmp_path: Path) -> None:
    python = fake_python(tmp_path, "3.12")
    for _ in range(2):
        assert set_up(tmp_path / "venv", python).returncode == 0
    assert set_up(tmp_path / "venv", None).returncode == 0  # whatever python3 is here
    assert (tmp_path / "log").read_text() == "made\n"


def test_another_python_makes_it_anew(tmp_path: Path) -> None:
    assert set_up(tmp_path / "venv", fake_python(tmp_path, "3.12")).returncode == 0
    assert set_up(tmp_path / "venv", fake_python(tmp_path, "3.13")).returncode == 0
    assert (tmp_path / "log").read_text() == "made\nmade\n"


def test_an_old_python_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    done = set_up(tmp_path / "venv", fake_python(tmp_path, "3.10", too_old=True))
    assert done.returncode == 1
    assert "python3.10 is not Python 3.11 or later" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_an_environment_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    done = set_up(tmp_path / "venv", fake_python(tmp_path, "3.12"), FAIL="1")
    assert done.returncode == 1
    assert not (tmp_path / "venv").exists()


def test_serve_reads_and_writes_the_callers_files(tmp_path: Path) -> None:
    root = tmp_path / "clone"
    shutil.copytree(SCRIPTS, root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    bin_directory = root / ".venv-serve" / "bin"
    bin_directory.mkdir(parents=True)
    for name in ("kafka_compat", "pyproject.toml", "setup.py"):
        (root / name).touch()
    (bin_directory / "python").symlink_to(fake_python(tmp_path, "3.12"))
    (bin_directory / "kafka-compat").write_text('#!/bin/sh\npwd\nprintf "%s|" "$@"\n')
    (bin_directory / "kafka-compat").chmod(0o755)
    (root / ".venv-serve" / ".installed").touch()
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    done = subprocess.run(
        [str(root / "scripts" / "serve"), "--set", "a=b c"],
        cwd=elsewhere,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == f"{elsewhere}\nserve|--set|a=b c|"
