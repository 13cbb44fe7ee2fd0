from __future__ import annotations

import os

from kafka_compat import build_info


def test_description_says_how_the_package_was_built() -> None:
    assert build_info.description().startswith("compiled, " if build_info.is_compiled() else "pure Python, ")


def test_a_compiled_run_is_compiled() -> None:
    """scripts/test_compiled sets the variable; without this the source tree could be tested twice unnoticed."""
    assert build_info.is_compiled() == (os.environ.get("KAFKA_COMPAT_EXPECT_COMPILED") == "1")
