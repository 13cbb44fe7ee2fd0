"""Which classes a schema becomes, and what each knows about its fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocol_gen.model import FIXED_SIZES, FieldSpec, Schema, SpecError, Versions
from protocol_gen.naming import attribute_name

NUMBER_RANGES = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a class. `flexible` are the versions in which its own layout is the compact one."""

    spec: FieldSpec
    attribute: str
    struct: str | None
    flexible: Versions
    in_request: bool

    @property
    def nullable(self) -> bool:
        """Whether the attribute may be None in some version."""
        return not self.spec.nullable.intersect(self.spec.versions).is_empty or self.default == "None"

    @property
    def default(self) -> str:
        """The default as a Python expression; `[]`, `T()` and None stand for the empty array, struct and null."""
        spec = self.spec
        text = spec.default
        if text == "null":
            if not spec.nullable.covers(spec.versions):
                raise SpecError(f"{spec.name}: null is no value of all its versions")
            return "None"
        if spec.is_array:
            return _only_empty(spec, "[]")
        if self.struct is not None:
            return _only_empty(spec, f"{self.struct}()")
        match spec.element:
            case "bool":
                return {"": "False", "false": "False", "true": "True"}[text.lower()]
            case "string":
                return repr(text).replace("'", '"')
            case "bytes":
                return _only_empty(spec, 'b""')
            case "records":
                return _only_empty(spec, "None")
            case "uuid":
                return _only_empty(spec, "ZERO_UUID")
            case "float64":
                return repr(float(text or 0))
        low, high = NUMBER_RANGES[spec.element]
        value = int(text or "0", 16 if text.startswith("0x") else 10)
        if not low <= value <= high:
            raise SpecError(f"{spec.name}: default {text}")
        return str(value)

    @property
    def value_type(self) -> str:
        """The attribute's type without None."""
        element = self.struct or {
            "bool": "bool",
            "float64": "float",
            "string": "str",
            "uuid": "bytes",
            "bytes": "Buffer" if self.spec.zero_copy else "bytes",
            "records": "Buffer" if self.in_request else "Records",
        }.get(self.spec.element, "int")
        return f"list[{element}]" if self.spec.is_array else element

    @property
    def attribute_type(self) -> str:
        """The attribute's type."""
        return f"{self.value_type} | None" if self.nullable else self.value_type


def _only_empty(spec: FieldSpec, value: str) -> str:
    if spec.default:
        raise SpecError(f"{spec.name}: default {spec.default!r}")
    return value


@dataclass(frozen=True, slots=True)
class Layout:
    """One class: a message (`schema` is set) or a struct inside it. `scope` are the versions it exists in."""

    class_name: str
    kafka_name: str
    scope: Versions
    flexible: Versions
    fields: tuple[Field, ...]
    message: Schema
    schema: Schema | None

    @property
    def tagged(self) -> list[Field]:
        """The fields that are tagged in some version, by tag."""
        found = [one for one in self.fields if not one.spec.tagged.intersect(self.scope).is_empty]
        found.sort(key=lambda one: one.spec.tag or 0)
        tags = [one.spec.tag for one in found]
        if tags != list(range(len(tags))) and len(set(tags)) != len(tags):
            raise SpecError(f"{self.class_name}: tags {tags}")
        return found


def struct_names(schema: Schema) -> list[str]:
    """Kafka's names of the structs in `schema`, outermost first."""

    def inside(fields: Sequence[FieldSpec]) -> Iterator[str]:
        for one in fields:
            if one.fields:
                yield one.element
                yield from inside(one.fields)

    names = list(inside(schema.fields))
    for one in schema.common_structs:
        names += [one.name, *inside(one.fields)]
    if len(set(names)) != len(names) or schema.name in names:
        raise SpecError(f"{schema.name}: a struct is defined twice")
    return names


def layouts(schema: Schema, taken: set[str]) -> list[Layout]:
    """The classes of `schema`, the message first; a struct whose name is in `taken` gets the message's name in front."""
    class_names = {name: f"{schema.name}{name}" if name in taken else name for name in struct_names(schema)}
    found: list[Layout] = []

    def add(class_name: str, kafka_name: str, scope: Versions, specs: Sequence[FieldSpec], top: Schema | None) -> None:
        fields = tuple(_field(spec, schema, class_names) for spec in specs)
        attributes = [one.attribute for one in fields]
        if len(set(attributes)) != len(attributes):
            raise SpecError(f"{class_name}: two fields become one attribute")
        found.append(Layout(class_name, kafka_name, scope, schema.flexible, fields, schema, top))
        for spec in specs:
            if spec.fields:
                add(class_names[spec.element], spec.element, scope.intersect(spec.versions), spec.fields, None)

    add(schema.name, schema.name, schema.valid, schema.fields, schema)
    for one in schema.common_structs:
        add(class_names[one.name], one.name, schema.valid.intersect(one.versions), one.fields, None)
    return found


def _field(spec: FieldSpec, schema: Schema, class_names: dict[str, str]) -> Field:
    return Field(
        spec=spec,
        attribute=attribute_name(spec.name),
        struct=class_names[spec.element] if spec.is_struct else None,
        flexible=schema.flexible if spec.flexible is None else spec.flexible,
        in_request=schema.kind == "request",
    )


class Sizes:
    """The least number of bytes a value can have, for bounding counts before anything is allocated."""

    def __init__(self, structs: Sequence[Layout]) -> None:
        self._structs = {one.class_name: one for one in structs}

    def element(self, field: Field, scope: Versions) -> int:
        """Least bytes of one element of an array field in any version of `scope`; at least 1, as Kafka counts."""
        return max(1, min(self._value(field, version, of_element=True) for version in range(scope.low, scope.high + 1)))

    def _value(self, field: Field, version: int, *, of_element: bool) -> int:
        spec = field.spec
        compact = version in field.flexible
        if spec.is_array and not of_element:
            return 1 if compact else 4
        if field.struct is not None:
            if version in spec.nullable and not of_element:
                return 1
            return self._struct(self._structs[field.struct], version)
        if spec.element in FIXED_SIZES:
            return FIXED_SIZES[spec.element]
        if compact:
            return 1
        return 2 if spec.element == "string" else 4

    def _struct(self, struct: Layout, version: int) -> int:
        size = 1 if version in struct.flexible else 0
        return size + sum(self._value(one, version, of_element=False) for one in struct.fields if version in one.spec.mandatory)
