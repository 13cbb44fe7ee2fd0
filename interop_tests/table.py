"""The README's table of clients, written from the run that just ended: `pytest interop_tests --write-clients-table`."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_README = ROOT / "README.md"
_MARKED = re.compile(r"(<!-- table:clients -->\n).*?(<!-- end clients -->)", re.DOTALL)


def _of_python(name: str) -> Callable[[], str]:
    return lambda: f"{name} {importlib.metadata.version(name)}"


def _kcat() -> str:
    printed = subprocess.run(["kcat", "-V"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Version ([\d.]+).*librdkafka ([\d.]+)", printed, re.DOTALL)
    assert found is not None, printed
    return f"kcat {found[1]} (librdkafka {found[2]})"


def _go_modules() -> str:
    wanted = re.findall(
        r"^\s*(?:require )?(\S+/(?:franz-go|sarama|kafka-go)) (v\S+)$", (ROOT / "interop_tests/go/go.mod").read_text(), re.M
    )
    return ", ".join(f"{module.rsplit('/', 1)[1]} {version.removeprefix('v')}" for module, version in wanted)


def _js_packages() -> str:
    packages = json.loads((ROOT / "interop_tests/js/package.json").read_text())["dependencies"]
    return ", ".join(f"{name} {version}" for name, version in packages.items())


# Folder (or module) of interop_tests -> what runs there, with its version.
_CLIENTS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "kafka_python": ("Python", _of_python("kafka-python")),
    "aiokafka": ("Python", _of_python("aiokafka")),
    "confluent": ("Python, librdkafka", _of_python("confluent-kafka")),
    "python_groups": ("Python", lambda: "the three above, in groups"),
    "java": ("Java", lambda: "kafka-clients and kafka-tools 4.3.1"),
    "streams": ("Java", lambda: "kafka-streams and connect 4.3.1, exactly once"),
    "go": ("Go", _go_modules),
    "js": ("JavaScript", _js_packages),
    "kcat": ("C", _kcat),
    "cross": ("each with each", lambda: "kafka-python, aiokafka, confluent-kafka, Java, kcat"),
}


def write(passed: Mapping[str, int], failed: Mapping[str, int]) -> None:
    """Put one row per client into the README; the counts are by folder of interop_tests."""
    rows = ["| language | client | tests passed | failed |", "| --- | --- | --- | --- |"]
    for folder, (language, version) in _CLIENTS.items():
        if passed.get(folder) or failed.get(folder):
            rows.append(f"| {language} | {version()} | {passed.get(folder, 0)} | {failed.get(folder, 0)} |")
    table = "\n".join(rows)
    _README.write_text(_MARKED.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", _README.read_text()))


class Counting:
    """A pytest plugin that counts outcomes by folder and writes the table at the end."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: object) -> None:
        when, outcome = getattr(report, "when", ""), getattr(report, "outcome", "")
        folder = str(getattr(report, "nodeid", "")).split("::")[0].split("/")[1]
        if outcome == "failed":
            self.failed[folder] += 1
        elif when == "call" and outcome == "passed":
            self.passed[folder] += 1

    def pytest_sessionfinish(self) -> None:
        write(self.passed, self.failed)
