"""The file that says where a broker is, as long as clients can connect."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

logger = logging.getLogger(__name__)


def write_ready_file(path: Path, content: Mapping[str, object]) -> None:
    """Write the file so that a reader sees all of it or none."""
    partial = partial_of(path)
    partial.write_text(json.dumps(content) + "\n")
    partial.replace(path)


def drop_ready_file(path: Path) -> None:
    """Remove it; what keeps it there is logged."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("cannot remove the ready file: %s: %s", error.filename, error.strerror)


def partial_of(path: Path) -> Path:
    """Where the file is until it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}")
