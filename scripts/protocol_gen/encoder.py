"""Writes `encode`."""

from __future__ import annotations

from collections.abc import Sequence

from protocol_gen.code import Code, needs_split, runs_by_presence, runs_of_fixed, split
from protocol_gen.layout import Field, Layout
from protocol_gen.model import Versions

KINDS = {"string": "string", "bytes": "bytes_", "records": "records"}


def is_set(field: Field, value: str) -> str:
    """An expression that is true when `value` is not the field's default."""
    if field.default == "None":
        return f"{value} is not None"
    if field.spec.is_array or field.spec.element == "bytes":
        return f"{value} is None or len({value}) > 0" if field.nullable else f"len({value}) > 0"
    if field.struct is not None:
        return f"{value} is None or not {value}.is_default()" if field.nullable else f"not {value}.is_default()"
    if field.default == "False":
        return value
    if field.default == "True":
        return f"not {value}"
    return f"{value} != {field.default}"


class EncoderWriter:
    """Writes the body of one class's `encode`: `self`, `writer` and `version` are at hand."""

    def __init__(self, code: Code, layout: Layout) -> None:
        self._code = code
        self._layout = layout

    def write(self) -> None:
        layout = self._layout
        before = len(self._code.lines)
        if needs_split(layout.fields, layout.flexible, layout.scope):
            for head, scope, _ in split(layout.flexible, layout.scope):
                with self._code.block(head or ""):
                    self._body(scope)
        else:
            self._body(layout.scope)
        if len(self._code.lines) == before:
            self._code.line("pass")

    def _body(self, scope: Versions) -> None:
        for present, fields in runs_by_presence(self._layout.fields, scope):
            branches = split(present, scope)
            if branches[0][0] is None:
                _, part, inside = branches[0]
                self._writes(fields, part) if inside else self._absent(fields, part)
                continue
            (head, part, _), (_, outside, _) = branches
            with self._code.block(head or ""):
                self._writes(fields, part)
            self._absent(fields, outside, head="else:")
        flexible = self._layout.flexible
        if not flexible.intersect(scope).is_empty:
            head, part, _ = split(flexible, scope)[0]
            if head is None:
                self._tags(part)
            else:
                with self._code.block(head):
                    self._tags(part)

    def _absent(self, fields: Sequence[Field], scope: Versions, head: str | None = None) -> None:
        """A value that a version cannot carry is refused, unless the field may be ignored (Kafka's MessageGenerator)."""
        checked = [one for one in fields if not one.spec.ignorable and not one.spec.tagged.covers(scope)]
        if not checked:
            return
        if head is not None:
            with self._code.block(head):
                self._absent(checked, scope)
            return
        for one in checked:
            test = is_set(one, f"self.{one.attribute}")
            if not one.spec.tagged.intersect(scope).is_empty:
                test = f"version < {one.spec.tagged.low} and {f'({test})' if ' or ' in test else test}"
            with self._code.block(f"if {test}:"):
                self._code.line(f'raise not_in_version("{self._layout.class_name}.{one.attribute}", version)')

    def _writes(self, fields: Sequence[Field], scope: Versions) -> None:
        for run in runs_of_fixed(fields):
            if run[0].spec.is_fixed:
                self._fixed(run, "writer")
            else:
                self._variable(run[0], scope)

    def _fixed(self, fields: Sequence[Field], writer: str) -> None:
        name, _ = self._code.fixed([one.spec.element for one in fields])
        self._code.listing(f"{writer}.buffer += {name}.pack(", [f"self.{one.attribute}" for one in fields], ")")

    def _variable(self, field: Field, scope: Versions) -> None:
        for head, part, compact in split(field.flexible, scope):
            if head is not None:
                with self._code.block(head):
                    self._by_nullability(field, part, compact=compact)
            else:
                self._by_nullability(field, part, compact=compact)

    def _by_nullability(self, field: Field, scope: Versions, *, compact: bool) -> None:
        for head, part, nullable in split(field.spec.nullable, scope):
            if head is not None:
                with self._code.block(head):
                    self._value(field, part, "writer", compact=compact, nullable=nullable)
            else:
                self._value(field, part, "writer", compact=compact, nullable=nullable)

    def _value(
        self, field: Field, scope: Versions, writer: str, *, compact: bool, nullable: bool, tagged: bool = False
    ) -> None:
        code = self._code
        value = f"self.{field.attribute}"
        # A tagged field whose default is null is only written when it is something else.
        is_not_null = tagged and field.default == "None"
        if field.nullable and not nullable:
            with code.block(f"if {value} is None:"):
                code.line(f'raise writer.null_error("{self._layout.class_name}.{field.attribute}")')
        prefix = ("compact_" if compact else "") + ("nullable_" if nullable else "")
        if field.spec.is_array:
            length = f"{writer}.{'compact_' if compact else ''}array_length"
            if not nullable or is_not_null:
                code.line(f"{length}(len({value}))")
                self._elements(field, writer, compact=compact)
                return
            with code.block(f"if {value} is None:"):
                code.line(f"{length}(-1)")
            with code.block("else:"):
                code.line(f"{length}(len({value}))")
                self._elements(field, writer, compact=compact)
        elif field.struct is not None:
            if is_not_null and nullable:
                code.line(f"{writer}.unsigned_varint(1)")
            if is_not_null or not nullable:
                code.line(f"{value}.encode({writer}, version)")
                return
            with code.block(f"if {value} is None:"):
                code.line(f"{writer}.unsigned_varint(0)" if tagged else f"{writer}.int8(-1)")
            with code.block("else:"):
                code.line(f"{writer}.unsigned_varint(1)" if tagged else f"{writer}.int8(1)")
                code.line(f"{value}.encode({writer}, version)")
        else:
            name = prefix + KINDS[field.spec.element]
            code.line(f"{writer}.{name.removesuffix('_') if prefix else name}({value})")

    def _elements(self, field: Field, writer: str, *, compact: bool) -> None:
        element = field.spec.element
        value = f"self.{field.attribute}"
        item = f"each_{field.attribute}"
        if field.struct is not None:
            with self._code.block(f"for {item} in {value}:"):
                self._code.line(f"{item}.encode({writer}, version)")
        elif element in ("string", "bytes"):
            name = f"compact_{element}" if compact else KINDS[element]
            with self._code.block(f"for {item} in {value}:"):
                self._code.line(f"{writer}.{name}({item})")
        else:
            self._code.line(f"{writer}.{element}s({value})")

    def _tags(self, scope: Versions) -> None:
        code = self._code
        fields = [one for one in self._layout.tagged if not one.spec.tagged.intersect(scope).is_empty]
        if not fields:
            code.line("writer.buffer.append(0)")
            return
        code.line("tagged: list[tuple[int, Writer]] = []")
        for one in fields:
            test = is_set(one, f"self.{one.attribute}")
            head, part, _ = split(one.spec.tagged, scope)[0]
            if head is not None:
                test = f"{head[3:-1]} and {f'({test})' if ' or ' in test else test}"
            with code.block(f"if {test}:"):
                code.line("field = Writer()")
                if one.spec.is_fixed:
                    self._fixed([one], "field")
                else:
                    # Either all tagged versions can be null or none can.
                    nullable = not one.spec.nullable.intersect(part).is_empty
                    self._value(one, part, "field", compact=True, nullable=nullable, tagged=True)
                code.line(f"tagged.append(({one.spec.tag}, field))")
        code.line("writer.tagged_fields(tagged)")
