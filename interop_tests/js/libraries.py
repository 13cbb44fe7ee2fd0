"""The driver of the JavaScript clients, built once, and what each of them can do."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

from interop_tests.drivers import Library, cached_build, run_tool

_HERE = Path(__file__).parent
_PACKAGES = [_HERE / "package.json", _HERE / "package-lock.json"]


@functools.cache
def _driver() -> Path:
    return cached_build("js", [*_HERE.glob("*.js"), *_PACKAGES], _build) / "main.js"


def _build(into: Path) -> None:
    # Node finds packages beside the program.
    for source in [*_HERE.glob("*.js"), *_PACKAGES]:
        shutil.copy(source, into)
    run_tool(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], into)


def control_example() -> list[str]:
    """The command line of control.js, without the URL."""
    return ["node", str(_driver().with_name("control.js"))]


KAFKAJS = Library(
    name="kafkajs",
    command=lambda: ["node", str(_driver()), "kafkajs"],
    codecs=("none", "gzip", "snappy", "lz4"),
    cannot={"cooperative-sticky": "2.2.4 has eager assigners only", "static members": "2.2.4 has no group.instance.id"},
)
PLATFORMATIC = Library(
    name="@platformatic/kafka",
    command=lambda: ["node", str(_driver()), "platformatic"],
    codecs=("none", "gzip", "snappy", "lz4"),
    cannot={"cooperative-sticky": "1.35.0 has eager assigners only", "pause of one partition": "1.35.0 pauses a whole stream"},
)
