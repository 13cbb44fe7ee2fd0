"""How many file descriptors the process may have, and who gets how many of them.

A part is nobody's: it is there for what is opened for a moment, modules that are imported late and listening sockets, so that
these do not fail because connections or cached files took the last descriptor.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Final, NamedTuple

MIN_LIMIT: Final = 64
"""A broker is not started with less."""

_RESERVE: Final = 64
_MAX_FILES: Final = 1024
_MAX_REGIONS: Final = 256
_UNLIMITED: Final = 1 << 20
# What macOS allows at most, whatever its hard limit says (OPEN_MAX of its limits.h).
_MACOS_MAX: Final = 10_240


class Shares(NamedTuple):
    """Descriptors by purpose.

    Attributes:
        files: kept open between two uses.
        regions: of files that are being sent.
        connections: from clients.
    """

    files: int
    regions: int
    connections: int


def shares(limit: int) -> Shares:
    """How `limit` descriptors are shared out."""
    free = limit - min(_RESERVE, limit // 2)
    files, regions = min(_MAX_FILES, free // 3), min(_MAX_REGIONS, free // 8)
    return Shares(files, regions, free - files - regions)


if sys.platform == "win32":

    def open_limit() -> int:
        """Descriptors that the process may have: Windows sets no bound."""
        return _UNLIMITED

    def raise_open_limit() -> int:
        """The same: there is nothing to raise."""
        return _UNLIMITED

else:
    import resource

    def open_limit() -> int:
        """Descriptors that the process may have."""
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return _UNLIMITED if soft == resource.RLIM_INFINITY else soft

    def raise_open_limit() -> int:
        """Raise the soft limit to the hard one, as the JVM does; the limit from now on."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = hard
        if sys.platform == "darwin" and (hard == resource.RLIM_INFINITY or hard > _MACOS_MAX):
            wanted = max(soft, _MACOS_MAX)
        if soft not in (wanted, resource.RLIM_INFINITY):
            with contextlib.suppress(OSError, ValueError):  # a sandbox may forbid it: what there is has to do
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return open_limit()
