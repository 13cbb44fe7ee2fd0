"""Writes the module of one API or record: its classes with their fields, `decode` and `encode`."""

from __future__ import annotations

from collections.abc import Sequence

from protocol_gen.code import Code
from protocol_gen.decoder import DecoderWriter
from protocol_gen.encoder import EncoderWriter, is_set
from protocol_gen.layout import Field, Layout, Sizes, layouts, struct_names
from protocol_gen.model import HIGHEST, Schema
from protocol_gen.naming import camel_case, snake_case

_HELPERS = ("ZERO_UUID", "describe_message", "equal_messages", "not_in_version", "unknown_tag", "unsupported")
HEADER = "# Written by scripts/generate.py from protocol_specs/; change the generator, not this file."


def module_source(title: str, schemas: Sequence[Schema]) -> str:
    """The text of the module that holds `schemas`."""
    structs: list[Layout] = []
    for schema in schemas:
        others = {name for one in schemas if one is not schema for name in (one.name, *struct_names(one))}
        structs += layouts(schema, others)
    sizes = Sizes(structs)
    code = Code()
    checked = _structs_with_default_check(structs)
    for one in structs:
        _write_class(code, one, sizes, with_default_check=one.class_name in checked)
    return _with_head(code, title)


def _structs_with_default_check(structs: Sequence[Layout]) -> set[str]:
    """The structs that encode compares with their default: tagged ones, and ones that some version lacks."""
    found: set[str] = set()
    for one in structs:
        for field in one.fields:
            spec = field.spec
            if field.struct is not None and not spec.is_array and field.default != "None":
                found.add(field.struct)
    return found


def _with_head(code: Code, title: str) -> str:
    body = "\n".join(code.lines)
    head = [HEADER, f'"""{title}"""', "", "from __future__ import annotations", ""]
    if code.formats:
        head.append("from struct import Struct")
    typing = [name for name in ("ClassVar", "Final", "Self") if name in body or (name == "Final" and code.formats)]
    head += [f"from typing import {', '.join(typing)}", ""]
    names = [name for name in _HELPERS if name in body]
    head.append(f"from kafka_compat.protocol.message import {', '.join(sorted(names))}")
    names = [name for name in ("Buffer", "Records") if f": {name}" in body or f"[{name}]" in body]
    names += ["Reader", *(["StructError"] if "except StructError" in body else []), "Writer"]
    head.append(f"from kafka_compat.wire.primitives import {', '.join(names)}")
    head.append("")
    head += [f'{name}: Final = Struct("{layout}")' for name, layout in sorted(code.formats.items())]
    return "\n".join([*head, *code.lines, ""])


def _write_class(code: Code, layout: Layout, sizes: Sizes, *, with_default_check: bool) -> None:
    code.line()
    code.line()
    with code.block(f"class {layout.class_name}:"):
        code.line(f'"""{_summary(layout)}"""')
        code.line()
        names = sorted(one.attribute for one in layout.fields)
        if len(names) == 1:
            code.line(f'__slots__ = ("{names[0]}",)')
        else:
            code.listing("__slots__ = (", [f'"{name}"' for name in names], ")")
        code.line()
        _write_constants(code, layout)
        _write_init(code, layout)
        _write_decode(code, layout, sizes)
        _write_encode(code, layout)
        if with_default_check:
            _write_default_check(code, layout)
        code.line()
        with code.block("def __eq__(self, other: object) -> bool:"):
            code.line("return equal_messages(self, other)")
        code.line()
        with code.block("def __repr__(self) -> str:"):
            code.line("return describe_message(self)")


def _summary(layout: Layout) -> str:
    schema = layout.schema
    if schema is None:
        return f"{layout.kafka_name} of {layout.message.name}, versions {layout.scope}."
    unstable = f"; version {schema.valid.high} is unstable" if schema.latest_version_unstable else ""
    flexible = "" if schema.flexible.is_empty else f", flexible from {schema.flexible.low}"
    return f"{schema.name}, versions {schema.valid}{flexible}{unstable}."


def _write_constants(code: Code, layout: Layout) -> None:
    schema = layout.schema
    if schema is not None:
        if schema.api_key is not None:
            name = "RECORD_TYPE" if schema.kind.startswith("coordinator") else "API_KEY"
            code.line(f"{name}: Final = {schema.api_key}")
        code.line(f"MIN_VERSION: Final = {schema.valid.low}")
        code.line(f"MAX_VERSION: Final = {schema.valid.high}")
        flexible = HIGHEST + 1 if schema.flexible.is_empty else schema.flexible.low
        code.line(f"FLEXIBLE_FROM: Final = {flexible}")
    with code.block("FIELDS: ClassVar[tuple[str, ...]] = ("):
        for one in layout.fields:
            code.line(f'"{describe(one)}",')
    code.line(")")


def describe(field: Field) -> str:
    """A field in the small language that `kafka_compat.protocol.schema` reads."""
    spec = field.spec
    kind = ("[]" if spec.is_array else "") + (field.struct or spec.element)
    words = [f"{camel_case(spec.name)}: {kind} {spec.versions}"]
    if field.attribute != snake_case(spec.name):
        words.append(f"attribute={field.attribute}")
    for name, versions in (("nullable", spec.nullable), ("tagged", spec.tagged)):
        if not versions.is_empty:
            words.append(f"{name}={versions}")
    if spec.tag is not None:
        words.append(f"tag={spec.tag}")
    if spec.default:
        words.append(f"default={spec.default}")
    words += [word for word, on in (("ignorable", spec.ignorable), ("key", spec.map_key)) if on]
    return " ".join(words)


def _parameter(field: Field) -> tuple[str, str]:
    """The constructor's parameter and the value stored for it."""
    name = field.attribute
    kind = field.attribute_type
    default = field.default
    if default == "None":
        return f"{name}: {kind} = None", name
    if field.spec.is_array:
        element = field.value_type.removeprefix("list[").removesuffix("]")
        return f"{name}: {kind} | tuple[{element}, ...] = ()", f"list({name}) if isinstance({name}, tuple) else {name}"
    if field.struct is not None:
        if field.nullable:
            return f"{name}: {kind} | tuple[()] = ()", f"{default} if isinstance({name}, tuple) else {name}"
        return f"{name}: {kind} | None = None", f"{default} if {name} is None else {name}"
    return f"{name}: {kind} = {default}", name


def _write_init(code: Code, layout: Layout) -> None:
    code.line()
    if not layout.fields:
        with code.block("def __init__(self) -> None:"):
            code.line("pass")
        return
    parameters = [_parameter(one) for one in layout.fields]
    with code.block("def __init__("):
        code.line("self,")
        code.line("*,")
        for parameter, _ in parameters:
            code.line(f"{parameter},")
    with code.block(") -> None:"):
        for one, (_, value) in zip(layout.fields, parameters, strict=True):
            code.line(f"self.{one.attribute}: {one.attribute_type} = {value}")


def _write_decode(code: Code, layout: Layout, sizes: Sizes) -> None:
    code.line()
    code.line("@classmethod")
    with code.block("def decode(cls, reader: Reader, version: int) -> Self:"):
        body = DecoderWriter(code, layout, sizes)
        if layout.schema is None:
            code.line("self = cls.__new__(cls)")
            body.write()
        else:
            _write_version_check(code, layout)
            code.line("self = cls.__new__(cls)")
            if layout.fields:
                with code.block("try:"):
                    body.write()
                with code.block("except StructError:"):
                    code.line("raise reader.truncated() from None")
            else:
                body.write()
        code.line("return self")


def _write_version_check(code: Code, layout: Layout) -> None:
    with code.block(f"if not {layout.scope.low} <= version <= {layout.scope.high}:"):
        code.line(f'raise unsupported("{layout.class_name}", version)')


def _write_encode(code: Code, layout: Layout) -> None:
    code.line()
    with code.block("def encode(self, writer: Writer, version: int) -> None:"):
        if layout.schema is not None:
            _write_version_check(code, layout)
        EncoderWriter(code, layout).write()


def _write_default_check(code: Code, layout: Layout) -> None:
    code.line()
    with code.block("def is_default(self) -> bool:"):
        code.line('"""Whether every field has its default."""')
        tests: list[str] = []
        for one in layout.fields:
            test = is_set(one, f"self.{one.attribute}")
            tests.append(f"({test})" if " or " in test else test)
        if not tests:
            code.line("return True")
            return
        text = f"return not ({' or '.join(tests)})"
        if len(text) < 115:
            code.line(text)
            return
        with code.block("return not ("):
            for index, test in enumerate(tests):
                code.line(f"or {test}" if index else test)
        code.line(")")
