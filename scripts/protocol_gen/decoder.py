"""Writes `decode`."""

from __future__ import annotations

from collections.abc import Sequence

from protocol_gen.code import Code, needs_split, runs_by_presence, runs_of_fixed, split
from protocol_gen.layout import Field, Layout, Sizes
from protocol_gen.model import Versions

KINDS = {"string": "string", "bytes": "bytes_", "records": "view"}


class DecoderWriter:
    """Writes the body of one class's `decode`: `self` is made, `reader` and `version` are at hand."""

    def __init__(self, code: Code, layout: Layout, sizes: Sizes) -> None:
        self._code = code
        self._layout = layout
        self._sizes = sizes

    def write(self) -> None:
        layout = self._layout
        if needs_split(layout.fields, layout.flexible, layout.scope):
            for head, scope, _ in split(layout.flexible, layout.scope):
                with self._code.block(head or ""):
                    self._body(scope)
        else:
            self._body(layout.scope)

    def _body(self, scope: Versions) -> None:
        code = self._code
        for present, fields in runs_by_presence(self._layout.fields, scope):
            for head, part, inside in split(present, scope):
                if head is None:
                    self._reads(fields, part) if inside else self._defaults(fields)
                else:
                    with code.block(head):
                        self._reads(fields, part) if inside else self._defaults(fields)
        flexible = self._layout.flexible
        if not flexible.intersect(scope).is_empty:
            head, part, _ = split(flexible, scope)[0]
            if head is None:
                self._tags(part)
            else:
                with code.block(head):
                    self._tags(part)

    def _defaults(self, fields: Sequence[Field]) -> None:
        for one in fields:
            self._code.line(f"self.{one.attribute} = {one.default}")

    def _reads(self, fields: Sequence[Field], scope: Versions) -> None:
        for run in runs_of_fixed(fields):
            if run[0].spec.is_fixed:
                self._fixed(run)
            else:
                self._variable(run[0], scope)

    def _fixed(self, fields: Sequence[Field]) -> None:
        name, size = self._code.fixed([one.spec.element for one in fields])
        targets = [f"self.{one.attribute}" for one in fields]
        call = f" = {name}.unpack_from(reader.buffer, reader.position)"
        if len(targets) == 1:
            self._code.line(f"({targets[0]},){call}")
        else:
            self._code.listing("(", targets, f"){call}")
        self._code.line(f"reader.position += {size}")

    def _variable(self, field: Field, scope: Versions) -> None:
        for head, part, compact in split(field.flexible, scope):
            if head is not None:
                with self._code.block(head):
                    self._by_nullability(field, part, compact=compact)
            else:
                self._by_nullability(field, part, compact=compact)

    def _by_nullability(self, field: Field, scope: Versions, *, compact: bool, tagged: bool = False) -> None:
        for head, part, nullable in split(field.spec.nullable, scope):
            if head is not None:
                with self._code.block(head):
                    self._value(field, part, compact=compact, nullable=nullable, tagged=tagged)
            else:
                self._value(field, part, compact=compact, nullable=nullable, tagged=tagged)

    def _value(self, field: Field, scope: Versions, *, compact: bool, nullable: bool, tagged: bool) -> None:
        code = self._code
        target = f"self.{field.attribute}"
        prefix = ("compact_" if compact else "") + ("nullable_" if nullable else "")
        if field.spec.is_array:
            code.line(f"count = reader.{prefix}array_length({self._sizes.element(field, scope)})")
            null = "None if count < 0 else " if nullable else ""
            code.line(f"{target} = {null}{self._elements(field, compact=compact)}")
        elif field.struct is not None:
            value = f"{field.struct}.decode(reader, version)"
            if nullable:
                present = "reader.unsigned_varint() > 0" if tagged else "reader.is_present()"
                value += f" if {present} else None"
            code.line(f"{target} = {value}")
        else:
            kind = "view" if field.spec.zero_copy else KINDS[field.spec.element]
            name = prefix + kind
            code.line(f"{target} = reader.{name.removesuffix('_') if prefix else name}()")

    def _elements(self, field: Field, *, compact: bool) -> str:
        element = field.spec.element
        if field.struct is not None:
            return f"[{field.struct}.decode(reader, version) for _ in range(count)]"
        if element in ("string", "bytes"):
            name = f"compact_{element}" if compact else KINDS[element]
            return f"[reader.{name}() for _ in range(count)]"
        return f"reader.{element}s(count)"

    def _tags(self, scope: Versions) -> None:
        code = self._code
        fields = [one for one in self._layout.tagged if not one.spec.tagged.intersect(scope).is_empty]
        if not fields:
            code.line("reader.skip_tagged_fields()")
            return
        with code.block("for _ in range(reader.tagged_fields_count()):"):
            code.line("tag = reader.unsigned_varint()")
            code.line("size = reader.unsigned_varint()")
            word = "if"
            for one in fields:
                with code.block(f"{word} tag == {one.spec.tag}:"):
                    self._tag(one, scope)
                word = "elif"
            with code.block("else:"):
                code.line("reader.skip(size)")

    def _tag(self, field: Field, scope: Versions) -> None:
        for head, part, inside in split(field.spec.tagged, scope):
            if head is None:
                self._tag_value(field, part)
                continue
            with self._code.block(head):
                if inside:
                    self._tag_value(field, part)
                else:
                    self._code.line("raise unknown_tag(tag, version, reader.position)")

    def _tag_value(self, field: Field, scope: Versions) -> None:
        if field.spec.is_fixed:
            self._fixed([field])
        else:
            self._by_nullability(field, scope, compact=True, tagged=True)
