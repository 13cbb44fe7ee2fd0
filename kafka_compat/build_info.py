"""How this copy of the package was built, for `kafka-compat --version` and bug reports."""

from __future__ import annotations

import platform
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec


def is_compiled() -> bool:
    """Whether the hot modules are machine code (see setup.py) rather than interpreted Python."""
    spec = find_spec("kafka_compat.records.walk")
    return spec is not None and spec.origin is not None and spec.origin.endswith(tuple(EXTENSION_SUFFIXES))


def description() -> str:
    """One line, such as "compiled, CPython 3.11.2 on Linux x86_64"."""
    kind = "compiled" if is_compiled() else "pure Python"
    return f"{kind}, {platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
