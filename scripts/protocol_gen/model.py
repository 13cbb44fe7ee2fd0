"""A typed model of Kafka's message schemas; a key the model does not know is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

HIGHEST = 32767  # an open-ended range, as in Kafka's Versions

Json = Mapping[str, object]


class SpecError(Exception):
    """A schema says something the model does not know or cannot be true."""


@dataclass(frozen=True, slots=True)
class Versions:
    """A range of versions, both ends included; empty when `low` is above `high`."""

    low: int
    high: int

    @classmethod
    def parse(cls, text: str) -> Versions:
        """Read `none`, `3`, `3-5` or `3+`."""
        if text == "none":
            return NONE
        match = re.fullmatch(r"(\d+)(?:(\+)|-(\d+))?", text)
        if match is None:
            raise SpecError(f"versions {text!r}")
        low = int(match[1])
        if match[2]:
            return cls(low, HIGHEST)
        return cls(low, int(match[3]) if match[3] else low)

    def __str__(self) -> str:
        if self.is_empty:
            return "none"
        if self.high == HIGHEST:
            return f"{self.low}+"
        return f"{self.low}-{self.high}" if self.high > self.low else str(self.low)

    @property
    def is_empty(self) -> bool:
        return self.low > self.high

    def __contains__(self, version: int) -> bool:
        return self.low <= version <= self.high

    def covers(self, other: Versions) -> bool:
        """Whether all versions of `other` are in this range."""
        return other.is_empty or (self.low <= other.low and other.high <= self.high)

    def intersect(self, other: Versions) -> Versions:
        both = Versions(max(self.low, other.low), min(self.high, other.high))
        return NONE if both.is_empty else both

    def below(self, version: int) -> Versions:
        """The part of the range that is below `version`."""
        return self.intersect(Versions(0, version - 1))


NONE = Versions(0, -1)

# Encoded size of fixed-width types.
FIXED_SIZES = {
    "bool": 1,
    "int8": 1,
    "int16": 2,
    "uint16": 2,
    "int32": 4,
    "uint32": 4,
    "int64": 8,
    "float64": 8,
    "uuid": 16,
}
VARIABLE_TYPES = ("string", "bytes", "records")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field; `element` is the type without the array brackets."""

    name: str
    element: str
    is_array: bool
    versions: Versions
    nullable: Versions = NONE
    tagged: Versions = NONE
    tag: int | None = None
    flexible: Versions | None = None
    default: str = ""
    ignorable: bool = False
    map_key: bool = False
    zero_copy: bool = False
    entity_type: str | None = None
    fields: tuple[FieldSpec, ...] = ()

    @property
    def is_struct(self) -> bool:
        """Whether the (element) type is a struct."""
        return self.element[0].isupper()

    @property
    def is_fixed(self) -> bool:
        """Whether all values have the same size."""
        return not self.is_array and self.element in FIXED_SIZES

    @property
    def mandatory(self) -> Versions:
        """The versions in which the field stands in its place, not among the tagged fields."""
        return self.versions if self.tagged.is_empty else self.versions.below(self.tagged.low)

    def to_json(self) -> dict[str, object]:
        values: dict[str, object] = {
            "name": self.name,
            "type": ("[]" if self.is_array else "") + self.element,
            "versions": str(self.versions),
        }
        if not self.nullable.is_empty:
            values["nullableVersions"] = str(self.nullable)
        if self.tag is not None:
            values["taggedVersions"] = str(self.tagged)
            values["tag"] = self.tag
        if self.flexible is not None:
            values["flexibleVersions"] = str(self.flexible)
        if self.default:
            values["default"] = self.default
        for key, value in (("ignorable", self.ignorable), ("mapKey", self.map_key), ("zeroCopy", self.zero_copy)):
            if value:
                values[key] = True
        if self.entity_type is not None:
            values["entityType"] = self.entity_type
        if self.fields:
            values["fields"] = [child.to_json() for child in self.fields]
        return values


@dataclass(frozen=True, slots=True)
class StructSpec:
    """A struct that several fields of one schema share."""

    name: str
    versions: Versions
    fields: tuple[FieldSpec, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """One message: a request, response, header, record key or value, or data inside another field."""

    component: str
    name: str
    kind: str
    valid: Versions
    flexible: Versions
    api_key: int | None = None
    listeners: tuple[str, ...] = ()
    latest_version_unstable: bool = False
    fields: tuple[FieldSpec, ...] = ()
    common_structs: tuple[StructSpec, ...] = field(default=())

    def to_json(self) -> str:
        """The schema in its normal form."""
        values: dict[str, object] = {"name": self.name, "type": self.kind}
        if self.api_key is not None:
            values["apiKey"] = self.api_key
        if self.listeners:
            values["listeners"] = list(self.listeners)
        values["validVersions"] = str(self.valid)
        values["flexibleVersions"] = str(self.flexible)
        if self.latest_version_unstable:
            values["latestVersionUnstable"] = True
        values["fields"] = [child.to_json() for child in self.fields]
        if self.common_structs:
            values["commonStructs"] = [
                {"name": one.name, "versions": str(one.versions), "fields": [child.to_json() for child in one.fields]}
                for one in self.common_structs
            ]
        return json.dumps(values, indent=1) + "\n"


KINDS = ("request", "response", "header", "data", "coordinator-key", "coordinator-value")
SCHEMA_KEYS = {
    "name", "type", "apiKey", "listeners", "validVersions", "flexibleVersions", "latestVersionUnstable", "fields",
    "commonStructs",
}  # fmt: skip
FIELD_KEYS = {
    "name", "type", "versions", "nullableVersions", "taggedVersions", "tag", "flexibleVersions", "default", "ignorable",
    "mapKey", "zeroCopy", "entityType", "fields", "about",
}  # fmt: skip


def parse_schema(values: Json, component: str) -> Schema:
    """The schema that `values` (JSON of Kafka or of `Schema.to_json`) describes.

    Raises:
        SpecError: a key or type that is unknown, or a missing one.
    """
    name = _text(values, "name")
    _check_keys(values, SCHEMA_KEYS, name)
    kind = _text(values, "type")
    if kind not in KINDS:
        raise SpecError(f"{name}: type {kind!r}")
    api_key = values.get("apiKey")
    if api_key is not None and not isinstance(api_key, int):
        raise SpecError(f"{name}: apiKey {api_key!r}")
    schema = Schema(
        component=component,
        name=name,
        kind=kind,
        valid=_versions(values, "validVersions", None),
        flexible=_versions(values, "flexibleVersions", NONE),
        api_key=api_key,
        listeners=tuple(str(listener) for listener in _list(values, "listeners")),
        latest_version_unstable=values.get("latestVersionUnstable") is True,
        fields=_fields(values, name),
        common_structs=tuple(_struct(one, name) for one in _objects(values, "commonStructs")),
    )
    known = {one.name for one in schema.common_structs}
    for one in schema.common_structs:
        _check_types(one.fields, known, name)
    _check_types(schema.fields, known, name)
    return schema


def _struct(values: Json, where: str) -> StructSpec:
    name = _text(values, "name")
    _check_keys(values, {"name", "versions", "fields"}, f"{where}.{name}")
    return StructSpec(name, _versions(values, "versions", None), _fields(values, f"{where}.{name}"))


def _fields(values: Json, where: str) -> tuple[FieldSpec, ...]:
    return tuple(_field(one, where) for one in _objects(values, "fields"))


def _field(values: Json, where: str) -> FieldSpec:
    name = _text(values, "name")
    where = f"{where}.{name}"
    _check_keys(values, FIELD_KEYS, where)
    kind = _text(values, "type")
    tagged = _versions(values, "taggedVersions", NONE)
    tag = values.get("tag")
    if (tag is None) != tagged.is_empty or not isinstance(tag, int | None):
        raise SpecError(f"{where}: a tag and taggedVersions go together")
    entity_type = values.get("entityType")
    return FieldSpec(
        name=name,
        element=kind.removeprefix("[]"),
        is_array=kind.startswith("[]"),
        versions=_versions(values, "versions", tagged if tag is not None else None),
        nullable=_versions(values, "nullableVersions", NONE),
        tagged=tagged,
        tag=tag,
        flexible=_versions(values, "flexibleVersions", None) if "flexibleVersions" in values else None,
        default=_default(values.get("default"), where),
        ignorable=_flag(values, "ignorable"),
        map_key=_flag(values, "mapKey"),
        zero_copy=_flag(values, "zeroCopy"),
        entity_type=None if entity_type is None else str(entity_type),
        fields=_fields(values, where),
    )


def _default(value: object, where: str) -> str:
    # A JSON null is no default at all for Kafka's generator: only the string "null" makes null the default.
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, str)):
        return str(value)
    raise SpecError(f"{where}: default {value!r}")


def _check_types(fields: tuple[FieldSpec, ...], known: set[str], where: str) -> None:
    for one in fields:
        inside = f"{where}.{one.name}"
        if one.is_struct:
            if bool(one.fields) == (one.element in known):
                raise SpecError(f"{inside}: struct {one.element} must be defined once")
        elif one.fields or (one.element not in FIXED_SIZES and one.element not in VARIABLE_TYPES):
            raise SpecError(f"{inside}: type {one.element!r}")
        if not one.nullable.is_empty and one.is_fixed:
            raise SpecError(f"{inside}: {one.element} cannot be null")
        if not one.tagged.is_empty and one.tagged.high != HIGHEST:
            raise SpecError(f"{inside}: tagged versions end")
        _check_types(one.fields, known, inside)


def _check_keys(values: Json, known: set[str], where: str) -> None:
    unknown = set(values) - known
    if unknown:
        raise SpecError(f"{where}: unknown keys {sorted(unknown)}")


def _text(values: Json, key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str):
        raise SpecError(f"{key} is {value!r}")
    return value


def _flag(values: Json, key: str) -> bool:
    value = values.get(key, False)
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise SpecError(f"{key} is {value!r}")


def _versions(values: Json, key: str, missing: Versions | None) -> Versions:
    value = values.get(key)
    if value is None and missing is not None:
        return missing
    if not isinstance(value, str):
        raise SpecError(f"{values.get('name')}: {key} is {value!r}")
    return Versions.parse(value)


def _list(values: Json, key: str) -> list[object]:
    value = values.get(key, [])
    if not isinstance(value, list):
        raise SpecError(f"{key} is {value!r}")
    return value


def _objects(values: Json, key: str) -> list[Json]:
    found: list[Json] = []
    for value in _list(values, key):
        if not isinstance(value, dict):
            raise SpecError(f"{key} holds {value!r}")
        found.append(value)
    return found
