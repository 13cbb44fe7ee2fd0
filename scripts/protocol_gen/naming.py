"""Python's names for Kafka's."""

from __future__ import annotations

import keyword
import re

# Kafka writes KRaft as one word, its generator splits it.
WORDS = {"KRaft": "Kraft"}
RESERVED = {"decode", "encode", "is_default", "self", "cls", "reader", "writer", "version"}


def snake_case(name: str) -> str:
    """`InitProducerId` gives `init_producer_id`."""
    for word, spelling in WORDS.items():
        name = name.replace(word, spelling)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def attribute_name(name: str) -> str:
    """The attribute that holds the field `name`."""
    attribute = snake_case(name)
    return f"{attribute}_" if keyword.iskeyword(attribute) or attribute in RESERVED else attribute


def camel_case(name: str) -> str:
    """The name in the JSON form: Kafka's with a small first letter."""
    return name[0].lower() + name[1:]


def api_name(schema_name: str) -> str:
    """`ProduceRequest` and `ProduceResponse` give `Produce`."""
    return re.sub(r"(Request|Response)$", "", schema_name)
