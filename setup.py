"""Builds the package, with its hot modules compiled by mypyc where that is possible.

KAFKA_COMPAT_COMPILE decides: "auto" (default) compiles for wheels when a C compiler is there and falls back to pure Python when
anything fails, "1" compiles or fails, "0" never compiles. An editable install is always pure: a shared library beside a source
file would hide every later change of it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# Typed modules without I/O of their own that are called per request or per record. A module is added when it compiles, passes
# its tests compiled (scripts/test_compiled), and a measurement says that it pays.
COMPILED_MODULES = [
    "kafka_compat/records/batch.py",
    "kafka_compat/records/builder.py",
    "kafka_compat/records/compact.py",
    "kafka_compat/records/reader.py",
    "kafka_compat/records/rebuild.py",
    "kafka_compat/records/walk.py",
    "kafka_compat/security/quota/rates.py",
    "kafka_compat/security/quota/limits.py",
    "kafka_compat/security/quota/clients.py",
    "kafka_compat/wire/types.py",
    "kafka_compat/wire/reader.py",
    "kafka_compat/wire/writer.py",
    "kafka_compat/protocol/messages/fetch.py",
    "kafka_compat/protocol/messages/produce.py",
    "kafka_compat/log/allowance.py",
    "kafka_compat/log/validation.py",
    "kafka_compat/log/verification.py",
    "kafka_compat/log/inspection.py",
    "kafka_compat/log/producer.py",
    "kafka_compat/log/producer_snapshot.py",
    "kafka_compat/log/producer_state.py",
    "kafka_compat/log/traffic.py",
    "kafka_compat/log/watermarks.py",
    "kafka_compat/log/in_flight.py",
    "kafka_compat/log/partition_view.py",
    "kafka_compat/log/partition.py",
    "kafka_compat/api/request_counters.py",
    "kafka_compat/log/reading.py",
    "kafka_compat/api/fetch_answer.py",
    "kafka_compat/api/fetch_size.py",
    "kafka_compat/api/handlers/produce.py",
    "kafka_compat/api/handlers/fetch.py",
]

MODE = os.environ.get("KAFKA_COMPAT_COMPILE", "auto")
PURE_COMMANDS = {"editable_wheel", "develop", "sdist", "egg_info", "dist_info", "clean"}


def say(message: str) -> None:
    """Build front ends show standard error when asked (pip -v) and when the build fails."""
    print(f"kafka_compat: {message}", file=sys.stderr)  # noqa: T201


def extensions() -> list[Extension]:
    """The compiled modules, none for a pure build."""
    if MODE not in {"auto", "0", "1"}:
        raise SystemExit(f"KAFKA_COMPAT_COMPILE must be auto, 0 or 1, not {MODE!r}")
    if MODE == "0" or PURE_COMMANDS & set(sys.argv[1:]):
        return []
    try:
        from mypyc.build import mypycify

        # mypyc reports type errors through SystemExit.
        return mypycify(
            ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent", *COMPILED_MODULES],
            opt_level="3",
            group_name="kafka_compat",
        )
    except (Exception, SystemExit) as error:
        if MODE == "1":
            raise
        say(f"pure Python build, mypyc cannot compile here: {error}")
        return []


class build_optional_ext(build_ext):  # noqa: N801, the name setuptools gives to commands
    """Leaves the extensions out, all of them, when one cannot be built."""

    def run(self) -> None:
        try:
            super().run()
        except Exception as error:
            if MODE == "1":
                raise
            say(f"pure Python build, the C compiler failed: {error}")
            for extension in self.extensions:
                Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
            self.extensions = []


setup(ext_modules=extensions(), cmdclass={"build_ext": build_optional_ext})
