"""What tests of the handlers have to know of a compiled build (`scripts/test_compiled`)."""

from __future__ import annotations

import pytest

from kafka_compat import build_info

# mypyc binds what a compiled module calls, and its constants, when it compiles it.
replaces_parts = pytest.mark.skipif(build_info.is_compiled(), reason="replaces parts of a module that is compiled here")
