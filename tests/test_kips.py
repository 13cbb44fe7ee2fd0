"""What docs/kips.toml says is there, is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kafka_compat.api.table import HANDLERS
from kafka_compat.config.key import Scope
from kafka_compat.config.table import CONFIGS
from kafka_compat.protocol.registry import API_NAMES
from scripts.docs_tables import read_kips

ROOT = Path(__file__).resolve().parent.parent
KIPS = read_kips()
SERVED = {API_NAMES[key] for key in HANDLERS}


@pytest.mark.parametrize("number", KIPS)
def test_row(number: int) -> None:
    kip: dict[str, Any] = KIPS[number]
    assert kip.keys() <= {"title", "here", "where", "note"}
    assert kip["here"] in ("whole", "part", "none")
    where = kip.get("where", [])
    assert bool(where) == (kip["here"] != "none"), "what is here is somewhere"
    assert kip["here"] != "part" or kip.get("note"), "a part is told from the whole"
    for name in where:
        if "/" in name:
            assert (ROOT / name).exists(), name
        elif name[0].isupper():
            assert name in SERVED
        else:
            assert CONFIGS[Scope.BROKER][name].acts, name
    assert not any(text.endswith(".") for text in (kip["title"], kip.get("note", "")))


def test_rows_are_in_order() -> None:
    assert list(KIPS) == sorted(KIPS)
