"""What a generated class says about its fields, for tools that walk any message (JSON form, repr, tests).

`FIELDS` of a class has one line per field, which costs nothing until somebody asks:

    name: type versions [attribute=..] [nullable=versions] [tagged=versions tag=n] [default=..] [ignorable] [key]

The name is the camelCase one of the JSON form; the type is Kafka's, with the Python class for a struct; versions are
written as in Kafka's schemas (`3+`, `0-7`, `2`).
"""

from __future__ import annotations

import re
from typing import ClassVar, NamedTuple, Protocol

HIGHEST_VERSION = 32767


class HasFields(Protocol):
    """A generated class."""

    FIELDS: ClassVar[tuple[str, ...]]


class VersionRange(NamedTuple):
    """Versions from `low` to `high`, both included; empty when `low` is above `high`."""

    low: int
    high: int

    def has(self, version: int) -> bool:
        """Whether `version` is in the range."""
        return self.low <= version <= self.high


NO_VERSIONS = VersionRange(0, -1)


class FieldInfo(NamedTuple):
    """One field of a message or struct."""

    name: str
    attribute: str
    element: str
    is_array: bool
    versions: VersionRange
    nullable: VersionRange
    tagged: VersionRange
    tag: int | None
    has_default: bool
    ignorable: bool

    @property
    def is_struct(self) -> bool:
        """Whether the type, or the type of the array's elements, is a struct."""
        return self.element[0].isupper()


def snake_case(name: str) -> str:
    """`topicData` gives `topic_data`."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name.replace("kRaft", "kraft").replace("KRaft", "Kraft"))
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def parse_versions(text: str) -> VersionRange:
    """Read `3`, `3-5` or `3+`."""
    if text.endswith("+"):
        return VersionRange(int(text[:-1]), HIGHEST_VERSION)
    low, _, high = text.partition("-")
    return VersionRange(int(low), int(high or low))


def parse_field(line: str) -> FieldInfo:
    """Read one line of `FIELDS`."""
    name, kind, versions, *words = line.split(" ")
    name = name.removesuffix(":")
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    return FieldInfo(
        name=name,
        attribute=settings.get("attribute") or snake_case(name),
        element=kind.removeprefix("[]"),
        is_array=kind.startswith("[]"),
        versions=parse_versions(versions),
        nullable=parse_versions(settings["nullable"]) if "nullable" in settings else NO_VERSIONS,
        tagged=parse_versions(settings["tagged"]) if "tagged" in settings else NO_VERSIONS,
        tag=int(settings["tag"]) if "tag" in settings else None,
        has_default="default" in settings,
        ignorable="ignorable" in words,
    )


_fields: dict[type[HasFields], tuple[FieldInfo, ...]] = {}


def fields_of(message: type[HasFields]) -> tuple[FieldInfo, ...]:
    """The fields of a generated class, in the order of the schema."""
    fields = _fields.get(message)
    if fields is None:
        fields = _fields[message] = tuple(parse_field(line) for line in message.FIELDS)
    return fields


def attribute_names(message: type[HasFields]) -> list[str]:
    """The attributes of a generated class, in the order of the schema."""
    return [field.attribute for field in fields_of(message)]
