"""Compiles a class of Java that tests bring along."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
from pathlib import Path

from scripts.reference_broker import cache_dir, resolve_jars


def compiled(source: Path) -> Path:
    """The directory with the compiled class; compiled once for each text of the source."""
    classes = cache_dir() / f"interop-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
    if not classes.exists():
        partial = classes.with_suffix(".partial")
        command = ["javac", "-Xlint:all,-processing", "-cp", f"{resolve_jars()}/*", "-d", str(partial), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        with contextlib.suppress(OSError):  # a parallel run was first
            partial.rename(classes)
    return classes
