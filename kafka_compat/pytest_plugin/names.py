"""Names of topics and groups that tell which test they belong to."""

from __future__ import annotations

import hashlib
import itertools
import re
import uuid
from typing import Final

import pytest

from kafka_compat.pytest_plugin.settings import bootstrap_of

# Kafka allows 249; what is cut off is still in the digest.
_LONGEST_STEM: Final = 120
_run = uuid.uuid4().hex
_numbers = itertools.count()


def name_for(item: pytest.Item) -> str:
    """A name of letters, digits, `_` and `-` (never `.`, as Kafka takes `a.b` and `a_b` for the same in its metrics).

    It is the same in each run of the test, unless the broker has been there before and will be there afterwards.
    """
    seed = item.nodeid
    if bootstrap_of(item.config) is not None:
        seed = f"{_run} {next(_numbers)} {seed}"
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", item.name).strip("-")[:_LONGEST_STEM] or "test"
    return f"{stem}-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"
