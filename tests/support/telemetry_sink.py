"""A telemetry receiver for a broker that is a process of its own: an installed package, as far as Python can tell."""

from __future__ import annotations

from pathlib import Path

_SOURCE = """
class Sink:
    def export(self, push):
        if push.data.startswith(b"refuse"):
            raise RuntimeError("refused as it was asked to")
"""


def install_sink(directory: Path) -> Path:
    """The receiver `sink`, which refuses what begins with `refuse`; `directory` belongs into PYTHONPATH."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "telemetry_sink.py").write_text(_SOURCE)
    described = directory / "telemetry_sink-1.dist-info"
    described.mkdir(exist_ok=True)
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: telemetry-sink\nVersion: 1\n")
    (described / "entry_points.txt").write_text("[kafka_compat.telemetry]\nsink = telemetry_sink:Sink\n")
    return directory
