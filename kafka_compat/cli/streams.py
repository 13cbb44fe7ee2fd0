"""The standard streams, which may be closed, full, or read by nobody. Every command pays for what is imported here."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def open_standard_streams() -> None:
    """Put the null device where a standard stream is closed: else the next file or socket has its number, and gets its text."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
    # None is what Python makes of a closed stream.
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 (as long as the process)
    if sys.stdout is None:
        sys.stdout = open(1, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115 (as long as the process)
    if sys.stderr is None:
        sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115 (as long as the process)


def say(text: str, stream: TextIO) -> str | None:
    """Print to stdout or stderr whatever is at its other end; why nobody can read it, None when it is written."""
    try:
        if isinstance(stream, io.TextIOWrapper):
            # A path may hold what the locale's encoding lacks.
            stream.reconfigure(errors="backslashreplace")
        print(text, file=stream, flush=True)
    except OSError as error:
        discard(stream)
        return error.strerror or str(error)
    return None


def discard(stream: TextIO) -> None:
    """Send what is still buffered, and what follows, nowhere: it must not fail again at the end of the process."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
