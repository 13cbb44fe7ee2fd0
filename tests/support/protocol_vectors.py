"""The messages that Kafka's own classes encoded (tests/golden/README in words: five for each version of each message)."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from kafka_compat.protocol.json_form import Json, from_json
from kafka_compat.protocol.message import Message, struct_class
from kafka_compat.protocol.schema import fields_of

GOLDEN = Path(__file__).parent.parent / "golden"


class Vector(NamedTuple):
    message: str
    version: int
    json: dict[str, Json]
    encoded: bytes


@cache
def vectors() -> list[Vector]:
    with gzip.open(GOLDEN / "codec-vectors.jsonl.gz", "rt", encoding="utf-8") as lines:
        parsed = [json.loads(line) for line in lines]
    return [Vector(one["message"], one["version"], one["json"], bytes.fromhex(one["hex"])) for one in parsed]


@cache
def one_vector_per_version() -> list[Vector]:
    """The shortest vector of each version of each message."""
    shortest: dict[tuple[str, int], Vector] = {}
    for vector in vectors():
        key = (vector.message, vector.version)
        if key not in shortest or len(vector.encoded) < len(shortest[key].encoded):
            shortest[key] = vector
    return list(shortest.values())


def without_tagged_defaults(message: type[Message], values: dict[str, Json], version: int) -> dict[str, Json]:
    """`values` without tagged fields at their default: the vectors have some of them, our JSON form none."""
    kept: dict[str, Json] = {}
    given = from_json(message, values, version)
    default = message()
    for field in fields_of(message):
        if field.name not in values:
            continue
        if field.tagged.has(version) and getattr(given, field.attribute) == getattr(default, field.attribute):
            continue
        value = values[field.name]
        if field.is_struct:
            struct = struct_class(message, field)
            if isinstance(value, dict):
                value = without_tagged_defaults(struct, value, version)
            elif isinstance(value, list):
                value = [without_tagged_defaults(struct, one, version) for one in value if isinstance(one, dict)]
        kept[field.name] = value
    return kept
