"""The driver of the Go clients, built once, and what each of them can do."""

from __future__ import annotations

import functools
from pathlib import Path

from interop_tests.drivers import Library, cached_build, run_tool

_HERE = Path(__file__).parent


@functools.cache
def _driver() -> Path:
    sources = [*_HERE.glob("*.go"), _HERE / "go.mod", _HERE / "go.sum"]
    return cached_build("go", sources, _build) / "driver"


def _build(into: Path) -> None:
    run_tool(["go", "build", "-mod=readonly", "-o", str(into / "driver"), "."], _HERE)


def control_example() -> list[str]:
    """The command line of control.go, without the URL."""
    return [str(_driver()), "control"]


FRANZ = Library(
    name="franz-go",
    command=lambda: [str(_driver()), "franz"],
    codecs=("none", "gzip", "snappy", "lz4", "zstd"),
    cannot={},
)
SARAMA = Library(
    name="sarama",
    command=lambda: [str(_driver()), "sarama"],
    codecs=("none", "gzip", "snappy", "lz4", "zstd"),
    cannot={"cooperative-sticky": "1.61.1 has eager strategies only"},
)
